"""What runs tasks in place of whoever would by hand: of a coroutine function, or several at once.

Worker processes import this before they run anything: it imports little itself.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any


def run_coroutine(function: Callable[..., Any], *arguments: object) -> object:
    """Call a coroutine function, in an event loop of its own."""
    import asyncio

    return asyncio.run(function(*arguments))


def run_batch(
    function: Callable[..., Any], first: int, arguments: list[tuple[Any, ...]]
) -> list[Any]:
    """Do some tasks one after the other; an exception carries the index of the one that failed."""
    results: list[Any] = []
    try:
        for each in arguments:
            results.append(function(*each))  # noqa: PERF401  how many there are is needed
    except BaseException as error:
        _mark(error, first + len(results))
        raise
    return results


async def run_batch_of_coroutines(
    function: Callable[..., Any], first: int, arguments: list[tuple[Any, ...]]
) -> list[Any]:
    """Do the same with a coroutine function."""
    results: list[Any] = []
    try:
        for each in arguments:
            results.append(await function(*each))  # noqa: PERF401
    except BaseException as error:
        _mark(error, first + len(results))
        raise
    return results


def _mark(error: BaseException, index: int) -> None:
    with contextlib.suppress(Exception):
        error._gilscope_task = index  # type: ignore[attr-defined]
