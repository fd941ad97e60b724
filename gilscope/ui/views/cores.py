"""What ran on each core over the last second, and which labels tell the runners apart."""

from dataclasses import dataclass
from itertools import islice

from gilscope.model.session import Session

LABELS = "123456789abcdefghijklmnopqrstuvwxyz"

FRAMES = 10


@dataclass(frozen=True, slots=True)
class Core:
    """One core.

    Attributes:
        number: the kernel's number for it.
        busy: share of the time that it ran anything.
        runners: index of each label and the share of the time that it ran here, the most first.
    """

    number: int
    busy: float
    runners: tuple[tuple[int, float], ...]

    @property
    def watched(self) -> float:
        """Share of the time that it ran anything watched."""
        return sum(share for _, share in self.runners)


class Runners:
    """Gives each thread (or each process, where there are several) a label when it first runs."""

    def __init__(self) -> None:
        self._labels: dict[tuple[int, int], int] = {}

    def index(self, pid: int, tid: int, by_process: bool) -> int:
        """Return the label's index of a runner, a new one if it never ran before."""
        key = (pid, 0 if by_process else tid)
        return self._labels.setdefault(key, len(self._labels))

    def known(self, pid: int, tid: int) -> int | None:
        """Return the label's index of a thread, None if it has none."""
        return self._labels.get((pid, tid), self._labels.get((pid, 0)))

    def clear(self) -> None:
        """Forget all labels."""
        self._labels.clear()


def label(index: int) -> str:
    """Return the character of a label."""
    return LABELS[index] if index < len(LABELS) else "+"


def cores(session: Session, runners: Runners, moment: int) -> tuple[Core, ...]:
    """Return every core over the second before a moment."""
    frames = list(islice((f for f in reversed(session.frames) if f.at <= moment), FRAMES))
    span = sum(frame.span for frame in frames)
    if not span:
        return ()
    by_process = sum(process.gone is None for process in session.processes.values()) > 1
    busy: dict[int, int] = {}
    ran: dict[int, dict[int, int]] = {}
    for frame in reversed(frames):
        for core in frame.cores:
            busy[core.core] = busy.get(core.core, 0) + core.busy
            mine = ran.setdefault(core.core, {})
            for share in core.watched:
                index = runners.index(share.pid, share.tid, by_process)
                mine[index] = mine.get(index, 0) + share.ran
    return tuple(
        Core(
            number,
            min(busy[number] / span, 1.0),
            tuple(
                (index, time / span)
                for index, time in sorted(ran[number].items(), key=lambda item: -item[1])
            ),
        )
        for number in sorted(busy)
    )
