"""What a thread was in a run in which the kernel called it `running` and it did not hold the GIL.

The kernel's accounting of the thread, read when the run begins and ends, tells some of these runs
for certain; what remains in doubt is settled at the end of the frame (runs.py).
"""

from typing import NamedTuple

from gilscope.probe.classify import RUNNING
from gilscope.probe.runs import Run

WOKEN = 200
"""Microseconds on a core in which a thread does nothing but wake up and wait on, or hand over."""


class Schedule(NamedTuple):
    """The kernel's exact accounting of a thread since it was born.

    Attributes:
        cpu: microseconds on a core; of a thread that is on one, up to the last timer tick.
        delay: microseconds runnable without a core.
        turns: how often it was put on a core.
    """

    cpu: int
    delay: int
    turns: int


class Doubt:
    """Follows one thread into and through its doubtful runs.

    Attributes:
        following: whether it is still to be told how the run began.
        queued: for how long of it the thread was handing the GIL over, as far as is known.
    """

    __slots__ = ("_left", "following", "queued")

    def __init__(self) -> None:
        self.following = False
        self._left: Schedule | None = None
        self.queued = 0

    def begin(self, schedule: Schedule | None) -> None:
        """A doubtful run begins; with the accounting, it is to be told how."""
        self._left = schedule
        self.following = schedule is not None
        self.queued = 0

    def follow(self, schedule: Schedule | None) -> None:
        """Look whether the run began off its core.

        A thread that lets the GIL go wakes the next one up, which often takes its core: it is then
        still handing over, and waits, until it is put on a core again. One that used its core for
        longer before it lost it had native code to run.
        """
        left = self._left
        if left is None or schedule is None:
            self.following = False
        elif schedule.turns != left.turns:
            self.following = False
            if schedule.cpu - left.cpu < WOKEN:
                self.queued = schedule.delay - left.delay

    def end(self, length: int, schedule: Schedule | None) -> list[Run]:
        """Return the run as it can be told now.

        Args:
            schedule: the accounting at its end; None where it goes on.
        """
        if schedule is not None and self.following:
            self.follow(schedule)
        if not self.queued:
            return [(RUNNING, length)]
        queued = min(self.queued, length)
        self.queued -= queued
        return [("W", queued), (RUNNING, length - queued)]
