"""Everything that is known of one mode of a comparison."""

from dataclasses import dataclass

from gilscope.analysis.fidelity import worst_seen
from gilscope.analysis.lanes import BLANK, fractions, time_between
from gilscope.analysis.speed import (
    at_once,
    cores_used,
    efficiency,
    median_of,
    ratio,
    speedup,
    states_of,
)
from gilscope.compare.live import Column
from gilscope.model.comparison import DONE, ENDED, Comparison, Outcome, Run
from gilscope.model.events import KERNEL, NO_FIDELITY
from gilscope.model.text import clean, counted
from gilscope.ui.views.compare.figures import (
    UNKNOWN,
    cores,
    factor,
    long,
    megabytes,
    seconds,
    share,
    size,
)
from gilscope.ui.views.compare.lanes import Worker, letter_at, moments, stands, workers
from gilscope.ui.views.compare.words import GRAVE, badge, hint, python_of, sentence, what_it_is

MOST_WORKERS = 64
"""Workers whose shares are told one by one."""


@dataclass(frozen=True, slots=True)
class WorkerShares:
    """A worker in the newest run: its state now, and its shares; None where not seen."""

    name: str
    id: str
    letter: str
    states: tuple[float, ...] | None


@dataclass(frozen=True, slots=True)
class ModeDetail:
    """One mode.

    Attributes:
        number: of the mode, from 0.
        facts: what there is to say in a line each: what it is about, and what.
        wrong: sentences on what went wrong; `fix`: on what to do.
        titles, runs: the figures of each run, and the median of several.
        states: the eight shares, mean over workers and runs.
        workers: in the newest run; `others`: how many more there are.
        gil: whether it ran with a GIL.
        printed: the end of what it printed.
    """

    number: int
    label: str
    condition: str
    badge: str
    grave: bool
    facts: tuple[tuple[str, str], ...]
    wrong: str
    fix: str
    titles: tuple[str, ...]
    runs: tuple[tuple[str, ...], ...]
    states: tuple[float, ...] | None
    workers: tuple[WorkerShares, ...]
    others: int
    gil: bool | None
    printed: str


def mode_detail(
    column: Column, number: int, label: str, comparison: Comparison, elapsed: float | None
) -> ModeDetail:
    """Return what is known of a mode by now.

    Args:
        elapsed: seconds of the newest run.
    """
    outcome = column.outcome
    bad = badge(outcome)
    done = outcome.condition == DONE
    found = workers(column)
    return ModeDetail(
        number=number,
        label=label,
        condition=outcome.condition,
        badge=bad,
        grave=bad in GRAVE,
        facts=tuple(_facts(column, comparison, elapsed)),
        wrong=sentence(outcome.unequal if done else outcome.error) if bad else "",
        fix=hint(outcome.fix),
        titles=TITLES if outcome.runs else (),
        runs=tuple(_runs(outcome, comparison)),
        states=states_of(outcome),
        workers=tuple(_worker(column, each) for each in found[:MOST_WORKERS]),
        others=max(len(found) - MOST_WORKERS, 0),
        gil=outcome.gil,
        printed=outcome.printed,
    )


TITLES = (
    "run",
    "wall s",
    "speed-up",
    "cpu s",
    "cores",
    "MB",
    "load",
    "held",
    "switch/s",
    "waiting",
)
"""Above the figures of each run."""


def _facts(column: Column, comparison: Comparison, elapsed: float | None) -> list[tuple[str, str]]:
    outcome = column.outcome
    found = [("mode", what_it_is(outcome.mode, comparison))]
    python = python_of(outcome)
    if python:
        gil = {True: ", with a GIL", False: ", without a GIL", None: ""}[outcome.gil]
        path = f", {clean(outcome.mode.python)}" if outcome.mode.python else ""
        found.append(("interpreter", f"{python}{gil}{path}"))
    if outcome.method:
        found.append(("start method", clean(outcome.method)))
    if outcome.launch is not None or outcome.startup is not None:
        found.append(("start-up", _startup(outcome)))
    if column.tasks:
        done = f"{outcome.done} of {counted(column.tasks, 'task')}"
        found.append(("done", f"{done}, {_time(outcome, elapsed)}"))
    elif elapsed is not None:
        found.append(("took", _time(outcome, elapsed)))
    faster = speedup(outcome, comparison)
    baseline = outcome is comparison.baseline
    if faster is not None and not baseline:
        worth, workers = efficiency(outcome, comparison), at_once(outcome, comparison)
        each = f": {share(worth)} of {counted(workers, 'worker')}" if worth and workers else ""
        found.append(("speed-up", f"{factor(faster)}x the baseline{each}"))
    if outcome.payload is not None:
        words = f"{size(outcome.payload)} pickled: argument and result of one task"
        found.append(("objects", words))
    results = "what the others are compared with" if baseline else _results(outcome)
    if results:
        found.append(("results", results))
    found += [("seen", words) for words in _fidelity(column)]
    return found + [("remark", sentence(remark)) for remark in outcome.remarks]


