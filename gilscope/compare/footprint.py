"""What a process tree uses: time on a core, and memory with shared pages counted once."""

import asyncio
import contextlib
import time
from collections.abc import Iterator
from typing import Self

import psutil

from gilscope.workloads.keeper import descendants

EVERY = 0.25
"""Seconds between two looks at the memory of a tree."""

DUTY = 50
"""A look at memory takes no more than one part in so many of the time: reading the figures of a
process with gigabytes mapped takes the kernel a tenth of a second, and holds up its page faults."""

_GONE = (psutil.Error, OSError)
"""What is raised by looking at a process that has ended, or that is another user's by now."""


def tree(root: int) -> list[psutil.Process]:
    """Return a process and all its descendants that are there."""
    # Looking at all processes takes long where there are many, and /proc may hide the others.
    below = descendants(root) if psutil.LINUX else _children(root)
    found = []
    for pid in (root, *below):
        with contextlib.suppress(*_GONE):
            found.append(psutil.Process(pid))
    return found


def _children(root: int) -> list[int]:
    try:
        return [child.pid for child in psutil.Process(root).children(recursive=True)]
    except psutil.Error:
        return []


def cpu_of(root: int) -> float:
    """Return seconds on a core of a tree's processes and of the children that they have collected.

    The kernel tells of collected children, and of all where there is no Linux, in steps of 10 ms.
    """
    used = 0.0
    for process in tree(root):
        with contextlib.suppress(*_GONE):
            times = process.cpu_times()
            used += times.children_user + times.children_system
            used += _own_cpu(process.pid) or times.user + times.system
    return used


def _own_cpu(pid: int) -> float | None:
    """Return seconds on a core of all threads that a process has had, exactly; None if untold."""
    if not psutil.LINUX:
        return None
    try:
        # The clock's number is made of the process id, as clock_getcpuclockid(3) does it.
        return time.clock_gettime((~pid << 3) | 2)
    except OSError:
        return None


def memory_of(root: int) -> int | None:
    """Return the proportional set size of a tree in bytes; None where it may not be read.

    Where there is no such figure (it is Linux') it is the memory that no other process shares.
    """
    sizes = list(_sizes(root))
    return sum(sizes) if sizes else None


def _sizes(root: int) -> Iterator[int]:
    for process in tree(root):
        with contextlib.suppress(*_GONE):
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
        await self.stop()

    async def stop(self) -> None:
        """Look no more."""
        self._watcher.cancel()
        await asyncio.wait([self._watcher])

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
