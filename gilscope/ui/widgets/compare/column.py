"""Draws one column of the Compare screen: always the same parts in the same lines."""

from collections.abc import Sequence

from rich.cells import cell_len
from rich.style import Style

from gilscope.model.comparison import DONE
from gilscope.model.text import cut
from gilscope.ui import theme
from gilscope.ui.views.compare.column import ColumnView, SpeedUp
from gilscope.ui.views.compare.figures import cores, factor, long, running_for
from gilscope.ui.views.compare.gil import GilFigures
from gilscope.ui.views.compare.layout import BIG, Plan
from gilscope.ui.widgets.board import Line, Piece, length
from gilscope.ui.widgets.compare.cores import core_line
from gilscope.ui.widgets.compare.digits import large
from gilscope.ui.widgets.compare.lanes import lane_lines, ruler_line
from gilscope.ui.widgets.compare.paragraph import paragraph
from gilscope.ui.widgets.gil import SATURATED

FASTER, SLOWER = 1.1, 0.9
"""Speed-ups from which on the figure is drawn as good, and up to which as bad."""

SO_FAR = ("so far", "now")
"""Says that a speed-up is not sure yet."""

NO_MORE = (False, False)
"""No columns out of sight."""


def column_lines(
    view: ColumnView, plan: Plan, cell: int, selected: bool, more: tuple[bool, bool] = NO_MORE
) -> list[Line]:
    """Return a column's lines; each is as wide as the column.

    Args:
        cell: microseconds a cell of the lanes.
        selected: whether the user's keys are about this column.
        more: whether there are columns out of sight on its left, and on its right.
    """
    width = plan.column
    lines = [_label(view, width, selected, more)]
    if not view.lanes and (view.about or view.badge):
        lines += _words_alone(view, plan)
    elif view.badge:
        lines += _words_above(view, plan)
    else:
        lines += _figure(view, plan)
        lines += [_progress(view, width)] * bool(plan.progress)
        lines += [core_line(view.cores, view.number, width)] * bool(plan.cores)
    if len(lines) <= plan.body:
        lines += [ruler_line(plan, cell)] * bool(plan.ruler)
        lines += lane_lines(view.lanes, view.folded, plan)
        lines += [_gil(view.gil, width)] * bool(plan.gil)
    return [_filled(line, width) for line in lines[: plan.body + 1]]


def _label(view: ColumnView, width: int, selected: bool, more: tuple[bool, bool]) -> Line:
    """The name, and on the right what goes on."""
    state = view.state if view.good else ""
    room = max(width - len(state) - 4, 4)
    name = cut(view.label, room)
    gap = " " * max(width - 3 - cell_len(name) - len(state), 1)
    before, behind = ("◂" if more[0] else " "), ("▸" if more[1] else " ")
    if selected:
        return [
            (f"▸{before}", theme.KEY_MARKED),
            (name, theme.mode_marked(view.number)),
            (f"{gap}{state}", theme.SELECTED),
            (behind, theme.KEY_MARKED),
        ]
    ink = theme.GOOD if view.running else theme.FAINT
    return [
        (f" {before}", theme.KEY),
        (name, theme.mode(view.number)),
        (f"{gap}{state}", ink),
        (behind, theme.KEY),
    ]


def _figure(view: ColumnView, plan: Plan) -> list[Line]:
    """The speed-up, as large as there is room for, and beside it how long it took."""
    took = running_for(view.seconds) if view.running else long(view.seconds)
    took = "" if view.seconds is None else took
    ink = _speed_ink(view.speedup)
    text = f"{factor(view.speedup.value)}x" if view.speedup else ""
    so_far = SO_FAR if view.speedup and not view.speedup.sure else ("",)
    if plan.figure < BIG:
        small = f"{text} {so_far[0]}".rstrip() if text else "-"
        return [_both((f" {small}", ink), (took,), theme.STRONG, plan.column)]
    figures = large(text) if text else ["", " -" if view.state == DONE else "", ""]
    first, second, third = (f" {figure.rstrip()}" for figure in figures)
    return [
        _both((first, ink), (took,), theme.STRONG, plan.column),
        _both((second, ink), so_far, theme.FAINT, plan.column),
        _both((third, ink), (view.runs,), theme.FAINT, plan.column),
    ]


