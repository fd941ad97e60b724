"""What a process tree uses: time on a core, and memory with shared pages counted once."""

import asyncio
import contextlib
import time
from collections.abc import Iterator
from typing import Self

import psutil

EVERY = 0.25
"""Seconds between two looks at the memory of a tree."""

DUTY = 50
"""A look at memory takes no more than one part in so many of the time: reading the figures of a
process with gigabytes mapped takes the kernel a tenth of a second, and holds up its page faults."""


def tree(root: int) -> list[psutil.Process]:
    """Return a process and all its descendants that are there."""
    try:
        process = psutil.Process(root)
        return [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def cpu_of(root: int) -> float:
    """Return seconds on a core of a tree's processes and of the children that they have collected.

    The kernel counts this in steps of 10 ms a process.
    """
    used = 0.0
    for process in tree(root):
        with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied):
            times = process.cpu_times()
            used += times.user + times.system + times.children_user + times.children_system
    return used


def memory_of(root: int) -> int | None:
    """Return the proportional set size of a tree in bytes; None where it may not be read.

    Where there is no such figure (it is Linux') it is the memory that no other process shares.
    """
    sizes = list(_sizes(root))
    return sum(sizes) if sizes else None


def _sizes(root: int) -> Iterator[int]:
    for process in tree(root):
        with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied):
            figures = process.memory_full_info()
            yield getattr(figures, "pss", figures.uss)


class Peak:
    """Looks at the memory of a tree again and again while a `with` block runs.

    Attributes:
        most: the highest figure so far, in bytes; None where none could be read.
    """

    def __init__(self, root: int) -> None:
        self.most: int | None = None
        self._root = root

    async def __aenter__(self) -> Self:
        self._watcher = asyncio.create_task(self._watch())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._watcher.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._watcher

    async def look(self) -> None:
        """Look once more."""
        size = await asyncio.to_thread(memory_of, self._root)
        if size is not None:
            self.most = max(size, self.most or 0)

    async def _watch(self) -> None:
        while True:
            before = time.monotonic()
            await self.look()
            await asyncio.sleep(max(EVERY, DUTY * (time.monotonic() - before)))
