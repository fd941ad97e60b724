"""How plain commands read a probe for a while, and how they print."""

import dataclasses
import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING, TextIO

from gilscope.analysis.fidelity import unanswered
from gilscope.analysis.summarise import cautions
from gilscope.analysis.summary import Caution
from gilscope.cli.complaint import complain
from gilscope.errors import GilscopeError
from gilscope.model.events import Event
from gilscope.model.records import ProcessRecord
from gilscope.model.session import Session
from gilscope.model.text import lower_first
from gilscope.stream.local import ProbeProcess

if TYPE_CHECKING:
    from rich.console import Console

LOOK = 0.2
"""Seconds after which a wait for events looks at whether it was interrupted."""

GRACE = 10.0
"""Seconds beyond the time asked for that a silent probe is waited for."""

PIPED_WIDTH = 120
"""Columns of a table that does not go to a terminal."""

Enough = Callable[[Session], bool]


class Interruption:
    """Ctrl-C as a flag rather than an exception, so that what has been seen stays whole."""

    def __init__(self) -> None:
        self.happened = False

    @contextmanager
    def awaited(self) -> Iterator[None]:
        """Catch one Ctrl-C; a second one interrupts as ever."""
        before = signal.signal(signal.SIGINT, self._note)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)

    def _note(self, number: int, frame: FrameType | None) -> None:
        self.happened = True
        signal.signal(signal.SIGINT, signal.default_int_handler)


def watch(
    probe: ProbeProcess,
    session: Session,
    enough: Enough,
    *,
    seconds: float | None,
    interrupted: Callable[[], bool] = lambda: False,
    also: Callable[[Event], None] = lambda event: None,
    clock: Callable[[], float] = time.monotonic,
) -> None:
    """Read a probe into a session until it is enough, the stream ends, or time is up.

    Args:
        seconds: how long this is expected to take; None for as long as it takes.
        also: is shown every event too.
    """
    end = None if seconds is None else clock() + seconds + GRACE
    while not (enough(session) or interrupted()):
        now = clock()
        if end is not None and now >= end:
            return
        come = False
        for event in probe.events(now + LOOK):
            come = True
            session.apply(event)
            also(event)
            if enough(session) or interrupted():
                return
        if not come and probe.ended:
            return


def everything_gone(session: Session, pids: Iterable[int]) -> bool:
    """Whether every process that was asked for has come and is gone again.

    Of one that never comes the stream tells in a note, and ends where there is nothing else.
    """
    return all(
        (process := session.processes.get(pid)) is not None and process.gone is not None
        for pid in pids
    )


def stream_ended(session: Session) -> bool:
    """Whether the stream has ended in good order."""
    return session.bye is not None


def watched_for(seconds: float, pids: Sequence[int]) -> Enough:
    """Return a condition: so much time has been watched, or nothing is left of what was asked."""
    return lambda session: session.span >= seconds * 1_000_000 or everything_gone(session, pids)


def tell_warnings(warnings: Iterable[Caution]) -> None:
    """Say on standard error what the sampler could not do."""
    for warning in warnings:
        complain(warning.text.rstrip("."), warning.fix)


def nothing_seen(session: Session, ending: str | None) -> GilscopeError:
    """Return the error for a stream that told nothing: what the probe said last, or died of."""
    for note in reversed(session.notes):
        if note.level == "error":
            return GilscopeError(lower_first(note.text), note.fix)
    if ending is not None:
        return GilscopeError(lower_first(ending), "what this machine allows: gilscope doctor")
    if (process := unanswered(session)) is not None:
        return no_answer(process, cautions(session))
    return GilscopeError("it ended before anything was seen of it")


def no_answer(process: ProcessRecord, warnings: Sequence[Caution]) -> GilscopeError:
    """Return the error for a process of which py-spy alone could tell, and did not."""
    what = f"nothing was seen of process {process.about.pid}, of which only py-spy can tell"
    if not warnings:
        return GilscopeError(what, "py-spy may take longer to answer: gilscope stat -d SECONDS")
    newest = warnings[-1]
    return GilscopeError(f"{what}: {lower_first(newest.text).rstrip('.')}", newest.fix)


def print_json(value: object, file: TextIO | None = None) -> None:
    """Print a dataclass, or a list of them, as JSON; only ASCII, so that no terminal obeys it."""
    json.dump(value, file or sys.stdout, indent=2, default=_plain)
    print(file=file or sys.stdout, flush=True)


def console(file: TextIO | None = None) -> "Console":
    """Return a console for tables: styled on a terminal only, and wide enough in a pipe."""
    from rich.console import Console

    target = file or sys.stdout
    piped = not target.isatty()
    width = PIPED_WIDTH if piped and "COLUMNS" not in os.environ else None
    return Console(file=target, width=width, highlight=False, markup=False, emoji=False)


def _plain(value: object) -> object:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    raise TypeError(type(value).__name__)
