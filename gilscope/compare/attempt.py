"""What an attempt at a mode looks like to the engine, and how one comes to an early end."""

from dataclasses import dataclass, replace
from typing import Protocol

from gilscope.analysis.workers import Seen
from gilscope.compare.contained import Ended, last_words
from gilscope.compare.live import Column
from gilscope.model.comparison import FAILED, Run
from gilscope.model.text import counted, lower_first

PRINTED = 1_000_000
"""Bytes from which on it is told that the work prints."""


@dataclass(frozen=True)
class Over(Exception):
    """A mode has come to its end before it was done.

    Attributes:
        condition: of the mode from now on.
        error: one sentence on why.
        fix: one sentence on what to do.
        printed: the end of what it printed, or a traceback.
    """

    condition: str
    error: str
    fix: str | None = None
    printed: str = ""


class Attempt(Protocol):
    """One mode, run as often as is asked for."""

    column: Column

    async def prepare(self) -> None:
        """Start what has to be there before the work can run; raises Over."""
        ...

    async def run_once(self) -> None:
        """Run all tasks once and note the figures in the column's outcome; raises Over."""
        ...

    def rest(self) -> None:
        """Nothing happens in it until its next run: have the probe look at the others alone."""
        ...

    async def finish(self) -> None:
        """End it in good order, and note what it left behind; raises nothing."""
        ...

    def end(self) -> None:
        """End all its processes at once; what waits for them raises Over."""
        ...

    async def close(self) -> None:
        """The same, and wait until nothing is left of it."""
        ...


def change(column: Column, **fields: object) -> None:
    """Change some fields of a column's outcome."""
    column.outcome = replace(column.outcome, **fields)  # type: ignore[arg-type]


def remark(column: Column, sentence: str) -> None:
    """Note what else happened, once."""
    if sentence not in column.outcome.remarks:
        change(column, remarks=(*column.outcome.remarks, sentence))


def remark_end(column: Column, ended: Ended, processes: int = 0) -> None:
    """Note what a process has left behind and how much it has printed.

    Args:
        processes: that were told of otherwise as left behind.
    """
    left = max(processes, ended.left)
    if left:
        remark(column, f"left {counted(left, 'process')} behind")
    if ended.printed >= PRINTED:
        remark(column, f"printed {ended.printed / 1e6:.1f} MB")


def add_run(column: Column, wall: float, cpu: float | None, memory: int | None, seen: Seen) -> None:
    """Note the figures of a run in a column's outcome."""
    run = Run(
        wall,
        cpu,
        memory,
        seen.states,
        seen.waiting,
        seen.load,
        seen.held,
        seen.switches,
        seen.gils,
    )
    change(column, runs=(*column.outcome.runs, run))


def blind(column: Column, ending: str) -> None:
    """Note that nobody has seen what the threads of a run did."""
    remark(column, f"its threads were not watched to the end of the run: {lower_first(ending)}")


def died(who: str, ended: Ended) -> Over:
    """Return the end of a mode whose process ended when it should not have."""
    return Over(FAILED, f"{who} {last_words(ended)}.", printed=ended.tail)


def moment_of(column: Column, epoch: float) -> int | None:
    """Return a time in the session's microseconds; None before the probe has said when it began."""
    hello = column.session.hello
    return None if hello is None else max(round((epoch - hello.started) * 1_000_000), 0)
