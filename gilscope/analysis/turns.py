"""Who held a GIL between two moments, and in which function: read from a process's holdings.

Times are microseconds since the stream began, as everywhere in the session.
"""

from collections.abc import Iterator
from typing import NamedTuple

from gilscope.model.events import Turn
from gilscope.model.gil_records import Holding
from gilscope.model.records import ProcessRecord, ThreadRecord


class Held(NamedTuple):
    """A while in which one thread held a GIL in one function.

    Attributes:
        tid: the holder; null while the GIL was free, or its holder not known.
        code: number of the function; null where that is not known.
    """

    start: int
    end: int
    tid: int | None
    code: int | None


def turns_between(
    process: ProcessRecord, start: int, end: int, thread: ThreadRecord | None = None
) -> Iterator[Held]:
    """Yield the turns of a process's GILs between two moments, cut to them.

    They are in order for each GIL, and so for the one GIL of nearly every process. Of the time that
    is not remembered (records.HOLDINGS) there are none.

    Args:
        thread: give only the turns of the GIL that this thread needs; None for those of all.
    """
    for holding in process.holdings:
        if holding.end <= start:
            continue
        if max(start, holding.start) >= end:
            return
        for turns in _turns(process, holding, thread):
            position = holding.start
            for turn in turns:
                before, position = position, position + turn.length
                if position > start and before < end:
                    yield Held(max(before, start), min(position, end), turn.tid, turn.code)


def remembered_since(process: ProcessRecord) -> int | None:
    """Return the first moment of which it is remembered who held the GIL; None for no moment."""
    return process.holdings[0].start if process.holdings else None


def _turns(
    process: ProcessRecord, holding: Holding, thread: ThreadRecord | None
) -> Iterator[tuple[Turn, ...]]:
    if thread is None:
        yield from (gil.turns for gil in holding.gils)
        return
    needed = process.gil_of(thread, {gil.interpreter for gil in holding.gils})
    yield from (gil.turns for gil in holding.gils if gil.interpreter == needed)
