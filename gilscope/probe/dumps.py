"""Ask py-spy about the watched processes, one after the other, and say where it fails."""

import os
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from gilscope.model.events import Event, Note
from gilscope.probe.stacks import PySpyBroken, PySpyFailed, Stacks
from gilscope.probe.watched import Watched

FAILURES = 3
"""Dumps of a process that must fail one after another before that is said."""


class Dumps:
    """Takes what py-spy tells to the processes that it is about."""

    def __init__(self, stacks: Stacks, emit: Callable[[Sequence[Event]], None]) -> None:
        """Args: emit: takes what there is to say of failures."""
        self._stacks = stacks
        self._emit = emit
        self._failed: Counter[int] = Counter()
        self._told: set[str] = set()

    def poll(self, processes: Mapping[int, Watched], now: int) -> None:
        """Take the answer that has come, if any, and ask about the next one when that is due."""
        wanting = [watched for watched in processes.values() if watched.wants_dump]
        new = [watched.pid for watched in wanting if not watched.dumped]
        before = self._stacks.target
        answer = self._stacks.poll(now, new, [w.pid for w in wanting if w.dumped])
        if before is None and (target := self._stacks.target) is not None:
            processes[target].busy = False  # What it does from here on, this may not show.
        if answer is None:
            return
        pid, dump = answer
        watched = processes.get(pid)
        if isinstance(dump, PySpyFailed):
            self._failed[pid] += 1
            self._say(pid, dump, now)
        else:
            del self._failed[pid]
        if watched is not None:
            watched.take(dump, now)

    def _say(self, pid: int, why: PySpyFailed, now: int) -> None:
        # A target that runs on while it is read is torn now and then: that is no news.
        torn = not isinstance(why, PySpyBroken) and self._failed[pid] < FAILURES
        if torn or f"{why}" in self._told or not os.path.exists(f"/proc/{pid}"):
            return
        self._told.add(f"{why}")
        text = f"py-spy cannot read process {pid}: {f'{why}'.rstrip('.')}."
        self._emit([Note(now, "warning", text, "`gilscope doctor` tells what py-spy needs", pid)])
