"""What was asked for and could never be watched: why not, and which error that is."""

from collections.abc import Iterable, Sequence

from gilscope.errors import GilscopeError, NotPermitted, NotThere
from gilscope.model.events import Event, Frame, Gone, Note
from gilscope.model.text import lower_first
from gilscope.probe.watched import PERMIT

TOLD = 3
"""Processes of which it is told one by one why they cannot be watched."""


class Unwatchable:
    """Hears what the probe says, until anything has been seen of a process."""

    def __init__(self, pids: Iterable[int]) -> None:
        """Args: pids: the processes that were asked for."""
        self._reasons: dict[int, str] = {}
        self._pids = tuple(dict.fromkeys(pids))
        self._seen = not self._pids
        self._forbidden = self._unreadable = False

    def hear(self, events: Sequence[Event]) -> None:
        """Take note of events that are about to be told."""
        if self._seen:
            return
        for event in events:
            match event:
                case Frame(processes=processes) if processes:
                    self._seen = True
                case Note(level="error", pid=int(pid), text=text, fix=fix):
                    self._reasons[pid] = lower_first(text)
                    self._forbidden = self._forbidden or fix == PERMIT
                case Gone(pid=pid, tid=None, how=how, text=text) if pid not in self._reasons:
                    self._unreadable = self._unreadable or how != "exited"
                    self._reasons[pid] = f"process {pid} {_fate(text)}"

    def error(self) -> GilscopeError | None:
        """Return the error where nothing of all that was asked for could ever be watched."""
        if self._seen or not all(pid in self._reasons for pid in self._pids):
            return None
        reasons = [self._reasons[pid] for pid in self._pids[:TOLD]]
        if len(self._pids) > TOLD:
            reasons.append(f"and {len(self._pids) - TOLD} more")
        told = ", ".join(reasons)
        if self._forbidden:
            return NotPermitted(told, PERMIT)
        if self._unreadable:
            return GilscopeError(told, "what this machine allows: gilscope doctor")
        return NotThere(told, "to see the Python processes and their ids: gilscope ps")


def _fate(text: str | None) -> str:
    return f"cannot be watched: {lower_first(text)}" if text else "has ended"
