"""The widget that all others are: lines of styled text, of which only changed ones are sent."""

from collections.abc import Sequence

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from gilscope.ui import theme

Piece = tuple[str, Style]
Line = Sequence[Piece]
"""One line as pieces of text, each with its style; the text is clean already."""


class Board(Widget):
    """Draws lines of text as they are given.

    `show` compares line by line with what stands there, so that a line that stays the same costs
    nothing on the wire.
    """

    DEFAULT_CSS = "Board { height: 1; width: 1fr; }"
    ALLOW_SELECT = False

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._strips: list[Strip] = []
        self._lines: list[Line] = []

    @property
    def lines(self) -> list[Line]:
        """What is shown."""
        return self._lines

    @property
    def text(self) -> str:
        """What is shown, without its colours."""
        return "\n".join("".join(text for text, _ in line) for line in self._lines)

    def show(self, lines: Sequence[Line]) -> None:
        """Show these lines from now on."""
        before, self._lines = self._lines, list(lines)
        strips = self._strips
        del strips[len(lines) :]
        width = self.size.width
        changed = [Region(0, y, width, 1) for y in range(len(lines), len(before))]
        for y, line in enumerate(lines):
            if y < len(before) and before[y] == line:
                continue
            strip = Strip([Segment(text, style) for text, style in line if text])
            if y < len(strips):
                strips[y] = strip
            else:
                strips.append(strip)
            # Textual sends a line up to the end of what changed, so the end is worth finding.
            end = changed_up_to(before[y], line) if y < len(before) else width
            changed.append(Region(0, y, min(end, width) or width, 1))
        if changed and width:
            self.refresh(*changed)

    def render_line(self, y: int) -> Strip:
        """Return one line, filled up to the widget's width."""
        width = self.size.width
        strip = self._strips[y] if y < len(self._strips) else Strip.blank(0, theme.PLAIN)
        return strip.adjust_cell_length(width, theme.PLAIN)


def changed_up_to(before: Line, after: Line) -> int:
    """Return the number of cells up to where two lines are the same; all where lengths differ."""
    whole = length(after)
    if length(before) != whole or any(cell_len(text) != len(text) for text, _ in (*before, *after)):
        return 10_000
    end = whole
    for old, new in zip(reversed(before), reversed(after), strict=False):
        if old != new:
            break
        end -= len(new[0])
    return end


def length(line: Line) -> int:
    """Return how many characters a line has; its text is taken to be one cell each."""
    return sum(len(text) for text, _ in line)
