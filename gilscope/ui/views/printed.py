"""What the launched command printed, as lines that a terminal can be trusted with."""

import re
from collections.abc import Sequence
from itertools import islice

from gilscope.model.events import Output
from gilscope.model.session import Session
from gilscope.model.text import clean

TAIL = 64 * 1024
"""Characters of the output that are looked at for its last lines."""

LAST_WORDS = 10
"""Lines that are left behind of what a command that failed had printed."""

_COLOURS = re.compile(r"\x1b\[[0-9;:?]*[A-Za-z]")


def last_lines(output: Sequence[Output], most: int) -> list[str]:
    """Return the last lines that are not empty, at most so many, clean."""
    pieces: list[str] = []
    size = 0
    for event in reversed(output):
        pieces.append(event.text)
        size += len(event.text)
        if size > TAIL:
            break
    newest = reversed("".join(reversed(pieces))[-TAIL:].split("\n"))
    seen = (line for line in map(printed, newest) if line.strip())
    return list(islice(seen, max(most, 0)))[::-1]


def printed(line: str) -> str:
    """Return a line as a terminal would leave it: what a carriage return went over is gone."""
    last = line.rstrip("\r").rpartition("\r")[2]
    return clean(_COLOURS.sub("", last).expandtabs(8))


def has_printed(session: Session) -> bool:
    """Return whether the launched command printed anything that can be seen."""
    return any(event.text.strip() for event in session.output)


def has_failed(session: Session) -> bool:
    """Return whether the launched command ended by a signal, or with a status that is not 0."""
    return any(
        record.gone is not None and record.gone.status
        for record in session.processes.values()
        if not record.about.followed
    )


def last_words(session: Session) -> list[str]:
    """Return the last lines that the launched command printed if it failed; otherwise none.

    For standard error, once the screen that showed them is closed.
    """
    return last_lines(session.output, LAST_WORDS) if has_failed(session) else []
