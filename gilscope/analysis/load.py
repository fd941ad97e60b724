"""What became of a GIL over a while: its load, how much it was held, how often it changed hands.

All three are means over the newest frames that lie within a window; while a process has been
watched for less than the window, over all of them. They are null where the GIL cannot be seen; the
load also where only its holder is seen, and not who waits for it.
"""

from collections.abc import Iterator

from gilscope.model.events import KERNEL
from gilscope.model.session import GilMoment, ProcessRecord

WINDOWS = (1, 10, 60)
"""Seconds over which the GIL load is shown."""

SECOND = 1_000_000
"""Microseconds."""


def gil_load(process: ProcessRecord, seconds: float) -> float | None:
    """Return the mean number of threads that held or wanted the GIL."""
    if process.about.fidelity != KERNEL:
        return None
    span = wanted = 0
    for moment in within(process, seconds):
        if moment.held is not None:
            span += moment.span
            wanted += moment.wanted
    return wanted / span if span else None


def gil_loads(process: ProcessRecord) -> tuple[float | None, ...]:
    """Return the GIL load over each of WINDOWS."""
    return tuple(gil_load(process, seconds) for seconds in WINDOWS)


def held_share(process: ProcessRecord, seconds: float) -> float | None:
    """Return the share of the time that the GIL was held; a sum where there are several GILs."""
    span = held = 0
    for moment in within(process, seconds):
        if moment.held is not None:
            span += moment.span
            held += moment.held
    return held / span if span else None


def switch_rate(process: ProcessRecord, seconds: float) -> float | None:
    """Return how many times a second the GIL went from one thread to another."""
    span = switches = 0
    for moment in within(process, seconds):
        if moment.switches is not None:
            span += moment.span
            switches += moment.switches
    return switches * SECOND / span if span else None


def within(process: ProcessRecord, seconds: float) -> Iterator[GilMoment]:
    """Yield the moments of the last so many seconds, the newest first."""
    if not process.moments:
        return
    start = process.moments[-1].at - seconds * SECOND
    for moment in reversed(process.moments):
        # A frame that began before the window counts with the part of it that lies inside only
        # if that is the greater part: frames are short against every window.
        if moment.at - moment.span / 2 <= start:
            return
        yield moment
