"""The GIL of one process in figures."""

from dataclasses import dataclass

from gilscope.model.session import ProcessRecord, Session
from gilscope.ui.views.look import SECOND

WINDOWS = (SECOND, 10 * SECOND, 60 * SECOND)


@dataclass(frozen=True, slots=True)
class Gil:
    """One process's GIL before a moment.

    Attributes:
        pid: the process; None while there is none.
        held: share of the last second that it was held.
        loads: GIL load over 1, 10 and 60 seconds.
        switches: hand-overs a second.
        enabled: whether there is a GIL at all; None is not known.
        several: other processes have theirs, so that it must be said whose it is.
    """

    pid: int | None = None
    held: float | None = None
    loads: tuple[float | None, ...] = (None, None, None)
    switches: float | None = None
    enabled: bool | None = None
    several: bool = False


def gil(session: Session, pid: int | None, moment: int) -> Gil:
    """Return the GIL of a process; of the busiest when none is given or it is unknown."""
    process = session.processes.get(pid) if pid is not None else None
    process = process or busiest(session)
    if process is None:
        return Gil()
    held, switches = _held(process, moment)
    loads = tuple(load(process, moment, window) for window in WINDOWS)
    several = len(session.processes) > 1
    return Gil(process.about.pid, held, loads, switches, process.about.gil, several)


def busiest(session: Session) -> ProcessRecord | None:
    """Return the process whose GIL is wanted most, of those that are there if any is."""
    records = session.processes.values()
    there = [record for record in records if record.gone is None] or list(records)
    return max(there, key=_wanted_lately, default=None)


def load(process: ProcessRecord, moment: int, window: int) -> float | None:
    """Return the mean number of threads that held or wanted the GIL before a moment."""
    span = wanted = 0
    seen = False
    for past in reversed(process.moments):
        if past.at <= moment - window:
            break
        if past.at <= moment:
            span, wanted = span + past.span, wanted + past.wanted
            seen = seen or past.held is not None
    return wanted / span if span and seen else None


def _held(process: ProcessRecord, moment: int) -> tuple[float | None, float | None]:
    span = held = switches = 0
    seen = counted = False
    for past in reversed(process.moments):
        if past.at <= moment - SECOND:
            break
        if past.at > moment:
            continue
        span += past.span
        if past.held is not None:
            held, seen = held + past.held, True
        if past.switches is not None:
            switches, counted = switches + past.switches, True
    if not span:
        return None, None
    return held / span if seen else None, switches * SECOND / span if counted else None


def _wanted_lately(process: ProcessRecord) -> int:
    return process.moments[-1].wanted if process.moments else 0
