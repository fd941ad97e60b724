"""How far a share may be off: half the width of its 95% interval.

Neighbouring samples see the same hold, so that counting them as independent would promise too much
or too little. What is uncertain is where each run begins and ends: half-way between two samples,
to within half their distance. So the error of a share grows with the number of its runs and not
with that of its samples. A run that only one sample has seen may stand for one as long as it looks
or for many that are shorter and were not seen, so that all of its length is in doubt. To that come
what is wrong the same way each time, and the time of which nothing is known.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
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

RECENT = 20_000_000
"""Microseconds of a thread's runs that are read for shares of all the time it was watched."""

ASTRAY = 0.1
"""Sample intervals by which the end of a run is off the same way each time, at most.

Who holds the GIL and who waits for it is read from one word. What else there is, a thread on its
way into a system call or out of it, with a core or without, is pieced together from the kernel's
accounting, which lags. Measured with tests/benchmarks/truth.py.
"""

SYSTEMATIC = 0.004
"""Half-width that nothing makes smaller; measured likewise."""


@dataclass(slots=True)
class Doubt:
    """What is in doubt of the time in one state.

    Attributes:
        variance: of what is wrong by chance, in squared microseconds.
        bias: what may be wrong the same way all the time, in microseconds.
    """

    variance: float
    bias: float = 0.0


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
    return widths_of(doubts(runs, interval), unknown_in(runs), whole)


def half_widths_of_all(thread: ThreadRecord, interval: float | None) -> tuple[float, ...] | None:
    """Return the half-width of each state's share of all the time it was watched; see half_widths.

    The runs of the newest RECENT stand for all: the longer it was watched, the less they matter.
    """
    if not thread.history:
        return None
    end = thread.history[-1].end
    runs = _runs(thread, end - RECENT, end)
    whole = thread.watched
    if not runs or not interval or not whole:
        return None
    longer = whole / (runs[-1].end - runs[0].start)
    found = [Doubt(each.variance * longer, each.bias * longer) for each in doubts(runs, interval)]
    return widths_of(found, thread.spent[POSITION["?"]], whole)


def half_width(
    thread: ThreadRecord, letter: str, start: int, end: int, interval: float | None
) -> float | None:
    """Return the half-width of one state's share; see half_widths."""
    widths = half_widths(thread, start, end, interval)
    return widths[POSITION[letter]] if widths else None


def widths_of(found: Iterable[Doubt], unknown: int, whole: int) -> tuple[float, ...]:
    """Return half-widths from what is in doubt of each state's time.

    Args:
        unknown: how much of the time is not known: it may belong to any state.
        whole: all the time, in microseconds.
    """
    widths = [
        min(1.0, (NORMAL * sqrt(each.variance) + each.bias + unknown) / whole + SYSTEMATIC)
        for _, each in zip(STATES[:-1], found, strict=False)
    ]
    return (*widths, 0.0)


def doubts(runs: list[Run], interval: float) -> list[Doubt]:
    """Return what is in doubt of the time in each state.

    The variance is at least that of one sample: a single short run may always have been missed.
    """
    square = interval * interval
    found = [Doubt(square) for _ in STATES]
    before: Run | None = None
    before_is_short = False
    for index, run in enumerate(runs):
        # How far apart samples were when it began, and so the last one of the run before.
        apart = interval * IDLE_STRIDE if before and _idle(before) else interval
        own = found[_position(run)]
        short = run.end - run.start < SEEN_ONCE * apart
        if short:
            own.variance += apart * apart
            for neighbour in _neighbours(runs, index):
                found[_position(neighbour)].variance += apart * apart / 2
        if before and before.letter != run.letter:
            other = found[_position(before)]
            if not short and not before_is_short:
                own.variance += EDGE * apart * apart
                other.variance += EDGE * apart * apart
            if {before.letter, run.letter} != {"H", "W"}:
                own.bias += ASTRAY * interval
                other.bias += ASTRAY * interval
        before, before_is_short = run, short
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
