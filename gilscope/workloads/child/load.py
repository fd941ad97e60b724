"""The work: one of the catalogue, or the user's own."""

from __future__ import annotations

import copy
import importlib
import os
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from gilscope.workloads.child import own
from gilscope.workloads.child.calls import is_coroutine_function
from gilscope.workloads.child.failures import Failure, task_failure

_CATALOGUE = "gilscope.workloads.work"


@dataclass
class Work:
    """What is run, and how its tasks are made.

    Attributes:
        own: it is the user's.
        task: does one task; of the user's own this may be a coroutine function.
        coroutine: the same as a coroutine function, where there is one.
        argument: makes the positional arguments of the index-th task, of a size, each time anew.
        calibrates: what calibration changes: "size" or "tasks".
        size: to begin with; None where tasks have none.
        tasks: how many, unless told otherwise.
        setup: called once wherever tasks are run, with a lock that all workers share.
        reset: called before each run, in the main process.
        whole: called after each run, there too: a value about all of it.
        missing: says why the interpreter cannot do it; None where it can.
    """

    own: bool
    task: Callable[..., Any]
    coroutine: Callable[..., Any] | None
    argument: Callable[[int, int | None], tuple[Any, ...]]
    calibrates: str = "tasks"
    size: int | None = None
    tasks: int = 1
    setup: Callable[[Any], object] | None = None
    reset: Callable[[], object] | None = None
    whole: Callable[[], object] | None = None
    missing: Callable[[], str | None] | None = None
    _is_set_up: bool = field(default=False, init=False)

    def set_up_here(self) -> None:
        """Do what has to be done once in this process before any task."""
        if self.setup is not None and not self._is_set_up:
            self.setup(threading.Lock())
        self._is_set_up = True

    def arguments(self, indices: Iterable[int], size: int | None) -> list[tuple[Any, ...]]:
        """Return the positional arguments of some tasks.

        Raises:
            Failure: they cannot be made.
        """
        try:
            size = self.size if size is None else size
            return [self.argument(index, size) for index in indices]
        except Exception as error:
            failure = task_failure(error, 0)
            raise Failure(
                f"The arguments of the tasks cannot be made: {failure.error}",
                trace=failure.trace,
            ) from error


def load(request: dict[str, Any]) -> Work:
    """Import the work.

    Raises:
        Failure: it is not there, or cannot be used.
    """
    if request["own"]:
        return _own(request["work"], [tuple(each) for each in request.get("arguments", ())])
    # Where the user happens to be there may be a random.py, which processes that are spawned would
    # import in place of Python's own.
    os.chdir(os.sep)
    return _of_catalogue(request["work"], request.get("context", {}))


def _own(name: str, arguments: list[tuple[Any, ...]]) -> Work:
    function = own.find(name)
    given = arguments or [()]
    own.check(name, function, given)

    def make(index: int, size: int | None) -> tuple[Any, ...]:
        # A task may change what it is given, and must not change it for another.
        return copy.deepcopy(given[index % len(given)])

    return Work(
        own=True,
        task=function,
        coroutine=function if is_coroutine_function(function) else None,
        argument=make,
    )


def _of_catalogue(name: str, context: dict[str, str]) -> Work:
    try:
        module: Any = importlib.import_module(f"{_CATALOGUE}.{name}")
    except ModuleNotFoundError as error:
        if error.name != f"{_CATALOGUE}.{name}":
            raise
        raise Failure(f"There is no work {name!r} in the catalogue.") from error

    def make(index: int, size: int | None) -> tuple[Any, ...]:
        return (module.argument(index, size, context),)

    return Work(
        own=False,
        task=module.task,
        coroutine=getattr(module, "coroutine", None),
        argument=make,
        calibrates=module.CALIBRATES,
        size=module.SIZE,
        tasks=getattr(module, "TASKS", 1),
        setup=getattr(module, "setup", None),
        reset=getattr(module, "reset", None),
        whole=getattr(module, "whole", None),
        missing=getattr(module, "missing", None),
    )
