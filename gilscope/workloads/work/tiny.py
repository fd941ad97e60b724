"""Do next to nothing, very often: handing a task over takes longer than doing it."""

from __future__ import annotations

CALIBRATES = "tasks"
SIZE = 80
TASKS = 50_000

MODULUS = (1 << 521) - 1
"""Numbers so large take every interpreter about as long, so that there never are too many tasks."""


def argument(index: int, size: int, context: dict[str, str]) -> tuple[int, int]:
    """Return which number to begin with, and how often to square it."""
    return index + 2, size


def task(argument: tuple[int, int]) -> int:
    """Return the number, squared so often: some fifty microseconds of work."""
    number, size = argument
    for _ in range(size):
        number = number * number % MODULUS
    return number & 0xFFFFFFFF
