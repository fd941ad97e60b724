"""What every way to run tasks has in common, and which module holds which."""

from __future__ import annotations

import importlib
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from gilscope.workloads.child.calls import Call, call_of, calls_of
from gilscope.workloads.child.taking import Progress

_WHERE = {
    "sequential": ("sequential", "Sequential"),
    "threads": ("threads", "Threads"),
    "processes": ("processes", "Processes"),
    "pool": ("pool", "ProcessPool"),
    "asyncio": ("coroutines", "Coroutines"),
    "interpreters": ("interpreters", "Interpreters"),
}

PATIENT = "gilscope"
"""Name of a thread that does something that may never end."""

PATIENCE = 2.0
"""Seconds that a pool has to end by itself."""


class Worker(NamedTuple):
    """Who runs tasks; the thread id is None where Python cannot tell it."""

    pid: int
    tid: int | None


@dataclass(frozen=True)
class Job:
    """What a mode is to run.

    Attributes:
        task: the function, as it is handed over.
        coroutine: the same as a coroutine function, where there is one.
        first: makes the positional arguments of the first task, to warm up with.
        workers: how many.
        method: how to start processes; None for the interpreter's default.
        setup: to be called once in each other process, before any task.
        set_up_here: to be called before any task is run in this process.
        tracer: process id of one that may read this process and its workers.
    """

    task: Callable[..., Any]
    coroutine: Callable[..., Any] | None
    first: Callable[[], tuple[Any, ...]]
    workers: int
    method: str | None
    setup: Callable[[Any], object] | None
    set_up_here: Callable[[], None]
    tracer: int | None


class Mode:
    """One way to run tasks."""

    method: str | None = None
    """How processes are started; None where none is."""

    executor: Any = None
    """The pool, once it is started."""

    def __init__(self, job: Job) -> None:
        self.job = job

    def start(self) -> list[Worker]:
        """Start the pool, wait until all workers are there, and tell who they are.

        Raises:
            Impossible: this interpreter or this system cannot do that.
            Failure: it went wrong.
        """
        raise NotImplementedError

    def warm_up(self) -> list[Any]:
        """Run the first task in each worker, and return the results.

        Raises:
            Failure: it went wrong.
        """
        raise NotImplementedError

    def function(self) -> Callable[..., Any]:
        """Return what is called for each task."""
        return call_of(self.job.task)

    def calls(self, arguments: list[tuple[Any, ...]], batch: int) -> list[Call]:
        """Return what is handed over for tasks of these arguments, so many tasks at a time."""
        return calls_of(self.function(), arguments, batch)

    def run(self, calls: list[Call], progress: Progress) -> list[Any]:
        """Run all tasks, and return their results in order.

        Raises:
            Failure: one went wrong; no result of the others is wanted then.
        """
        raise NotImplementedError

    def threads_left(self) -> int:
        """Return how many threads tasks have left behind outside of this interpreter.

        Only to be asked of a pool that has nothing to do; may wait for ever.
        """
        return 0

    def processes(self) -> set[int]:
        """Return the processes that the pool has started."""
        return set()

    def stop(self) -> None:
        """End the pool, if there is one; may wait for ever."""
        if self.executor is not None:
            self.executor.shutdown()


def of_kind(kind: str, job: Job) -> Mode:
    """Return the way to run of that name."""
    module, name = _WHERE[kind]
    mode: Mode = getattr(importlib.import_module(f"{__package__}.{module}"), name)(job)
    return mode


def patiently(function: Callable[[], object], seconds: float = PATIENCE) -> bool:
    """Call a function that may never return; tell whether it did in that time."""
    thread = threading.Thread(target=function, name=PATIENT, daemon=True)
    thread.start()
    thread.join(seconds)
    return not thread.is_alive()
