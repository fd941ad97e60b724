"""The top of the Compare screen: what is compared, on what, how well it is seen, what goes on."""

from dataclasses import dataclass
from itertools import islice

from gilscope.analysis.fidelity import worst_seen
from gilscope.compare.live import Column, Live
from gilscope.model.comparison import RUNNING, STARTING, Comparison
from gilscope.model.text import clean, counted
from gilscope.ui.views.compare.lanes import stands
from gilscope.ui.views.compare.words import hint, python_of, sentence
from gilscope.ui.views.status import newest_note

FRAMES = 10
"""Frames that the probe's own rate is taken over: about a second."""


@dataclass(frozen=True, slots=True)
class CompareHeader:
    """What the first two lines say.

    Attributes:
        work: what is compared; `title`: in a few words, sizes included.
        extent: how much of it, on how many cores, the most telling first.
        python: of the baseline.
        fidelity: how well the newest mode is seen; None while nothing is known of it.
        asked, got: samples a second.
        doing: what goes on, in a few words.
        together: that all modes run at once, in words; empty where they do not.
    """

    work: str
    title: str
    extent: tuple[str, ...]
    python: str
    fidelity: str | None
    asked: float | None
    got: float | None
    doing: str
    together: str


def compare_header(live: Live, comparison: Comparison, labels: tuple[str, ...]) -> CompareHeader:
    """Return what the first lines say."""
    newest = next((column for column in reversed(live.columns) if column.session.frames), None)
    now = [live.columns[index] for index in at_work(live)]
    watched = next((column for column in now if column.session.frames), newest)
    worst = worst_seen(watched.session) if watched else None
    hello = watched.session.hello if watched else None
    baseline = comparison.baseline
    return CompareHeader(
        work=clean(comparison.work),
        title=clean(comparison.title),
        extent=_extent(comparison),
        python=python_of(baseline) if baseline else "",
        fidelity=worst.about.fidelity if worst else None,
        asked=hello.rate if hello else None,
        got=_rate(watched) if watched else None,
        doing=_doing(live, comparison, labels),
        together=_together(comparison),
    )


def _rate(column: Column) -> float | None:
    """Return how often it was sampled over the last second, or all the time once it has ended."""
    session = column.session
    if stands(column):
        return session.samples * 1e6 / session.span if session.span else None
    frames = list(islice(reversed(session.frames), FRAMES))
    span = sum(frame.span for frame in frames)
    return sum(frame.sampler.samples for frame in frames) * 1e6 / span if span else None


def at_work(live: Live) -> tuple[int, ...]:
    """Return which modes do something now: with several runs each, those between two wait."""
    return tuple(
        index
        for index, column in enumerate(live.columns)
        if column.outcome.condition == STARTING
        or (column.outcome.condition == RUNNING and column.ended is None)
    )


def _extent(comparison: Comparison) -> tuple[str, ...]:
    found = [counted(comparison.cores, "core")]
    if comparison.tasks:
        found = [
            counted(comparison.tasks, "task"),
            counted(comparison.workers, "worker"),
            *found,
        ]
    if comparison.batch > 1:
        found.append(f"{comparison.batch} tasks at a time")
    if comparison.repeat > 1:
        found.append(f"{comparison.repeat} runs each")
    return tuple(found)


def _doing(live: Live, comparison: Comparison, labels: tuple[str, ...]) -> str:
    if live.error:
        return "nothing could be run"
    if live.over:
        return "finished"
    if live.phase:
        return clean(live.phase)
    now = at_work(live)
    if not now:
        return ""
    if len(now) > 1:
        return f"{counted(len(now), 'mode')} at work"
    column = live.columns[now[0]]
    if column.outcome.condition == STARTING:
        return f"starting {labels[now[0]]}"
    run = _run_of(column, comparison)
    return f"running {labels[now[0]]}{run}"


def _run_of(column: Column, comparison: Comparison) -> str:
    return f", run {column.round} of {comparison.repeat}" if comparison.repeat > 1 else ""


def _together(comparison: Comparison) -> str:
    if not comparison.together:
        return ""
    each = comparison.cores_each
    return f"TOGETHER, {counted(each, 'core')} each" if each else "TOGETHER"


def notice(live: Live) -> tuple[str, str]:
    """Return what is wrong with the whole comparison or its watching, and what to do about it."""
    if live.error:
        return sentence(live.error), hint(live.fix)
    for index in at_work(live):
        note = newest_note(live.columns[index].session)
        if note and note.level in ("warning", "error"):
            return sentence(note.text), hint(note.fix)
    return "", ""
