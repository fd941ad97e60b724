"""Draws the lanes of one mode below a ruler that says when."""

from collections.abc import Callable, Sequence
from itertools import groupby

from gilscope.analysis.lanes import BLANK
from gilscope.model.text import cut_middle, pad
from gilscope.ui import theme
from gilscope.ui.views.compare.lanes import Folded, Lane
from gilscope.ui.views.compare.layout import GAP, Plan
from gilscope.ui.views.compare.scale import ruler
from gilscope.ui.widgets.board import Line, Piece

END = "▏"
"""Stands where a run has ended."""


def ruler_line(plan: Plan, cell: int) -> Line:
    """Return the ruler; a cell is so many microseconds long."""
    before = " " * (plan.column - plan.cells - GAP)
    return [(before, theme.PLAIN), (ruler(cell, plan.cells), theme.FAINT)]


def lane_lines(lanes: Sequence[Lane], folded: Folded | None, plan: Plan) -> list[Line]:
    """Return as many lines as the plan has for lanes."""
    lines: list[Line] = []
    for lane in lanes:
        lines += [_lane(lane, plan), *[_below(lane, plan)] * (plan.tall - 1)]
    if folded:
        lines.append(_folded(folded, plan.column))
    height = plan.lanes * plan.tall
    return [*lines, *([] for _ in range(height - len(lines)))][:height]


def _lane(lane: Lane, plan: Plan) -> Line:
    return [
        (" ", theme.PLAIN),
        (lane.letter, theme.LANES.get(lane.letter, theme.PLAIN)),
        (f" {pad(cut_middle(lane.name, plan.name), plan.name)} ", theme.PLAIN),
        *_cells(lane, plan, str),
    ]


def _below(lane: Lane, plan: Plan) -> Line:
    """The second line of a lane: its colours alone, the letters stand above."""
    before = " " * (plan.column - plan.cells - GAP)
    return [(before, theme.PLAIN), *_cells(lane, plan, lambda cells: " " * len(cells))]


def _cells(lane: Lane, plan: Plan, write: Callable[[str], str]) -> list[Piece]:
    pieces = [
        (write("".join(cells)), theme.LANES.get(letter, theme.PLAIN))
        for letter, cells in groupby(lane.cells)
    ]
    if lane.end is not None and lane.end < plan.cells:
        pieces.append((END, theme.FAINT))
    return pieces


def _folded(folded: Folded, width: int) -> Line:
    """How many lanes are not shown, and what they are doing."""
    head = f" + {folded.count} more"
    pieces: list[Piece] = [(head, theme.FAINT)]
    left = width - len(head) - 1
    for letter, count in folded.states:
        text = f" {count}{letter}"
        if len(text) <= left and letter != BLANK:
            pieces.append((text, theme.INKS[letter]))
            left -= len(text)
    return pieces
