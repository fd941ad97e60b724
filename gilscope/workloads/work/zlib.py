"""Compress text: C code that works without the GIL."""

from __future__ import annotations

import random
import zlib
from functools import lru_cache

CALIBRATES = "size"
SIZE = 1
TASKS = 24

PIECE = 1 << 18
"""Bytes that are compressed at a time."""

LEVEL = 6

WORDS = 64
OFFSETS = 4096


def argument(index: int, size: int, context: dict[str, str]) -> tuple[int, int]:
    """Return where in the text to begin, and how many pieces to compress."""
    return index * 101 % OFFSETS, size


def task(argument: tuple[int, int]) -> tuple[int, int]:
    """Return length and checksum of what the last piece is, unpacked again.

    What it is packed is another in every version of zlib.
    """
    start, size = argument
    piece = memoryview(text())[start : start + PIECE]
    packed = b""
    for _ in range(size):
        packed = zlib.compress(piece, LEVEL)
    unpacked = zlib.decompress(packed)
    return len(unpacked), zlib.crc32(unpacked)


@lru_cache(maxsize=1)
def text() -> bytes:
    """Return words at random, the same ones everywhere; made once in a process."""
    # Of the methods of Random only this one promises the same numbers in every version.
    chance = random.Random(1).random
    words = [
        bytes(97 + int(chance() * 20) for _ in range(3 + int(chance() * 6))) for _ in range(WORDS)
    ]
    made = bytearray()
    while len(made) < PIECE + OFFSETS:
        made += words[int(chance() * WORDS)] + b" "
    return bytes(made)