def _startup(outcome: Outcome) -> str:
    words = []
    if outcome.launch is not None:
        words.append(f"{long(outcome.launch)} for the interpreter and the work's import")
    if outcome.startup is not None and outcome.workers > 1:
        words.append(f"{long(outcome.startup)} for {counted(outcome.workers, 'worker')}")
    return ", ".join(words) or UNKNOWN


def _time(outcome: Outcome, elapsed: float | None) -> str:
    if outcome.condition == DONE and outcome.wall is not None:
        several = f", the median of {len(outcome.runs)} runs" if len(outcome.runs) > 1 else ""
        return f"{long(outcome.wall)}{several}"
    if elapsed is None:
        return "not begun"
    if outcome.condition in ENDED:
        return f"ended after {long(elapsed)}"
    return f"{long(elapsed)} so far"


def _results(outcome: Outcome) -> str:
    if outcome.equal:
        return "the same as the baseline's"
    if outcome.equal is False or outcome.unequal is None:
        return ""
    return f"not compared: {sentence(outcome.unequal)}"


def _fidelity(column: Column) -> list[str]:
    worst = worst_seen(column.session)
    if worst is None:
        return []
    about = worst.about
    if about.fidelity == KERNEL:
        return ["at kernel fidelity"]
    seen = "threads only" if about.fidelity == NO_FIDELITY else f"at {about.fidelity} fidelity"
    why = " ".join(filter(None, (sentence(about.reason), sentence(about.fix))))
    return [f"{seen}: {why}" if why else seen]


def _runs(outcome: Outcome, comparison: Comparison) -> list[tuple[str, ...]]:
    baseline = comparison.baseline
    wall = baseline.wall if baseline and outcome.equal is not False else None
    found = [_run(str(number), run, wall) for number, run in enumerate(outcome.runs, 1)]
    if len(outcome.runs) > 1:
        middle = Run(
            median_of(outcome, "wall") or 0.0,
            median_of(outcome, "cpu"),
            None,
            None,
            median_of(outcome, "waiting"),
            median_of(outcome, "gil_load"),
            median_of(outcome, "gil_held"),
            median_of(outcome, "switches_per_s"),
        )
        figures = list(_run("median", middle, wall))
        figures[4] = cores(cores_used(outcome))
        figures[5] = megabytes(median_of(outcome, "memory"))
        found.append(tuple(figures))
    return found


def _run(name: str, run: Run, baseline: float | None) -> tuple[str, ...]:
    faster = ratio(baseline, run.wall)
    return (
        name,
        seconds(run.wall),
        UNKNOWN if faster is None else f"{factor(faster)}x",
        seconds(run.cpu),
        cores(ratio(run.cpu, run.wall)),
        megabytes(run.memory),
        cores(run.gil_load),
        share(run.gil_held),
        UNKNOWN if run.switches_per_s is None else f"{run.switches_per_s:,.0f}",
        cores(run.waiting),
    )


def _worker(column: Column, who: Worker) -> WorkerShares:
    id = f"{who.tid} of {who.pid}" if who.tid != who.pid else str(who.pid)
    found = moments(column)
    if who.thread is None:
        return WorkerShares(who.name, id, " ", None)
    if found is None:
        return WorkerShares(who.name, id, who.thread.state, None)
    spent = time_between(who.thread, *found)
    letter = BLANK if stands(column) else letter_at(who.thread, found[1])
    return WorkerShares(who.name, id, letter, fractions(spent))
