"""Find the processes that watched ones start."""

import os

from gilscope.probe.kernel import parse_stat


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
        found = []
        for entry in sorted(new, key=int):  # Most parents before their children.
            try:
                with open(f"{self._proc}/{entry}/stat", encoding="utf-8", errors="replace") as file:
                    found.append((int(entry), parse_stat(file.read())[2]))
            except (OSError, ValueError):
                continue  # It has ended.
        return found
