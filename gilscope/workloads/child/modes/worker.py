"""What a worker in another process or another interpreter does besides the tasks."""

from __future__ import annotations

import os
import pickle
import threading
from collections.abc import Callable
from typing import Any, Protocol

from gilscope.workloads.child import failures, machine


class _Gate(Protocol):
    def wait(self) -> None: ...


_gate: _Gate
_trouble: tuple[str, str] | None = None
_threads: set[threading.Thread]


def identity() -> tuple[int, int | None]:
    """Return the process id and the thread id of who asks."""
    native = getattr(threading, "get_native_id", None)
    return os.getpid(), native() if native is not None else None


def begin(gate: _Gate, functions: bytes, lock: object) -> None:
    """Get ready, before any task: import the function and set it up.

    An exception would make pools start another worker in vain: it is kept and told of.

    Args:
        functions: the task and, where there is one, its setup, pickled.
        lock: what setup is called with.
    """
    global _gate, _threads, _trouble
    _gate = gate
    try:
        _, setup = pickle.loads(functions)
        if setup is not None:
            setup(lock)
    except BaseException as error:  # noqa: BLE001  import runs the user's code
        _trouble = failures.describe(error), failures.trace_of(error)
    _threads = set(threading.enumerate())


def tell() -> tuple[int, int | None, tuple[str, str] | None]:
    """Wait for the other workers, and tell who this is and what went wrong in the beginning."""
    _gate.wait()
    return (*identity(), _trouble)


def warm_up(
    function: Callable[..., Any], arguments: tuple[Any, ...], tracer: int | None, bound: bool
) -> tuple[Any, ...]:
    """Wait for the other workers, then run a task.

    Args:
        tracer: process id of one that may read this process.
        bound: this process shall end with its parent.

    Returns:
        "done" and the pickled result; or "raised", a sentence and the traceback; or "failed", a
        sentence and what to do; or "unsendable" and why the result cannot be pickled.
    """
    _gate.wait()
    if bound:
        machine.let_read(tracer)
        machine.end_with_parent()
    try:
        result = function(*arguments)
        failures.refuse_coroutines([result])
    except failures.Failure as failure:
        return "failed", failure.error, failure.fix
    except BaseException as error:  # noqa: BLE001  whatever the user's code raises
        return ("raised", *failures.raised(error, 0))
    try:
        return "done", pickle.dumps(result, pickle.HIGHEST_PROTOCOL)
    except BaseException as error:  # noqa: BLE001  its class is the user's
        return "unsendable", failures.describe(error)


def threads_left() -> int:
    """Wait for the other workers, and tell how many threads tasks have left behind here."""
    _gate.wait()
    return len(set(threading.enumerate()) - _threads)
