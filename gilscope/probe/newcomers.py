"""Find the processes that watched ones start."""

import os

from gilscope.probe.kernel import parent_of


class Newcomers:
    """Tells which processes are new on the machine, and who started them.

    One look at the list of all processes costs less than asking each thread of each watched process
    for its children: of those that are known already nothing is read.
    """

    def __init__(self, proc: str = "/proc") -> None:
        """Args: proc: the folder to find the processes in."""
        self._proc = proc
        self._known: set[str] = set(os.listdir(proc))

    def look(self) -> list[tuple[int, int]]:
        """Return the processes that have come since the last look, each with its parent's id."""
        entries = set(os.listdir(self._proc))
        new = [entry for entry in entries - self._known if entry.isdecimal()]
        self._known = entries
        new.sort(key=int)  # Most parents before their children.
        parents = [(int(entry), parent_of(entry, proc=self._proc)) for entry in new]
        return [(pid, parent) for pid, parent in parents if parent is not None]
