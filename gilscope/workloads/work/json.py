"""Read and write a large JSON document: C code that keeps the GIL."""

from __future__ import annotations

import json
import zlib
from functools import lru_cache

CALIBRATES = "size"
SIZE = 1
TASKS = 24

RECORDS = 4_000
"""About half a megabyte of JSON."""


def argument(index: int, size: int, context: dict[str, str]) -> tuple[int, int]:
    """Return which record to look at, and how often to read and write the document."""
    return index % RECORDS, size


def task(argument: tuple[int, int]) -> tuple[str, int]:
    """Return a record's name and a checksum of the document, read and written again."""
    index, size = argument
    read = []
    written = ""
    for _ in range(size):
        read = json.loads(document())
        written = json.dumps(read)
    return read[index]["name"], zlib.crc32(written.encode())


@lru_cache(maxsize=1)
def document() -> str:
    """Return the document; made once in a process."""
    return json.dumps(
        [
            {
                "id": number,
                "name": f"record {number * 7919 % RECORDS}",
                "price": number * 25 / 4,
                "tags": ["small", "green" if number % 3 else "blue"],
                "sold": number % 5 == 0,
                "note": None,
                "size": {"width": number % 640, "height": number % 480},
            }
            for number in range(RECORDS)
        ]
    )
