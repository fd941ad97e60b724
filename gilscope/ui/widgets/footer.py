"""Draws the last line: the keys that matter most; a click on one is as good as the key."""

from collections.abc import Sequence

from textual import events
from textual.binding import Binding

from gilscope.ui import theme
from gilscope.ui.keys import EVERYWHERE, shown_keys
from gilscope.ui.widgets.board import Board, Line, Piece


class KeyHints(Board):
    """A line of keys with a word each, as many as there is room for."""

    def __init__(self, found: Sequence[Binding], *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._found: list[Binding] = []
        self._places: list[tuple[range, Binding]] = []
        self.offer(found)

    def offer(self, found: Sequence[Binding]) -> None:
        """Show these keys from now on, those of them that have a word for it."""
        self._found = [binding for binding in found if binding.tooltip]
        self.on_resize()

    def on_resize(self) -> None:
        """Show as many as fit."""
        line: list[Piece] = [(" ", theme.PLAIN)]
        self._places = []
        place = 1
        for binding in self._found:
            key, word = shown_keys(binding), binding.tooltip or ""
            size = len(key) + 1 + len(word) + 2
            if place + size > self.size.width + 1:
                break
            line += [(key, theme.KEY), (f" {word}  ", theme.FAINT)]
            self._places.append((range(place, place + size), binding))
            place += size
        lines: list[Line] = [line]
        self.show(lines)

    async def on_click(self, event: events.Click) -> None:
        """Do what the key does that was clicked on."""
        for places, binding in self._places:
            if event.x in places:
                # A screen does not pass on to the application what it has no action for.
                owner = self.app if binding in EVERYWHERE else self.screen
                await owner.run_action(binding.action)
                return
