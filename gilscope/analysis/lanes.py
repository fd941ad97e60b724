"""What a thread did between two moments, read from its history: the substance of lanes and shares.

Times are microseconds since the stream began, as everywhere in the session.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from gilscope.model.records import Shares, ThreadRecord, no_time, state_at
from gilscope.model.runs import read_runs
from gilscope.model.states import POSITION

BLANK = " "
"""The cell of a moment at which a thread's state is not known: before its birth, after its end."""


class Run(NamedTuple):
    """A stretch of one state; `fresh` where it does not go on with the run before."""

    letter: str
    start: int
    end: int
    fresh: bool = False


class Joiner:
    """Makes one run of pieces that go on with one another, however many the runs come in.

    Attributes:
        open: the newest run, which may yet go on.
    """

    __slots__ = ("open",)

    def __init__(self) -> None:
        self.open: Run | None = None

    def add(self, runs: Iterable[Run]) -> Iterator[Run]:
        """Take in the runs that follow; yield those that are over."""
        for run in runs:
            before = self.open
            goes_on = before and before.letter == run.letter and before.end == run.start
            if before and goes_on and not run.fresh:
                self.open = before._replace(end=run.end)
                continue
            self.open = run
            if before:
                yield before


def runs_between(thread: ThreadRecord, start: int, end: int) -> Iterator[Run]:
    """Yield a thread's runs between two moments, cut to them, in order; pieces are not joined."""
    history = thread.history
    first = bisect_right(history, start, key=lambda stretch: stretch.start) - 1
    for index in range(max(first, 0), len(history)):
        stretch = history[index]
        if stretch.start >= end:
            return
        position, previous = stretch.start, None
        fresh = stretch.fresh
        for letter, length in read_runs(stretch.runs):
            before, position = position, position + length
            if position > start and before < end:
                fresh = fresh if previous is None else letter == previous
                yield Run(letter, max(before, start), min(position, end), fresh)
            previous = letter


def joined_runs(thread: ThreadRecord, start: int, end: int) -> Iterator[Run]:
    """Yield a thread's runs between two moments, those that go on with one another made one."""
    joiner = Joiner()
    yield from joiner.add(runs_between(thread, start, end))
    if joiner.open:
        yield joiner.open


def time_between(thread: ThreadRecord, start: int, end: int) -> Shares:
    """Return the time a thread spent in each state between two moments."""
    spent = no_time()
    unknown = POSITION["?"]
    for letter, begin, finish, _ in runs_between(thread, start, end):
        spent[POSITION.get(letter, unknown)] += finish - begin
    return spent


def fractions(spent: Shares) -> tuple[float, ...] | None:
    """Return times as fractions of their sum; None when there is no time at all."""
    whole = sum(spent)
    return tuple(part / whole for part in spent) if whole > 0 else None


def newest_cell(now: int, cell: int) -> int:
    """Return the number of the newest cell that has ended, the first being 0; -1 for none."""
    return now // cell - 1


def letters_of(thread: ThreadRecord, cells: range, cell: int) -> str:
    """Return one letter for each cell: the state at the instant of the cell's end.

    The instant and not the longest state: each column of a picture is then one true moment, with
    at most one holder to a GIL.
    """
    return "".join(letter_of(thread, number, cell) for number in cells)


def letter_of(thread: ThreadRecord, number: int, cell: int) -> str:
    """Return the letter of one cell, BLANK where the state is not known."""
    if number < 0:
        return BLANK
    end = (number + 1) * cell
    if thread.gone is not None and end > thread.gone:
        return BLANK
    # Just before: what begins at this very moment may not have been told yet.
    return state_at(thread, end - 1) or BLANK


def wanting(threads: Iterable[ThreadRecord], number: int, cell: int) -> str:
    """Return how many threads held or wanted the GIL at the instant of a cell's end, as a digit.

    "+" stands for more than nine, BLANK for a moment at which no thread's state is known.
    """
    letters = [letter_of(thread, number, cell) for thread in threads]
    if all(letter == BLANK for letter in letters):
        return BLANK
    count = sum(letter in "HW" for letter in letters)
    return str(count) if count < 10 else "+"


def column(number: int, width: int) -> int:
    """Return where a cell stands in a sweep so many cells wide."""
    return number % width


def cells_shown(newest: int, width: int) -> range:
    """Return the cells that a sweep shows whose newest is given; one column is the gap ahead."""
    return range(max(newest - width + 2, 0), newest + 1)
