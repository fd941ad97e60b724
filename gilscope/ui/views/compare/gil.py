"""What became of the GIL in one mode, in a line: of one GIL, or of each of several."""

from dataclasses import dataclass

from gilscope.analysis.load import gil_load, switch_rate
from gilscope.compare.live import Column
from gilscope.model.events import KERNEL
from gilscope.model.records import ProcessRecord
from gilscope.model.session import Session

LATELY = 1.0
"""Seconds over which the figures of a running mode are taken."""


@dataclass(frozen=True, slots=True)
class GilFigures:
    """The GIL of a mode, or its GILs.

    Attributes:
        words: what to say where there are no figures; empty where there are.
        load: mean of the GILs; `switches`: hand-overs a second, sum over the GILs.
        several: how many GILs there are.
    """

    words: str = ""
    load: float | None = None
    switches: float | None = None
    several: int = 1


def gil_figures(column: Column) -> GilFigures:
    """Return what is known of the GIL by now, or over the newest run once it has ended."""
    outcome = column.outcome
    if outcome.gil is False:
        return GilFigures("no GIL in this build")
    records = processes_with_workers(column)
    several = max(len(records), 1)
    if column.ended is not None and len(outcome.runs) == column.round:
        run = outcome.runs[-1]
        load, switches = run.gil_load, run.switches_per_s
    else:
        loads = [load for record in records if (load := gil_load(record, LATELY)) is not None]
        rates = [rate for record in records if (rate := switch_rate(record, LATELY)) is not None]
        load = sum(loads) / len(loads) if loads else None
        switches = sum(rates) if rates else None
    if load is None:
        return GilFigures(_unseen(column, records))
    return GilFigures("", load, switches, several)


def processes_with_workers(column: Column) -> list[ProcessRecord]:
    """Return the processes that run tasks, as far as the probe has seen them."""
    session = column.session
    pids = dict.fromkeys(pid for pid, _ in column.workers) or _python(session)
    return [session.processes[pid] for pid in pids if pid in session.processes]


def _python(session: Session) -> list[int]:
    return [
        pid
        for pid, record in session.processes.items()
        if record.about.implementation is not None and record.about.gil is not False
    ]


def _unseen(column: Column, records: list[ProcessRecord]) -> str:
    worse = next((each for each in records if each.about.fidelity != KERNEL), None)
    if worse is not None:
        return "GIL cannot be seen"
    return "GIL not seen" if column.over else "GIL not seen yet"
