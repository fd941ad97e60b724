"""One task after the other, in the main thread."""

from __future__ import annotations

import itertools
from typing import Any

from gilscope.workloads.child.calls import Call, calls_of
from gilscope.workloads.child.failures import task_failure
from gilscope.workloads.child.modes.mode import Mode, Worker
from gilscope.workloads.child.modes.worker import identity
from gilscope.workloads.child.taking import INTERVAL, Progress


class Sequential(Mode):
    """No pool at all."""

    def start(self) -> list[Worker]:
        """Return the main thread."""
        self.job.set_up_here()
        return [Worker(*identity())]

    def warm_up(self) -> list[Any]:
        """Run the first task."""
        try:
            return [self.function()(*self.job.first())]
        except BaseException as error:
            raise task_failure(error, 0) from error

    def calls(self, arguments: list[tuple[Any, ...]], batch: int) -> list[Call]:
        """Return the tasks one by one: nothing is handed over."""
        return calls_of(self.function(), arguments, 1)

    def run(self, calls: list[Call], progress: Progress) -> list[Any]:
        """Run all tasks; look at the clock only after so many that they take a while."""
        results: list[Any] = []
        remaining = iter(calls)
        clock, stretch = progress.clock, 1
        call = calls[0]
        try:
            while len(results) < len(calls):
                began = clock()
                for call in itertools.islice(remaining, stretch):
                    results.append(call.function(*call.arguments))
                now = clock()
                if now - began < INTERVAL / 4:
                    stretch *= 2
                elif now - began > INTERVAL:
                    stretch = max(1, stretch // 2)
                if now >= progress.due:
                    progress.tell(len(results))
        except BaseException as error:
            raise task_failure(error, call.first, len(results)) from error
        return results
