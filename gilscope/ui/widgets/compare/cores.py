"""Draws the cores of one mode in a line: a bar each, or a cell each where there are many."""

from collections.abc import Sequence

from gilscope.ui import theme
from gilscope.ui.views.compare.cores import CoreBar
from gilscope.ui.widgets.board import Line, Piece

NARROWEST_BAR = 3
"""Cells of a core's bar; with less room each core has a single cell."""

WITH_FIGURE = 13
"""Cells of a bar from which on a figure says the same."""

_HEIGHTS = " ▁▂▃▄▅▆▇█"


def core_line(found: Sequence[CoreBar], number: int, width: int) -> Line:
    """Return the line about the cores; empty where nothing is known of them.

    Args:
        number: of the mode, whose colour its part of each bar has.
    """
    if not found:
        return []
    room = width - 1
    digits = len(str(found[-1].number))
    bar = room // len(found) - digits - 2
    if bar >= NARROWEST_BAR:
        return [
            (" ", theme.PLAIN),
            *(piece for core in found for piece in _core(core, number, digits, bar)),
        ]
    title = "cores "
    cells = room - len(title) - 1
    each = -(-len(found) // cells)
    groups = [found[first : first + each] for first in range(0, len(found), each)]
    return [(f" {title}", theme.TITLE), *(_cell(group, number) for group in groups)]


def _core(core: CoreBar, number: int, digits: int, width: int) -> list[Piece]:
    percent = f"{core.busy * 100:>4.0f}%" if width >= WITH_FIGURE else ""
    width -= len(percent)
    mode = min(round(core.mode * width), width)
    busy = min(max(round(core.busy * width), mode), width)
    return [
        (f"{core.number:>{digits}} ", theme.FAINT),
        ("■" * mode, theme.mode(number)),
        ("·" * (busy - mode), theme.FAINT),
        ("·" * (width - busy), theme.RULE),
        (f"{percent} ", theme.PLAIN),
    ]


def _cell(group: Sequence[CoreBar], number: int) -> Piece:
    """One cell for a core or several: its height is how busy they are."""
    busy = sum(core.busy for core in group) / len(group)
    mode = sum(core.mode for core in group) / len(group)
    height = _HEIGHTS[min(round(busy * (len(_HEIGHTS) - 1)), len(_HEIGHTS) - 1)]
    if height == " ":
        return "·", theme.RULE
    return height, theme.mode(number) if mode * 2 >= busy else theme.FAINT
