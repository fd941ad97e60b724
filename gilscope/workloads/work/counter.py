"""Count into one counter of the module: right in threads, and wrong where each has its own copy."""

from __future__ import annotations

import threading

CALIBRATES = "size"
SIZE = 100_000
TASKS = 24

PIECE = 20_000
"""Numbers that are looked at between two additions to the counter."""

_lock = threading.Lock()
_count = 0


def argument(index: int, size: int, context: dict[str, str]) -> tuple[int, int]:
    """Return the range of this task, which begins where that of the one before ends."""
    return index * size, (index + 1) * size


def task(argument: tuple[int, int]) -> int:
    """Return how many multiples of seven are in the range; add them to the counter on the way."""
    start, stop = argument
    own = 0
    for piece in range(start, stop, PIECE):
        found = 0
        for number in range(piece, min(piece + PIECE, stop)):
            found += number % 7 == 0
        add(found)
        own += found
    return own


def add(found: int) -> None:
    """Add to the counter, which takes a lock: two additions at once could lose one."""
    global _count
    with _lock:
        _count += found


def reset() -> None:
    """Begin again at nothing."""
    global _count
    _count = 0


def whole() -> int:
    """Return what has been counted, as far as this process knows."""
    return _count
