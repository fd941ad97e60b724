"""Which mode is the best: the fastest, and among those that are as fast the cheapest."""

from dataclasses import dataclass

from gilscope.analysis.speed import Order, known, median_of, order
from gilscope.analysis.verdicts.case import Case, Reading
from gilscope.model.comparison import SEQUENTIAL

LESS_MEMORY = (1.25, 5_000_000)
"""How many times the memory, and how many bytes more, another mode has to take for one to be
called cheaper: peaks are sampled a few times a second."""

SHORTER_START = (2.0, 0.05)
"""The same for the start-up, in seconds: what nobody notices is not cheaper."""

MEMORY = "memory"
STARTUP = "start-up"
WORKERS = "workers"


@dataclass(frozen=True, slots=True)
class Choice:
    """The outcome of the race.

    Attributes:
        best: the one to use; None where several are left that nothing tells apart.
        left: those that remain: as fast as any, and no other one as cheap.
        leaders: all that are not clearly slower than the fastest, the fastest first.
        by: MEMORY, STARTUP or (none at all) WORKERS, where the cheaper were taken among equals.
    """

    best: Reading | None
    left: tuple[Reading, ...]
    leaders: tuple[Reading, ...]
    by: str | None = None

    @property
    def alone(self) -> bool:
        """Whether one is clearly faster than all others."""
        return len(self.leaders) == 1


def choose(case: Case) -> Choice | None:
    """Return the best mode; None where there is none that can be."""
    leaders = fastest(case.usable)
    if not leaders:
        return None
    baseline = case.baseline
    if (
        baseline is not None
        and all(each is not baseline for each in leaders)
        and all(case.order(each) is not Order.FASTER for each in leaders)
    ):
        leaders = (*leaders, baseline)
    if len(leaders) == 1:
        return Choice(leaders[0], leaders, leaders)
    left, by = cheapest(leaders)
    return Choice(left[0] if len(left) == 1 else None, left, leaders, by)


def fastest(readings: tuple[Reading, ...]) -> tuple[Reading, ...]:
    """Return the fastest and those that are not clearly slower, in the order of their times."""
    timed = sorted(
        ((wall, place) for place, each in enumerate(readings) if (wall := each.wall) is not None)
    )
    if not timed:
        return ()
    first = readings[timed[0][1]]
    return tuple(
        readings[place]
        for _, place in timed
        if order(readings[place].outcome, first.outcome) is not Order.SLOWER
    )


def cheapest(readings: tuple[Reading, ...]) -> tuple[tuple[Reading, ...], str | None]:
    """Return those that take clearly less than the others, and of what."""
    left, by = readings, None
    alone = tuple(each for each in left if each.kind == SEQUENTIAL)
    if alone and len(alone) < len(left):
        left, by = alone, WORKERS
    for what, (multiple, least) in ((MEMORY, LESS_MEMORY), (STARTUP, SHORTER_START)):
        prices = [price(each, what) for each in left]
        told = [each for each in prices if each is not None]
        # One that is not known may be the cheapest of all.
        if len(told) < len(prices):
            continue
        lowest = min(told)
        cheap = tuple(
            each
            for each, cost in zip(left, told, strict=True)
            if cost < lowest * multiple or cost < lowest + least
        )
        if len(cheap) < len(left):
            left, by = cheap, by or what
    return left, by


def price(reading: Reading, what: str) -> float | None:
    """Return what a mode takes: peak memory in bytes, or seconds to start."""
    if what == MEMORY:
        return median_of(reading.outcome, "memory")
    return known(reading.outcome.startup)
