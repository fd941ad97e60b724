"""How far a share may be off: half the width of its 95% interval.

Neighbouring samples see the same hold, so that counting them as independent would promise too much
or too little. What is uncertain is where each run begins and ends: half-way between two samples,
to within half their distance. So the error of a share grows with the number of its runs and not
with that of its samples. A run that only one sample has seen may stand for one as long as it looks
or for many that are shorter and were not seen, so that all of its length is in doubt. To that come
what is wrong the same way all the time, and the time of which nothing is known.
"""

from collections.abc import Iterable, Iterator
from math import sqrt

from gilscope.analysis.lanes import Joiner, Run, runs_between
from gilscope.model.records import ThreadRecord
from gilscope.model.states import POSITION, STATES

NORMAL = 1.96
"""Standard deviations on either side that hold 95% of a normal distribution."""

EDGE = 1.25 / 12
"""Variance of where a run ends, in squared sample intervals.

1/12 for any place between two samples; more, as samples are jittered by half an interval and more
runs end in a long interval than in a short one.
"""

SEEN_ONCE = 1.5
"""Sample intervals below which a run was seen by one sample."""

IDLE = 100_000
"""Microseconds, a frame, after which a blocked thread is read less often: at each IDLE_STRIDE-th
sample, so that the end of its run is known the worse."""

IDLE_STRIDE = 8

RECENT = 60_000_000
"""Microseconds of a thread's runs that are read for shares of all the time it was watched."""

SYSTEMATIC = 0.002
"""Half-width that no number of samples makes smaller; see tests/benchmarks/truth.py."""


def half_widths(
    thread: ThreadRecord, start: int, end: int, interval: float | None
) -> tuple[float, ...] | None:
    """Return the half-width of each state's share of the time between two moments.

    They are in the order of STATES, as the shares are, and fractions as these are; that of unknown
    time is 0.

    Args:
        interval: mean time between two samples in microseconds.

    Returns:
        None where there is no time, or no samples.
    """
    runs = _runs(thread, start, end)
    if not runs or not interval:
        return None
    whole = runs[-1].end - runs[0].start
    return widths_of(variances(runs, interval), unknown_in(runs), whole)


def half_widths_of_all(thread: ThreadRecord, interval: float | None) -> tuple[float, ...] | None:
    """Return the half-width of each state's share of all the time it was watched; see half_widths.

    The runs of the newest minute stand for all: the longer it was watched, the less they matter.
    """
    if not thread.history:
        return None
    end = thread.history[-1].end
    runs = _runs(thread, end - RECENT, end)
    whole = thread.watched
    if not runs or not interval or not whole:
        return None
    longer = whole / (runs[-1].end - runs[0].start)
    variance = [each * longer for each in variances(runs, interval)]
    return widths_of(variance, thread.spent[POSITION["?"]], whole)


def half_width(
    thread: ThreadRecord, letter: str, start: int, end: int, interval: float | None
) -> float | None:
    """Return the half-width of one state's share; see half_widths."""
    widths = half_widths(thread, start, end, interval)
    return widths[POSITION[letter]] if widths else None


def widths_of(variance: Iterable[float], unknown: int, whole: int) -> tuple[float, ...]:
    """Return half-widths from the variances of times, all in microseconds.

    Args:
        unknown: how much of the time is not known: it may belong to any state.
        whole: all the time.
    """
    told = STATES[:-1]
    widths = [
        min(1.0, NORMAL * sqrt(each) / whole + SYSTEMATIC + unknown / whole)
        for _, each in zip(told, variance, strict=False)
    ]
    return (*widths, 0.0)


def variances(runs: list[Run], interval: float) -> list[float]:
    """Return the variance of the time in each state, in squared microseconds.

    Each state's is at least that of one sample: a single short run may always have been missed.
    """
    square = interval * interval
    found = [square] * len(STATES)
    short = [run.end - run.start < SEEN_ONCE * interval for run in runs]
    for index, run in enumerate(runs):
        if short[index]:
            found[_position(run)] += square
            for neighbour in _neighbours(runs, index):
                found[_position(neighbour)] += square / 2
        elif index and not short[index - 1]:
            before = runs[index - 1]
            if before.letter != run.letter:
                edge = EDGE * square * (IDLE_STRIDE**2 if _idle(before) else 1)
                found[_position(run)] += edge
                found[_position(before)] += edge
    return found


def unknown_in(runs: Iterable[Run]) -> int:
    """Return how much of some runs nothing is known of, in microseconds."""
    return sum(run.end - run.start for run in runs if _position(run) == POSITION["?"])


def _runs(thread: ThreadRecord, start: int, end: int) -> list[Run]:
    """Return a thread's runs; where two stretches of one state meet, its share is in no doubt."""
    joiner = Joiner()
    pieces = (run._replace(fresh=False) for run in runs_between(thread, start, end))
    return [*joiner.add(pieces), *filter(None, [joiner.open])]


def _neighbours(runs: list[Run], index: int) -> Iterator[Run]:
    yield from runs[max(index - 1, 0) : index]
    yield from runs[index + 1 : index + 2]


def _idle(run: Run) -> bool:
    return run.letter in "ILS" and run.end - run.start >= IDLE


def _position(run: Run) -> int:
    return POSITION.get(run.letter, POSITION["?"])
