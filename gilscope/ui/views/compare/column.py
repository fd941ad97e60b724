"""One column of the Compare screen: a mode, as it runs and when it has ended."""

from collections.abc import Sequence
from dataclasses import dataclass

from gilscope.compare.live import Column
from gilscope.model.comparison import DONE, RUNNING, STARTING, WAITING, Comparison
from gilscope.model.text import clean, counted
from gilscope.ui.views.compare.cores import CoreBar, core_bars
from gilscope.ui.views.compare.gil import GilFigures, gil_figures
from gilscope.ui.views.compare.lanes import Folded, Lane, Memory, Worker, fold, stands, workers
from gilscope.ui.views.compare.words import GRAVE, badge, hint, sentence, what_it_is


@dataclass(frozen=True, slots=True)
class SpeedUp:
    """How many times as fast as the baseline a mode is; `sure` once a run of it has ended."""

    value: float
    sure: bool = True


@dataclass(frozen=True, slots=True)
class ColumnView:
    """What a column shows.

    Attributes:
        number: of the mode, from 0; its colour goes by it.
        label: its name, unlike that of every other mode.
        state: its condition in a word or two.
        badge: what stands in place of the speed-up where the mode came to no good end.
        seconds: of the newest run by now, or the median of the runs once it has ended.
        runs: "run 2/3", "3 runs"; empty where each mode runs once.
        done, tasks: of the newest run; no tasks where their number is not known.
        about: sentences on what is to come or what went wrong; `fix`: on what to do.
        folded: the lanes that there is no room for.
    """

    number: int
    label: str
    state: str
    badge: str
    speedup: SpeedUp | None
    seconds: float | None
    runs: str
    done: int
    tasks: int
    about: str
    fix: str
    cores: tuple[CoreBar, ...] = ()
    lanes: tuple[Lane, ...] = ()
    folded: Folded | None = None
    gil: GilFigures | None = None

    @property
    def running(self) -> bool:
        """Whether it runs now."""
        return self.state == RUNNING

    @property
    def grave(self) -> bool:
        """Whether something went wrong that should not have."""
        return self.badge in GRAVE

    @property
    def good(self) -> bool:
        """Whether nothing is wrong with it."""
        return not self.badge


@dataclass(frozen=True, slots=True)
class Frame:
    """How lanes are shown: microseconds a cell, cells and lanes there is room for, lanes above."""

    cell: int
    cells: int
    lanes: int
    offset: int = 0


def column_view(
    column: Column,
    number: int,
    label: str,
    comparison: Comparison,
    speedup: SpeedUp | None,
    seconds: float | None,
    frame: Frame,
    memory: Memory,
) -> ColumnView:
    """Return what a column shows now."""
    outcome = column.outcome
    rests = stands(column)
    begun = column.start is not None
    shown, left_out = on_screen(workers(column), frame) if begun else ((), ())
    return ColumnView(
        number=number,
        label=label,
        state=_state(column, comparison),
        badge=badge(outcome),
        speedup=speedup,
        seconds=outcome.wall if rests and outcome.runs else seconds,
        runs=_runs(column, comparison),
        done=outcome.done,
        tasks=column.tasks,
        about=_about(column, comparison),
        fix=hint(outcome.fix),
        cores=core_bars(column),
        lanes=tuple(memory.lane(column, each, frame.cell, frame.cells) for each in shown),
        folded=fold(column, left_out) if left_out else None,
        gil=gil_figures(column) if shown else None,
    )


def on_screen(found: Sequence[Worker], frame: Frame) -> tuple[Sequence[Worker], Sequence[Worker]]:
    """Return the workers whose lanes are shown, and those that are folded into the last line."""
    if len(found) <= frame.lanes:
        return found, ()
    room = max(frame.lanes - 1, 0)
    first = max(min(frame.offset, len(found) - room), 0)
    return found[first : first + room], (*found[:first], *found[first + room :])


def _state(column: Column, comparison: Comparison) -> str:
    condition = column.outcome.condition
    if condition == RUNNING and stands(column):
        # Between two runs: the other modes have theirs.
        return f"{column.round} of {comparison.repeat} runs"
    return condition


def _runs(column: Column, comparison: Comparison) -> str:
    outcome = column.outcome
    if comparison.repeat < 2:
        return ""
    if not stands(column):
        return f"run {column.round}/{comparison.repeat}" if column.round else ""
    return counted(len(outcome.runs), "run") if len(outcome.runs) > 1 else ""


def _about(column: Column, comparison: Comparison) -> str:
    outcome = column.outcome
    if outcome.condition in (WAITING, STARTING):
        python = f" Run by {clean(outcome.mode.python)}." if outcome.mode.python else ""
        return what_it_is(outcome.mode, comparison) + python
    if outcome.condition == DONE:
        return sentence(outcome.unequal) if outcome.equal is False else ""
    return sentence(outcome.error)
