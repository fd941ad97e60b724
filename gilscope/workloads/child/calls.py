"""What is handed over at one time: a task, or several."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any, NamedTuple

from gilscope.workloads.child.tasks import run_batch, run_coroutine


class Call(NamedTuple):
    """What is handed over at one time.

    Attributes:
        function: to call.
        arguments: with these.
        first: index of the first task that it does.
        batch: how many tasks it returns a list of results of; None where it does one and returns
            its result.
    """

    function: Callable[..., Any]
    arguments: tuple[Any, ...]
    first: int
    batch: int | None = None

    @property
    def tasks(self) -> int:
        """How many tasks it does."""
        return self.batch or 1


def calls_of(
    function: Callable[..., Any],
    arguments: list[tuple[Any, ...]],
    batch: int,
    run: Callable[..., Any] | None = None,
) -> list[Call]:
    """Return what is handed over so that a function is called with each of the arguments.

    Tasks that are handed over one by one are the function itself, as it would be by hand.

    Args:
        run: what does several of them, run_batch unless told otherwise.
    """
    if batch == 1:
        return [Call(function, each, index) for index, each in enumerate(arguments)]
    firsts = range(0, len(arguments), batch)
    pieces = [arguments[first : first + batch] for first in firsts]
    return [
        Call(run or run_batch, (function, first, piece), first, len(piece))
        for first, piece in zip(firsts, pieces)
    ]


def call_of(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a plain function that does the task: one that is a coroutine is run to its end."""
    return (
        functools.partial(run_coroutine, function) if is_coroutine_function(function) else function
    )


def is_coroutine_function(function: object) -> bool:
    """Tell whether calling it makes a coroutine."""
    call = getattr(type(function), "__call__", None)  # noqa: B004  it is looked at
    return inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(call)
