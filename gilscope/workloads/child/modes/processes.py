"""ProcessPoolExecutor."""

from __future__ import annotations

from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from typing import Any

from gilscope.workloads.child.calls import Call
from gilscope.workloads.child.failures import Failure
from gilscope.workloads.child.modes import worker
from gilscope.workloads.child.modes.death import how_it_ended
from gilscope.workloads.child.modes.gate import Gate
from gilscope.workloads.child.modes.mode import Mode, Worker, patiently
from gilscope.workloads.child.modes.sending import (
    pickled_functions,
    results_of,
    unreadable,
    workers_of,
)
from gilscope.workloads.child.modes.start_methods import context_of
from gilscope.workloads.child.modes.threads import submit_and_take, well
from gilscope.workloads.child.taking import Handles, Progress

_OTHER = "another process"


class Processes(Mode):
    """Processes of an executor."""

    def start(self) -> list[Worker]:
        """Start all processes."""
        functions = pickled_functions(self.job, _OTHER)
        context = self._context = context_of(self.job.method)
        self.method = context.get_start_method()
        self._gate = Gate(context.Semaphore)
        as_context: Any = context
        self.executor = ProcessPoolExecutor(
            self.job.workers,
            mp_context=as_context,
            initializer=worker.begin,
            initargs=(self._gate, functions, context.Lock()),
        )
        return workers_of(self._in_each("start", worker.tell))

    def warm_up(self) -> list[Any]:
        """Run the first task in each process."""
        return results_of(self._in_each("run", worker.warm_up, True), _OTHER)

    def _in_each(self, stage: str, function: Any, warm: bool = False) -> list[Any]:
        """Call in each process a function that waits at the gate; return the results."""
        futures: list[Future[Any]] = []

        def check() -> None:
            for future in futures:
                if future.done():
                    future.result()

        try:
            for _ in range(self.job.workers):
                first = (self.function(), self.job.first(), self.job.tracer, True) if warm else ()
                futures.append(self.executor.submit(function, *first))
            self._gate.open(self.job.workers, check)
            return [future.result() for future in futures]
        except BrokenExecutor as error:
            raise self._broken(error, stage) from error

    def run(self, calls: list[Call], progress: Progress) -> list[Any]:
        """Hand all tasks over, then take the results."""

        def check(done: int, error: BaseException | None) -> None:
            if isinstance(error, BrokenExecutor):
                raise self._broken(error, "run", done) from error

        kind = Handles(Future.result, NotYet, Future.done, well, check)
        return submit_and_take(self.executor, calls, kind, progress)

    def threads_left(self) -> int:
        """Return how many threads tasks have left behind in the processes."""
        return sum(self._in_each("run", worker.threads_left))

    def processes(self) -> set[int]:
        """Return the processes that the pool has started."""
        return self._context.pids() if self.executor is not None else set()

    def _broken(self, error: BrokenExecutor, stage: str, done: int = 0) -> Failure:
        if error.__cause__ is not None:
            # The executor could not read what a worker sent.
            last = str(error.__cause__).strip().strip("\"'").strip().splitlines()[-1:]
            return unreadable(stage, done, "".join(last))
        # The executor ends the others, and gets to know how each has ended.
        patiently(self.stop)
        statuses = [process.exitcode for process in self._context.started]
        return how_it_ended(statuses, stage, done)
