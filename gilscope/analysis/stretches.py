"""How long a thread held the GIL, or waited for it, each time; what sampling can tell of that.

The ends of a stretch are each known to within half a sample interval, so that the figures of
stretches which last a few intervals are sound. Of shorter ones, a hold for instance that falls
between two samples, only some are seen, and they are a biased choice: where a figure hangs on them
it is not given. Each figure is judged on its own: that most holds were too short to be counted says
nothing against the longest one.
"""

from dataclasses import dataclass

from gilscope.analysis.lanes import runs_between
from gilscope.model.histogram import Histogram
from gilscope.model.records import ProcessRecord, ThreadRecord
from gilscope.model.session import Session
from gilscope.model.tally import Follower, Tally

RESOLVED = 2
"""Sample intervals that a stretch has to last for its length to be given."""

RESOLVED_RARE = 6
"""And the 99th percentile: one badly seen stretch in a hundred is enough to move it, and at this
length the interval that each end may be off is within a quarter of it."""

SEEN_ONCE = 1.5
"""Sample intervals below which a stretch was seen by one sample, and others like it by none."""

FEW = 0.05
"""Share of the stretches that may be so short without the median and the count being withheld."""

SOME = 0.1
"""And without the 99th percentile being withheld, which hangs less on them."""

LATE = 0.005
"""Share of the time of which nothing may be known without the 99th percentile being withheld.

Where the sampler itself had no core for so long, it came late at other times too, and the longest
stretches came out too long: half of the 99th percentiles of holds were past a quarter.
"""

ACCOUNTED = 0.9
"""Share of the hand-overs, as the GIL counts them, that has to show in the threads' runs for 99th
percentiles of waits to be told, and for any figure of a thread whose holds are too short to be
sampled. Those that are missing may all be of one such thread: if they are more than the rest of its
waits, its 99th percentile is not told either.

Measured at 700 samples/s: 0.93 to 1.01 where waits were told apart, with 99th percentiles true to
within a tenth; 0.01 to 0.34 where they were not, three to one, and waits came out three times as
long as they were. Of threads that compute, at 260 to 440 samples/s: within a tenth from 0.92 on, up
to 1.4 times too long below 0.9.
"""

HOG = 50_000
"""A hold of at least so many microseconds is a hog, unless the stream says otherwise."""

HOG_SAMPLES = 4
"""Samples that have to fall into the shortest hog for hogs to be told at all.

Where samples are farther apart, two short holds with a pause between them look like a hog.
"""


@dataclass(frozen=True, slots=True)
class Lengths:
    """Lengths of stretches, in milliseconds; null what sampling cannot resolve."""

    p50: float | None = None
    p99: float | None = None
    max: float | None = None
    count: int | None = None


@dataclass(frozen=True, slots=True)
class HandOvers:
    """How often GILs were taken, as they count it, and how often a thread's runs show that."""

    count: int = 0
    shown: int = 0

    @property
    def missing(self) -> int:
        """How many show in no thread's runs."""
        return max(self.count - self.shown, 0)

    def all_but_few(self, of: int) -> bool:
        """Tell whether no more are missing than a tenth of so many."""
        return of - self.missing >= ACCOUNTED * of


NONE_MISSING = HandOvers()


def sample_interval(watched: ProcessRecord | Session) -> float | None:
    """Return the mean time between two samples in microseconds; None while there are none.

    That of a process is the one while it did anything.
    """
    if isinstance(watched, ProcessRecord) and watched.active_samples:
        return watched.active / watched.active_samples
    return watched.span / watched.samples if watched.samples else None


def tells_hogs(interval: float | None, hog: int = HOG) -> bool:
    """Whether sampling at this interval can tell a hold of so many microseconds from shorter ones.

    Args:
        hog: microseconds from which on a hold is one (Hello.hog).
    """
    return interval is not None and interval * HOG_SAMPLES <= hog


def tally_of(process: ProcessRecord) -> Tally:
    """Return the holds and waits of all threads of a process, those that are gone too."""
    whole = Tally()
    whole.merge(process.past)
    for thread in process.threads.values():
        whole.merge(thread.follower.tally)
    return whole


def tally_between(thread: ThreadRecord, start: int, end: int) -> Tally:
    """Return a thread's holds and waits that began and ended between two moments."""
    follower = Follower()
    for run in runs_between(thread, start, end):
        follower.add([(run.letter, run.end - run.start)], run.fresh)
    return follower.tally


def hold_lengths(tally: Tally, interval: float | None) -> Lengths:
    """Return the figures of holds, given the time between two samples in microseconds.

    A wait that no sampled hold followed ended in one that was not sampled, so such a hold counts
    among the short ones.
    """
    return _measure(tally.holds, interval, _late(tally), tally.unsampled)


def wait_lengths(
    tally: Tally, interval: float | None, seen: HandOvers | None = NONE_MISSING
) -> Lengths:
    """Return the figures of waits, given the time between two samples in microseconds.

    Two waits with a hold in between that no sample saw are one, unless the stream tells them apart.
    Where hand-overs are missing that must have been somewhere, the longest waits may be such, and
    all of a thread whose holds are so short.

    Args:
        seen: the hand-overs of the process (hand_overs).
    """
    missing = seen is not None and not seen.all_but_few(seen.count)
    if tally.unsampled > FEW * tally.waits.count:
        if seen is None or missing:
            return Lengths()
        missing = not seen.all_but_few(tally.waits.count)
    return _measure(tally.waits, interval, _late(tally) or missing)


def hand_overs(process: ProcessRecord, whole: Tally) -> HandOvers | None:
    """Return how many hand-overs of a process's GILs there were, and how many its threads show.

    What is shown is the number of holds that were seen or are known to have been; it may be a
    little more than there were. None where the GIL does not count.

    Args:
        whole: the holds and waits of all its threads (tally_of).
    """
    if not process.switches:
        return None
    return HandOvers(process.switches, whole.holds.count + whole.unsampled)


def _late(tally: Tally) -> bool:
    return tally.unknown > LATE * tally.watched


def _measure(lengths: Histogram, interval: float | None, late: bool, unsampled: int = 0) -> Lengths:
    if interval is None:
        return Lengths()
    whole = lengths.count + unsampled
    if not whole:
        return Lengths(count=0)
    short = (lengths.shorter_than(SEEN_ONCE * interval) + unsampled) / whole
    least = RESOLVED * interval
    return Lengths(
        p50=_milliseconds(lengths.percentile(50, unsampled), least) if short <= FEW else None,
        p99=None
        if late or short > SOME
        else _milliseconds(lengths.percentile(99, unsampled), RESOLVED_RARE * interval),
        max=_milliseconds(lengths.longest, least),
        count=whole if short <= FEW else None,
    )


def _milliseconds(microseconds: int | None, least: float) -> float | None:
    if microseconds is None or microseconds < least:
        return None
    return round(microseconds / 1000, 2)
