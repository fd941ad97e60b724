"""The demonstrations: what each is called, what it shows, and how it is started."""

import sys
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Demonstration:
    """A program of this package that shows something about the GIL.

    Attributes:
        name: what it is called on the command line.
        title: what it is called on a screen.
        shows: one sentence on what there is to see.
        script: its file.
    """

    name: str
    title: str
    shows: str
    script: Path

    def command(self, python: str = sys.executable) -> tuple[str, ...]:
        """Return the command line that starts it with an interpreter."""
        return (python, str(self.script))


_HERE = Path(__file__).parent

DEMONSTRATIONS = (
    Demonstration(
        "mixed",
        "a thread of each kind",
        "Two threads that compute and share the GIL; one that compresses without it; one in a "
        "socket, one at a lock, one asleep.",
        _HERE / "mixed.py",
    ),
    Demonstration(
        "web",
        "a web server and a greedy thread",
        "A threaded web server whose answers wait because a background thread of the same "
        "process computes.",
        _HERE / "web.py",
    ),
)


def find(name: str) -> Demonstration | None:
    """Return the demonstration of that name."""
    return next((each for each in DEMONSTRATIONS if each.name == name), None)
