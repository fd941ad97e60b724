"""Rows that stand above threads: one for each process, and for each of several interpreters."""

from collections.abc import Sequence
from dataclasses import dataclass

from gilscope.analysis.load import gil_load, held_share
from gilscope.model.records import ProcessRecord, ThreadRecord
from gilscope.model.states import POSITION
from gilscope.ui.views.commands import short_command
from gilscope.ui.views.machinery import is_helper_process
from gilscope.ui.views.marks import Used
from gilscope.ui.views.row import Row

MOST_MEMBERS = 100
"""Threads of a process that are counted for every cell of its lane."""

HALTED = {"stopped": "stopped", "traced": "halted by a debugger", "frozen": "frozen (cgroup)"}
"""What keeps a process from running, in words."""


@dataclass(frozen=True, slots=True)
class Group:
    """A process with the rows of its threads, all of them.

    Attributes:
        depth: how many of its ancestors are watched.
        ended: its threads that have ended and are not among these rows, in the order in which
            they did; `forgotten`: how many more there were.
        over: it has ended, and its last picture does not stay.
        closed: neither its threads nor its children are shown; or its threads alone are not.
        below: the groups of its children, and of theirs.
    """

    process: ProcessRecord
    depth: int
    rows: list[Row]
    ended: tuple[ThreadRecord, ...] = ()
    forgotten: int = 0
    over: bool = False
    closed: bool = False
    below: "tuple[Group, ...]" = ()


def heading(group: Group, moment: int) -> Row:
    """Return the row of a process; that of a closed one stands for all below it."""
    process = group.process
    about = process.about
    parts = [group, *group.below] if group.closed else [group]
    going = [part.process for part in parts if not part.over]
    loads = [gil_load(each, 1, moment) for each in going]
    helds = [held_share(each, 1, moment) for each in going]
    load = _sum(loads)
    more = f"+{len(group.below)} " if group.closed and group.below else ""
    helper = is_helper_process(about.command)
    return Row(
        key=("process", about.pid, 0),
        depth=group.depth,
        name=f"{about.pid} {more}{short_command(about.command)}",
        used=Used(None, _sum([row.used.cpu for part in parts for row in part.rows])),
        where=_where(group, load, helper, parts),
        over=process.gone is not None,
        closed=group.closed,
        helper=helper,
        load=load,
        held=_sum(helds),
        members=_members([part.process for part in parts]) if load is not None else (),
    )


def interpreter_row(process: ProcessRecord, number: int, depth: int, moment: int) -> Row:
    """Return the row of one of several interpreters, with the GIL of its own if it has one."""
    gil = process.gils.get(number)
    key, name = ("interpreter", process.about.pid, number), f"interpreter {number}"
    if gil is None:
        where = f"GIL of interpreter {min(process.gils)}" if process.gils else ""
        return Row(key, depth, name, where=where)
    load = gil_load(gil, 1, moment)
    own = [
        thread
        for thread in process.threads.values()
        if process.gil_of(thread, process.gils) == number
    ]
    return Row(
        key,
        depth,
        name,
        where="" if load is None else f"load {load:.1f}",
        load=load,
        held=held_share(gil, 1, moment),
        members=_wanting(own),
    )


def _where(group: Group, load: float | None, helper: bool, parts: Sequence[Group]) -> str:
    process = group.process
    words = ["helper"] if helper else []
    if process.gone is not None:
        words.append("ended")
    elif process.stopped or process.halted:
        words.append(HALTED.get(process.halted or "stopped", "stopped"))
    elif load is not None:
        words.append(f"load {load:.1f}")
    elif process.about.gil is False:
        words.append(f"no GIL, {_running(group.rows):.1f} run")
    elif process.about.implementation is None and process.about.reason:
        words.append("not known to be Python")
    elif process.about.gil is None and process.about.reason:
        words.append("GIL unknown")
    if group.closed:
        count = sum(not row.over for part in parts for row in part.rows)
        words.append(f"{count} thr")
    return ", ".join(words)


def _running(rows: Sequence[Row]) -> float:
    """Return how many threads were on a core on average, where there is no GIL to hold."""
    native = POSITION["N"]
    return sum(row.used.states[native] for row in rows if row.used.states)


def _members(processes: Sequence[ProcessRecord]) -> tuple[ThreadRecord, ...]:
    return _wanting([thread for process in processes for thread in process.threads.values()])


def _wanting(threads: Sequence[ThreadRecord]) -> tuple[ThreadRecord, ...]:
    """Return the threads that may want a GIL; none where they are too many to count so often."""
    found = [thread for thread in threads if not thread.native and thread.history]
    return tuple(found) if len(found) <= MOST_MEMBERS else ()


def _sum(figures: Sequence[float | None]) -> float | None:
    known = [figure for figure in figures if figure is not None]
    return sum(known) if known else None
