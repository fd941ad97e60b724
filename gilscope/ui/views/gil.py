"""The GIL of one process in figures."""

from dataclasses import dataclass

from gilscope.analysis.load import gil_loads, held_share, switch_rate
from gilscope.model.records import ProcessRecord
from gilscope.model.session import Session


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
        held=held_share(process, 1, moment),
        loads=gil_loads(process, moment),
        switches=switch_rate(process, 1, moment),
        enabled=process.about.gil,
        several=len(session.processes) > 1,
    )


def busiest(session: Session) -> ProcessRecord | None:
    """Return the process whose GIL is wanted most, of those that are there if any is."""
    records = session.processes.values()
    there = [record for record in records if record.gone is None] or list(records)
    return max(there, key=_wanted_lately, default=None)


def _wanted_lately(process: ProcessRecord) -> int:
    return process.moments[-1].wanted if process.moments else 0
