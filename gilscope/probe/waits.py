"""Wait for the next sample: so many a second, at random moments, at the least cost."""

import random
import time
from collections.abc import Iterator
from itertools import chain, cycle

_INTERVALS = 61
"""Different ones between samples; a prime number, which meets no beat of the machine."""

_LONGEST = 1.5
"""The longest of them, in periods; the shortest is as much shorter."""

_ENOUGH = 20
"""Samples of which it is known how much longer the intervals were than they were to be."""

_NEWEST = 0.3
"""Weight of the newest of these estimates."""

_MOST_TAKEN = 0.5
"""Share of a period by which waits become shorter at the most: the shortest are none then."""


class Waits:
    """Sleeps between samples.

    Samples on a beat would see the same part of every 5 ms switch interval: each interval is
    random, from half of a period to one and a half. A sleep of a known length costs 2 us less, of
    29 in a loop that reads one word at 1 kHz, than one up to a deadline that is computed after each
    sample, when the caches are cold. Instead, the lengths follow how long samples took of late.
    """

    def __init__(self) -> None:
        half = [random.uniform(2 - _LONGEST, _LONGEST) for _ in range(_INTERVALS // 2)]
        self._intervals = [1.0, *half, *(2 - length for length in half)]
        random.shuffle(self._intervals)
        self._taken = 0.0
        self._over = 0.0
        self._samples = 0

    def begin(self, period: float, since: int) -> Iterator[None]:
        """Return an iterator whose every step ends when a sample is due.

        Args:
            period: microseconds from one sample to the next, on the average.
            since: microseconds since the last one.
        """
        start = random.randrange(_INTERVALS)
        intervals = [period * share for share in self._intervals[start:] + self._intervals[:start]]
        taken = min(self._taken, _MOST_TAKEN * period)
        lengths = [max(interval - taken, 0.0) / 1e6 for interval in intervals]
        first = max(lengths[-1] - since / 1e6, 0.0)
        return map(time.sleep, chain((first,), cycle(lengths)))

    def learn(self, period: float, elapsed: int, samples: int) -> None:
        """Take in how long it took to take samples, and to wait for them.

        Args:
            period: microseconds that were to go by for each.
            elapsed: microseconds that did, for all of them; those are left out that came late, as
                a sampler does that is kept from its core.
        """
        self._over += elapsed - samples * period
        self._samples += samples
        if self._samples >= _ENOUGH:
            taken = self._taken + _NEWEST * self._over / self._samples
            self._taken = min(max(taken, 0.0), _MOST_TAKEN * period)
            self._over, self._samples = 0.0, 0
