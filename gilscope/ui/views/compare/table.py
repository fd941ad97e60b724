"""The table of results: which figures there is room for, and a row for each mode."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from rich.cells import cell_len

from gilscope.analysis.speed import cores_used, efficiency, median_of, speedup, states_of
from gilscope.model.comparison import DONE, Comparison, Mode, Outcome
from gilscope.model.states import POSITION
from gilscope.model.text import clean
from gilscope.ui.views.compare.figures import (
    UNKNOWN,
    cores,
    factor,
    megabytes,
    seconds,
    share,
    startup,
)
from gilscope.ui.views.compare.words import GRAVE, WRONG, badge


class Figure(NamedTuple):
    """A column of figures.

    Attributes:
        title: above it, in as few letters as 80 cells allow.
        rank: those with a higher one are left out first where there is not room for all.
    """

    title: str
    width: int
    rank: int
    write: Callable[[Outcome, Comparison], str]


def _share_of(letter: str) -> Callable[[Outcome, Comparison], str]:
    position = POSITION[letter]

    def write(outcome: Outcome, comparison: Comparison) -> str:
        states = states_of(outcome)
        return share(states[position] if states else None)

    return write


def _speedup(outcome: Outcome, comparison: Comparison) -> str:
    value = speedup(outcome, comparison)
    return UNKNOWN if value is None else f"{factor(value)}x"


def spread(outcome: Outcome, comparison: Comparison) -> str:
    """Return the shortest and the longest wall time of several runs."""
    found = outcome.spread
    return f"{seconds(found[0])}-{seconds(found[1])}" if found else UNKNOWN


SPREAD = Figure("spread", 13, 9, spread)
"""Not there where each mode runs once."""

FIGURES = (
    Figure("wall s", 8, 0, lambda outcome, _: seconds(outcome.wall)),
    SPREAD,
    Figure("speed-up", 9, 1, _speedup),
    Figure("eff", 6, 2, lambda outcome, whole: share(efficiency(outcome, whole))),
    Figure("cores", 6, 3, lambda outcome, _: cores(cores_used(outcome))),
    Figure("cpu s", 7, 7, lambda outcome, _: seconds(median_of(outcome, "cpu"))),
    Figure("MB", 6, 8, lambda outcome, _: megabytes(median_of(outcome, "memory"))),
    Figure("start s", 8, 10, lambda outcome, _: startup(outcome.startup)),
    Figure("load", 6, 4, lambda outcome, _: cores(median_of(outcome, "gil_load"))),
    Figure("wait", 6, 5, _share_of("W")),
    Figure("native", 7, 6, _share_of("N")),
    Figure("io", 5, 6, _share_of("I")),
    Figure("lock", 6, 11, _share_of("L")),
)
"""All that is told of a mode, from left to right."""

LABEL = range(11, 25)
"""Cells that the names of modes may take."""


@dataclass(frozen=True, slots=True)
class Row:
    """One mode.

    Attributes:
        figures: as text, one for each column; none where there are none to tell.
        words: what to say in place of figures; of wrong results, behind them.
        good: whether nothing is wrong with it; `grave`: something is that should not be.
        best: whether the verdict recommends it.
    """

    number: int
    label: str
    figures: tuple[str, ...]
    words: str
    good: bool
    grave: bool = False
    best: bool = False


def chosen_figures(width: int, label: int, repeat: int) -> tuple[Figure, ...]:
    """Return the figures that fit beside the names, the most telling ones, from left to right."""
    room = width - label - 1
    kept = set()
    for figure in sorted(FIGURES, key=lambda each: each.rank):
        if figure is SPREAD and repeat < 2:
            continue
        if figure.width <= room:
            kept.add(figure.title)
            room -= figure.width
    return tuple(figure for figure in FIGURES if figure.title in kept)


def label_width(labels: Sequence[str], width: int) -> int:
    """Return how many cells the names of modes take, the mark before them included."""
    longest = max(map(cell_len, labels), default=0)
    most = min(max(width // 5, LABEL.start), LABEL.stop)
    return min(max(longest, LABEL.start), most) + 3


def rows(
    comparison: Comparison,
    labels: Sequence[str],
    figures: Sequence[Figure],
    best: Mode | None = None,
) -> tuple[Row, ...]:
    """Return a row for each mode.

    Args:
        best: the mode that the verdict recommends.
    """
    return tuple(
        Row(
            number,
            label,
            tuple(figure.write(outcome, comparison) for figure in figures) if outcome.runs else (),
            _words(outcome),
            not badge(outcome),
            badge(outcome) in GRAVE,
            best is not None and outcome.mode == best,
        )
        for number, (outcome, label) in enumerate(zip(comparison.outcomes, labels, strict=True))
    )


def _words(outcome: Outcome) -> str:
    bad = badge(outcome)
    if bad == WRONG:
        return f"wrong results: {clean(outcome.unequal or '')}".removesuffix(": ")
    if bad:
        return f"{bad.lower()}: {clean(outcome.error or '')}".removesuffix(": ")
    return "" if outcome.runs or outcome.condition == DONE else outcome.condition
