"""Which parts of a frame its samples tell of: those in which the state of any thread is known.

Who holds a GIL and who waits for it is sampled together. Before the first sample of a process, and
while the sampler had no core, nothing is known of either.
"""

from collections.abc import Iterable, Iterator, Sequence

from msgspec.structs import replace

from gilscope.model.events import GilSlice, Turn
from gilscope.model.runs import read_runs

Part = tuple[int, int]
"""When a part of a frame begins and ends."""


def known_parts(threads: Iterable[tuple[int, str]], end: int) -> list[Part]:
    """Return the parts in which the state of any thread is known, in order and apart.

    Args:
        threads: the runs of each in a frame, and when they begin.
        end: when the frame ends; what runs beyond that is left out.
    """
    parts = []
    for begin, runs in threads:
        at = begin
        for letter, length in read_runs(runs):
            before, at = at, min(at + length, end)
            if letter != "?" and at > before:
                parts.append((before, at))
    apart: list[Part] = []
    for begin, stop in sorted(parts):
        if apart and begin <= apart[-1][1]:
            apart[-1] = (apart[-1][0], max(apart[-1][1], stop))
        else:
            apart.append((begin, stop))
    return apart


def time_in(parts: Iterable[Part]) -> int:
    """Return how long parts are, all together."""
    return sum(end - begin for begin, end in parts)


def only_known(gil: GilSlice, held: int, parts: Sequence[Part], start: int) -> GilSlice:
    """Return what is known of a GIL in a frame: nobody held it in what lies between the parts.

    Args:
        held: how long threads are known to have held it.
        start: when the frame began.
    """
    turns = tuple(_turns_within(gil.turns, parts, start))
    return replace(gil, held=min(gil.held, held), turns=turns)


def _turns_within(turns: Iterable[Turn], parts: Sequence[Part], start: int) -> Iterator[Turn]:
    at = start
    for turn in turns:
        end = at + turn.length
        for begin, stop in parts:
            first, last = max(at, begin), min(end, stop)
            if last <= first:
                continue
            if first > at:
                yield Turn(None, None, first - at)
            yield Turn(turn.tid, turn.code, last - first)
            at = last
        if end > at:
            yield Turn(None, None, end - at)
            at = end
