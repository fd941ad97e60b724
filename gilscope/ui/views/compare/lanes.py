"""The lanes of a mode: who has one, what it is called, and what it did since the run began."""

from collections.abc import Sequence
from dataclasses import dataclass

from gilscope.analysis.lanes import BLANK
from gilscope.compare.live import Column
from gilscope.model.records import ThreadRecord, state_at
from gilscope.model.states import STATES
from gilscope.model.text import clean
from gilscope.ui.views.compare.scale import SECOND, cells_of
from gilscope.ui.views.machinery import is_helper_process, thread_role


@dataclass(frozen=True, slots=True)
class Worker:
    """Who has a lane.

    Attributes:
        name: "main", "w-1" or a process id; short enough for a narrow column.
        thread: what is known of it; None before the probe has seen it, or once it is forgotten.
    """

    pid: int
    tid: int
    name: str
    thread: ThreadRecord | None


@dataclass(frozen=True, slots=True)
class Lane:
    """One lane.

    Attributes:
        letter: of its state now; BLANK once the run has ended.
        cells: a letter each, BLANK where its state is not known.
        end: the cell behind the run's last one, once it has ended; None before.
    """

    name: str
    letter: str
    cells: str
    end: int | None = None


@dataclass(frozen=True, slots=True)
class Folded:
    """Lanes that there is no room for: how many, and how many of them are in each state."""

    count: int
    states: tuple[tuple[str, int], ...] = ()


def workers(column: Column) -> tuple[Worker, ...]:
    """Return who has a lane in a column: its workers, or before they are known what is there."""
    if column.workers:
        return _named(column)
    found = []
    for process in column.session.processes.values():
        if is_helper_process(process.about.command):
            continue
        pid = process.about.pid
        # A command may be a shell that runs Python: what never will have a state is left out.
        threads = [each for each in process.threads.values() if not each.native]
        for thread in threads:
            if thread_role(thread) is None:
                own = thread.tid == pid and (len(threads) == 1 or pid != column.root)
                name = str(pid) if own and pid != column.root else _name_of(thread)
                found.append(Worker(pid, thread.tid, name, thread))
    return tuple(found)


def _named(column: Column) -> tuple[Worker, ...]:
    """Return the workers, threads of one process counted, processes by their id."""
    processes = {pid for pid, _ in column.workers}
    alone = len(processes) == len(column.workers)
    found = []
    for number, (pid, tid) in enumerate(column.workers, 1):
        record = column.session.processes.get(pid)
        thread = record.threads.get(tid) if record else None
        if pid == column.root and tid == pid:
            name = "main"
        elif alone and pid != column.root:
            name = str(pid)
        else:
            name = f"w-{number}"
        found.append(Worker(pid, tid, name, thread))
    return tuple(found)


def _name_of(thread: ThreadRecord) -> str:
    if thread.tid == thread.pid:
        return "main"
    return clean(thread.name) if thread.name else str(thread.tid)


def moments(column: Column) -> tuple[int, int] | None:
    """Return when the newest run began and how far it has come, in the session's microseconds.

    What the probe has not told yet does not count: the last frame comes after a run's end.
    """
    start, end = column.start, column.end
    if start is None:
        return None
    if end is None and column.began is not None and column.ended is not None:
        # It came to no good end, so that nobody said when that was.
        end = start + round((column.ended - column.began) * SECOND)
    now = column.session.now
    return start, max(now if end is None else min(now, end), start)


def stands(column: Column) -> bool:
    """Return whether the newest run of a column has ended."""
    return column.over or column.ended is not None


def length(column: Column) -> int:
    """Return how long the newest run has lasted, in microseconds; 0 before it has begun."""
    found = moments(column)
    return found[1] - found[0] if found else 0


class Memory:
    """Remembers the cells of lanes, so that a picture reads only what is new.

    A cell shows the instant of its end and not its longest state, as in the Scope screen: each
    column of cells is then one true moment, with at most one holder to a GIL.
    """

    def __init__(self) -> None:
        self._cells: dict[tuple[int, int, int], list[str]] = {}
        self._for: tuple[int, int | None, int | None] | None = None

    def lane(self, column: Column, worker: Worker, cell: int, cells: int) -> Lane:
        """Return the lane of a worker.

        Args:
            cell: microseconds a cell; cells: how many there is room for.
        """
        over = stands(column)
        found = moments(column)
        # The last cell of a run that has ended is cut short by its end.
        key = (cell, column.start, found[1] if found and over else None)
        if key != self._for:
            self._cells.clear()
            self._for = key
        thread = worker.thread
        if found is None:
            return Lane(worker.name, BLANK, "")
        start, end = found
        filled = min(cells_of(end - start, cell, over), cells)
        if thread is None:
            return Lane(worker.name, BLANK, BLANK * filled, filled if over else None)
        known = self._cells.setdefault((worker.pid, worker.tid, thread.born), [])
        for number in range(len(known), filled):
            at = start + (number + 1) * cell
            # At its very end a run has nothing left to do, which says nothing of the last cell.
            known.append(letter_at(thread, at if at <= end else (at - cell + end) // 2))
        return Lane(
            worker.name,
            BLANK if over else letter_at(thread, end),
            "".join(known[:filled]),
            filled if over else None,
        )


def letter_at(thread: ThreadRecord, at: int) -> str:
    """Return the letter of a thread just before a moment; BLANK where it is not known."""
    if thread.gone is not None and at > thread.gone:
        return BLANK
    return state_at(thread, max(at - 1, 0)) or BLANK


def fold(column: Column, left_out: Sequence[Worker]) -> Folded:
    """Return what there is to say of lanes that are not on screen."""
    if stands(column):
        return Folded(len(left_out))
    found = moments(column)
    letters = [
        letter_at(each.thread, found[1] if found else column.session.now)
        for each in left_out
        if each.thread is not None
    ]
    counts = [(state.letter, letters.count(state.letter)) for state in STATES]
    return Folded(len(left_out), tuple((letter, count) for letter, count in counts if count))
