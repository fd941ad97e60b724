"""The GIL of one process in figures, or each of several."""

from dataclasses import dataclass, replace

from gilscope.analysis.load import gil_loads, held_share, switch_rate
from gilscope.model.gil_records import GilRecord
from gilscope.model.records import ProcessRecord
from gilscope.model.session import Session
from gilscope.model.text import clean


@dataclass(frozen=True, slots=True)
class Gil:
    """One GIL before a moment.

    Attributes:
        pid: the process; None while there is none.
        interpreter: whose GIL it is, where the process has several.
        held: share of the last second that it was held.
        loads: GIL load over 1, 10 and 60 seconds.
        switches: hand-overs a second.
        enabled: whether there is a GIL at all; None is not known.
        reason: why that is not known, or why it cannot be seen; empty where that is said already.
        several: other processes have theirs, so that it must be said whose it is.
        more: how many others the process has that there is no room for.
    """

    pid: int | None = None
    interpreter: int | None = None
    held: float | None = None
    loads: tuple[float | None, ...] = (None, None, None)
    switches: float | None = None
    enabled: bool | None = None
    reason: str | None = None
    several: bool = False
    more: int = 0


def gils(
    session: Session, pid: int | None, moment: int, most: int, said: str | None = None
) -> tuple[Gil, ...]:
    """Return the GILs of a process; of the busiest when none is given or it is unknown.

    Args:
        said: what stands above these lines already: a reason is not given twice.
        most: how many there is room for; the last of so many says how many more there are.
    """
    process = session.processes.get(pid) if pid is not None else None
    process = process or busiest(session)
    if process is None:
        return (Gil(),)
    several = len(session.processes) > 1
    if len(process.gils) < 2:
        return (_said_once(_gil(process, process, moment, several), said),)
    numbers = sorted(process.gils)
    more = len(numbers) - most
    return tuple(
        _gil(
            process,
            process.gils[number],
            moment,
            several,
            more if more > 0 and place == most - 1 else 0,
        )
        for place, number in enumerate(numbers[:most])
    )


def _said_once(gil: Gil, said: str | None) -> Gil:
    return replace(gil, reason="") if gil.reason and gil.reason in (said or "") else gil


def busiest(session: Session) -> ProcessRecord | None:
    """Return the process whose GIL is wanted most, of those that are there if any is."""
    records = session.processes.values()
    there = [record for record in records if record.gone is None] or list(records)
    return max(there, key=_wanted_lately, default=None)


def _gil(
    process: ProcessRecord,
    record: ProcessRecord | GilRecord,
    moment: int,
    several: bool,
    more: int = 0,
) -> Gil:
    reason = process.about.reason
    return Gil(
        pid=process.about.pid,
        interpreter=record.interpreter if isinstance(record, GilRecord) else None,
        held=held_share(record, 1, moment),
        loads=gil_loads(record, moment),
        switches=switch_rate(record, 1, moment),
        enabled=process.about.gil,
        reason=clean(reason) if reason else None,
        several=several,
        more=more,
    )


def _wanted_lately(process: ProcessRecord) -> int:
    return process.moments[-1].wanted if process.moments else 0
