"""A comparison as it runs: what the Compare screen and the progress lines read."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from gilscope.model.comparison import (
    ENDED,
    RUNNING,
    Comparison,
    Mode,
    Outcome,
)
from gilscope.model.session import Session


@dataclass(slots=True)
class Column:
    """One mode as it runs.

    Attributes:
        outcome: what has come of it by now.
        tasks: how many tasks a run has; 0 where that is not known (commands).
        round: which repetition runs or ran last, from 1; 0 before the first.
        began: when that repetition began, by the comparison's clock; None while it has not.
        ended: when it ended.
        session: what the probe has said of this mode's process tree, from its start on; an empty
            one before that. Ended threads stay in it, so that a finished column keeps its lanes.
        start: when the newest repetition began, in the session's microseconds.
        end: when it ended.
        workers: process id and thread id of each worker; empty before they are known.
        root: process id of the child that runs the work, or of the command.
    """

    outcome: Outcome
    tasks: int = 0
    round: int = 0
    began: float | None = None
    ended: float | None = None
    session: Session = field(default_factory=Session)
    start: int | None = None
    end: int | None = None
    workers: tuple[tuple[int, int], ...] = ()
    root: int | None = None

    @property
    def mode(self) -> Mode:
        """Which way to run."""
        return self.outcome.mode

    @property
    def over(self) -> bool:
        """Whether nothing more will come of it."""
        return self.outcome.condition in ENDED


class Live:
    """All columns of a comparison, the baseline first.

    Attributes:
        columns: in the order in which they are shown.
        phase: what goes on before the first mode runs, one or two words: "calibrating".
        over: whether all of it has ended, well or not.
        error: one sentence on why nothing could be run, and `fix`, what to do.
    """

    def __init__(self, comparison: Comparison, clock: Callable[[], float] = time.monotonic) -> None:
        self._comparison = comparison
        self.columns = tuple(Column(outcome) for outcome in comparison.outcomes)
        self.phase: str | None = None
        self.over = False
        self.error: str | None = None
        self.fix: str | None = None
        self.clock = clock

    @property
    def comparison(self) -> Comparison:
        """The plan and, one for each column, what has come of it by now."""
        outcomes = tuple(column.outcome for column in self.columns)
        return replace(self._comparison, outcomes=outcomes)

    def settle(self, title: str, tasks: int) -> None:
        """Take in what calibrating has found: what is run, in words, and how many tasks."""
        self._comparison = replace(self._comparison, title=title, tasks=tasks)
        for column in self.columns:
            column.tasks = tasks

    def elapsed(self, column: Column) -> float | None:
        """Return seconds of the newest repetition of a mode; None before there is one."""
        if column.began is None:
            return None
        return (self.clock() if column.ended is None else column.ended) - column.began

    @property
    def running(self) -> tuple[int, ...]:
        """Which columns run now."""
        return tuple(
            index
            for index, column in enumerate(self.columns)
            if column.outcome.condition == RUNNING
        )
