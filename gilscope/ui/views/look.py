"""What the user chose to see: the settings of a Scope screen, as one immutable value."""

from dataclasses import dataclass, replace
from typing import Literal

Order = Literal["start", "hold", "wait", "cpu", "name"]

ORDERS: tuple[Order, ...] = ("start", "hold", "wait", "cpu", "name")
"""The orders that rows can have, in the turn in which the key goes through them."""

Shape = Literal["tree", "list", "processes"]

SHAPES: tuple[Shape, ...] = ("tree", "list", "processes")
"""What rows there are, in the turn in which the key goes through them."""

CELLS = (5_000, 10_000, 20_000, 50_000, 100_000, 200_000, 500_000, 1_000_000)
"""Microseconds that one cell of the timeline can stand for."""

SECOND = 1_000_000

Key = tuple[str, int, int]
"""What a row is about: its kind, the process id, and the thread's or interpreter's id (or 0)."""


@dataclass(frozen=True, slots=True)
class Look:
    """How rows are chosen, ordered and drawn.

    Attributes:
        cell: microseconds a cell of the timeline.
        shape: threads stand under their processes, or all threads in one list, or there are
            processes alone.
        words: rows shown are those in which all these words occur.
        enlarged: only the selected process, with the timeline as wide as it will go.
        since: moment since which shares are counted; None for the last second.
        opened: processes whose native threads are shown one by one.
        recalled: processes whose ended threads are shown one by one.
        turned: processes that are not as the shape has it: closed with all their children in the
            tree, their threads shown where there are processes alone.
        frozen: the newest moment shown, when the view is paused.
        cursor: the cell that the cursor along the timeline is on, when it is out.
    """

    cell: int = 100_000
    order: Order = "start"
    shape: Shape = "tree"
    words: tuple[str, ...] = ()
    enlarged: bool = False
    since: int | None = None
    opened: frozenset[int] = frozenset()
    recalled: frozenset[int] = frozenset()
    turned: frozenset[int] = frozenset()
    frozen: int | None = None
    cursor: int | None = None

    @property
    def paused(self) -> bool:
        """Whether the view stands still."""
        return self.frozen is not None

    def moment(self, now: int) -> int:
        """Return the moment that letters and shares are about."""
        if self.cursor is not None:
            return (self.cursor + 1) * self.cell
        return now if self.frozen is None else self.frozen

    def next_order(self) -> "Look":
        """Order rows by the next thing."""
        return replace(self, order=ORDERS[(ORDERS.index(self.order) + 1) % len(ORDERS)])

    def next_shape(self, several: bool) -> "Look":
        """Go on to the next shape; a single process needs none for processes alone."""
        shapes = SHAPES if several else SHAPES[:2]
        place = shapes.index(self.shape) + 1 if self.shape in shapes else 0
        return replace(self, shape=shapes[place % len(shapes)], turned=frozenset())

    def turn(self, pid: int) -> "Look":
        """Close a process if it is open, and open it if it is closed."""
        return replace(self, turned=self.turned ^ {pid})

    def zoom(self, steps: int) -> "Look":
        """Make a cell stand for more time (positive) or less (negative)."""
        index = min(max(CELLS.index(self.cell) + steps, 0), len(CELLS) - 1)
        cell = CELLS[index]
        if self.cursor is None:
            return replace(self, cell=cell)
        return replace(self, cell=cell, cursor=(self.cursor + 1) * self.cell // cell - 1)

    def pause(self, now: int) -> "Look":
        """Stop the view at `now`, or let it run again."""
        return self.live() if self.paused else replace(self, frozen=now)

    def live(self) -> "Look":
        """Let the view run, the cursor put away."""
        return replace(self, frozen=None, cursor=None)

    def move_cursor(self, cells: int, now: int) -> "Look":
        """Move the cursor along the timeline; the view stands still while it is out."""
        frozen = now if self.frozen is None else self.frozen
        newest = frozen // self.cell - 1
        place = newest if self.cursor is None else self.cursor
        return replace(self, frozen=frozen, cursor=min(max(place + cells, 0), max(newest, 0)))

    def toggle_natives(self, pid: int) -> "Look":
        """Show a process's native threads one by one, or folded into one line again."""
        return replace(self, opened=self.opened ^ {pid})

    def toggle_ended(self, pid: int) -> "Look":
        """Show a process's ended threads one by one, or folded into one line again."""
        return replace(self, recalled=self.recalled ^ {pid})


def cell_name(cell: int) -> str:
    """Return how much time a cell stands for, in words: "100 ms", "1 s"."""
    return f"{cell // 1000} ms" if cell < SECOND else f"{cell // SECOND} s"
