"""Hash large buffers: C code that works without the GIL, if it gets enough at a time."""

from __future__ import annotations

import hashlib
from functools import lru_cache

CALIBRATES = "size"
SIZE = 1
TASKS = 24

PIECE = 1 << 22
"""Bytes that are hashed at a time; hashlib keeps the GIL for fewer than 2048."""


def argument(index: int, size: int, context: dict[str, str]) -> tuple[int, int]:
    """Return what to begin with, and how many pieces to hash."""
    return index, size


def task(argument: tuple[int, int]) -> str:
    """Return the SHA-256 of all pieces, as hexadecimal digits."""
    index, size = argument
    done = hashlib.sha256(b"%d" % index)
    piece = buffer()
    for _ in range(size):
        done.update(piece)
    return done.hexdigest()


@lru_cache(maxsize=1)
def buffer() -> bytes:
    """Return what is hashed; made once in a process."""
    return bytes(range(256)) * (PIECE // 256)
