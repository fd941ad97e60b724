"""Find the size of a task, or the number of tasks, that takes so long in sequence."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

from gilscope.workloads.child.calls import call_of
from gilscope.workloads.child.failures import Failure, raised
from gilscope.workloads.child.load import Work

BUDGET = 1.2
"""Seconds that calibrating may take; it goes a little over where one task takes long."""

LONG_ENOUGH = 0.03
"""Seconds of a task whose time says how long a larger one takes."""

_LONGEST_TRIAL = 0.25
_LEAST_GROWTH = 0.9
"""Work that is twice as large takes nearly twice as long at least; where it seems not to, the
smaller one was held up, and a guess from that would be many times too large."""
_MOST_GROWTH = 4.0
_NEAR = 1.2
"""A size that is off by less than this factor need not be tried."""
_CORRECTIONS = 3
_MOST_TASKS = 100_000
_MOST_TIMES = 1 << 20
"""How many times the smallest size is the largest: where the size changes nothing, there would be
no end."""
_MOST_TRIALS = 1000


def calibrate(
    work: Work,
    seconds: float,
    tasks: int | None,
    workers: int,
    clock: Callable[[], float] = time.perf_counter,
) -> tuple[int | None, int, float]:
    """Return the size of a task, how many tasks, and the seconds that one takes in sequence.

    Args:
        seconds: how long all tasks shall take.
        tasks: how many, where that is fixed.
        workers: the number of tasks is a multiple of this, where it is not fixed.
    """
    try:
        work.set_up_here()
        if work.calibrates == "size" and work.size is not None:
            count = tasks or -(-work.tasks // workers) * workers

            def of_size(size: int) -> float:
                return _timed(work, size, 0, clock)

            size, each = find_size(of_size, work.size, seconds / count)
            return size, count, each

        def at(index: int) -> float:
            return _timed(work, work.size, index, clock)

        each = _mean(at)
    except Failure:
        raise
    except BaseException as error:
        sentence, trace = raised(error, 0)
        raise Failure(f"{sentence}.", trace=trace) from error
    return work.size, tasks or find_tasks(each, seconds, workers), each


def find_size(once: Callable[[int], float], smallest: int, target: float) -> tuple[int, float]:
    """Return the size of a task that takes so many seconds, and how many it will take.

    Args:
        once: does a task of a size and tells how long it took.
        smallest: the size to begin with; a task that is slow even then keeps it.
        target: seconds.
    """
    spent = took = once(smallest)
    if took < LONG_ENOUGH:
        # The first one has imported modules and filled caches.
        took = once(smallest)
        spent += took
    size, growth = smallest, 1.0
    largest = smallest * _MOST_TIMES
    while took < min(LONG_ENOUGH, target) and spent < BUDGET and size < largest:
        before, size = took, size * 2
        took = once(size)
        spent += took
        growth = _growth(before, took, 2.0)
    for _ in range(_CORRECTIONS):
        trial = min(largest, _predict(size, took, growth, min(target, _LONGEST_TRIAL)))
        if 1 / _NEAR < trial / size < _NEAR or trial < smallest or spent >= BUDGET:
            break
        # The shorter of two: whatever else the machine does can only make it longer.
        before, tries = took, (once(trial), once(trial))
        took = min(tries)
        spent += sum(tries)
        growth = _growth(before, took, trial / size)
        size = trial
    found = max(smallest, rounded(min(largest, _predict(size, took, growth, target))))
    return found, took * (found / size) ** growth


def find_tasks(each: float, seconds: float, workers: int) -> int:
    """Return how many tasks of so many seconds take that long: a multiple of the workers.

    Each worker gets two at least where that does not take much longer.
    """
    each = max(each, 1e-9)
    most = max(1, _MOST_TASKS // workers)
    least = 2 if 2 * workers * each <= 1.5 * seconds else 1
    return workers * min(most, max(least, round(seconds / each / workers)))


def rounded(number: float) -> int:
    """Return a number with two significant digits."""
    unit: int = 10 ** max(0, len(str(int(number))) - 2)
    return max(1, round(number / unit) * unit)


def _timed(work: Work, size: int | None, index: int, clock: Callable[[], float]) -> float:
    """Do the index-th task, and tell how long it took."""
    (arguments,) = work.arguments((index,), size)
    call = call_of(work.task)
    start = clock()
    call(*arguments)
    return max(clock() - start, 1e-9)


def _mean(once: Callable[[int], float]) -> float:
    """Return how long a task takes, on average over a few; the first says little."""
    first = once(0)
    if first >= BUDGET / 2:
        return first
    total = 0.0
    for index in range(_MOST_TRIALS):
        total += once(index)
        if total >= LONG_ENOUGH and (index >= 2 or total >= BUDGET / 2):
            break
    return total / (index + 1)


def _growth(before: float, after: float, factor: float) -> float:
    """Return the power of the size with which the time grows."""
    return min(_MOST_GROWTH, max(_LEAST_GROWTH, math.log(after / before) / math.log(factor)))


def _predict(size: int, took: float, growth: float, target: float) -> int:
    return max(1, round(size * math.pow(target / took, 1 / growth)))
