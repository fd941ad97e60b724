"""Draws everything that is known of one mode, and a verdict with all its evidence."""

from collections.abc import Sequence

from rich.style import Style

from gilscope.analysis.verdict import Verdict
from gilscope.model.comparison import DONE
from gilscope.model.states import STATES
from gilscope.model.text import cut, pad
from gilscope.ui import theme
from gilscope.ui.views.compare.detail import ModeDetail, WorkerShares
from gilscope.ui.views.figures import percent
from gilscope.ui.views.printed import printed
from gilscope.ui.views.words import state_word
from gilscope.ui.widgets.board import Line, Piece
from gilscope.ui.widgets.compare.paragraph import paragraph
from gilscope.ui.widgets.compare.verdict import verdict_lines
from gilscope.ui.widgets.detail import LABEL

WIDTHS = (7, 9, 10, 9, 8, 7, 7, 7, 10, 9)
"""Of the figures of each run; those on the right go first where there is not room for all."""

WIDEST_BAR = 60

LONGEST_WORD = 6
"""Letters of a state's name above its shares; for a longer one stands its letter."""

MOST_PRINTED = 400
"""Lines shown of what the work printed."""


def mode_lines(view: ModeDetail, width: int) -> list[Line]:
    """Return the page about one mode."""
    word: Piece = (f" {view.condition} ", theme.GOOD if view.condition == DONE else theme.FAINT)
    if view.badge:
        word = (f" {view.badge} ", theme.BAD if view.grave else theme.APART)
    name = cut(view.label, max(width - 30, 8))
    lines: list[Line] = [
        [(" gilscope ", theme.BADGE), (f"  {name} ", theme.mode(view.number)), word],
        [],
    ]
    lines += _pairs("what happened", view.wrong, theme.ERROR, width)
    lines += _pairs("what to do", view.fix, theme.KEY, width)
    for title, text in view.facts:
        lines += _pairs(title, text, theme.PLAIN, width)
    lines += _runs(view, width)
    lines += _states(view, width)
    lines += _workers(view, width)
    return lines + _printed(view, width)


def verdict_page(
    verdict: Verdict | None, notice: tuple[str, str], title: str, width: int
) -> list[Line]:
    """Return the page that says what a comparison comes to."""
    head: list[Line] = [
        [(" gilscope ", theme.BADGE), (f"  {cut(title, max(width - 14, 8))}", theme.STRONG)],
        [],
    ]
    found = verdict_lines(verdict, notice, width)
    nothing = "The verdict comes when all modes have ended."
    return head + (found or [[(f" {part}", theme.FAINT)] for part in paragraph(nothing, width - 2)])


def _pairs(title: str, text: str, ink: Style, width: int) -> list[Line]:
    return [
        [(f" {title if index == 0 else '':<{LABEL}}", theme.TITLE), (part, ink)]
        for index, part in enumerate(paragraph(text, width - LABEL - 2))
    ]


def _runs(view: ModeDetail, width: int) -> list[Line]:
    if not view.runs:
        return []
    fitting = 0
    room = width
    while fitting < len(WIDTHS) and WIDTHS[fitting] <= room:
        room -= WIDTHS[fitting]
        fitting += 1

    def row(figures: Sequence[str]) -> str:
        pairs = zip(figures[:fitting], WIDTHS, strict=False)
        return "".join(f"{text:>{size}}" for text, size in pairs)

    titles = pad(row(view.titles), width)
    return [
        [],
        [(titles, theme.TABLE_TITLE)],
        *([(row(figures), theme.PLAIN)] for figures in view.runs),
    ]


def _states(view: ModeDetail, width: int) -> list[Line]:
    if view.states is None:
        return []
    room = min(max(width - LABEL - 10, 0), WIDEST_BAR)
    lines: list[Line] = [[], [(" what its workers did, on average", theme.TITLE)]]
    for state, share in zip(STATES, view.states, strict=True):
        if share < 0.0005:
            continue
        lines.append(
            [
                (" ", theme.PLAIN),
                (f" {state.letter} ", theme.LANES[state.letter]),
                (f" {state_word(state.letter, view.gil):<{LABEL - 4}}", theme.PLAIN),
                (f"{percent(share):>4}%  ", theme.STRONG),
                ("━" * round(share * room), theme.INKS[state.letter]),
            ]
        )
    return lines


def _workers(view: ModeDetail, width: int) -> list[Line]:
    if not view.workers:
        return []
    words = (word if len(word := each.value) <= LONGEST_WORD else each.letter for each in STATES)
    titles = "".join(f"{word:>7}" for word in words)
    lines: list[Line] = [[], [(cut(f"   {pad('worker', 10)}{titles}  id", width), theme.TITLE)]]
    lines += [_worker(each, width) for each in view.workers]
    if view.others:
        lines.append([(f"   and {view.others} more", theme.FAINT)])
    return lines


def _worker(who: WorkerShares, width: int) -> Line:
    line = [
        (" ", theme.PLAIN),
        (who.letter, theme.LANES.get(who.letter, theme.PLAIN)),
        (f" {pad(who.name, 10)}", theme.PLAIN),
    ]
    if who.states is None:
        line.append((cut("not seen", max(width - 13, 0)), theme.FAINT))
        return line
    for state, share in zip(STATES, who.states, strict=True):
        ink = theme.INKS[state.letter] if share >= 0.005 else theme.RULE
        line.append((f"{percent(share):>6}%", ink))
    line.append((f"  {who.id}", theme.FAINT))
    return line


def _printed(view: ModeDetail, width: int) -> list[Line]:
    shown = [line for line in view.printed.rstrip().split("\n") if line.strip()]
    if not shown:
        return []
    trace = shown[0].startswith("Traceback")
    title = " traceback" if trace else " the end of what it printed"
    lines: list[Line] = [[], [(title, theme.TITLE)]]
    return lines + [
        [(cut(f" {printed(line)}", width), theme.PLAIN)] for line in shown[-MOST_PRINTED:]
    ]
