"""Figures as summaries give them: shares, rates and times, rounded; null where there is no time."""

from gilscope.analysis.load import SECOND
from gilscope.model.events import Call

SHARE_DIGITS = 4
"""Decimals of a share."""


def share(part: float | None, whole: float) -> float | None:
    """Return a part as a fraction of the whole."""
    return round(part / whole, SHARE_DIGITS) if part is not None and whole else None


def percent(part: float, whole: float) -> float | None:
    """Return a part in percent of the whole."""
    return round(part / whole * 100, 2) if whole else None


def rate(count: int | None, span: int, digits: int) -> float | None:
    """Return how often a second something happened in so many microseconds."""
    return round(count * SECOND / span, digits) if count is not None and span else None


def milliseconds(microseconds: int) -> float:
    """Return a time in milliseconds."""
    return round(microseconds / 1000, 2)


def exact_shares(parts: list[int]) -> list[float | None]:
    """Return each part's share of their sum, rounded so that the shares still add up to 1.

    Where the sum is 0 no share is known.
    """
    whole = sum(parts)
    if not whole:
        return [None] * len(parts)
    units = 10**SHARE_DIGITS
    floors = [part * units // whole for part in parts]
    missing = units - sum(floors)
    # Who lost most by rounding down is rounded up.
    by_loss = sorted(range(len(parts)), key=lambda i: -(parts[i] * units % whole))
    for i in by_loss[:missing]:
        floors[i] += 1
    return [floor / units for floor in floors]


def place(call: Call) -> str:
    """Return a call in short: "count_primes (app.py:12)"."""
    file = call.file.replace("\\", "/").rpartition("/")[2]
    return f"{call.name} ({file}:{call.line})" if call.line else f"{call.name} ({file})"


def where(calls: tuple[Call, ...]) -> str | None:
    """Return the innermost call of a stack in short; None of one that is not known."""
    return place(calls[0]) if calls else None
