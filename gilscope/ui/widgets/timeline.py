"""The timeline: one lane a row, drawn as a sweep over narrow tiles.

The newest cell overwrites the oldest, as on an oscilloscope, with a mark ahead of the place written
next. Only the tiles in which something changed are sent: a scrolling timeline would send every cell
with every picture, some 70 kB/s on an 80x24 terminal where this takes 2.
"""

from collections.abc import Sequence
from itertools import groupby

from rich.style import Style
from textual.containers import Horizontal

from gilscope.analysis.lanes import BLANK, cells_shown, column, letter_of, wanting
from gilscope.ui import theme
from gilscope.ui.views.columns import TILE
from gilscope.ui.views.look import Key, Look, cell_name
from gilscope.ui.views.row import Row
from gilscope.ui.widgets.board import Board, Line, Piece

GAP = "\N{NO-BREAK SPACE}"
"""Stands ahead of the newest cell; drawn as a blank, which is the cheapest to send."""

POINTER = "▼"

Lane = list[str]


class Timeline(Horizontal):
    """The lanes of the rows on screen."""

    DEFAULT_CSS = "Timeline { width: auto; height: 1fr; } Timeline Board { width: 8; height: 1fr; }"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._tiles: list[Board] = []
        self._wanted = 0
        self._lanes: dict[Key, Lane] = {}
        self._order: list[Key] = []
        self._newest = -1
        self._cursor: int | None = None
        self._cell = 0

    @property
    def cells(self) -> int:
        """How many cells a lane has."""
        return self._wanted * TILE

    async def resize_to(self, tiles: int) -> None:
        """Have this many tiles."""
        if tiles == self._wanted:
            return
        self._wanted = tiles
        self.styles.width = tiles * TILE
        self.forget()
        while len(self._tiles) > tiles:
            await self._tiles.pop().remove()
        fresh = [Board() for _ in range(tiles - len(self._tiles))]
        self._tiles += fresh
        await self.mount_all(fresh)

    def forget(self) -> None:
        """Read every lane anew at the next picture."""
        self._lanes.clear()
        self._order, self._newest = [], -1

    def show(self, rows: Sequence[Row], look: Look, newest: int) -> None:
        """Draw the lanes of these rows up to the newest cell."""
        width = self.cells
        if not width:
            return
        keys = [row.key for row in rows]
        again = look.cell != self._cell or newest < self._newest
        shown = cells_shown(newest, width)
        fresh = range(max(self._newest + 1, shown.start), newest + 1)
        if again or len(fresh) >= width - 1:
            self._lanes.clear()
        touched = {column(number, width) for number in (*fresh, newest + 1)}
        self._lanes = {row.key: self._lane(row, look.cell, fresh, shown) for row in rows}
        for cursor in {self._cursor, look.cursor} - {None}:
            touched.add(column(cursor, width))  # type: ignore[arg-type]
        everything = again or keys != self._order or len(fresh) >= width - 1
        self._order, self._newest = keys, newest
        self._cursor, self._cell = look.cursor, look.cell
        title = self._title(look, width)
        for index, tile in enumerate(self._tiles):
            start = index * TILE
            if everything or any(start <= place < start + TILE for place in touched):
                tile.show(self._tile(start, rows, title, look, width))

    def _lane(self, row: Row, cell: int, fresh: range, shown: range) -> Lane:
        lane = self._lanes.get(row.key)
        width = self.cells
        if lane is None or len(lane) != width:
            lane, fresh = [BLANK] * width, shown
        for number in fresh:
            lane[column(number, width)] = _letter(row, number, cell)
        lane[column(shown.stop, width)] = GAP
        return lane

    def _title(self, look: Look, width: int) -> str:
        text = f"{cell_name(look.cell)} a cell".ljust(width)[:width]
        if look.cursor is not None:
            place = column(look.cursor, width)
            text = text[:place] + POINTER + text[place + 1 :]
        return text

    def _tile(
        self, start: int, rows: Sequence[Row], title: str, look: Look, width: int
    ) -> list[Line]:
        ink = theme.TITLE if look.cursor is None else theme.STRONG
        lines: list[Line] = [[(title[start : start + TILE], ink)]]
        place = None if look.cursor is None else column(look.cursor, width) - start
        for row in rows:
            lane = self._lanes[row.key][start : start + TILE]
            lines.append(_with_cursor(lane, place) if place in range(TILE) else _pieces(lane))
        return lines


def _letter(row: Row, number: int, cell: int) -> str:
    if row.thread is not None:
        return letter_of(row.thread, number, cell)
    return wanting(row.members, number, cell) if row.members else BLANK


def _pieces(lane: Lane) -> list[Piece]:
    return [
        (" " if letter == GAP else "".join(cells), _style(letter))
        for letter, cells in groupby(lane)
    ]


def _with_cursor(lane: Lane, place: int | None) -> list[Piece]:
    assert place is not None
    return [
        *_pieces(lane[:place]),
        (" " if lane[place] == GAP else lane[place], theme.CURSOR),
        *_pieces(lane[place + 1 :]),
    ]


def _style(letter: str) -> Style:
    if letter == GAP:
        return theme.SWEEP
    if letter.isdecimal() or letter == "+":
        return theme.QUEUES.get(letter, theme.WARNING)
    return theme.LANES.get(letter, theme.PLAIN)
