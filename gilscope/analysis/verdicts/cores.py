"""Rules on the cores that workers share, with each other and with whatever else runs."""

from gilscope.analysis.speed import median_of, ratio
from gilscope.analysis.verdicts.case import (
    BUSY,
    IN_ONE_PROCESS,
    LEAST_CPU,
    Case,
    Finding,
    Reading,
)
from gilscope.analysis.verdicts.gil import MANY_SWITCHES, NOTABLE_WAIT
from gilscope.analysis.verdicts.handing import is_slowed_by_handing_over, round_down
from gilscope.analysis.verdicts.words import (
    counted,
    exact_seconds,
    mean,
    percent,
)
from gilscope.model.comparison import COMMAND, SEQUENTIAL, WITH_METHOD
from gilscope.model.states import State

NOTABLE_READY = 0.15
"""Share of the workers' time without a core that is a reason."""

FULL = 0.85
"""Share of the cores that has to be busy for all to be called so: the work's own bookkeeping and
whatever else the machine does take the rest."""

HAD = 0.75
"""Part of the cores that could have been used below which others must have had them."""

MORE_CPU = 1.25
"""How many times the CPU time the same work has to take for that to be told."""

ONE_CORE = 1.2
"""Cores up to which workers run one at a time."""


def finds_no_core(case: Case, reading: Reading) -> Finding | None:
    """Find that workers that could run have no core to run on, though there is one for each.

    Workers that hand tasks or the GIL over all the time are often just about to run.
    """
    share, used = reading.share(State.READY), reading.cores_used
    if share is None or share < NOTABLE_READY or is_slowed_by_handing_over(case, reading):
        return None
    if (median_of(reading.outcome, "switches_per_s") or 0.0) >= MANY_SWITCHES:
        return None
    full = used is None or used >= FULL * case.cores
    if is_kept_off_its_cores(case, reading) is not None:
        return None
    if full and (reading.workers > case.cores or fills_the_cores(case, reading) is not None):
        return None
    return Finding(
        f"{percent(share)} of the time a worker that could run found no free core"
        if full
        else f"something else had the cores {percent(share)} of the time",
        f"{reading.subject}: {percent(share)} of the time a worker could have run, but "
        + ("no core was free." if full else "something else had the cores."),
        share,
        None if full else "Run it again when nothing else runs.",
    )


def is_kept_off_its_cores(case: Case, reading: Reading) -> Finding | None:
    """Find that others use the cores: workers that run all the time used little of them.

    Whoever holds a GIL or runs native code is on a core, unless there is none for it or it holds
    the GIL in a system call that blocks. Threads that wait for one GIL or lock, and workers that
    wait for tasks, are often about to run without being kept from it.
    """
    share, used = reading.share(State.HOLD, State.NATIVE, State.READY), reading.cores_used
    if share is None or used is None or reading.kind == COMMAND:
        return None
    if is_slowed_by_handing_over(case, reading):
        return None
    waits = reading.share(State.WAIT, State.LOCK) or 0.0
    if reading.kind in IN_ONE_PROCESS and waits >= NOTABLE_WAIT:
        share -= reading.share(State.READY) or 0.0
    wanted = min(share * reading.workers, case.cores)
    if wanted * (reading.wall or 0.0) < LEAST_CPU or used > HAD * wanted:
        return None
    got = (
        f"{mean(used)} of the {mean(wanted)} cores that {reading.verb('they', 'it')} could have "
        "used"
        if wanted > 1.05
        else f"a core {percent(used)} of the time, and could have used it {percent(wanted)}"
    )
    return Finding(
        f"{reading.verb('they', 'it')} got {got}",
        f"{reading.subject} got {got}, as when something else runs or a limit is set.",
        1 - used / wanted,
        "Run it again when nothing else runs.",
    )


def may_be_faster(case: Case, reading: Reading, best: Reading) -> Finding | None:
    """Find that a slower mode might be no slower if it had had its cores."""
    kept, wall = is_kept_off_its_cores(case, reading), reading.wall
    if kept is None or wall is None or best.wall is None or reading is best:
        return None
    if wall * (1 - kept.weight) > best.wall:
        return None
    return Finding(
        f"{reading.label} {reading.verb('were', 'was')} held up, {kept.clause}",
        kept.evidence,
        kept.weight,
        kept.remedy,
    )


def fills_the_cores(case: Case, reading: Reading) -> Finding | None:
    """Find that all cores are busy, and that there are more workers than those."""
    used, workers = reading.cores_used, reading.tasks_at_once
    if used is None or workers is None or reading.kind == SEQUENTIAL or case.cores < 2:
        return None
    if workers <= case.cores or used < FULL * case.cores:
        return None
    return Finding(
        f"all {case.cores} cores were busy",
        f"{reading.subject} kept {mean(used)} of {counted(case.cores, 'core')} busy: the cores "
        f"are the limit, not the {workers} workers.",
        # Shares of time that were measured say more than this does.
        min(0.5, 1 - case.cores / workers),
    )


