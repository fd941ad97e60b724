"""Make slow calls with a lock held that all fight over: one at a time, whatever the mode.

What is slow is a sleep and not a computation. A thread that computes with a lock held has the GIL
too, and whoever is handed the lock then waits for that: two queues would be seen instead of one.
"""

from __future__ import annotations

import threading
import time
from contextlib import AbstractContextManager

CALIBRATES = "size"
SIZE = 5
TASKS = 24

CALL = 0.002
"""Seconds for which the lock is held at a time: a query on a connection that all share, perhaps."""

_lock: AbstractContextManager[object] = threading.Lock()


def setup(lock: AbstractContextManager[object]) -> None:
    """Take the lock that all workers share."""
    global _lock
    _lock = lock


def argument(index: int, size: int, context: dict[str, str]) -> tuple[int, int]:
    """Return what to begin with, and how many calls to make."""
    return index, size


def task(argument: tuple[int, int]) -> int:
    """Return what is counted up to, one call at a time."""
    count, size = argument
    for _ in range(size):
        with _lock:
            time.sleep(CALL)
            count += 1
    return count