def _speed_ink(speedup: SpeedUp | None) -> Style:
    if speedup is None or not speedup.sure:
        return theme.FAINT
    if speedup.value >= FASTER:
        return theme.GOOD_STRONG
    return theme.WARNING_STRONG if speedup.value <= SLOWER else theme.STRONG


def _both(left: Piece, words: Sequence[str], ink: Style, width: int) -> Line:
    """Text on the left, and on the right the first of some words for which there is room."""
    room = width - 1 - cell_len(left[0])
    text = next((word for word in words if len(word) < room), "")
    return [left, (" " * max(room - len(text), 0), theme.PLAIN), (text, ink)]


def _progress(view: ColumnView, width: int) -> Line:
    if not view.tasks:
        word = " it is not known how far it is" if view.running else ""
        return [(cut(word, width), theme.FAINT)]
    text = f"{view.done}/{view.tasks}"
    room = max(width - len(text) - 3, 1)
    full = min(view.done * room // view.tasks, room)
    return [
        (" ", theme.PLAIN),
        ("━" * full, theme.mode(view.number)),
        ("─" * (room - full), theme.RULE),
        (f" {text}", theme.PLAIN),
    ]


def _words_alone(view: ColumnView, plan: Plan) -> list[Line]:
    """What is to come of a mode, or went wrong with it before anything was seen."""
    room = plan.column - 1
    lines: list[Line] = []
    if view.badge:
        lines.append(_badge(view, plan))
    lines += _wrapped(view, room, plan.body - len(lines))
    return [*lines, *([] for _ in range(plan.body - len(lines)))]


def _words_above(view: ColumnView, plan: Plan) -> list[Line]:
    """What went wrong with a mode whose lanes are there."""
    height = plan.figure + plan.progress + plan.cores
    lines = [_badge(view, plan), *_wrapped(view, plan.column - 1, height - 1)]
    return [*lines, *([] for _ in range(height - len(lines)))][:height]


def _badge(view: ColumnView, plan: Plan) -> Line:
    took = "" if view.seconds is None else long(view.seconds)
    left: Piece = (f" {view.badge} ", theme.BAD if view.grave else theme.APART)
    return [(" ", theme.PLAIN), *_both(left, (took,), theme.PLAIN, plan.column - 1)]


def _wrapped(view: ColumnView, width: int, height: int) -> list[Line]:
    """Return what went wrong and what to do; where both do not fit, the first comes first."""
    about = paragraph(view.about, width, height)
    fix = paragraph(view.fix, width, height - len(about))
    ink = theme.PLAIN if view.badge else theme.FAINT
    return [
        *([(f" {part}", ink)] for part in about),
        *([(f" {part}", theme.KEY)] for part in fix),
    ]


def _gil(found: GilFigures | None, width: int) -> Line:
    if found is None:
        return []
    if found.words:
        return [(cut(f" {found.words}", width), theme.FAINT)]
    each = " each" if found.several > 1 else ""
    ink = theme.WARNING if found.load is not None and found.load > SATURATED else theme.STRONG
    pieces: list[Piece] = [
        (" GIL load ", theme.FAINT),
        (cores(found.load), ink),
        (each, theme.FAINT),
    ]
    if found.switches is not None:
        for unit in (" switches/s", " sw/s", "/s"):
            text = f"  {found.switches:,.0f}"
            if length(pieces) + len(text) + len(unit) <= width:
                return [*pieces, (text, theme.PLAIN), (unit, theme.FAINT)]
    return pieces


def _filled(line: Line, width: int) -> Line:
    """Return a line cut and filled up to the column's width."""
    pieces: list[Piece] = []
    room = width
    for text, ink in line:
        size = cell_len(text)
        if size > room:
            text, size = cut(text, room), room
        pieces.append((text, ink))
        room -= size
    if room > 0:
        pieces.append((" " * room, theme.PLAIN))
    return [piece for piece in pieces if piece[0]]