def takes_more_cpu(case: Case, reading: Reading) -> Finding | None:
    """Find that the same work takes more time on the cores than it does in sequence."""
    base = case.sequence_of(reading)
    if base is None or base is reading or (base.cores_used or 0) < BUSY:
        return None
    if is_slowed_by_handing_over(case, reading):
        return None
    alone, took = median_of(base.outcome, "cpu"), median_of(reading.outcome, "cpu")
    multiple = ratio(took, alone)
    if alone is None or took is None or multiple is None:
        return None
    if alone < LEAST_CPU or multiple < MORE_CPU:
        return None
    switches = median_of(reading.outcome, "switches_per_s") or 0.0
    clause = f"the same work took {multiple:.1f} times the CPU time"
    told = (
        f"{reading.subject} took {exact_seconds(took)} of CPU time for what takes "
        f"{exact_seconds(alone)} in sequence"
    )
    if reading.kind in IN_ONE_PROCESS and switches >= MANY_SWITCHES:
        clause += f", since the GIL changed hands over {round_down(switches):,} times a second"
        told += f": the GIL changed hands {switches:,.0f} times a second, and each time costs."
    elif reading.kind in IN_ONE_PROCESS and (reading.cores_used or 0.0) <= ONE_CORE:
        told += ", one at a time: the machine was slower then, or passing the GIL on costs so much."
    elif reading.kind in IN_ONE_PROCESS and _is_dearer_than_apart(case, reading, took):
        clause += ", which it does not in processes"
        told += ", and processes did not: something inside the process is shared, as memory is."
    else:
        told += ", as happens where cores share caches and memory, or slow down when all are busy."
    return Finding(clause, told, 1 - 1 / multiple)


def differs_in_speed(case: Case) -> Finding | None:
    """Find that the machine itself was slower when the baseline ran."""
    base, other = case.in_sequence, case.steadier
    if base is None or other is None:
        return None
    took, least = median_of(base.outcome, "cpu"), median_of(other.outcome, "cpu")
    return Finding(
        f"{base.label} itself may be {percent(1 - 1 / case.slowness)} faster",
        f"{base.subject} took {exact_seconds(took or 0.0)} of CPU time for what took "
        f"{other.label} {exact_seconds(least or 0.0)}: the machine was slower then, and speed-ups "
        f"may be up to {case.slowness:.1f} times too high.",
        0.6,
    )


def _is_dearer_than_apart(case: Case, reading: Reading, took: float) -> bool:
    """Whether processes of the same interpreter take clearly less CPU time for the same work."""
    costs = [
        cost
        for each in case.usable
        if each.kind in WITH_METHOD and each.outcome.mode.python == reading.outcome.mode.python
        if (cost := median_of(each.outcome, "cpu")) is not None
    ]
    return bool(costs) and took > MORE_CPU * min(costs)


def sequence_fills_the_cores(case: Case) -> Finding | None:
    """Find that there is no core left for a second worker."""
    base = case.in_sequence
    used = base.cores_used if base is not None else None
    if base is None or used is None or used < FULL * case.cores:
        return None
    if case.cores == 1:
        return Finding(
            f"there is 1 core, and {base.label} already keeps it busy ({percent(min(1.0, used))})",
            f"{base.subject} kept the one core busy {percent(min(1.0, used))} of the time: more "
            "workers only take turns on it.",
            0.95,
        )
    return Finding(
        f"{base.label} already keeps {mean(used)} of {case.cores} cores busy",
        f"{base.subject} kept {mean(used)} of {case.cores} cores busy: the code it calls computes "
        "in threads of its own.",
        0.95,
    )


def has_one_worker(case: Case) -> Finding | None:
    """Find that no mode can run two tasks at once."""
    if case.in_sequence is None or case.commands or case.comparison.workers != 1:
        return None
    return Finding(
        "With 1 worker every mode runs one task after the other, as sequential does",
        "1 worker runs 1 task at a time: all that differs is chance, and what handing over costs.",
        0.95,
        "Give them more: --workers 2.",
    )


def more_workers_than_cores(case: Case) -> Finding | None:
    """Find that work that computes has more workers than cores."""
    workers = case.comparison.workers
    if case.commands or not case.computes or case.cores < 2:
        return None
    if workers <= case.cores or any(fills_the_cores(case, each) for each in case.usable):
        return None
    return Finding(
        f"{workers} workers share {case.cores} cores",
        f"{workers} workers share {case.cores} cores: work that computes can become no "
        f"more than {case.cores} times as fast.",
        0.15,
    )
