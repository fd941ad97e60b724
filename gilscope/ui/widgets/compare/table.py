"""Draws the table of results, and says which part of it is on screen."""

from collections.abc import Sequence

from rich.style import Style

from gilscope.model.text import cut, pad
from gilscope.ui import theme
from gilscope.ui.views.compare.figures import NOTHING, UNKNOWN
from gilscope.ui.views.compare.table import Figure, Row
from gilscope.ui.widgets.board import Line, Piece

_INKS = {"wait": "W", "native": "N", "io": "I", "lock": "L"}
_STRONG = ("wall s", "speed-up")


def table_lines(
    rows: Sequence[Row],
    figures: Sequence[Figure],
    label: int,
    selected: int,
    width: int,
    more: int = 0,
) -> list[Line]:
    """Return the titles and a line for each mode.

    Args:
        label: cells of the names, the mark before them included.
        more: modes that there is no line for.
    """
    left = f" {more} more" if more else " results"
    title = pad(left, label) + "".join(f"{each.title:>{each.width}}" for each in figures)
    lines: list[Line] = [[(pad(title, width), theme.TABLE_TITLE)]]
    lines += [_row(row, figures, label, row.number == selected, width) for row in rows]
    return lines


def _row(row: Row, figures: Sequence[Figure], label: int, selected: bool, width: int) -> Line:
    mark = "▸" if selected else " "
    pieces: list[Piece] = [
        (mark, theme.KEY),
        ("■ ", theme.mode(row.number)),
        (pad(row.label, label - 3), theme.STRONG if selected else theme.PLAIN),
    ]
    room = width - label
    if row.figures and row.good:
        for figure, text in zip(figures, row.figures, strict=True):
            pieces.append((f"{text:>{figure.width}}", _ink(figure, text, row)))
            room -= figure.width
        # A mark, so that it is not the colour alone that tells.
        return [*pieces, (" ◂ best", theme.GOOD)] if row.best and room > 7 else pieces
    ink = theme.ERROR if row.grave else theme.FAINT
    return [*pieces, (cut(f"  {row.words}", room), ink)]


def _ink(figure: Figure, text: str, row: Row) -> Style:
    if text in (NOTHING, UNKNOWN):
        return theme.RULE
    if figure.title in _STRONG:
        return theme.GOOD_STRONG if row.best else theme.STRONG
    return theme.INKS[_INKS[figure.title]] if figure.title in _INKS else theme.PLAIN
