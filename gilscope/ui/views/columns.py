"""Which columns the thread table has on a terminal of a given width, and how wide each is."""

from dataclasses import dataclass
from typing import NamedTuple

TILE = 8
"""Columns in a tile of the timeline: narrower tiles send less, wider ones need less CPU to draw."""

LETTER = 1
"""Width of the column of states; a blank column stands before it."""


class Share(NamedTuple):
    """A column of figures: a share of time, or what the kernel says of CPU time."""

    title: str
    field: str
    width: int


HOLD = Share("hold", "hold", 5)
WAIT = Share("wait", "wait", 5)
EXTRA = (
    Share("nat", "native", 4),
    Share("cpu", "cpu", 4),
    Share("io", "io", 4),
    Share("lock", "lock", 5),
    Share("slp", "sleep", 4),
    Share("late", "delay", 5),
)
"""Further figures, the most telling first; a terminal shows as many as it has room for."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Widths of the columns from left to right; a column that is left out has width 0."""

    name: int
    shares: tuple[Share, ...]
    tiles: int
    where: int

    @property
    def figures(self) -> int:
        """Width of all figures together."""
        return sum(share.width for share in self.shares) + 1

    @property
    def lanes(self) -> int:
        """Width of the timeline."""
        return self.tiles * TILE


def plan(width: int, enlarged: bool = False, wanted: int = 0) -> Plan:
    """Return the columns for a terminal of this width.

    Args:
        wanted: width at which no name is cut; the column grows up to it where there is room.
    """
    if enlarged:
        name = 8 if width < 50 else 14 if width < 120 else 20
        return _fit(width, _grown(name, wanted, (width - 110) // 3), (HOLD,), 0)
    if width < 50:
        return _fit(width, 10, (HOLD,), 0)
    if width < 66:
        return _fit(width, 13, (HOLD, WAIT), 0)
    if width < 110:
        name = _grown(18, wanted, (width - 68) // 4)
        return _fit(width, name, (HOLD, WAIT), max(width // 4 - 2, 14))
    extra = EXTRA[: (width - 100) // 10]
    name = _grown(18 + width // 40, wanted, (width - 92) // 3)
    return _fit(width, name, (HOLD, WAIT, *extra), min(width // 5, 44))


def _grown(least: int, wanted: int, more: int) -> int:
    return max(least, min(wanted, least + more))


def _fit(width: int, name: int, shares: tuple[Share, ...], where: int) -> Plan:
    taken = 1 + LETTER + name + sum(share.width for share in shares) + 1
    tiles = max((width - taken - where) // TILE, 1)
    rest = width - taken - tiles * TILE
    if where:
        return Plan(name, shares, tiles, max(rest, 0))
    return Plan(name + max(rest, 0), shares, tiles, 0)
