"""InterpreterPoolExecutor, where the interpreter has it: a GIL for each thread."""

from __future__ import annotations

import concurrent.futures
import os
import sys
from concurrent.futures import Future
from typing import Any

import gilscope.workloads.child
from gilscope.workloads.child import machine
from gilscope.workloads.child.calls import Call
from gilscope.workloads.child.failures import Impossible
from gilscope.workloads.child.modes import worker
from gilscope.workloads.child.modes.gate import PipeGate
from gilscope.workloads.child.modes.mode import Mode, Worker
from gilscope.workloads.child.modes.sending import pickled_functions, results_of, workers_of
from gilscope.workloads.child.modes.threads import FUTURES, submit_and_take
from gilscope.workloads.child.taking import Progress

_OTHER = "a sub-interpreter"
_START = os.path.join(os.path.dirname(gilscope.workloads.child.__file__), "start.py")


class Interpreters(Mode):
    """Threads of this process, each in an interpreter of its own."""

    def start(self) -> list[Worker]:
        """Start all interpreters."""
        pool = getattr(concurrent.futures, "InterpreterPoolExecutor", None)
        if pool is None:
            raise Impossible(
                f"Python {machine.version()} has no InterpreterPoolExecutor.",
                "Use CPython 3.14 or newer.",
            )
        if self.job.setup is not None:
            raise Impossible(
                "All workers of this work share a lock, and sub-interpreters cannot share one."
            )
        self._gate = PipeGate()
        functions = pickled_functions(self.job, _OTHER)
        self.executor = pool(
            self.job.workers,
            initializer=_prepare,
            initargs=(_START, list(sys.path), self._gate.here, self._gate.open_, functions),
        )
        return workers_of(self._in_each(worker.tell))

    def warm_up(self) -> list[Any]:
        """Run the first task in each interpreter."""
        return results_of(self._in_each(worker.warm_up, True), _OTHER)

    def _in_each(self, function: Any, warm: bool = False) -> list[Any]:
        """Call in each interpreter a function that waits at the gate; return the results."""
        futures: list[Future[Any]] = []
        for _ in range(self.job.workers):
            arguments = (self.function(), self.job.first(), None, False) if warm else ()
            futures.append(self.executor.submit(function, *arguments))

        def check() -> None:
            for future in futures:
                if future.done():
                    future.result()

        self._gate.open(self.job.workers, check)
        return [future.result() for future in futures]

    def threads_left(self) -> int:
        """Return how many threads tasks have left behind in the interpreters."""
        return sum(self._in_each(worker.threads_left))

    def run(self, calls: list[Call], progress: Progress) -> list[Any]:
        """Hand all tasks over, then take the results."""
        return submit_and_take(self.executor, calls, FUTURES, progress)


def _prepare(start, path, here, open_, functions):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    # Runs in the new interpreter, where nothing of gilscope can be imported yet: it goes there as
    # code, which a function without annotations and global names can.
    import runpy
    import sys

    sys.path[:] = path
    runpy.run_path(start, run_name="__mp_main__")

    from gilscope.workloads.child.modes import gate, worker

    worker.begin(gate.PipeEnd(here, open_), functions, None)
