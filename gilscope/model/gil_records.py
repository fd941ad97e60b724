"""What is remembered of a process's GILs, frame by frame and in all.

Times are microseconds since the stream began, as everywhere in the session.
"""

from collections import deque
from dataclasses import dataclass, field
from typing import NamedTuple

from gilscope.model.events import GilSlice

HISTORY = 6000
"""Frames remembered for each process and each busy thread: ten minutes at ten frames a second."""


class Holding(NamedTuple):
    """Who held a process's GILs during one frame, and in which function; see events.GilSlice."""

    start: int
    end: int
    gils: tuple[GilSlice, ...]


class GilMoment(NamedTuple):
    """What became of one process's GIL during one frame.

    `wanted` is how long it was held, and how long all its threads together waited for it; divided
    by `seen` it is the GIL load. `held` and `switches` are sums over its GILs, null where it has
    none that can be seen. `seen` is how much of the span they tell of (known.py); hand-overs are
    counted in all of it.
    """

    at: int
    span: int
    wanted: int
    held: int | None
    switches: int | None
    holder: int | None
    seen: int


@dataclass(slots=True)
class GilRecord:
    """One GIL of a process that has several.

    Attributes:
        wanted, held, seen: sums over all frames; `counted` of their spans.
        moments: the newest frames, in order.
    """

    interpreter: int
    seen: int = 0
    counted: int = 0
    wanted: int = 0
    held: int = 0
    switches: int | None = None
    moments: deque[GilMoment] = field(default_factory=lambda: deque(maxlen=HISTORY))

    def add(self, moment: GilMoment) -> None:
        """Take in what became of it in one frame."""
        self.moments.append(moment)
        self.seen += moment.seen
        self.counted += moment.span
        self.wanted += moment.wanted
        self.held += moment.held or 0
        if moment.switches is not None:
            self.switches = (self.switches or 0) + moment.switches
