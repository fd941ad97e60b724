"""Marks in time: what each thread had used by a moment, to tell what it used since.

The history of a thread holds its states, not its CPU time; that is exact only as a sum. A mark
keeps the sums of one moment.
"""

from dataclasses import dataclass

from gilscope.analysis.lanes import fractions, time_between
from gilscope.model.records import Shares, ThreadRecord, no_time
from gilscope.model.session import Session
from gilscope.ui.views.look import SECOND, Look

LONG = SECOND * 5 // 4
"""Age of a mark up to which what was spent since is that of the last second.

Sums cost a tenth of reading a second of history: tests/benchmarks/interface.py.
"""


@dataclass(frozen=True, slots=True)
class Sum:
    """What one thread had used since it was born."""

    spent: tuple[int, ...]
    cpu: int | None
    delay: int | None


NOTHING = Sum(tuple(no_time()), 0, 0)


@dataclass(frozen=True)
class Mark:
    """The sums of all threads at one moment; a thread that is not among them was not yet born."""

    at: int
    sums: dict[tuple[int, int, int], Sum]

    def of(self, thread: ThreadRecord) -> Sum:
        """Return the sums of one thread at the mark."""
        return self.sums.get((thread.pid, thread.tid, thread.born), NOTHING)


START = Mark(0, {})
"""The mark before anything was seen."""


def mark(session: Session) -> Mark:
    """Return the sums of all threads now."""
    return Mark(
        session.now,
        {
            (thread.pid, thread.tid, thread.born): Sum(
                tuple(thread.spent), thread.cpu, thread.delay
            )
            for thread in session.threads()
            if thread.gone is None
        },
    )


@dataclass(frozen=True, slots=True)
class Used:
    """What a thread did over the time that figures are about, as fractions; None is not known."""

    states: tuple[float, ...] | None = None
    cpu: float | None = None
    delay: float | None = None


def used(thread: ThreadRecord, session: Session, look: Look, last: Mark, reset: Mark) -> Used:
    """Return what a thread did: over the last second, since the reset, or before the cursor.

    Args:
        last: a mark about a second old; CPU over the last second is told from it.
        reset: the mark that figures are counted from when the user asked for that.
    """
    if look.cursor is not None:
        moment = look.moment(session.now)
        return Used(fractions(time_between(thread, moment - SECOND, moment)))
    now = session.now if thread.gone is None else thread.gone
    if look.since is None:
        if thread.gone is None and 0 < now - last.at <= LONG:
            return _with_cpu(fractions(_spent_since(last, thread)), thread, now, last)
        return _with_cpu(fractions(time_between(thread, now - SECOND, now)), thread, now, last)
    return _with_cpu(fractions(_spent_since(reset, thread)), thread, now, reset)


def _spent_since(before: Mark, thread: ThreadRecord) -> Shares:
    pairs = zip(thread.spent, before.of(thread).spent, strict=True)
    return [total - earlier for total, earlier in pairs]


def _with_cpu(
    states: tuple[float, ...] | None, thread: ThreadRecord, now: int, since: Mark
) -> Used:
    if thread.gone is not None:
        return Used(states)
    before = since.of(thread)
    span = now - max(since.at, thread.born)
    return Used(
        states,
        _share(thread.cpu, before.cpu, span),
        _share(thread.delay, before.delay, span),
    )


def _share(now: int | None, before: int | None, span: int) -> float | None:
    if now is None or span <= 0:
        return None
    return (now - (before or 0)) / span
