"""What a thread was in a run in which the kernel called it `running` and it did not hold the GIL.

The kernel's accounting of the thread, read when the run begins and ends, tells some of these runs
for certain; what remains in doubt is settled at the end of the frame (runs.py).
"""

from typing import NamedTuple

from gilscope.probe.classify import RUNNING
from gilscope.probe.runs import Run

WOKEN = 200
"""Microseconds on a core in which a thread does nothing but wake up and wait on, or hand over."""

WAKING = 0.01
"""Share of its time that a waiter is on a core: some 20 us after each switch interval of 5 ms."""


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
        waited: the accounting as last read while it was known to wait for the GIL, if it has not
            been blocked in anything else since; `waited_at`: when that was.
        following: whether it is still to be told how the run began.
    """

    __slots__ = ("_left", "_queued", "following", "waited", "waited_at")

    def __init__(self) -> None:
        self.waited: Schedule | None = None
        self.waited_at = 0
        self.following = False
        self._left: Schedule | None = None
        self._queued = 0

    def begin(self, before: str, schedule: Schedule | None) -> None:
        """A doubtful run begins, after a run in state `before`."""
        self._left = schedule if before in "HW" else None
        self.following = self._left is not None
        self._queued = 0

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
                self._queued = schedule.delay - left.delay

    def end(self, length: int, at: int, schedule: Schedule | None, after: str) -> list[Run]:
        """Return the run as it can be told now.

        Args:
            at: when it ends.
            schedule: the accounting at its end; None where it goes on.
            after: the state that follows.
        """
        if schedule is not None:
            if self.following:
                self.follow(schedule)
            # One that waited before, waits or holds now, and used next to no time on a core in
            # between never had the GIL: it was woken for it, and found no core or the GIL taken.
            if after in "WH" and self.waited is not None:
                woken = WOKEN + WAKING * (at - self.waited_at)
                if schedule.cpu - self.waited.cpu < woken:
                    return [("W", length)]
        queued = min(self._queued, length)
        self._queued -= queued
        return [("W", queued), (RUNNING, length - queued)]
