"""The ways to start a process that this interpreter has on this system."""

from __future__ import annotations

import importlib
import multiprocessing
import sys
from typing import Any

from gilscope.workloads.child.failures import Impossible


class Recorder:
    """One of multiprocessing's contexts, which remembers the processes that it has started.

    Pools do not tell: an executor forgets those that have ended, and multiprocessing.Pool starts
    another one for each, and waits for ever for the result of the task that it had.
    """

    def __init__(self, context: Any) -> None:
        self._context = context
        self.started: list[Any] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._context, name)

    def Process(self, *arguments: Any, **options: Any) -> Any:
        """Make a process, as contexts do."""
        process = self._context.Process(*arguments, **options)
        self.started.append(process)
        return process

    def pids(self) -> set[int]:
        """Return the process ids of those that it has started."""
        return {process.pid for process in self.started if process.pid is not None}


def context_of(method: str | None) -> Recorder:
    """Return multiprocessing's context of a start method, None for the default.

    Raises:
        Impossible: there is none.
    """
    try:
        # Without semaphores there is no pool of processes at all.
        importlib.import_module("multiprocessing.synchronize")
    except ImportError as error:
        raise Impossible(f"This interpreter cannot start worker processes: {error}.") from error
    methods = multiprocessing.get_all_start_methods()
    if method is not None and method not in methods:
        raise Impossible(
            f"This interpreter cannot start processes by {method} on {sys.platform}.",
            f"Use {' or '.join(methods)}.",
        )
    return Recorder(multiprocessing.get_context(method))
