"""Match a regular expression that tries every way to split a text: C code that keeps the GIL."""

from __future__ import annotations

import re

CALIBRATES = "size"
SIZE = 1_000
TASKS = 24

SLOW = re.compile(r"\w*\w*!")
"""Fails only after it has tried all splits: a text twice as long takes four times as long."""


def argument(index: int, size: int, context: dict[str, str]) -> tuple[int, int]:
    """Return which letter the text is made of, and how long it is."""
    return index % 26, size


def task(argument: tuple[int, int]) -> tuple[str, bool]:
    """Return whether a text matches, which it does not; one call, and the GIL is not let go."""
    letter, size = argument
    text = chr(ord("a") + letter) * size
    return text[:8], SLOW.match(text) is not None
