"""A screen made of boards that is drawn anew several times a second, however small it is."""

from textual.screen import Screen
from textual.timer import Timer

from gilscope.ui import theme
from gilscope.ui.widgets.board import Board

NARROWEST, LOWEST = 20, 5
"""The smallest terminal on which a picture has room."""

RATES = (1, 2, 4, 10, 20)
"""Pictures a second that the keys go through."""


class Drawn(Screen[None]):
    """Keeps the rate of drawing, and says where there is no room for a picture.

    Attributes:
        rate: pictures a second.
    """

    DEFAULT_CSS = """
    Drawn { layout: vertical; overflow: hidden; }
    Drawn #small { display: none; }
    Drawn.-small > * { display: none; }
    Drawn.-small > #small { display: block; height: 1fr; }
    """

    def __init__(self) -> None:
        super().__init__()
        self.rate = 4.0
        self._timer: Timer | None = None

    async def tick(self) -> None:
        """Draw what has changed since the last picture."""
        raise NotImplementedError

    def set_refresh(self, rate: float) -> None:
        """Draw so many pictures a second."""
        self.rate = rate
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_interval(1 / rate, self.tick)

    def action_refresh(self, step: int) -> None:
        """Draw more often or less often."""
        nearest = min(range(len(RATES)), key=lambda index: abs(RATES[index] - self.rate))
        self.set_refresh(RATES[min(max(nearest + step, 0), len(RATES) - 1)])

    def board(self, id: str) -> Board:
        """Return one of the boards."""
        return self.query_one(f"#{id}", Board)

    def see_size(self) -> bool:
        """Say so where there is no room for a picture; return whether that is so."""
        width, height = self.size
        small = width < NARROWEST or height < LOWEST
        self.set_class(small, "-small")
        self.board("small").show([[(f"too small: {NARROWEST}x{LOWEST}"[:width], theme.WARNING)]])
        return small
