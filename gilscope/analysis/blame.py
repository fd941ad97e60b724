"""Who kept a thread waiting: which threads, and which functions, held its GIL while it waited."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from gilscope.analysis.lanes import runs_between
from gilscope.analysis.turns import turns_between
from gilscope.model.events import Call
from gilscope.model.records import ProcessRecord, ThreadRecord

Holder = tuple[int | None, int | None]
"""Thread id, and number of the function; null where that is not known."""


@dataclass(frozen=True, slots=True)
class Blamed:
    """What a thread waited for.

    Attributes:
        tid: the thread that held the GIL meanwhile; null for the time in which none is known to
            have: the GIL was on its way from one to the next, or held too shortly to be sampled.
        name: that thread's name, where it is known.
        code: number of the function that it ran (records.ProcessRecord.codes), and `call`, its
            name, file and first line; null where they are not known.
        waited: microseconds.
    """

    tid: int | None
    name: str | None
    code: int | None
    call: Call | None
    waited: int


def blame(process: ProcessRecord, thread: ThreadRecord, start: int, end: int) -> list[Blamed]:
    """Return who held a thread's GIL while it waited between two moments, the greatest part first.

    The parts add up to the time that it waited. Only the newest two minutes are remembered
    (turns.remembered_since); what was waited before counts as the fault of nobody known.
    """
    waited: dict[Holder, int] = {}
    for holder, length in _waited_for(process, thread, start, end):
        waited[holder] = waited.get(holder, 0) + length
    blamed = []
    for (tid, code), length in sorted(waited.items(), key=lambda item: -item[1]):
        other = process.threads.get(tid) if tid is not None else None
        call = process.codes.get(code) if code is not None else None
        blamed.append(Blamed(tid, other.name if other else None, code, call, length))
    return blamed


def by_function(blamed: Iterable[Blamed]) -> list[tuple[Call | None, int, tuple[int, ...]]]:
    """Return each function that was waited for, how long, and in which threads; longest first.

    What no known holder accounts for is not among them.
    """
    waited: dict[Call | None, dict[int, int]] = {}
    for each in blamed:
        if each.tid is not None:
            threads = waited.setdefault(each.call, {})
            threads[each.tid] = threads.get(each.tid, 0) + each.waited
    found = [
        (call, sum(threads.values()), tuple(sorted(threads, key=lambda tid: -threads[tid])))
        for call, threads in waited.items()
    ]
    return sorted(found, key=lambda each: -each[1])


def _waited_for(
    process: ProcessRecord, thread: ThreadRecord, start: int, end: int
) -> Iterator[tuple[Holder, int]]:
    """Yield who was waited for and how long, in order: the waits and the turns side by side."""
    turns = turns_between(process, start, end, thread)
    turn = next(turns, None)
    for letter, position, finish, _ in runs_between(thread, start, end):
        if letter != "W" or start >= end:
            continue
        while turn is not None and position < finish:
            if turn.end <= position:
                turn = next(turns, None)
                continue
            if turn.start >= finish:
                break
            if turn.start > position:
                yield (None, None), turn.start - position
                position = turn.start
            until = min(turn.end, finish)
            # It cannot have held what it waited for: at most half a sample off, one of them ended.
            unknown = turn.tid is None or turn.tid == thread.tid
            yield (None, None) if unknown else (turn.tid, turn.code), until - position
            position = until
        if position < finish:
            yield (None, None), finish - position
