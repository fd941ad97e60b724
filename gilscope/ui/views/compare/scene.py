"""What a Compare screen knows between two pictures: the user's choices, and what it has read."""

from collections.abc import Callable
from dataclasses import dataclass

from gilscope.analysis.labels import labels
from gilscope.analysis.speed import speedup
from gilscope.analysis.verdict import Verdict, judge
from gilscope.compare.live import Column, Live
from gilscope.model.comparison import RUNNING, Comparison, Outcome
from gilscope.ui.views.compare.column import ColumnView, Frame, SpeedUp, column_view
from gilscope.ui.views.compare.header import CompareHeader, at_work, compare_header
from gilscope.ui.views.compare.lanes import Memory, length, moments, stands, workers
from gilscope.ui.views.compare.layout import Plan
from gilscope.ui.views.compare.scale import cell_for
from gilscope.ui.views.compare.table import Figure, Row, rows
from gilscope.ui.views.scroll import scrolled

Judge = Callable[[Comparison], Verdict]


@dataclass(slots=True)
class Kept:
    """What is remembered of one column.

    Attributes:
        memory: the cells of its lanes.
        offset: lanes above the first one on screen.
        done, at: how many tasks were done when that last changed, and after how many seconds.
        key, view: what its last picture was made of, and that picture.
    """

    memory: Memory
    offset: int = 0
    done: int = 0
    at: float = 0.0
    key: object = None
    view: ColumnView | None = None


class CompareScene:
    """The state behind a Compare screen; no Textual here.

    Attributes:
        live: what is shown.
        comparison: as of the last `look`; `labels`: the names of its modes.
        enlarged: one column has the whole width.
        first: the column on the left of the screen.
    """

    def __init__(self, live: Live, judge: Judge = judge) -> None:
        self.live = live
        self._judge = judge
        self.enlarged = False
        self.first = 0
        self._chosen: int | None = None
        self._followed = 0
        self._kept = [Kept(Memory()) for _ in live.columns]
        self._labels_for: tuple[object, ...] | None = None
        self._judged: Comparison | None = None
        self._verdict: Verdict | None = None
        self.comparison = live.comparison
        self.labels: tuple[str, ...] = ()
        self.look()

    def look(self) -> None:
        """Take in how things stand; meant for every picture."""
        comparison = self.comparison = self.live.comparison
        asked = tuple((each.mode, each.version, each.method) for each in comparison.outcomes)
        if asked != self._labels_for:
            self._labels_for = asked
            self.labels = labels(comparison)
        now = at_work(self.live)
        if now and self._followed not in now:
            self._followed = now[0]
        for column, kept in zip(self.live.columns, self._kept, strict=True):
            elapsed = self.live.elapsed(column)
            if column.outcome.done != kept.done and elapsed is not None:
                kept.done, kept.at = column.outcome.done, elapsed

    @property
    def selected(self) -> int:
        """The selected column: the one that the user chose, else the one that runs or ran last."""
        if self._chosen is not None:
            return self._chosen
        return min(self._followed, max(len(self.live.columns) - 1, 0))

    def select(self, number: int) -> None:
        """Select a column by its number, the nearest one there is."""
        self._chosen = min(max(number, 0), max(len(self.live.columns) - 1, 0))

    @property
    def ends(self) -> int | None:
        """Which mode is ended by hand if the user asks: the selected one or the first at work."""
        now = at_work(self.live)
        if not now:
            # While calibrating, the baseline is what runs, whatever it is called.
            return 0 if self.live.phase and not self.live.over and self.live.columns else None
        return self.selected if self.selected in now else now[0]

    def scroll(self, lines: int, room: int) -> None:
        """Go up or down in the lanes of the selected column."""
        if not self.live.columns:
            return
        kept = self._kept[self.selected]
        last = max(len(workers(self.live.columns[self.selected])) - max(room - 1, 1), 0)
        kept.offset = min(max(kept.offset + lines, 0), last)

    @property
    def lanes(self) -> int:
        """The most lanes that a column has, or will have."""
        shown = [self.live.columns[self.selected]] if self.enlarged else self.live.columns
        found = max((len(workers(column)) for column in shown), default=0)
        return max(found, 1 if self.enlarged else self.comparison.workers, 1)

    @property
    def name(self) -> int:
        """Cells of the longest name of a lane."""
        return max(
            (len(each.name) for column in self.live.columns for each in workers(column)), default=0
        )

    @property
    def verdict(self) -> Verdict | None:
        """What it all comes to, once all has ended."""
        if not self.live.over or self.live.error:
            return None
        if self._judged != self.comparison:
            self._judged = self.comparison
            self._verdict = self._judge(self.comparison)
        return self._verdict

    @property
    def header(self) -> CompareHeader:
        """What the first lines say."""
        return compare_header(self.live, self.comparison, self.labels)

    def rows(self, figures: tuple[Figure, ...]) -> tuple[Row, ...]:
        """Return the rows of the table of results."""
        verdict = self.verdict
        return rows(self.comparison, self.labels, figures, verdict.best if verdict else None)

    def shown(self, plan: Plan) -> range:
        """Return the columns that are on screen, the selected one among them."""
        self.first = scrolled(self.first, self.selected, len(self.live.columns), plan.fit)
        return range(self.first, min(self.first + plan.fit, len(self.live.columns)))

    def cell(self, plan: Plan) -> int:
        """Return how many microseconds a cell stands for: one scale for all columns."""
        columns = self.live.columns
        shown = [columns[self.selected]] if self.enlarged else columns
        return cell_for(max(map(length, shown), default=0), plan.cells)

    def view(self, number: int, plan: Plan, cell: int) -> ColumnView:
        """Return what a column shows; of one that stands still, the picture that there is."""
        column, kept = self.live.columns[number], self._kept[number]
        frame = Frame(cell, plan.cells, plan.lanes, kept.offset)
        faster = self._speedup(number)
        still = stands(column) or column.start is None
        stand = (column.outcome, moments(column), column.round, column.tasks)
        key = (stand, frame, faster, self.labels[number])
        if still and key == kept.key and kept.view is not None:
            return kept.view
        kept.key = key
        kept.view = column_view(
            column,
            number,
            self.labels[number],
            self.comparison,
            faster,
            self.live.elapsed(column),
            frame,
            kept.memory,
        )
        return kept.view

    def _speedup(self, number: int) -> SpeedUp | None:
        """Return the speed-up of a mode; of one that runs for the first time, the one so far."""
        column, kept = self.live.columns[number], self._kept[number]
        outcome, baseline = column.outcome, self.comparison.baseline
        sure = speedup(outcome, self.comparison)
        if sure is not None:
            return SpeedUp(sure)
        if baseline is None or not _tells(column, outcome) or not kept.at:
            return None
        wall = baseline.wall
        if number == 0 or wall is None:
            return None
        # As of the last task that was done: between two the share done would seem to fall.
        return SpeedUp(wall * kept.done / column.tasks / kept.at, sure=False)


def _tells(column: Column, outcome: Outcome) -> bool:
    """Return whether enough is done to tell how fast it goes: as many tasks as run at once."""
    running = outcome.condition == RUNNING and not outcome.runs and column.ended is None
    return running and column.tasks > 0 and outcome.done >= max(outcome.workers, 1)
