"""How busy each core was, with the mode of a column and with all else."""

from dataclasses import dataclass
from itertools import islice, takewhile

from gilscope.compare.live import Column
from gilscope.model.events import Frame
from gilscope.ui.views.compare.lanes import moments, stands

FRAMES = 10
"""Frames that the cores of a running mode are shown over: about a second."""


@dataclass(frozen=True, slots=True)
class CoreBar:
    """One core: the share of the time that the mode ran there, and that it ran anything at all."""

    number: int
    mode: float
    busy: float


def core_bars(column: Column) -> tuple[CoreBar, ...]:
    """Return every core over the newest second of a run, or over all of one that has ended."""
    frames = _frames(column)
    span = sum(frame.span for frame in frames)
    if not span:
        return ()
    busy: dict[int, int] = {}
    ran: dict[int, int] = {}
    for frame in frames:
        for core in frame.cores:
            busy[core.core] = busy.get(core.core, 0) + core.busy
            mine = sum(share.ran for share in core.watched)
            ran[core.core] = ran.get(core.core, 0) + mine
    # The kernel counts in steps of 10 ms, the probe where it saw a thread: neither is exact.
    return tuple(
        CoreBar(
            number,
            min(ran[number] / span, 1.0),
            min(max(busy[number], ran[number]) / span, 1.0),
        )
        for number in sorted(busy)
    )


def _frames(column: Column) -> list[Frame]:
    newest_first = reversed(column.session.frames)
    found = moments(column)
    if found is None:
        return []
    start, end = found
    if not stands(column):
        return list(takewhile(lambda frame: frame.at > start, islice(newest_first, FRAMES)))
    # Frames count by their middle: the first and the last lie across the ends of the run.
    return [frame for frame in column.session.frames if start < frame.at - frame.span // 2 < end]
