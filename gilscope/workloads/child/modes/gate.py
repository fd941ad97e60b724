"""A gate at which the workers of a pool wait until all of them are there.

As each worker waits in a task of its own, none does the task of another.
"""

from __future__ import annotations

import os
import select
from collections.abc import Callable
from typing import Any

_LOOK_AROUND = 0.05
"""Seconds between looks at whether the workers still live."""


class Gate:
    """A gate of two semaphores, for threads or for processes."""

    def __init__(self, semaphore: Callable[[int], Any]) -> None:
        self._here = semaphore(0)
        self._open = semaphore(0)

    def wait(self) -> None:
        """Wait, as a worker, until the gate is opened."""
        self._here.release()
        self._open.acquire()

    def open(self, workers: int, check: Callable[[], None]) -> None:
        """Wait until so many workers are there, then open the gate.

        Args:
            check: is called now and then, and raises where no more will come.
        """
        for _ in range(workers):
            while not self._here.acquire(True, _LOOK_AROUND):
                check()
        for _ in range(workers):
            self._open.release()


class PipeGate:
    """A gate of two pipes, for interpreters: they share descriptors and little else."""

    def __init__(self) -> None:
        self._here, self.here = os.pipe()
        self.open_, self._open = os.pipe()

    def open(self, workers: int, check: Callable[[], None]) -> None:
        """Wait until so many workers are there, then open the gate."""
        for _ in range(workers):
            while not select.select([self._here], [], [], _LOOK_AROUND)[0]:
                check()
            os.read(self._here, 1)
        os.write(self._open, bytes(workers))


class PipeEnd:
    """The workers' side of a PipeGate."""

    def __init__(self, here: int, open_: int) -> None:
        self._here = here
        self._open = open_

    def wait(self) -> None:
        """Wait until the gate is opened."""
        os.write(self._here, b".")
        os.read(self._open, 1)
