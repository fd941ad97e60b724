"""Draws everything that is known of one thread."""

from collections.abc import Sequence
from textwrap import wrap

from rich.cells import cell_len
from rich.style import Style

from gilscope.analysis.holds import Longest
from gilscope.model.events import Call
from gilscope.model.states import STATES
from gilscope.model.text import clean, cut, cut_start
from gilscope.ui import theme
from gilscope.ui.views.detail import Detail
from gilscope.ui.views.figures import clock, percent, span
from gilscope.ui.views.words import state_word
from gilscope.ui.widgets.board import Line, Piece
from gilscope.ui.widgets.why import holder_line, wait_line

LABEL = 14
STACK_OF_LONGEST = 3
"""Calls shown of the stack of the longest hold and wait."""

MOST_PARTS = 4
"""Lines of what it waited for, and of functions in which it held the GIL."""


def detail_lines(view: Detail, width: int) -> list[Line]:
    """Return the page about one thread."""
    ink = theme.LANES.get(view.letter, theme.PLAIN)
    word = (f" {view.letter} {state_word(view.letter, view.gil)} ", ink)
    lines: list[Line] = [
        [
            (" gilscope ", theme.BADGE),
            (" " + cut(view.name, max(width - 30, 8)) + " ", theme.STRONG),
            (" ended ", theme.FAINT) if view.gone else word,
        ],
        [],
        pair_line("thread", _who(view), width),
        pair_line("blocked in", clean(view.blocked) if view.blocked else "-", width),
        pair_line("cpu", _cpu(view), width),
        *_misuse(view, width),
        [],
    ]
    lines += _shares(view, width)
    lines.append([])
    for title, longest, letter in (("hold", view.hold, "H"), ("wait", view.wait, "W")):
        lines += _longest(f"longest {title}", longest, theme.INKS[letter], view.told, width)
    lines.append([])
    lines += _why(view, width)
    lines.append([])
    lines += _stack(view, width)
    return lines


def call_line(call: Call, width: int, first: bool = False) -> Line:
    """Return one level of a stack."""
    place = f"{call.file}:{call.line}" if call.line else call.file
    name = cut(call.name, max(width // 2, 8))
    room = max(width - len(name) - 6, 0)
    ink = theme.STRONG if first else theme.PLAIN
    return [(f"   {name}  ", ink), (cut_start(place, room), theme.FAINT)]


def _who(view: Detail) -> str:
    words = [f"{view.tid} of process {view.pid}"]
    if view.role:
        words.append(f"helper: {view.role}")
    if view.native:
        words.append("native, without Python")
    if view.interpreter:
        words.append(f"interpreter {view.interpreter}")
    words.append(f"watched for {clock(view.watched)}")
    return ", ".join(words)


def _cpu(view: Detail) -> str:
    if view.cpu is None:
        return "not known"
    late = "" if view.delay is None else f", {percent(view.delay)}% late (no core was free)"
    return f"{percent(view.cpu)}% of a core{late}"


def _shares(view: Detail, width: int) -> list[Line]:
    off = f"{'±':>5}" if view.doubt else ""
    lines: list[Line] = [[(f" {'':<{LABEL}}  1 s{off}   all", theme.TITLE)]]
    room = min(max(width - LABEL - 16, 0), 60)
    for position, state in enumerate(STATES):
        now = view.lately[position] if view.lately else None
        always = view.always[position] if view.always else None
        if not now and not always:
            continue
        full = round((always or 0.0) * room)
        lines.append(
            [
                (" ", theme.PLAIN),
                (f" {state.letter} ", theme.LANES[state.letter]),
                (f" {state_word(state.letter, view.gil):<{LABEL - 4}}", theme.PLAIN),
                (f"{percent(now):>4}%", theme.STRONG),
                (_doubt(view.doubt, position), theme.FAINT),
                (f"{percent(always):>5}%  ", theme.PLAIN),
                ("━" * full, theme.INKS[state.letter]),
            ]
        )
    return lines


def _doubt(doubt: tuple[float, ...] | None, position: int) -> str:
    if doubt is None:
        return ""
    return f"{doubt[position] * 100:>5.1f}" if doubt[position] >= 0.0005 else f"{'':>5}"


def _misuse(view: Detail, width: int) -> list[Line]:
    """Say when it held the GIL without using it: what a C extension must not do."""
    lines: list[Line] = []
    if view.blocked_holding is not None:
        text = (
            f"{percent(view.blocked_holding)}% of its holds it was blocked in a system call, and "
            "kept everybody waiting: look for C code that does not release the GIL"
        )
        lines += _warning("blocked hold", text, width)
    if view.starved_holding is not None:
        text = f"{percent(view.starved_holding)}% of its holds it had no core, and nobody else ran"
        lines += _warning("starved hold", text, width)
    return lines


def _warning(title: str, text: str, width: int) -> list[Line]:
    lines: list[Line] = []
    for index, part in enumerate(wrap(text, max(width - LABEL - 2, 10))):
        label = title if index == 0 else ""
        lines.append([(f" {label:<{LABEL}}", theme.TITLE), (part, theme.WARNING)])
    return lines


def _why(view: Detail, width: int) -> list[Line]:
    room = max(width - 4, 10)
    lines: list[Line] = [pair_line("why it waits", view.waited, width)]
    lines += [[("   ", theme.PLAIN), *wait_line(each, room)] for each in view.parts[:MOST_PARTS]]
    shown = view.functions[:MOST_PARTS]
    if shown:
        lines.append(pair_line("held the GIL", "in these functions, of all its time", width))
        column = max(cell_len(each.where) for each in shown)
        lines += [[("   ", theme.PLAIN), *holder_line(each, column, room)] for each in shown]
    return lines


def _longest(title: str, found: Longest | None, ink: Style, told: bool, width: int) -> list[Line]:
    if found is None:
        return [pair_line(title, "none seen yet" if told else "py-spy cannot tell", width)]
    text = span(found.length) + (" so far" if found.open else "")
    when: Piece = (f"  at {clock(found.run.start)}", theme.FAINT)
    lines: list[Line] = [[(f" {title:<{LABEL}}", theme.TITLE), (text, ink), when]]
    lines += [call_line(call, width) for call in found.call[:STACK_OF_LONGEST]]
    return lines


def _stack(view: Detail, width: int) -> list[Line]:
    if view.stack_age is None:
        why = "a native thread has none" if view.native else "none was read yet"
        return [pair_line("stack", why, width)]
    age = f"innermost call first, read {span(view.stack_age)} ago"
    calls: Sequence[Line] = [
        call_line(call, width, first=index == 0) for index, call in enumerate(view.calls)
    ]
    return [pair_line("stack", age, width), *calls]


def pair_line(title: str, text: str, width: int) -> Line:
    """Return a line of a page: what it is about, and what there is to say."""
    return [
        (f" {title:<{LABEL}}", theme.TITLE),
        (cut(text, max(width - LABEL - 2, 0)), theme.PLAIN),
    ]
