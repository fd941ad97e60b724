"""The summary of a comparison: what `compare --json` prints, field by field.

The names are a contract: fields are added, never renamed or dropped. Times are seconds, to the
microsecond; memory is in MB of a million bytes; what is not known is null, never 0. Of several runs
each figure is the median.
"""

from dataclasses import dataclass

from gilscope.analysis.labels import labels
from gilscope.analysis.rounding import SHARE_DIGITS, exact_shares
from gilscope.analysis.speed import (
    cores_used,
    efficiency,
    known,
    median_of,
    speedup,
    states_of,
)
from gilscope.analysis.verdict import judge
from gilscope.model.comparison import Comparison, Outcome
from gilscope.model.states import STATES

SCHEMA = 1
"""The version of the contract."""

TIME_DIGITS = 6
RATIO_DIGITS = 4
MB = 1_000_000

PARTS = 1_000_000_000
"""Whole numbers that a share is cut into before it is rounded with the others."""


@dataclass(frozen=True, slots=True)
class ModeGil:
    """What became of the GIL of the processes that had workers.

    Attributes:
        enabled: false for an interpreter that runs without one.
        load: the mean number of threads that held or wanted it, mean over the processes.
        switches_per_s: its hand-overs a second, of all of them together.
        held: share of the time that it was held, mean over the processes.
        waiting: how many workers waited for it, on average.
    """

    enabled: bool | None
    load: float | None
    switches_per_s: float | None
    held: float | None
    waiting: float | None


@dataclass(frozen=True, slots=True)
class ModeSummary:
    """What came of one mode.

    Attributes:
        mode: the way it ran: "threads"; "command" for a whole command.
        label: what it is called, unlike any other one; `verdict.best` is one of these.
        python: version of the interpreter, with "t" at its end for a free-threaded build.
        ok: it ran to its end, and its results are not wrong.
        error: why not; `fix`: what to do.
        wall: from handing the first task over to having the last result; start-up not counted.
        startup: until all workers were ready; `launch`: until the interpreter was.
        speedup: the baseline's wall divided by this one's; null where results are wrong.
        efficiency: the speed-up divided by the tasks that may run at once.
        cpu: time on the cores of all its processes.
        memory_mb: peak of all its processes; pages that they share are counted once.
        results_equal: whether all results are those of the baseline; `unequal` says what differs.
        states: shares of the time, mean over the workers; they add up to 1.
        condition: "done", "failed", "unavailable", "skipped", "timed out", or not ended yet.
        method: how its processes were started.
        executable: the interpreter's path, where one was chosen; `command`: of a whole command.
        fidelity: how well it was seen: "kernel", "py-spy" or "none".
        workers: how many ran tasks.
        walls: of each run, in order; `wall_min`, `wall_max`: the shortest and the longest.
        payload_bytes: of one task's argument and result, pickled.
        tasks_done: how many tasks of the newest run are done.
        printed: the end of what it printed.
        remarks: what else happened.
    """

    mode: str
    label: str
    python: str | None
    ok: bool
    error: str | None
    wall: float | None
    startup: float | None
    speedup: float | None
    efficiency: float | None
    cpu: float | None
    cores_used: float | None
    memory_mb: float | None
    results_equal: bool | None
    gil: ModeGil
    states: dict[str, float | None]
    fix: str | None
    condition: str
    method: str | None
    executable: str | None
    command: list[str] | None
    implementation: str | None
    fidelity: str | None
    workers: int
    launch: float | None
    walls: list[float | None]
    wall_min: float | None
    wall_max: float | None
    payload_bytes: int | None
    tasks_done: int
    unequal: str | None
    printed: str
    remarks: list[str]


@dataclass(frozen=True, slots=True)
class VerdictSummary:
    """The verdict in words.

    Attributes:
        best: label of the best mode; null where that is not clear.
        evidence: one sentence for each thing that was found, the strongest first.
    """

    best: str | None
    text: str
    evidence: list[str]


