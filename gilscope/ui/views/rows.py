"""The rows of the thread table: processes, interpreters, threads, in the order the user chose."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from gilscope.analysis.lanes import BLANK, letter_of
from gilscope.analysis.load import gil_load, held_share
from gilscope.model.records import ProcessRecord, ThreadRecord
from gilscope.model.session import Session
from gilscope.model.states import BY_LETTER, POSITION
from gilscope.model.text import clean
from gilscope.ui.views.commands import short_command
from gilscope.ui.views.look import SECOND, Key, Look
from gilscope.ui.views.marks import Used
from gilscope.ui.views.where import where

LINGER = 2 * SECOND
"""How long a thread that has ended stays listed, so that the eye can see it go."""

MOST_MEMBERS = 100
"""Threads of a process that are counted for every cell of its lane."""

Measure = Callable[[ThreadRecord], Used]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table.

    Attributes:
        key: what the line is about.
        depth: how far its name is moved to the right.
        letter: state at the moment shown; BLANK for what is no thread.
        over: it has ended.
        load: GIL load, for a process.
        held: share of the time that the GIL was held, for a process.
        thread: the record, for the timeline to be read from.
        members: the threads of a process, for the number of those that want the GIL.
    """

    key: Key
    depth: int
    name: str
    letter: str = BLANK
    used: Used = field(default_factory=Used)
    where: str = ""
    over: bool = False
    load: float | None = None
    held: float | None = None
    thread: ThreadRecord | None = field(default=None, compare=False)
    members: tuple[ThreadRecord, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class _Group:
    process: ProcessRecord
    depth: int
    rows: list[Row]


def rows(session: Session, look: Look, measure: Measure) -> tuple[Row, ...]:
    """Return all rows of a session as the user wants them."""
    groups = [
        _Group(process, depth, list(_threads(process, session, look, measure)))
        for process, depth in _in_tree_order(session, look)
    ]
    if not look.tree:
        flat = [replace(row, depth=0) for group in groups for row in group.rows]
        return tuple(_in_order(_matching(flat, look), look))
    found: list[Row] = []
    for group in groups:
        heading = _heading(group, session, look)
        matching = _matching(group.rows, look)
        if look.words and not matching:
            if not _matches(heading, look.words):
                continue
            matching = group.rows
        found.append(heading)
        found += _arranged(group, matching, look)
    return tuple(found)


def _in_tree_order(session: Session, look: Look) -> Iterator[tuple[ProcessRecord, int]]:
    moment = look.moment(session.now)
    known = {
        pid: process
        for pid, process in session.processes.items()
        if process.born <= moment or look.frozen is None
    }
    children: dict[int, list[ProcessRecord]] = {}
    for process in known.values():
        parent = process.about.parent if process.about.parent in known else 0
        children.setdefault(parent, []).append(process)
    pending = [(process, 0) for process in reversed(children.get(0, []))]
    told = set()
    while pending:
        process, depth = pending.pop()
        if process.about.pid in told:
            continue
        told.add(process.about.pid)
        if _still_listed(process, moment, len(known)):
            yield process, depth
        below = children.get(process.about.pid, [])
        pending += [(child, depth + 1) for child in reversed(below)]


def _still_listed(process: ProcessRecord, moment: int, processes: int) -> bool:
    # The last picture of what was asked for stays; children come and go.
    if process.gone is None or not process.about.followed or processes == 1:
        return True
    return process.gone.at + LINGER >= moment


def _threads(
    process: ProcessRecord, session: Session, look: Look, measure: Measure
) -> Iterator[Row]:
    moment = look.moment(session.now)
    ended = process.gone.at if process.gone else None
    for thread in process.threads.values():
        over = thread.gone is not None and thread.gone <= moment
        if over and ended is not None and ended - (thread.gone or 0) < SECOND:
            # It went with its process, whose last picture stays.
            over = False
        if thread.born > moment and look.frozen is not None:
            continue
        if over and (thread.gone or 0) + LINGER < moment:
            continue
        yield thread_row(thread, look, moment, measure(thread), over)


def thread_row(
    thread: ThreadRecord, look: Look, moment: int, used: Used, over: bool = False
) -> Row:
    """Return the row of one thread."""
    letter = BLANK if over else letter_now(thread, look, moment)
    # Stacks are not kept, so that where it was then is not known.
    there = "" if look.cursor is not None else where(thread, letter)
    return Row(
        key=("thread", thread.pid, thread.tid),
        depth=1,
        name=clean(thread.name) if thread.name else f"thread {thread.tid}",
        letter=letter,
        used=used,
        where="ended" if over else there,
        over=over,
        thread=thread,
    )


def letter_now(thread: ThreadRecord, look: Look, moment: int) -> str:
    """Return the letter of a thread's state at the moment shown."""
    if look.frozen is None and look.cursor is None:
        return thread.state
    return letter_of(thread, 0, moment)


def _heading(group: _Group, session: Session, look: Look) -> Row:
    process = group.process
    about = process.about
    moment = look.moment(session.now)
    load = gil_load(process, 1, moment)
    cpus = [row.used.cpu for row in group.rows if row.used.cpu is not None]
    return Row(
        key=("process", about.pid, 0),
        depth=group.depth,
        name=f"{about.pid} {short_command(about.command)}",
        used=Used(None, sum(cpus) if cpus else None, None),
        where=_process_where(process, load),
        over=process.gone is not None,
        load=load,
        held=held_share(process, 1, moment),
        members=_members(process) if load is not None else (),
    )


def _members(process: ProcessRecord) -> tuple[ThreadRecord, ...]:
    """Return the threads that may want the GIL; none where they are too many to count so often."""
    found = [thread for thread in process.threads.values() if not thread.native and thread.history]
    return tuple(found) if len(found) <= MOST_MEMBERS else ()


def _process_where(process: ProcessRecord, load: float | None) -> str:
    if process.gone is not None:
        return "ended"
    if process.stopped:
        return "stopped"
    if process.about.gil is False:
        return "no GIL"
    return "" if load is None else f"load {load:.1f}"


def _arranged(group: _Group, matching: list[Row], look: Look) -> Iterator[Row]:
    pid = group.process.about.pid
    shift = group.depth
    natives = [row for row in matching if row.thread and row.thread.native]
    fold = bool(natives) and len(natives) < len(group.rows) and not look.words
    own = [row for row in matching if not (fold and row.thread and row.thread.native)]
    numbers = {_interpreter(row) for row in own}
    interpreters = sorted(number for number in numbers if number is not None)
    if len(interpreters) > 1:
        for number in interpreters:
            yield Row(("interpreter", pid, number), shift + 1, f"interpreter {number}")
            inside = [row for row in own if _interpreter(row) == number]
            yield from (replace(row, depth=shift + 2) for row in _in_order(inside, look))
        own = [row for row in own if _interpreter(row) is None]
    yield from (replace(row, depth=shift + 1) for row in _in_order(own, look))
    if fold:
        opened = pid in look.opened
        noun = "thread" if len(natives) == 1 else "threads"
        mark = "▾" if opened else "▸"
        name = f"{mark} {len(natives)} native {noun}"
        yield Row(("natives", pid, 0), shift + 1, name)
        if opened:
            yield from (replace(row, depth=shift + 2) for row in _in_order(natives, look))


def _interpreter(row: Row) -> int | None:
    return row.thread.interpreter if row.thread else None


def _in_order(found: list[Row], look: Look) -> list[Row]:
    match look.order:
        case "start":
            # The main thread, whose id is the process's own, comes first.
            return sorted(found, key=lambda row: (row.key[2] != row.key[1], row.key[2]))
        case "name":
            return sorted(found, key=lambda row: row.name.lower())
        case "hold" | "wait":
            position = POSITION["H" if look.order == "hold" else "W"]
            return sorted(found, key=lambda row: -(row.used.states or (0.0,) * 8)[position])
        case "cpu":
            return sorted(found, key=lambda row: -(row.used.cpu or 0.0))


def _matching(found: list[Row], look: Look) -> list[Row]:
    return [row for row in found if _matches(row, look.words)] if look.words else found


def _matches(row: Row, words: tuple[str, ...]) -> bool:
    state = BY_LETTER[row.letter].value if row.letter in BY_LETTER else ""
    text = f"{row.name} {row.where} {state} {row.key[1]} {row.key[2]}".lower()
    return all(word in text for word in words)
