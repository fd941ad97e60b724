"""multiprocessing.Pool."""

from __future__ import annotations

import contextlib
import multiprocessing
from multiprocessing.pool import ApplyResult, Pool
from typing import Any

from gilscope.workloads.child.calls import Call
from gilscope.workloads.child.modes import worker
from gilscope.workloads.child.modes.death import how_it_ended
from gilscope.workloads.child.modes.gate import Gate
from gilscope.workloads.child.modes.mode import Mode, Worker
from gilscope.workloads.child.modes.sending import (
    pickled_functions,
    results_of,
    unreadable,
    workers_of,
)
from gilscope.workloads.child.modes.start_methods import context_of
from gilscope.workloads.child.taking import Handles, Progress, take

_OTHER = "another process"


class ProcessPool(Mode):
    """Processes of a pool."""

    def start(self) -> list[Worker]:
        """Start all processes."""
        functions = pickled_functions(self.job, _OTHER)
        context = self._context = context_of(self.job.method)
        self.method = context.get_start_method()
        self._gate = Gate(context.Semaphore)
        self._well = True
        initial = (self._gate, functions, context.Lock())
        self.executor = Pool(self.job.workers, worker.begin, initial, context=context)
        return workers_of(self._in_each("start", worker.tell))

    def warm_up(self) -> list[Any]:
        """Run the first task in each process."""
        return results_of(self._in_each("run", worker.warm_up, True), _OTHER)

    def _in_each(self, stage: str, function: Any, warm: bool = False) -> list[Any]:
        """Call in each process a function that waits at the gate; return the results."""
        calls = []
        for index in range(self.job.workers):
            first = (self.function(), self.job.first(), self.job.tracer, True) if warm else ()
            calls.append(Call(function, first, index))

        def check(done: int = 0, error: BaseException | None = None) -> None:
            self._check(stage, done)

        self._well = False
        handles = [self.executor.apply_async(call.function, call.arguments) for call in calls]
        self._gate.open(self.job.workers, check)
        results = take(calls, handles, _kind(check), Progress(lambda _: None))
        self._well = True
        return results

    def run(self, calls: list[Call], progress: Progress) -> list[Any]:
        """Hand all tasks over, then take the results."""
        self._well = False
        handles = [self.executor.apply_async(call.function, call.arguments) for call in calls]

        def check(done: int, error: BaseException | None) -> None:
            self._check("run", done)

        results = take(calls, handles, _kind(check), progress)
        self._well = True
        return results

    def threads_left(self) -> int:
        """Return how many threads tasks have left behind in the processes."""
        return sum(self._in_each("run", worker.threads_left))

    def processes(self) -> set[int]:
        """Return the processes that the pool has started."""
        return self._context.pids() if self.executor is not None else set()

    def _check(self, stage: str, done: int) -> None:
        """See whether the pool still works.

        Raises:
            Failure: it does not.
        """
        started = self._context.started
        if len(started) > self.job.workers:
            # It has started another one for one that has ended.
            raise how_it_ended([each.exitcode for each in started], stage, done)
        if not self.executor._result_handler.is_alive():
            raise unreadable(stage, done)

    def stop(self) -> None:
        """End the processes."""
        if self.executor is None:
            return
        if self._well:
            self.executor.close()
        else:
            # It insists on reading results, although it has failed to.
            with contextlib.suppress(AssertionError):
                self.executor.terminate()
        self.executor.join()


def _kind(check: Any) -> Handles:
    return Handles(
        ApplyResult.get,
        multiprocessing.TimeoutError,
        ApplyResult.ready,
        ApplyResult.successful,
        check,
    )
