"""The GIL of one process in figures."""

from collections.abc import Iterator
from dataclasses import dataclass

from gilscope.model.events import KERNEL
from gilscope.model.session import GilMoment, ProcessRecord, Session
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
    return Gil(
        pid=process.about.pid,
        held=held(process, moment),
        loads=tuple(load(process, moment, window) for window in WINDOWS),
        switches=_switches(process, moment),
        enabled=process.about.gil,
        several=len(session.processes) > 1,
    )


def busiest(session: Session) -> ProcessRecord | None:
    """Return the process whose GIL is wanted most, of those that are there if any is."""
    records = session.processes.values()
    there = [record for record in records if record.gone is None] or list(records)
    return max(there, key=_wanted_lately, default=None)


def load(process: ProcessRecord, moment: int, window: int = SECOND) -> float | None:
    """Return the mean number of threads that held or wanted the GIL before a moment.

    None where only the holder is seen, and not who waits.
    """
    if process.about.fidelity != KERNEL:
        return None
    span = wanted = 0
    for past in _within(process, moment, window):
        if past.held is not None:
            span, wanted = span + past.span, wanted + past.wanted
    return wanted / span if span else None


def held(process: ProcessRecord, moment: int) -> float | None:
    """Return the share of the second before a moment that the GIL was held."""
    span = time = 0
    for past in _within(process, moment, SECOND):
        if past.held is not None:
            span, time = span + past.span, time + past.held
    return time / span if span else None


def _switches(process: ProcessRecord, moment: int) -> float | None:
    span = count = 0
    for past in _within(process, moment, SECOND):
        if past.switches is not None:
            span, count = span + past.span, count + past.switches
    return count * SECOND / span if span else None


def _within(process: ProcessRecord, moment: int, window: int) -> Iterator[GilMoment]:
    """Yield the moments of the window that ends with `moment`, the newest first.

    The analysis package has the same for the newest moment; the cursor reads any.
    """
    for past in reversed(process.moments):
        if past.at - past.span // 2 <= moment - window:
            return
        if past.at <= moment:
            yield past


def _wanted_lately(process: ProcessRecord) -> int:
    return process.moments[-1].wanted if process.moments else 0
