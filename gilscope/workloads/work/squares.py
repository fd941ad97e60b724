"""Sum the squares of a range: millions of small objects, made and dropped."""

from __future__ import annotations

CALIBRATES = "size"
SIZE = 50_000
TASKS = 24

PIECE = 10_000
"""Squares that are in memory at once, whatever the size."""


def argument(index: int, size: int, context: dict[str, str]) -> tuple[int, int]:
    """Return the range of this task, which begins where that of the one before ends."""
    return index * size, (index + 1) * size


def task(argument: tuple[int, int]) -> int:
    """Return the sum of the squares of the range."""
    start, stop = argument
    total = 0
    for piece in range(start, stop, PIECE):
        total += sum([number * number for number in range(piece, min(piece + PIECE, stop))])
    return total
