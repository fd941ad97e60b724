"""A screen of text that scrolls and that Escape closes."""

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.screen import Screen

from gilscope.ui import keys
from gilscope.ui.widgets.board import Board, Line
from gilscope.ui.widgets.footer import KeyHints


class Page(Screen[None]):
    """Shows as many of its lines as fit; `write` says what they are."""

    BINDINGS = keys.PAGE
    DEFAULT_CSS = "Page { layout: vertical; overflow: hidden; } Page #text { height: 1fr; }"

    def __init__(self) -> None:
        super().__init__()
        self._offset = 0

    def compose(self) -> ComposeResult:
        """Put the text above the keys."""
        yield Board(id="text")
        yield KeyHints([*keys.bindings(keys.PAGE), *keys.bindings(keys.EVERYWHERE)])

    def write(self, width: int) -> Sequence[Line]:
        """Return the lines of the whole text at this width."""
        raise NotImplementedError

    def draw(self) -> None:
        """Draw the lines that fit."""
        board = self.query_one("#text", Board)
        lines = list(self.write(self.size.width))
        self._offset = max(min(self._offset, len(lines) - board.size.height), 0)
        board.show(lines[self._offset :][: max(board.size.height, 1)])

    def on_mount(self) -> None:
        """Draw once the size is known."""
        self.call_after_refresh(self.draw)

    def on_resize(self) -> None:
        """Draw for the new size."""
        self.call_after_refresh(self.draw)

    def action_scroll(self, lines: int) -> None:
        """Go up or down."""
        self._offset += lines
        self.draw()

    def action_end(self, which: int) -> None:
        """Go to the first line or the last."""
        self.action_scroll(which * len(self.write(self.size.width)))

    def on_mouse_scroll_down(self) -> None:
        """Go down some lines."""
        self.action_scroll(3)

    def on_mouse_scroll_up(self) -> None:
        """Go up some lines."""
        self.action_scroll(-3)

    def action_back(self) -> None:
        """Close this screen."""
        self.app.pop_screen()
