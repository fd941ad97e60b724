"""Do little with a large object: sending it to another process takes longer than that."""

from __future__ import annotations

import zlib
from functools import lru_cache

CALIBRATES = "tasks"
SIZE = 50_000
TASKS = 500


def argument(index: int, size: int, context: dict[str, str]) -> list[tuple[int, str]]:
    """Return the large object; all tasks get the same one, which is pickled for each anew."""
    return records(size)


def task(argument: list[tuple[int, str]]) -> int:
    """Return a checksum of every other record as it is written."""
    return zlib.crc32(repr(argument[::2]).encode())


@lru_cache(maxsize=1)
def records(size: int) -> list[tuple[int, str]]:
    """Return so many records."""
    return [(number, f"record {number}") for number in range(size)]
