"""The rows of the thread table: processes, interpreters, threads, in the order the user chose."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from gilscope.analysis.lanes import BLANK, letter_of
from gilscope.model.records import ProcessRecord, ThreadRecord
from gilscope.model.session import Session
from gilscope.model.text import clean, counted
from gilscope.ui.views.headings import Group, heading, interpreter_row
from gilscope.ui.views.look import SECOND, Look
from gilscope.ui.views.machinery import thread_role
from gilscope.ui.views.marks import Used
from gilscope.ui.views.row import Measure, Row, in_order, matches, matching
from gilscope.ui.views.where import where

LINGER = 2 * SECOND
"""How long what has ended stays listed, so that the eye can see it go."""

FEW = 3
"""Threads that ended just now, up to which each stays where it was; of more the eye sees none."""

MISSED = 8 * SECOND
"""The same of a process that had been there for a while."""


def rows(session: Session, look: Look, measure: Measure) -> tuple[Row, ...]:
    """Return all rows of a session as the user wants them."""
    moment = look.moment(session.now)
    groups = [
        _group(process, depth, over, look, moment, measure)
        for process, depth, over in _in_tree_order(session, look, moment)
    ]
    if look.shape == "list":
        flat = [replace(row, depth=0) for group in groups for row in group.rows]
        return tuple(in_order(matching(flat, look.words), look))
    found: list[Row] = []
    for group in _as_chosen(groups, look):
        title = heading(group, moment)
        inside = matching(group.rows, look.words)
        if look.words and not inside:
            if not matches(title, look.words):
                continue
            inside = group.rows
        found.append(title)
        if not group.closed:
            found += _arranged(group, inside, look, moment)
    return tuple(found)


def _as_chosen(groups: Sequence[Group], look: Look) -> Iterator[Group]:
    """Yield the groups that are shown; what the user looks for is shown wherever it is."""
    index = 0
    while index < len(groups):
        group = groups[index]
        index += 1
        turned = group.process.about.pid in look.turned and not look.words
        if look.shape == "processes" and not look.words:
            yield replace(group, closed=not turned)
            continue
        end = index
        while end < len(groups) and groups[end].depth > group.depth:
            end += 1
        if turned:
            yield replace(group, closed=True, below=tuple(groups[index:end]))
            index = end
        else:
            yield group


def _in_tree_order(
    session: Session, look: Look, moment: int
) -> Iterator[tuple[ProcessRecord, int, bool]]:
    """Yield processes, how far below the first of their family, and whether they are over."""
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
        # The last picture of what was asked for stays; children come and go.
        lasting = process.gone is None or not process.about.followed or len(known) == 1
        if lasting or _still_listed(process, moment):
            over = process.gone is not None and process.gone.at <= moment
            yield process, depth, over and not lasting
        below = children.get(process.about.pid, [])
        pending += [(child, depth + 1) for child in reversed(below)]


def _still_listed(process: ProcessRecord, moment: int) -> bool:
    assert process.gone
    lived = process.gone.at - process.born
    return process.gone.at + (MISSED if lived >= LINGER else LINGER) >= moment


def _group(
    process: ProcessRecord, depth: int, over: bool, look: Look, moment: int, measure: Measure
) -> Group:
    """Return a process with the rows of the threads that are there, or ended just now."""
    there: list[ThreadRecord] = []
    ended: list[ThreadRecord] = []
    for thread in process.threads.values():
        if thread.born > moment and look.frozen is not None:
            continue
        (ended if _has_ended(thread, process, over, moment) else there).append(thread)
    fresh = [thread for thread in ended if (thread.gone or 0) + LINGER >= moment]
    if len(fresh) > FEW:
        fresh = []
    found = [thread_row(thread, look, moment, measure(thread)) for thread in there]
    found += [thread_row(thread, look, moment, Used(), True) for thread in fresh]
    folded = ended[: len(ended) - len(fresh)]
    return Group(process, depth, found, tuple(folded), process.forgotten, over)


def _has_ended(thread: ThreadRecord, process: ProcessRecord, over: bool, moment: int) -> bool:
    if thread.gone is None or thread.gone > moment:
        return False
    # Where the last picture of a process stays, so does what went with it.
    last = process.gone.at if process.gone and not over else None
    return last is None or last - thread.gone >= SECOND


def thread_row(
    thread: ThreadRecord, look: Look, moment: int, used: Used, over: bool = False
) -> Row:
    """Return the row of one thread."""
    letter = BLANK if over else letter_now(thread, look, moment)
    # Stacks are not kept, so that where it was then is not known.
    there = "" if look.cursor is not None else where(thread, letter)
    role = thread_role(thread)
    return Row(
        key=("thread", thread.pid, thread.tid),
        depth=1,
        name=clean(thread.name) if thread.name else f"thread {thread.tid}",
        letter=letter,
        used=used,
        where="ended" if over else f"helper: {role}" if role else there,
        over=over,
        helper=role is not None,
        thread=thread,
    )


def letter_now(thread: ThreadRecord, look: Look, moment: int) -> str:
    """Return the letter of a thread's state at the moment shown."""
    if look.frozen is None and look.cursor is None:
        return thread.state
    return letter_of(thread, 0, moment)


def _arranged(group: Group, found: list[Row], look: Look, moment: int) -> Iterator[Row]:
    pid = group.process.about.pid
    shift = group.depth
    natives = [row for row in found if row.thread and row.thread.native]
    fold = bool(natives) and len(natives) < len(group.rows) and not look.words
    own = [row for row in found if not (fold and row.thread and row.thread.native)]
    inside: dict[int | None, list[Row]] = {}
    for row in own:
        inside.setdefault(row.thread.interpreter if row.thread else None, []).append(row)
    interpreters = sorted(number for number in inside if number is not None)
    if len(interpreters) > 1:
        for number in interpreters:
            yield interpreter_row(group.process, number, shift + 1, moment)
            yield from _moved(inside[number], shift + 2, look)
        own = inside.get(None, [])
    yield from _moved(own, shift + 1, look)
    if fold:
        opened = pid in look.opened
        yield _fold("natives", pid, len(natives), "native thread", opened, shift + 1)
        if opened:
            yield from _moved(natives, shift + 2, look)
    count = len(group.ended) + group.forgotten
    if count and not (look.words or group.over):
        opened = pid in look.recalled
        yield _fold("ended", pid, count, "ended thread", opened, shift + 1)
        for thread in reversed(group.ended) if opened else ():
            yield replace(thread_row(thread, look, moment, Used(), True), depth=shift + 2)


def _fold(kind: str, pid: int, count: int, noun: str, opened: bool, depth: int) -> Row:
    """Return the row that stands for several threads."""
    name = f"{'▾' if opened else '▸'} {counted(count, noun)}"
    return Row((kind, pid, 0), depth, name)


def _moved(found: list[Row], depth: int, look: Look) -> Iterator[Row]:
    """Yield rows in order, moved to the right."""
    for row in in_order(found, look):
        yield row if row.depth == depth else replace(row, depth=depth)
