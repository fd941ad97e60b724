"""How fast the modes of a comparison were, and whether one was faster than another."""

from enum import Enum
from math import comb
from statistics import fmean, median
from typing import Literal

from gilscope.model.comparison import COMMAND, SEQUENTIAL, Comparison, Outcome, Run
from gilscope.model.states import STATES

Figure = Literal["wall", "cpu", "memory", "waiting", "gil_load", "gil_held", "switches_per_s"]
"""The figures of a run that a median is taken of."""

ENOUGH = 5
"""Runs that tell a mode's spread: the median of whatever is measured lies between the shortest and
the longest of five with 94% probability, of four with 88%, of two with 50%."""

SURE = 0.9
"""Probability with which the true median is within `bounds`, from ENOUGH runs on."""

FEW = 0.05
"""How far a wall time of fewer than ENOUGH runs may be off. On small shared machines nine of ten
runs of the same work are within 2% of their median, and the tenth 5 to 15% above it."""

SEVERAL = 0.02
"""How far any median may be off: all runs of a mode share a process, and where its memory happens
to lie alone moves a time by a percent or two, the same way in each of them."""

JITTER = 0.01
"""Seconds by which any run may be off, however short it is: what starts, wakes and is sampled."""

MOST = 1e18
"""More than any figure can be, in whatever unit; what is more is a mistake."""


class Order(Enum):
    """What one mode is against another."""

    FASTER = "faster"
    SLOWER = "slower"
    NOT_CLEAR = "not clear"


def known(value: float | None) -> float | None:
    """Return a figure, or None in place of one that nobody can have measured."""
    return value if value is not None and 0 <= value <= MOST else None


def median_of(outcome: Outcome, field: Figure) -> float | None:
    """Return the median of a figure over those runs in which it is known."""
    values = [value for run in outcome.runs if (value := _figure(run, field)) is not None]
    return median(values) if values else None


def states_of(outcome: Outcome) -> tuple[float, ...] | None:
    """Return the eight shares, in the order of STATES, mean over the runs; they add up to 1."""
    seen = [
        run.states
        for run in outcome.runs
        if run.states is not None
        and len(run.states) == len(STATES)
        and all(0 <= share <= 1 for share in run.states)
    ]
    if not seen:
        return None
    means = [fmean(shares) for shares in zip(*seen, strict=True)]
    whole = sum(means)
    return tuple(mean / whole for mean in means) if whole else None


def speedup(outcome: Outcome, comparison: Comparison) -> float | None:
    """Return how many times as fast as the baseline a mode was, by the medians of their walls.

    None without a wall time of either, and where the results are wrong: that is no speed.
    """
    baseline = comparison.baseline
    if baseline is None or outcome.equal is False or baseline.equal is False:
        return None
    return ratio(median_of(baseline, "wall"), median_of(outcome, "wall")) or None


def at_once(outcome: Outcome, comparison: Comparison) -> int | None:
    """Return how many tasks a mode may have under way; None for a command.

    Coroutines are many in one thread, so that is not always how many workers it has.
    """
    if outcome.mode.kind == COMMAND:
        return None
    return 1 if outcome.mode.kind == SEQUENTIAL else max(1, comparison.workers)


def efficiency(outcome: Outcome, comparison: Comparison) -> float | None:
    """Return the speed-up as a fraction of the workers: 1.0 where each is worth a whole one."""
    return ratio(speedup(outcome, comparison), at_once(outcome, comparison))


def cores_used(outcome: Outcome) -> float | None:
    """Return how many cores a mode kept busy on average, by the median over its runs."""
    used = [value for run in outcome.runs if (value := ratio(run.cpu, run.wall)) is not None]
    return median(used) if used else None


def bounds(outcome: Outcome) -> tuple[float, float] | None:
    """Return between which walls the true median of a mode lies.

    From ENOUGH runs on these are the order statistics that enclose it with the probability SURE,
    whatever the distribution is; with fewer, the shortest and the longest. They are at least FEW or
    SEVERAL of it away from the median, and JITTER.
    """
    walls = sorted(wall for run in outcome.runs if (wall := known(run.wall)) is not None)
    if not walls:
        return None
    left_out = _left_out(len(walls))
    middle = median(walls)
    margin = max(middle * (FEW if len(walls) < ENOUGH else SEVERAL), JITTER)
    return (
        min(walls[left_out], middle - margin),
        max(walls[len(walls) - 1 - left_out], middle + margin),
    )


def order(one: Outcome, other: Outcome) -> Order:
    """Return what one mode is against another: clear only where their bounds are apart."""
    mine, theirs = bounds(one), bounds(other)
    if mine is None or theirs is None:
        return Order.NOT_CLEAR
    if mine[1] < theirs[0]:
        return Order.FASTER
    return Order.SLOWER if theirs[1] < mine[0] else Order.NOT_CLEAR


def ratio(part: float | None, whole: float | None) -> float | None:
    """Return one figure as a multiple of another; None where either is not known."""
    part, whole = known(part), known(whole)
    return known(part / whole) if part is not None and whole else None


def _figure(run: Run, field: Figure) -> float | None:
    value: float | None = getattr(run, field)
    return known(value)


def _left_out(runs: int) -> int:
    """Return how many of the shortest and of the longest walls are outside the bounds.

    Each wall is above the true median or below it as a fair coin falls: with k left out on either
    side, the median is beyond one of the bounds if k coins or fewer fall that way.
    """
    fallen = 0
    for k in range(runs // 2):
        fallen += comb(runs, k)
        if 1 - 2 * fallen / 2**runs < SURE:
            return max(0, k - 1)
    return 0
