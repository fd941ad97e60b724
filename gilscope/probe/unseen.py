"""Tell apart the waits of a thread between which it had the GIL for less than a sample.

The GIL's counter of switches tells exactly how many hand-overs there were between two samples, and
all but the last are to threads that no sample shows holding. One that waited at both samples and
had the GIL in between was put on a core meanwhile, as the kernel counts. So were those that woke up
to ask for the GIL, as every waiter does after each switch interval, and found it held: but only
once in each interval, and they used less of the core. What is not told by the counters is which of
several was which, where they did alike.
"""

from collections.abc import Iterable
from operator import itemgetter

from gilscope.probe.doubt import Schedule
from gilscope.probe.gil import GilReader
from gilscope.probe.thread import SampledThread

WAKING = 0.01
"""Share of its time that a waiter is on a core: some 20 us after each switch interval of 5 ms."""

TOOK = 5
"""Microseconds on a core, beyond those of waking up in vain, in which a thread can take the GIL, do
something, and wait for it again."""

ONCE_MORE = 0.7
"""Turns on a core beyond one for each switch interval: the interval between two looks at a thread
is not known better than to a sample."""


def tell_unseen(threads: Iterable[SampledThread], gils: list[GilReader], boundary: int) -> None:
    """Give each hand-over that shows in no thread's state to a thread that may have had it.

    Args:
        threads: those that were looked at. Of one that has only just begun to wait, the counters
            were read since.
        boundary: the middle between the sample before and this one.
    """
    if not any(gil.unseen > 0 for gil in gils):
        return
    woken: list[tuple[float, SampledThread]] = []
    for thread in threads:
        gil = thread.gil
        if gil is not None and gil.unseen > 0 and thread.letter == "W":
            now, before = thread.schedule(), thread.waited
            elapsed = boundary - thread.waited_at
            thread.waited, thread.waited_at = now, boundary
            if now is not None and before is not None and _had_it(now, before, elapsed, gil):
                woken.append((now.cpu - before.cpu, thread))
    # Those that used most of a core first.
    woken.sort(key=itemgetter(0), reverse=True)
    for _, thread in woken:
        gil = thread.gil
        if gil is not None and gil.unseen > 0:
            gil.unseen -= 1
            thread.split(boundary)


def _had_it(now: Schedule, before: Schedule, elapsed: int, gil: GilReader) -> bool:
    """Tell whether a thread that waited at two samples may have had the GIL in between."""
    asked = elapsed / gil.interval if gil.interval > 0 else 0.0
    if now.turns - before.turns >= asked + ONCE_MORE:
        return True
    return now.turns != before.turns and now.cpu - before.cpu - WAKING * elapsed >= TOOK
