"""The panel that says why: three boards, side by side where there is room."""

from collections.abc import Sequence
from dataclasses import dataclass

from textual.app import ComposeResult
from textual.containers import Container

from gilscope.ui import theme
from gilscope.ui.views.hogs import HogKey, HogLine
from gilscope.ui.views.scroll import scrolled
from gilscope.ui.views.why import Why
from gilscope.ui.widgets.board import Board
from gilscope.ui.widgets.why import (
    LABEL,
    hog_lines,
    holder_lines,
    labelled,
    title_line,
    wait_lines,
)

ACROSS = 120
"""Columns from which on the parts stand side by side."""

MOST_ACROSS, MOST_DOWN = 10, 15
"""Lines of the panel on the tallest terminals."""

FIRST_SERVED = (1, 0, 2)
"""Which parts get a line that cannot be shared out: waits, whose first line is a title, first."""

HINT, HINT_THERE = "Tab: to the hogs", "Enter: its stack  Tab: back"


@dataclass(frozen=True, slots=True)
class Room:
    """What the panel takes up.

    Attributes:
        across: the parts stand side by side.
        height: lines, titles included.
    """

    across: bool
    width: int
    height: int

    @property
    def columns(self) -> tuple[int, int, int]:
        """Widths of the parts side by side."""
        each = self.width // 3
        return each, each, self.width - 2 * each


def room_for(width: int, height: int) -> Room:
    """Return the room that the panel takes on a terminal of this size."""
    across = width >= ACROSS
    return Room(across, width, min(max(height // 3, 4), MOST_ACROSS if across else MOST_DOWN))


def shares(needs: Sequence[int], lines: int) -> list[int]:
    """Return how many lines each part has one below another: what it needs, as far as is fair."""
    given = [0] * len(needs)
    while lines and any(has < need for has, need in zip(given, needs, strict=True)):
        for index in FIRST_SERVED:
            if lines and given[index] < needs[index]:
                given[index] += 1
                lines -= 1
    return given


class WhyPanel(Container):
    """Shows the three parts, and remembers which hog is on which line."""

    DEFAULT_CSS = """
    WhyPanel { layout: horizontal; }
    WhyPanel > Board { height: 1fr; }
    WhyPanel > #why-down { display: none; }
    WhyPanel.-down > Board { display: none; }
    WhyPanel.-down > #why-down { display: block; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.room = room_for(80, 24)
        self._down = Board(id="why-down")
        self._across = tuple(Board(id=f"why-{part}") for part in ("holders", "waits", "hogs"))
        self._offset = 0
        self._places: dict[tuple[str | None, int], HogKey] = {}

    def compose(self) -> ComposeResult:
        """Put the parts where they belong."""
        yield self._down
        yield from self._across

    @property
    def text(self) -> str:
        """What is shown, without its colours."""
        boards = self._across if self.room.across else (self._down,)
        return "\n".join(board.text for board in boards)

    def resize_to(self, room: Room) -> None:
        """Take up so much room."""
        self.room = room
        self.set_class(not room.across, "-down")
        self.styles.height = room.height
        for board, width in zip(self._across, room.columns, strict=True):
            board.styles.width = width

    def show(self, view: Why, selected: HogKey | None) -> None:
        """Draw the parts.

        Args:
            selected: the hog that the user is at.
        """
        if self.room.across:
            self._show_across(view, selected)
        else:
            self._show_down(view, selected)

    def hog_at(self, board: str | None, y: int) -> HogKey | None:
        """Return the hog on a line of one of the boards."""
        return self._places.get((board, y))

    def _show_across(self, view: Why, selected: HogKey | None) -> None:
        lines = self.room.height - 1
        shown = self._in_sight(view.hogs, selected, lines, "why-hogs", 1)
        widths = self.room.columns
        one, two, three = (max(width - 2, 10) for width in widths)
        parts = (
            holder_lines(view, one, lines),
            wait_lines(view, two, lines),
            hog_lines(shown, view, selected, three, lines),
        )
        held = f"held the GIL, {view.window}" if view.window else "held the GIL"
        titles = (held, f"why {view.name or 'a thread'} waited", "hogs")
        hints = ("", "", HINT_THERE if selected else HINT)
        for index, board in enumerate(self._across):
            title = title_line(titles[index], widths[index], hints[index])
            board.show([title, *([(" ", theme.PLAIN), *line] for line in parts[index])])

    def _show_down(self, view: Why, selected: HogKey | None) -> None:
        width, lines = self.room.width, self.room.height - 1
        inner = max(width - LABEL - 1, 10)
        needs = (max(len(view.holders), 1), len(view.parts) + 1, max(len(view.hogs), 1))
        one, two, three = shares(needs, lines)
        shown = self._in_sight(view.hogs, selected, three, "why-down", 1 + one + two)
        title = f"why, {view.window}" if view.window else "why"
        self._down.show(
            [
                title_line(title, width, HINT_THERE if selected else HINT),
                *labelled("held by", holder_lines(view, inner, one)),
                *labelled(view.name or "waits", wait_lines(view, inner, two)),
                *labelled("hogs", hog_lines(shown, view, selected, inner, three)),
            ]
        )

    def _in_sight(
        self, found: tuple[HogLine, ...], selected: HogKey | None, room: int, board: str, top: int
    ) -> tuple[HogLine, ...]:
        """Return the hogs that there is room for, the selected one among them."""
        place = next((at for at, each in enumerate(found) if each.key == selected), 0)
        self._offset = scrolled(self._offset, place, len(found), room) if selected else 0
        shown = found[self._offset : self._offset + room]
        self._places = {(board, y + top): each.key for y, each in enumerate(shown)}
        return shown
