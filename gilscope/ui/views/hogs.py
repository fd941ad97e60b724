"""Hogs: holds of the GIL so long that everybody else notices."""

from dataclasses import dataclass, replace

from gilscope.analysis.lanes import time_between
from gilscope.model.events import Call, Hog
from gilscope.model.session import Session
from gilscope.model.states import POSITION
from gilscope.model.text import clean
from gilscope.ui.views.where import place

HOG = 50_000
"""Microseconds from which on a hold is a hog, before the stream has said so."""

HogKey = tuple[int, int, int]
"""Process id, thread id, and when the hold began."""

_WAIT = POSITION["W"]


@dataclass(frozen=True, slots=True)
class HogLine:
    """One hog in short.

    Attributes:
        since: when it began.
        length: how long it was, or has been so far.
        name: of its thread, after the process id where there are several processes.
        where: its innermost call; empty where no stack could be read while it lasted.
        open: it goes on.
    """

    key: HogKey
    since: int
    length: int
    name: str
    where: str
    open: bool


@dataclass(frozen=True, slots=True)
class HogDetail:
    """All that is known of one hog.

    Attributes:
        read: how long after the beginning its stack was read.
        waited: the names of threads that waited for the GIL meanwhile, and how long; `whole`: all
            of them together, as the probe has counted it.
    """

    line: HogLine
    pid: int
    tid: int
    calls: tuple[Call, ...]
    read: int | None
    waited: tuple[tuple[str, int], ...]
    whole: int


MINDED = 20_000
"""Microseconds of waiting from which on a hog matters: Python code lets the GIL go within some 5 ms
of being asked to, C code only when it is done."""


def hog_length(session: Session) -> int:
    """Return how long a hold is at least that is a hog, in microseconds."""
    return session.hello.hog if session.hello else HOG


def hogs(session: Session, moment: int) -> list[HogLine]:
    """Return the hogs that had begun by a moment, those that went on then too; newest first.

    A hold that nobody waited for, or that ended soon after somebody asked for the GIL as a hold in
    Python code does, is nobody's trouble and left out: a process with one busy thread has nothing
    else.
    """
    found = []
    for key, hog in session.hogs.items():
        if hog.since < moment and _minded(session, hog):
            line = _line(session, key, hog)
            if line.since + line.length > moment:
                line = replace(line, open=True)
            found.append(line)
    return sorted(found, key=lambda line: (-line.since, line.key))


def harmless_hogs(session: Session, moment: int) -> int:
    """Return how many hogs had begun by a moment for which nobody waited long."""
    return sum(hog.since < moment and not _minded(session, hog) for hog in session.hogs.values())


def hog_detail(session: Session, key: HogKey) -> HogDetail | None:
    """Return everything about a hog; None once it is forgotten."""
    hog = session.hogs.get(key)
    if hog is None:
        return None
    line = _line(session, key, hog)
    end = line.since + line.length
    process = session.processes.get(hog.pid)
    waited = [
        (_name(session, hog.pid, thread.tid), time_between(thread, hog.since, end)[_WAIT])
        for thread in (process.threads.values() if process else ())
        if thread.tid != hog.tid
    ]
    waited = sorted((each for each in waited if each[1]), key=lambda each: -each[1])
    return HogDetail(line, hog.pid, hog.tid, hog.calls, hog.read, tuple(waited), hog.waited)


def _line(session: Session, key: HogKey, hog: Hog) -> HogLine:
    name = _name(session, hog.pid, hog.tid)
    return HogLine(
        key=key,
        since=hog.since,
        length=session.hog_length(hog),
        name=f"{hog.pid} {name}" if len(session.processes) > 1 else name,
        where=place(hog.calls[0]) if hog.calls else "",
        open=not hog.ended,
    )


def _minded(session: Session, hog: Hog) -> bool:
    """Return whether threads waited long for a hog, or one does now while it goes on."""
    if hog.ended or hog.waited >= MINDED:
        return hog.waited >= MINDED
    process = session.processes.get(hog.pid)
    thread = process.threads.get(hog.tid) if process else None
    if process is None or thread is None:
        return False
    gil = process.gil_of(thread, process.gils) if process.gils else None
    return any(
        other.state == "W" and (gil is None or process.gil_of(other, process.gils) == gil)
        for other in process.living()
    )


def _name(session: Session, pid: int, tid: int) -> str:
    process = session.processes.get(pid)
    thread = process.threads.get(tid) if process else None
    return clean(thread.name) if thread and thread.name else f"thread {tid}"
