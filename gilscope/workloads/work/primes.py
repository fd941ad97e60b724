"""Count the primes below a limit, the slow way: pure Python that computes."""

from __future__ import annotations

CALIBRATES = "size"
SIZE = 2_000
TASKS = 24


def argument(index: int, size: int, context: dict[str, str]) -> int:
    """Return the limit: the same one for every task, so that all take the same time."""
    return size


def task(argument: int) -> int:
    """Return how many primes there are below the limit."""
    found = 0
    for number in range(2, argument):
        divisor = 2
        while divisor * divisor <= number and number % divisor:
            divisor += 1
        found += divisor * divisor > number
    return found
