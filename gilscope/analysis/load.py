"""What became of a GIL over a while: its load, how much it was held, how often it changed hands.

Of a process, or of one GIL of several that it has (ProcessRecord.gils). All three are means over
the newest frames that lie within a window; while a process has been watched for less than the
window, over all of them. They are null where the GIL cannot be seen; the load also where only its
holder is seen, and not who waits for it.
"""

from collections.abc import Iterator

from gilscope.model.events import KERNEL
from gilscope.model.gil_records import GilMoment, GilRecord
from gilscope.model.records import ProcessRecord

WINDOWS = (1, 10, 60)
"""Seconds over which the GIL load is shown."""

SECOND = 1_000_000
"""Microseconds."""

Watched = ProcessRecord | GilRecord
"""What has moments: only at kernel fidelity are several GILs told apart."""


def gil_load(watched: Watched, seconds: float, until: int | None = None) -> float | None:
    """Return the mean number of threads that held or wanted the GIL.

    Args:
        until: where the window ends, in microseconds since the stream began; None for now.
    """
    if isinstance(watched, ProcessRecord) and watched.about.fidelity != KERNEL:
        return None
    span = wanted = 0
    for moment in _seen(watched, seconds, until):
        span += moment.seen
        wanted += moment.wanted
    return wanted / span if span else None


def gil_loads(watched: Watched, until: int | None = None) -> tuple[float | None, ...]:
    """Return the GIL load over each of WINDOWS."""
    return tuple(gil_load(watched, seconds, until) for seconds in WINDOWS)


def held_share(watched: Watched, seconds: float, until: int | None = None) -> float | None:
    """Return the share of the time that the GIL was held; a sum where there are several GILs."""
    span = held = 0
    for moment in _seen(watched, seconds, until):
        span += moment.seen
        held += moment.held or 0
    return held / span if span else None


def switch_rate(watched: Watched, seconds: float, until: int | None = None) -> float | None:
    """Return how many times a second the GIL went from one thread to another."""
    span = switches = 0
    for moment in _seen(watched, seconds, until):
        if moment.switches is not None:
            span += moment.span
            switches += moment.switches
    return switches * SECOND / span if span else None


def _seen(watched: Watched, seconds: float, until: int | None) -> Iterator[GilMoment]:
    """Yield the moments of a window in which the GIL was seen, the newest first."""
    if not watched.moments:
        return
    end = watched.moments[-1].at if until is None else until
    for moment in reversed(watched.moments):
        # A frame that began before the window counts, whole, if the greater part of it lies inside:
        # frames are short against every window.
        if moment.at - moment.span / 2 <= end - seconds * SECOND:
            return
        if moment.at <= end and moment.held is not None:
            yield moment
