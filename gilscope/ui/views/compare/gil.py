"""What became of the GIL in one mode, in a line: of one GIL, or of each of several."""

from dataclasses import dataclass

from gilscope.analysis.load import SECOND
from gilscope.analysis.workers import Seen, python_threads, seen_between, workers_of
from gilscope.compare.live import Column
from gilscope.model.events import KERNEL
from gilscope.model.session import Session
from gilscope.ui.views.compare.lanes import moments

LATELY = 1
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
    if column.ended is not None and len(outcome.runs) == column.round:
        run = outcome.runs[-1]
        found = GilFigures("", run.gil_load, run.switches_per_s, run.gils)
    else:
        seen = _lately(column)
        found = GilFigures("", seen.load, seen.switches, seen.gils)
    return GilFigures(_unseen(column)) if found.load is None else found


def _lately(column: Column) -> Seen:
    """Return what the workers did in the last second of the newest run by now."""
    found = moments(column)
    if found is None:
        return Seen()
    begin, end = found
    start = max(begin, end - LATELY * SECOND)
    session = column.session
    workers = workers_of(session, column.workers) or python_threads(session, start, end)
    return seen_between(session, workers, start, end)


def _unseen(column: Column) -> str:
    processes = column.session.processes
    pids = [pid for pid, _ in column.workers] or _python(column.session)
    if any(processes[pid].about.fidelity != KERNEL for pid in pids if pid in processes):
        return "GIL cannot be seen"
    return "GIL not seen" if column.over else "GIL not seen yet"


def _python(session: Session) -> list[int]:
    return [
        pid
        for pid, record in session.processes.items()
        if record.about.implementation is not None and record.about.gil is not False
    ]
