"""Blur a picture, dot by dot: pure Python on real data."""

from __future__ import annotations

import zlib
from functools import lru_cache

CALIBRATES = "size"
SIZE = 20
TASKS = 24

WIDTH = 160
"""Dots in a row."""

ROWS = 256
"""After so many the picture begins again, so that a large one takes no more memory."""


def argument(index: int, size: int, context: dict[str, str]) -> tuple[int, int]:
    """Return the first row of this task's picture, and how many rows it has."""
    return index * 7 % ROWS, size


def task(argument: tuple[int, int]) -> int:
    """Return a checksum of the blurred picture: each dot the mean of itself and its neighbours."""
    first, height = argument
    rows = picture()
    checksum = 0
    for y in range(first, first + height):
        above, row, below = rows[(y - 1) % ROWS], rows[y % ROWS], rows[(y + 1) % ROWS]
        blurred = bytearray(WIDTH)
        for x in range(WIDTH):
            total = 0
            for near in (x - 1, x, (x + 1) % WIDTH):
                total += above[near] + row[near] + below[near]
            blurred[x] = total // 9
        checksum = zlib.crc32(blurred, checksum)
    return checksum


@lru_cache(maxsize=1)
def picture() -> tuple[bytes, ...]:
    """Return the rows of a picture, a byte for each dot; made once in a process."""
    return tuple(bytes((x * x + y * y) // 8 % 256 for x in range(WIDTH)) for y in range(ROWS))
