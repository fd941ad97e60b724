"""What the workers of a run did between its begin and its end, from a session.

Times are microseconds since the stream began, as everywhere in the session.
"""

from collections.abc import Iterable, Iterator, Reversible, Sequence
from dataclasses import dataclass

from gilscope.analysis.lanes import fractions, time_between
from gilscope.analysis.load import SECOND
from gilscope.model.events import KERNEL
from gilscope.model.gil_records import GilMoment
from gilscope.model.records import ProcessRecord, Shares, ThreadRecord, no_time
from gilscope.model.session import Session
from gilscope.model.states import POSITION

_WAIT, _LOCK = POSITION["W"], POSITION["L"]

ONLY = 0.9
"""Share of its time from which on a thread does nothing but wait at a lock, as the main thread does
that has started others and joins them."""

Key = tuple[int, int]
"""Process id and thread id."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen of the workers of a run; None where nothing was.

    Attributes:
        states: the eight shares, in the order of STATES, mean over the workers.
        waiting: how many workers waited for the GIL, on average over time.
        load: mean load of the GILs that the workers need: one a process, or one an interpreter.
        held: share of the time that a GIL was held, likewise.
        switches: hand-overs a second, of these GILs together.
        gils: how many of them were seen.
    """

    states: tuple[float, ...] | None = None
    waiting: float | None = None
    load: float | None = None
    held: float | None = None
    switches: float | None = None
    gils: int = 0


def workers_of(session: Session, workers: Iterable[Key]) -> list[ThreadRecord]:
    """Return the records of these workers, those that the probe has not seen left out."""
    found = []
    for pid, tid in workers:
        process = session.processes.get(pid)
        if process is not None and tid in process.threads:
            found.append(process.threads[tid])
    return found


def python_threads(session: Session, start: int, end: int) -> list[ThreadRecord]:
    """Return the threads that ran Python between two moments: the workers of a command.

    Those that only wait for the others at a lock are left out where there are others.
    """
    found = [
        thread
        for process in session.processes.values()
        if process.about.implementation is not None
        for thread in process.threads.values()
        if not thread.native and (thread.gone is None or thread.gone > start)
    ]
    return [thread for thread in found if not _only_waits(thread, start, end)] or found


def _only_waits(thread: ThreadRecord, start: int, end: int) -> bool:
    shares = fractions(time_between(thread, start, end))
    return shares is not None and shares[_LOCK] > ONLY


def seen_between(session: Session, threads: Sequence[ThreadRecord], start: int, end: int) -> Seen:
    """Return what some threads did between two moments, and what became of their GILs.

    Histories reach ten minutes back: of a longer run it is the last ten minutes.
    """
    spent = [time_between(thread, start, end) for thread in threads]
    states = mean_shares(spent)
    gils = [
        gil
        for process, moments in _gils(session, threads)
        if (gil := _gil(process, moments, start, end))
    ]
    if not gils:
        return Seen(states)
    longest = max(map(sum, spent), default=0)
    counted = [gil.switches for gil in gils if gil.switches is not None]
    waits_seen = longest and all(gil.load is not None for gil in gils)
    return Seen(
        states,
        sum(each[_WAIT] for each in spent) / longest if waits_seen else None,
        _mean([gil.load for gil in gils if gil.load is not None]),
        _mean([gil.held for gil in gils]),
        sum(counted) if counted else None,
        len(gils),
    )


def mean_shares(spent: Iterable[Shares]) -> tuple[float, ...] | None:
    """Return the mean of threads' shares, each weighed by how long it was there; None of none."""
    whole = no_time()
    for each in spent:
        whole = [before + more for before, more in zip(whole, each, strict=True)]
    return fractions(whole)


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None


@dataclass(frozen=True, slots=True)
class _Gil:
    """What became of a GIL; `load` is None where only its holder is seen, not who waits for it."""

    load: float | None
    held: float
    switches: float | None


def _gils(
    session: Session, threads: Iterable[ThreadRecord]
) -> Iterator[tuple[ProcessRecord, Reversible[GilMoment]]]:
    """Yield each GIL that one of some threads needs to run Python: whose, and what became of it."""
    told = set()
    for thread in threads:
        process = session.processes[thread.pid]
        several = process.gils
        gil = process.gil_of(thread, several) if several else None
        if (thread.pid, gil) not in told:
            told.add((thread.pid, gil))
            yield process, process.moments if gil is None else several[gil].moments


def _gil(
    process: ProcessRecord, all_moments: Reversible[GilMoment], start: int, end: int
) -> _Gil | None:
    """Return what became of a GIL in the frames that lie, by their middle, between two moments."""
    moments = list(_within(all_moments, start, end))
    seen = sum(moment.seen for moment in moments)
    if not seen:
        return None
    span = sum(moment.span for moment in moments)
    counted = [moment.switches for moment in moments if moment.switches is not None]
    wanted = sum(moment.wanted for moment in moments)
    return _Gil(
        wanted / seen if process.about.fidelity == KERNEL else None,
        sum(moment.held or 0 for moment in moments) / seen,
        sum(counted) * SECOND / span if counted else None,
    )


def _within(all_moments: Reversible[GilMoment], start: int, end: int) -> Iterator[GilMoment]:
    """Yield those in which the GIL was seen, the newest first: a live view asks for the newest."""
    for moment in reversed(all_moments):
        middle = moment.at - moment.span // 2
        if middle <= start:
            return
        if middle < end and moment.held is not None:
            yield moment
