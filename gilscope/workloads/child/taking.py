"""Taking results in order, and telling now and then how many there are."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from gilscope.workloads.child.calls import Call
from gilscope.workloads.child.failures import task_failure

INTERVAL = 0.1
"""Seconds from one word of progress to the next."""


class Progress:
    """Tells how many tasks are done.

    Attributes:
        due: when to tell next, by `clock`; whoever waits for results looks at it.
    """

    clock = staticmethod(time.perf_counter)

    def __init__(self, report: Callable[[int], None]) -> None:
        self._report = report
        self._told = 0
        self.due = self.clock() + INTERVAL

    def tell(self, done: int) -> None:
        """Tell how many are done, if that is news."""
        if done != self._told:
            self._report(done)
            self._told = done
        self.due = self.clock() + INTERVAL


@dataclass(frozen=True)
class Handles:
    """How to deal with what a pool gives for a call that is handed over.

    Attributes:
        get: takes a handle and seconds, and returns the result or raises what the task raised.
        timeout: what it raises where there is no result in that time. A task may raise the same.
        ready: tells whether a handle's result or exception is there.
        well: tells whether a handle that is ready has a result.
        check: is called with how many tasks are done, and the exception of the next one or None
            where that is not there yet; raises Failure where no more will come.
    """

    get: Callable[[Any, float], Any]
    timeout: type[BaseException]
    ready: Callable[[Any], bool]
    well: Callable[[Any], bool]
    check: Callable[[int, BaseException | None], None]


def take(
    calls: Sequence[Call], handles: Sequence[Any], kind: Handles, progress: Progress
) -> list[Any]:
    """Return the results of all calls in order, each of which has a handle.

    Raises:
        Failure: a task raised an exception, or `check` did.
    """
    results: list[Any] = []
    get, clock = kind.get, progress.clock
    for position, (call, handle) in enumerate(zip(calls, handles)):
        ready = False
        while True:
            try:
                result = get(handle, INTERVAL)
                break
            except BaseException as error:
                if isinstance(error, kind.timeout) and not ready:
                    # It may have come just now; what is raised then is the task's.
                    ready = kind.ready(handle)
                    progress.tell(len(results))
                    kind.check(len(results), None)
                    continue
                done = len(results) + _done(calls[position:], handles[position:], kind)
                kind.check(done, error)
                raise task_failure(error, call.first, done) from error
        if call.batch is None:
            results.append(result)
        else:
            results += result
        if clock() >= progress.due:
            progress.tell(len(results))
    return results


def _done(calls: Sequence[Call], handles: Sequence[Any], kind: Handles) -> int:
    return sum(
        call.tasks
        for call, handle in zip(calls, handles)
        if kind.ready(handle) and kind.well(handle)
    )
