"""Tell apart the waits of a thread between which it had the GIL for less than a sample.

The GIL's counter of switches tells exactly how many hand-overs there were between two samples, and
all but the last are to threads that no sample shows holding. One that waited at both samples and
had the GIL in between was put on a core meanwhile, as the kernel counts. So were those that woke up
to ask for the GIL, as every waiter does after each switch interval, and found it held: but only
once in each interval, and they used less of the core. What is not told by the counters is which of
several was which, where they did alike.
"""

from operator import itemgetter

from gilscope.probe.doubt import WAKING
from gilscope.probe.gil import GilReader
from gilscope.probe.thread import SampledThread

TOOK = 5
"""Microseconds on a core, beyond those of waking up in vain, in which a thread can take the GIL, do
something, and wait for it again."""

ONCE_MORE = 0.7
"""Turns on a core beyond one for each switch interval: the interval between two looks at a thread
is not known better than to a sample."""


class Unseen:
    """Collects, while the threads are looked at, those that may have had the GIL in between."""

    def __init__(self) -> None:
        self._woken: list[tuple[float, SampledThread]] = []

    def consider(self, thread: SampledThread, boundary: int) -> None:
        """Note a thread that waits as it did before, if it was put on a core in between.

        Args:
            boundary: the middle between this look at the thread and the one before.
        """
        now, before, gil = thread.looked, thread.doubt.waited, thread.gil
        if now is None or before is None or gil is None or now.turns == before.turns:
            return
        elapsed = boundary - thread.doubt.waited_at
        asked = elapsed / gil.interval if gil.interval > 0 else 0.0
        used = now.cpu - before.cpu
        if now.turns - before.turns >= asked + ONCE_MORE or used - WAKING * elapsed >= TOOK:
            self._woken.append((used, thread))

    def settle(self, gils: list[GilReader], boundary: int) -> None:
        """Give each hand-over that shows in no thread's state to the one that used most."""
        if self._woken:
            self._woken.sort(key=itemgetter(0), reverse=True)
            for _, thread in self._woken:
                gil = thread.gil
                if gil is not None and gil.unseen > 0:
                    gil.unseen -= 1
                    thread.split(boundary)
            self._woken.clear()
        for gil in gils:
            gil.untold += max(gil.unseen, 0)
            gil.unseen = 0
