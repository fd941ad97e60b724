"""What ran on each core over the last second, and which labels tell the runners apart."""

from collections.abc import Iterable
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
        self._by_process = False

    def tell_apart(self, processes: bool) -> None:
        """Label processes from now on, or the threads of a single one."""
        if processes != self._by_process:
            self._by_process = processes
            self._labels.clear()

    def index(self, pid: int, tid: int) -> int:
        """Return the label's index of a runner, a new one if it never ran before."""
        key = self._key(pid, tid)
        if key not in self._labels:
            used = set(self._labels.values())
            self._labels[key] = next(index for index in range(len(used) + 1) if index not in used)
        return self._labels[key]

    def known(self, pid: int, tid: int) -> int | None:
        """Return the label's index of a thread or, for thread 0, of a process; None without one."""
        return self._labels.get((pid, tid))

    def of_thread(self, pid: int, tid: int) -> int | None:
        """Return the label's index that stands for a thread on the cores, its process's maybe."""
        return self._labels.get(self._key(pid, tid))

    def keep(self, runners: Iterable[tuple[int, int]]) -> None:
        """Free the labels of all others: there are not many, and short-lived threads come and go.

        Args:
            runners: process id and thread id of each.
        """
        kept = {self._key(pid, tid) for pid, tid in runners}
        self._labels = {key: index for key, index in self._labels.items() if key in kept}

    def clear(self) -> None:
        """Forget all labels."""
        self._labels.clear()

    def _key(self, pid: int, tid: int) -> tuple[int, int]:
        return (pid, 0) if self._by_process else (pid, tid)


def label(index: int) -> str:
    """Return the character of a label."""
    return LABELS[index] if index < len(LABELS) else "+"


def cores(session: Session, runners: Runners, moment: int) -> tuple[Core, ...]:
    """Return every core over the second before a moment."""
    frames = list(islice((f for f in reversed(session.frames) if f.at <= moment), FRAMES))
    span = sum(frame.span for frame in frames)
    if not span:
        return ()
    runners.tell_apart(len(session.processes) > 1)
    runners.keep(
        {
            *((thread.pid, thread.tid) for thread in session.threads() if thread.gone is None),
            *(
                (share.pid, share.tid)
                for frame in frames
                for core in frame.cores
                for share in core.watched
            ),
        }
    )
    busy: dict[int, int] = {}
    ran: dict[int, dict[int, int]] = {}
    for frame in reversed(frames):
        for core in frame.cores:
            busy[core.core] = busy.get(core.core, 0) + core.busy
            mine = ran.setdefault(core.core, {})
            for share in core.watched:
                index = runners.index(share.pid, share.tid)
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
