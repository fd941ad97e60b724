"""ThreadPoolExecutor."""

from __future__ import annotations

import threading
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from typing import Any

from gilscope.workloads.child.calls import Call
from gilscope.workloads.child.failures import task_failure
from gilscope.workloads.child.modes.gate import Gate
from gilscope.workloads.child.modes.mode import Mode, Worker
from gilscope.workloads.child.modes.worker import identity
from gilscope.workloads.child.taking import Handles, Progress, take


def well(future: Future[Any]) -> bool:
    """Tell whether a future that is done has a result."""
    return not future.cancelled() and future.exception() is None


def nothing(done: int, error: BaseException | None) -> None:
    """Threads do not go away."""


FUTURES = Handles(Future.result, NotYet, Future.done, well, nothing)


class Threads(Mode):
    """Threads of this process."""

    def start(self) -> list[Worker]:
        """Start all threads."""
        self.executor = ThreadPoolExecutor(self.job.workers)
        self.job.set_up_here()
        self._gate = Gate(threading.Semaphore)
        return gathered(self.executor, self._gate, self.job.workers)

    def warm_up(self) -> list[Any]:
        """Run the first task in each thread."""
        futures = [
            self.executor.submit(self._warm_up, self.job.first()) for _ in range(self.job.workers)
        ]
        self._gate.open(self.job.workers, lambda: None)
        try:
            return [future.result() for future in futures]
        except BaseException as error:
            raise task_failure(error, 0) from error

    def _warm_up(self, arguments: tuple[Any, ...]) -> Any:
        self._gate.wait()
        return self.function()(*arguments)

    def run(self, calls: list[Call], progress: Progress) -> list[Any]:
        """Hand all tasks over, then take the results."""
        return submit_and_take(self.executor, calls, FUTURES, progress)


def gathered(executor: ThreadPoolExecutor, gate: Gate, workers: int) -> list[Worker]:
    """Start all threads of an executor, and tell who they are."""

    def tell() -> Worker:
        gate.wait()
        return Worker(*identity())

    futures = [executor.submit(tell) for _ in range(workers)]
    gate.open(workers, lambda: None)
    return [future.result() for future in futures]


def submit_and_take(
    executor: Any,
    calls: list[Call],
    kind: Handles,
    progress: Progress,
) -> list[Any]:
    """Hand all calls over to an executor, then take the results in order."""
    futures = []
    try:
        try:
            futures = [executor.submit(call.function, *call.arguments) for call in calls]
        except BaseException as error:
            kind.check(0, error)
            raise
        return take(calls, futures, kind, progress)
    except BaseException:
        for future in futures:
            future.cancel()
        raise
