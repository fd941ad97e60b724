"""Fetch pages and work on each: about half waiting for the network, half pure Python."""

from __future__ import annotations

from gilscope.workloads.work import fetch, primes

CALIBRATES = "size"
SIZE = 1
TASKS = 24

LIMIT = 50_000
"""Counting the primes below it takes about as long as a page does, on an ordinary machine."""

argument = fetch.argument


def task(argument: tuple[str, int, int]) -> tuple[int, int]:
    """Return a checksum of the pages, and what was computed in between."""
    url, first, count = argument
    checksum = found = 0
    for page in range(first, first + count):
        checksum ^= fetch.task((url, page, 1))
        found += primes.task(LIMIT)
    return checksum, found


async def coroutine(argument: tuple[str, int, int]) -> tuple[int, int]:
    """Return the same; what is computed keeps the event loop waiting."""
    url, first, count = argument
    checksum = found = 0
    for page in range(first, first + count):
        checksum ^= await fetch.coroutine((url, page, 1))
        found += primes.task(LIMIT)
    return checksum, found