@dataclass(frozen=True, slots=True)
class ComparisonSummary:
    """All of it.

    Attributes:
        work: its name; `title`: what was run, sizes included.
        workers: how many tasks might run at once; `cores`: how many the comparison could use.
        repeat: runs asked of each mode; `batch`: tasks handed over at a time.
        together: the modes ran at the same time, on `cores_each` cores each.
        modes: the baseline first.
    """

    schema: int
    work: str
    title: str
    tasks: int
    workers: int
    cores: int
    repeat: int
    batch: int
    together: bool
    cores_each: int | None
    modes: list[ModeSummary]
    verdict: VerdictSummary


def summarise_comparison(comparison: Comparison) -> ComparisonSummary:
    """Return the summary of a comparison, finished or not."""
    names = labels(comparison)
    verdict = judge(comparison)
    best = next(
        (
            name
            for name, outcome in zip(names, comparison.outcomes, strict=True)
            if outcome.ok and outcome.mode == verdict.best
        ),
        None,
    )
    return ComparisonSummary(
        schema=SCHEMA,
        work=comparison.work,
        title=comparison.title,
        tasks=comparison.tasks,
        workers=comparison.workers,
        cores=comparison.cores,
        repeat=comparison.repeat,
        batch=comparison.batch,
        together=comparison.together,
        cores_each=comparison.cores_each,
        modes=[
            _mode(name, outcome, comparison)
            for name, outcome in zip(names, comparison.outcomes, strict=True)
        ],
        verdict=VerdictSummary(best, verdict.text, list(verdict.evidence)),
    )


def _mode(name: str, outcome: Outcome, comparison: Comparison) -> ModeSummary:
    mode = outcome.mode
    walls = [_rounded(run.wall, TIME_DIGITS) for run in outcome.runs]
    timed = [wall for wall in walls if wall is not None]
    memory = median_of(outcome, "memory")
    return ModeSummary(
        mode=mode.kind,
        label=name,
        python=outcome.version,
        ok=outcome.ok,
        error=outcome.error,
        wall=_rounded(median_of(outcome, "wall"), TIME_DIGITS),
        startup=_rounded(outcome.startup, TIME_DIGITS),
        speedup=_rounded(speedup(outcome, comparison), RATIO_DIGITS),
        efficiency=_rounded(efficiency(outcome, comparison), RATIO_DIGITS),
        cpu=_rounded(median_of(outcome, "cpu"), TIME_DIGITS),
        cores_used=_rounded(cores_used(outcome), RATIO_DIGITS),
        memory_mb=_rounded(None if memory is None else memory / MB, 1),
        results_equal=outcome.equal,
        gil=ModeGil(
            enabled=outcome.gil,
            load=_rounded(median_of(outcome, "gil_load"), RATIO_DIGITS),
            switches_per_s=_rounded(median_of(outcome, "switches_per_s"), 1),
            held=_rounded(median_of(outcome, "gil_held"), SHARE_DIGITS),
            waiting=_rounded(median_of(outcome, "waiting"), RATIO_DIGITS),
        ),
        states=_states(outcome),
        fix=outcome.fix,
        condition=outcome.condition,
        method=outcome.method or mode.method,
        executable=mode.python,
        command=list(mode.command) or None,
        implementation=outcome.implementation,
        fidelity=outcome.fidelity,
        workers=outcome.workers,
        launch=_rounded(outcome.launch, TIME_DIGITS),
        walls=walls,
        wall_min=min(timed, default=None),
        wall_max=max(timed, default=None),
        payload_bytes=outcome.payload,
        tasks_done=outcome.done,
        unequal=outcome.unequal,
        printed=outcome.printed,
        remarks=list(outcome.remarks),
    )


def _states(outcome: Outcome) -> dict[str, float | None]:
    states = states_of(outcome)
    names = [state.value for state in STATES]
    if states is None:
        return dict.fromkeys(names)
    return dict(zip(names, exact_shares([round(share * PARTS) for share in states]), strict=True))


def _rounded(value: float | None, digits: int) -> float | None:
    value = known(value)
    return None if value is None else round(value, digits)
