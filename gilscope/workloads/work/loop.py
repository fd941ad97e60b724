"""Sum in a loop: the plainest thing that Python can compute."""

from __future__ import annotations

CALIBRATES = "size"
SIZE = 100_000
TASKS = 24


def argument(index: int, size: int, context: dict[str, str]) -> tuple[int, int]:
    """Return where to begin, and how many numbers to add."""
    return index, size


def task(argument: tuple[int, int]) -> int:
    """Return the sum."""
    total, size = argument
    for number in range(size):
        total += number & 7
    return total
