"""Which functions held the GIL, and how long: of one process, or of all together."""

from collections.abc import Iterable
from dataclasses import dataclass

from gilscope.analysis.turns import turns_between
from gilscope.model.events import Call
from gilscope.model.records import FORGOTTEN, ProcessRecord
from gilscope.model.session import Session

Piece = tuple[int, Call | None, int]
"""Thread id, function, and for how many microseconds it held the GIL."""


@dataclass(frozen=True, slots=True)
class FunctionHeld:
    """How long one function held the GIL.

    Attributes:
        call: its name, file and first line; null for the time in which it is not known.
        held: microseconds.
        share: of the time that was watched; null where there is none.
        tids: the threads that held the GIL in it, the one that did longest first; without those
            that ended so long ago that they are forgotten.
    """

    call: Call | None
    held: int
    share: float | None
    tids: tuple[int, ...]


def held_by_function(
    process: ProcessRecord, start: int | None = None, end: int | None = None
) -> list[FunctionHeld]:
    """Return how long each function held a GIL of the process, the longest first.

    Args:
        start, end: of the time between these moments, as far as it is remembered
            (turns.remembered_since); None for no limit, and both for all the time it was watched.
    """
    if start is None and end is None:
        return _merged(_whole(process), process.seen)
    start = 0 if start is None else start
    if end is None:
        end = process.holdings[-1].end if process.holdings else start
    span = sum(
        max(0, min(holding.end, end) - max(holding.start, start)) for holding in process.holdings
    )
    return _merged(
        (
            (turn.tid, _named(process, turn.code), turn.end - turn.start)
            for turn in turns_between(process, start, end)
            if turn.tid is not None
        ),
        span,
    )


def held_by_function_in_all(session: Session) -> list[FunctionHeld]:
    """Return how long each function held a GIL in any process, all the time, the longest first.

    A function is the same one in two processes where its name, file and first line are. The share
    is of the session's time, and may exceed 1: each process has a GIL of its own.
    """
    pieces = (piece for process in session.processes.values() for piece in _whole(process))
    return _merged(pieces, session.span)


def _whole(process: ProcessRecord) -> Iterable[Piece]:
    return ((tid, _named(process, code), length) for (tid, code), length in process.held_in.items())


def _named(process: ProcessRecord, code: int | None) -> Call | None:
    return process.codes.get(code) if code is not None else None


def _merged(pieces: Iterable[Piece], span: int) -> list[FunctionHeld]:
    held: dict[Call | None, dict[int, int]] = {}
    for tid, call, length in pieces:
        by_thread = held.setdefault(call, {})
        by_thread[tid] = by_thread.get(tid, 0) + length
    functions = []
    for call, by_thread in held.items():
        whole = sum(by_thread.values())
        known = [tid for tid in by_thread if tid != FORGOTTEN]
        tids = tuple(sorted(known, key=lambda tid: -by_thread[tid]))
        functions.append(FunctionHeld(call, whole, whole / span if span else None, tids))
    return sorted(functions, key=lambda function: -function.held)
