"""Compute with a lock held that all fight over: one at a time, whatever the mode."""

from __future__ import annotations

import threading
from contextlib import AbstractContextManager

CALIBRATES = "size"
SIZE = 20
TASKS = 24

TURN = 10_000
"""Steps of a loop for which the lock is held: less than a millisecond."""

_lock: AbstractContextManager[object] = threading.Lock()


def setup(lock: AbstractContextManager[object]) -> None:
    """Take the lock that all workers share."""
    global _lock
    _lock = lock


def argument(index: int, size: int, context: dict[str, str]) -> tuple[int, int]:
    """Return where to begin, and how often to take the lock."""
    return index, size


def task(argument: tuple[int, int]) -> int:
    """Return a sum, of which nothing is computed without the lock."""
    total, size = argument
    for _ in range(size):
        with _lock:
            for number in range(TURN):
                total += number & 7
    return total
