"""What the work leaves behind in this process: threads, and processes that it has started."""

from __future__ import annotations

import multiprocessing
import os
import sys
import threading

from gilscope.workloads.child.modes.mode import PATIENT
from gilscope.workloads.keeper import descendants

_SERVANTS = (b"multiprocessing.resource_tracker", b"multiprocessing.forkserver")
"""Processes that multiprocessing starts on the side and ends again."""


class Leftovers:
    """Counts what is there beyond what was there before."""

    def __init__(self) -> None:
        self._threads: set[threading.Thread] = set()
        self._processes: set[int] = set()

    def forgive(self) -> None:
        """Count nothing of what is there now: it is no work of the tasks."""
        self._threads |= set(threading.enumerate())
        self._processes |= _processes()

    def count(self, workers: set[int]) -> tuple[int, int]:
        """Return how many threads and how many processes are left behind.

        Args:
            workers: the pool's own processes; it may have started some since.
        """
        threads = [
            thread
            for thread in set(threading.enumerate()) - self._threads
            if thread.name != PATIENT
        ]
        processes = [pid for pid in _processes() - self._processes - workers if not _serves(pid)]
        return len(threads), len(processes)


def _processes() -> set[int]:
    if sys.platform.startswith("linux"):
        return set(descendants(os.getpid()))
    return {process.pid for process in multiprocessing.active_children() if process.pid}


def _serves(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            line = file.read()
    except OSError:
        return False
    return any(servant in line for servant in _SERVANTS)
