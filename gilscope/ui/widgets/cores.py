"""Draws the cores: a bar each where there is room, a single cell each where there are many."""

from collections.abc import Sequence

from rich.style import Style

from gilscope.ui import theme
from gilscope.ui.views.cores import Core, label
from gilscope.ui.views.figures import percent
from gilscope.ui.widgets.board import Line, Piece

TITLE = " cores "
AROUND = 8
"""Characters of a core besides its number and its bar."""

NARROWEST_BAR = 8
WIDEST_BAR = 48
BAR_LINES = 2
"""Lines that bars may take; with more cores than fit there, each has a single cell."""

_HEIGHTS = " ▁▂▃▄▅▆▇█"
_REST = theme.style(240, 236)


def core_lines(cores: Sequence[Core], width: int) -> list[Line]:
    """Return as many lines as the cores of this machine need at this width."""
    if not cores:
        return [[(TITLE, theme.TITLE), ("not seen yet", theme.FAINT)]]
    columns = _columns(len(cores), width)
    return _bars(cores, columns, width) if columns else _cells(cores, width)


def _columns(count: int, width: int) -> int:
    """Return how many bars stand side by side, 0 where bars are not for so many."""
    room = width - len(TITLE)
    digits = len(str(count - 1))
    for lines in range(1, BAR_LINES + 1):
        columns = -(-count // lines)
        if room // columns >= digits + NARROWEST_BAR + AROUND:
            return columns
    return 0


def _bars(cores: Sequence[Core], columns: int, width: int) -> list[Line]:
    digits = len(str(cores[-1].number))
    each = (width - len(TITLE)) // columns
    bar = min(each - digits - AROUND, WIDEST_BAR)
    lines: list[Line] = []
    for first in range(0, len(cores), columns):
        line: list[Piece] = [(TITLE if first == 0 else " " * len(TITLE), theme.TITLE)]
        for core in cores[first : first + columns]:
            line.append((f"{core.number:>{digits}} ", theme.FAINT))
            line += _bar(core, bar)
            line.append((f" {percent(core.busy):>3}%  ", theme.PLAIN))
        lines.append(line)
    return lines


def _bar(core: Core, width: int) -> list[Piece]:
    pieces: list[Piece] = []
    drawn = 0
    total = 0.0
    for index, share in core.runners:
        total += share
        end = min(round(total * width), width)
        if end > drawn:
            pieces.append((label(index).ljust(end - drawn), _solid(index)))
            drawn = end
    end = min(max(round(core.busy * width), drawn), width)
    pieces.append(("·" * (end - drawn), _REST))
    pieces.append(("·" * (width - end), theme.RULE))
    return [piece for piece in pieces if piece[0]]


def _cells(cores: Sequence[Core], width: int) -> list[Line]:
    """One cell a core: its height is how busy it is, its colour who ran there most."""
    room = max((width - len(TITLE) - 10) // 8 * 8, 8)
    lines: list[Line] = []
    for first in range(0, len(cores), room):
        row = cores[first : first + room]
        last = min(first + room, len(cores)) - 1
        line: list[Piece] = [(TITLE if first == 0 else " " * len(TITLE), theme.TITLE)]
        line += [_cell(core) for core in row]
        line.append((f" {first}-{last}", theme.FAINT))
        lines.append(line)
    return lines


def _cell(core: Core) -> Piece:
    height = _HEIGHTS[min(round(core.busy * (len(_HEIGHTS) - 1)), len(_HEIGHTS) - 1)]
    if core.runners and core.watched * 2 >= core.busy:
        return height, theme.WHO[core.runners[0][0] % len(theme.WHO)]
    return (height, theme.FAINT) if height != " " else ("·", theme.RULE)


def _solid(index: int) -> Style:
    return theme.WHO_SOLID[index % len(theme.WHO_SOLID)]
