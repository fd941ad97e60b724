"""How long a thread held the GIL, or waited for it, each time: read from its history of runs."""

from dataclasses import dataclass
from math import ceil
from statistics import median

from gilscope.analysis.lanes import joined_runs
from gilscope.model.records import ThreadRecord
from gilscope.model.session import Session

HOG = 50_000
"""A hold of at least so many microseconds is a hog."""

HOG_SAMPLES = 4
"""Samples that have to fall into the shortest hog for hogs to be told at all.

Where samples are farther apart, two short holds with a pause between them look like a hog.
"""

RESOLVED = 2
"""Sample intervals that the median stretch has to last to be told from its neighbours.

A thread that lets the GIL go and takes it again between two samples is seen holding all the time,
and a hold that falls between two samples is not seen at all. Where most stretches are that short,
the ones that are seen are a biased choice, and no figure is given.
"""


@dataclass(frozen=True, slots=True)
class Lengths:
    """Lengths of stretches, in milliseconds; all null where sampling cannot resolve them."""

    p50: float | None = None
    p99: float | None = None
    max: float | None = None
    count: int | None = None


def sample_interval(session: Session) -> float | None:
    """Return the mean time between two samples in microseconds; None while there are none."""
    return session.span / session.samples if session.samples else None


def tells_hogs(interval: float | None) -> bool:
    """Whether sampling at this interval can tell a hog from shorter holds."""
    return interval is not None and interval * HOG_SAMPLES <= HOG


def whole_stretches(thread: ThreadRecord, now: int, letter: str) -> list[int]:
    """Return the lengths, in microseconds, of a thread's stretches in a state that were seen whole.

    What was going on at the first moment it was seen, or still at the last, is left out.

    Args:
        now: the newest moment of the session.
    """
    runs = list(joined_runs(thread, 0, now))
    return [run.end - run.start for run in runs[1:-1] if run.letter == letter]


def measure(stretches: list[int], interval: float | None) -> Lengths:
    """Return the figures of stretches, given the time between two samples in microseconds."""
    if not stretches:
        return Lengths(count=0) if interval is not None else Lengths()
    if not resolved(stretches, interval):
        return Lengths()
    ordered = sorted(stretches)
    return Lengths(
        p50=_milliseconds(percentile(ordered, 50)),
        p99=_milliseconds(percentile(ordered, 99)),
        max=_milliseconds(ordered[-1]),
        count=len(ordered),
    )


def resolved(stretches: list[int], interval: float | None) -> bool:
    """Whether sampling at this interval can tell such stretches apart."""
    return interval is not None and median(stretches) >= RESOLVED * interval


def percentile(ordered: list[int], percent: float) -> int:
    """Return the value that so many percent of the ordered values do not exceed."""
    return ordered[max(0, ceil(len(ordered) * percent / 100) - 1)]


def _milliseconds(microseconds: int) -> float:
    return round(microseconds / 1000, 2)
