"""A comparison as text for people: a table of its modes, what went wrong, and the verdict."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from gilscope.analysis.interpreters import interpreter_name
from gilscope.analysis.labels import labels
from gilscope.analysis.speed import (
    cores_used,
    efficiency,
    known,
    median_of,
    speedup,
    states_of,
)
from gilscope.analysis.verdict import Verdict, judge
from gilscope.analysis.verdicts.words import clause, counted, exact_times, joined
from gilscope.cli.summary_table import COLOURS, NOTABLE, percent
from gilscope.model.comparison import DONE, UNAVAILABLE, Comparison, Outcome
from gilscope.model.states import POSITION, STATES, State
from gilscope.model.text import clean, cut

WRONG = "WRONG"
"""Stands in the place of a speed-up where the results are wrong."""

NOTHING = ("", "-", "·")
"""Cells of figures that are not known, or nothing at all."""

MB = 1_000_000

NAME_LEAST = 10
BULLET = "  - "
GAP = 2
"""Cells between the label and the figures; those have one between them."""

OFTEN = (State.HOLD, State.WAIT, State.NATIVE, State.IO, State.LOCK)
"""States whose column is there if there is room, even if nothing was in them."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of figures.

    Attributes:
        title: its heading.
        cells: one for each mode.
        keep: how long it stays when there is little room; the column with the least goes first.
    """

    title: str
    cells: tuple[str, ...]
    keep: int
    style: str = ""

    @property
    def width(self) -> int:
        """Return the cells that it takes."""
        return max(cell_len(each) for each in (self.title, *self.cells))


def print_comparison(comparison: Comparison, console: Console) -> None:
    """Print what came of a comparison."""
    names = labels(comparison)
    width = console.width
    parts: list[RenderableType] = [heading(comparison, width)]
    if comparison.outcomes:
        parts += [Text(), table(comparison, names, width)]
    wrong = [part for line in troubles(comparison, names) for part in wrapped(line, console)]
    for block in (wrong, told(judge(comparison), console)):
        if block:
            parts += [Text(), *block]
    console.print(Group(*parts))


def heading(comparison: Comparison, width: int) -> Text:
    """Return what was run, and how."""
    text = Text(clean(comparison.work), style="bold")
    if comparison.title and comparison.title != comparison.work:
        text.append(f"  {clean(comparison.title)}", style="not bold")
    text.append(f"\n{', '.join(circumstances(comparison))}", style="not bold")
    return text


def circumstances(comparison: Comparison) -> list[str]:
    """Return how it was run: tasks, workers, cores, repetitions, and by which interpreter."""
    parts = [counted(comparison.tasks, "task")] if comparison.tasks else []
    if comparison.batch > 1:
        parts.append(f"{comparison.batch} handed over at a time")
    if comparison.workers:
        parts.append(counted(comparison.workers, "worker"))
    parts.append(counted(comparison.cores, "core"))
    if comparison.repeat > 1:
        parts.append(f"{comparison.repeat} runs each")
    if comparison.together:
        each = comparison.cores_each
        parts.append(
            f"all at the same time, on {counted(each, 'core')} each"
            if each
            else "all at the same time"
        )
    names = {
        interpreter_name(each.implementation, each.version)
        for each in comparison.outcomes
        if each.version
    }
    return parts + (list(names) if len(names) == 1 else [])


def table(comparison: Comparison, names: Sequence[str], width: int) -> Table:
    """Return the table, with as many of its columns as there is room for."""
    name_width = max(NAME_LEAST, *(cell_len(name) for name in names))
    shown = fitting(columns(comparison), width - name_width - GAP)
    taken = sum(column.width + 1 for column in shown) - 1
    name_width = max(NAME_LEAST, min(name_width, width - GAP - taken))
    grid = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, show_edge=False)
    grid.add_column("mode", width=name_width + GAP - 1, no_wrap=True)
    for column in shown:
        grid.add_column(
            column.title, justify="right", width=column.width, no_wrap=True, style=column.style
        )
    for row, (name, outcome) in enumerate(zip(names, comparison.outcomes, strict=True)):
        wrong = outcome.equal is False
        grid.add_row(
            Text(cut(name, name_width)),
            *(
                Text(cell, style="bold white on red" if wrong and cell == WRONG else "")
                for cell in (column.cells[row] for column in shown)
            ),
            style="" if outcome.ok or wrong else "dim",
        )
    return grid


def columns(comparison: Comparison) -> list[Column]:
    """Return all columns, in the order in which they stand."""
    outcomes = comparison.outcomes
    shares = [states_of(outcome) for outcome in outcomes]

    def column(title: str, keep: int, cell: Callable[[Outcome], str], style: str = "") -> Column:
        return Column(title, tuple(map(cell, outcomes)), keep, style)

    figures = [
        column("wall s", 100, _wall),
        column("±", 92, _spread),
        column("speed-up", 99, lambda each: _speed(each, comparison)),
        column("eff %", 50, lambda each: percent(efficiency(each, comparison))),
        column("cores", 80, lambda each: _figure(cores_used(each), 2)),
        column("cpu s", 55, lambda each: _seconds(median_of(each, "cpu"))),
        column("MB", 70, _memory),
        column("start s", 60, lambda each: _startup(known(each.startup))),
        column("GIL load", 85, _load),
    ]
    # A column without a single figure says nothing.
    told = [each for each in figures if any(cell not in NOTHING for cell in each.cells)]
    for place, state in enumerate(STATES):
        cells = [percent(None if each is None else each[POSITION[state.letter]]) for each in shares]
        most = max((each[POSITION[state.letter]] for each in shares if each), default=0.0)
        if most < NOTABLE and (state not in OFTEN or not any(shares)):
            continue
        # Those that are mostly in the way of reading the others go early.
        keep = (90 if most >= NOTABLE else 20) - place if state is not State.UNKNOWN else 10
        title = state.letter if state is State.UNKNOWN else state.value
        told.append(Column(title, tuple(cells), keep, COLOURS[state]))
    return told


def fitting(told: Sequence[Column], room: int) -> list[Column]:
    """Return the columns that fit into so many cells: those worth least are left out."""
    shown = list(told)
    while len(shown) > 1 and sum(column.width + 1 for column in shown) - 1 > room:
        shown.remove(min(shown, key=lambda column: column.keep))
    return shown


def troubles(comparison: Comparison, names: Sequence[str]) -> list[Text]:
    """Return a line for each mode that went wrong, and for what else is to be known of one.

    What is the same in several modes is told once.
    """
    lines: list[Text] = []
    alike: dict[tuple[str, str | None, str], list[str]] = {}
    first = names[0] if names else ""
    for name, outcome in zip(names, comparison.outcomes, strict=True):
        if outcome.equal is False:
            text = Text().append(" WRONG RESULTS ", style="bold white on red")
            text.append(f" {name}: results differ from those of {first}", style="bold red")
            if outcome.unequal:
                text.append(f": {clause(outcome.unequal)}")
            lines.append(text)
        elif outcome.unequal:
            alike.setdefault((outcome.unequal, None, "yellow"), []).append(name)
        if outcome.error or outcome.condition != DONE:
            how = "not available" if outcome.condition == UNAVAILABLE else clean(outcome.condition)
            error = f"{how}: {clause(outcome.error)}" if outcome.error else how
            missing = comparison.repeat - len(outcome.runs)
            if outcome.runs and missing > 0:
                error += f" (figures of {len(outcome.runs)} of {comparison.repeat} runs)"
            alike.setdefault((error, outcome.fix, "yellow"), []).append(name)
        for remark in outcome.remarks:
            alike.setdefault((remark, None, ""), []).append(name)
    return lines + [_line(joined(who), *what) for what, who in alike.items()]


def told(verdict: Verdict, console: Console) -> list[RenderableType]:
    """Return the verdict and its evidence."""
    lines: list[RenderableType] = [*wrapped(Text(clean(verdict.text), style="bold"), console)]
    for sentence in verdict.evidence:
        for number, line in enumerate(wrapped(Text(clean(sentence)), console, len(BULLET))):
            lines.append(Text(" " * len(BULLET) if number else BULLET).append_text(line))
    return lines


def wrapped(text: Text, console: Console, indent: int = 0) -> list[Text]:
    """Return the lines of a text, indented so far, without blanks at their ends."""
    lines = list(text.wrap(console, max(1, console.width - indent)))
    for line in lines:
        line.rstrip()
    return lines


def _line(name: str, what: str, fix: str | None, style: str) -> Text:
    text = Text(f"{name}: {clause(what)}", style=style)
    if fix:
        text.append(f"; {clause(fix)}")
    return text


def _wall(outcome: Outcome) -> str:
    wall = median_of(outcome, "wall")
    if wall is not None:
        return _seconds(wall)
    return "n/a" if outcome.condition == UNAVAILABLE else clean(outcome.condition)


def _spread(outcome: Outcome) -> str:
    """Return half of what lies between the shortest and the longest run."""
    spread = outcome.spread
    if spread is None:
        return ""
    lowest, highest = known(spread[0]), known(spread[1])
    if lowest is None or highest is None:
        return ""
    return _seconds((highest - lowest) / 2)


def _speed(outcome: Outcome, comparison: Comparison) -> str:
    if outcome.equal is False:
        return WRONG
    speed = speedup(outcome, comparison)
    return "-" if speed is None else exact_times(speed)


def _memory(outcome: Outcome) -> str:
    memory = median_of(outcome, "memory")
    if not memory:
        return "-" if memory is None else "·"
    return "<1" if memory < MB / 2 else _figure(memory / MB, 0)


def _load(outcome: Outcome) -> str:
    if outcome.gil is False:
        return "none"
    return _figure(median_of(outcome, "gil_load"), 2)


def _seconds(time: float | None) -> str:
    """Return a time in seconds: to the hundredth, and what is shorter in two digits."""
    if time is None:
        return "-"
    if time == 0:
        return "·"
    return f"{time:.2f}" if time >= 0.1 else f"{time:.2g}" if time >= 0.0001 else "<.0001"


def _startup(time: float | None) -> str:
    """Return a start-up to the millisecond; nobody notices less."""
    if time is None:
        return "-"
    return "·" if time < 0.0005 else f"{time:.3f}" if time < 0.1 else f"{time:.2f}"


def _figure(value: float | None, digits: int) -> str:
    if value is None:
        return "-"
    return f"{value:.{digits}f}" if value < 99.5 else f"{value:.0f}"
