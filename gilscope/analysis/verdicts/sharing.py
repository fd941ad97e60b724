"""Rules on what workers share besides the GIL: locks, cores, and what cores share."""

from gilscope.analysis.speed import median_of, ratio
from gilscope.analysis.verdicts.case import BUSY, Case, Finding, Reading
from gilscope.analysis.verdicts.handing import idle_share, is_slowed_by_handing_over
from gilscope.analysis.verdicts.words import counted, mean, percent, seconds
from gilscope.model.comparison import COMMAND, SEQUENTIAL
from gilscope.model.states import State

NOTABLE_LOCK = 0.2
"""Share of the workers' time, idle ones not counted, that has to go to locks to be a reason."""

NOTABLE_READY = 0.15
"""Share of the workers' time without a core that is a reason."""

FULL = 0.85
"""Share of the cores that has to be busy for all to be called so: the work's own bookkeeping and
whatever else the machine does take the rest."""

HAD = 0.75
"""Part of the cores that could have been used below which others must have had them."""

MORE_CPU = 1.25
"""How many times the CPU time the same work has to take for that to be told."""

LEAST_CPU = 0.2
"""Seconds of CPU time that are worth comparing: some kernels count it in steps of 10 ms."""


def waits_for_a_lock(case: Case, reading: Reading) -> Finding | None:
    """Find that workers wait for a lock of the work's own.

    A worker that has no task waits in a lock as well, so those that could not have one, and small
    tasks that are not handed over fast enough, are not counted.
    """
    share = reading.share(State.LOCK)
    if share is None or reading.workers < 2 or is_slowed_by_handing_over(case, reading):
        return None
    share -= idle_share(case, reading)
    alone = case.in_sequence
    usual = (alone.share(State.LOCK) or 0.0) if alone is not None else 0.0
    if share - usual < NOTABLE_LOCK:
        return None
    number = share * reading.workers
    return Finding(
        f"{mean(number)} of {reading.workers} workers {'was' if mean(number) == '1.0' else 'were'} "
        "always waiting for a lock",
        f"{reading.subject}: {mean(number)} of {reading.workers} workers waited for a lock on "
        f"average, {percent(share)} of their time; only one can have it.",
        share,
        "Hold the lock for shorter: no way to run the tasks helps before that.",
    )


def finds_no_core(case: Case, reading: Reading) -> Finding | None:
    """Find that workers that could run have no core to run on."""
    share = reading.share(State.READY)
    if share is None or share < NOTABLE_READY:
        return None
    return Finding(
        f"{percent(share)} of the time a worker that could run found no free core",
        f"{reading.subject}: {percent(share)} of the time a worker could have run, but no core was "
        "free.",
        share,
    )


def is_kept_off_its_cores(case: Case, reading: Reading) -> Finding | None:
    """Find that others use the cores: workers that run all the time used little of them.

    Whoever holds a GIL or runs native code is on a core, unless there is none for it or it holds
    the GIL in a system call that blocks.
    """
    share, used = reading.share(State.HOLD, State.NATIVE, State.READY), reading.cores_used
    if share is None or used is None or reading.kind == COMMAND:
        return None
    wanted = min(share * reading.workers, case.cores)
    if wanted * (reading.wall or 0.0) < LEAST_CPU or used > HAD * wanted:
        return None
    return Finding(
        f"they got {mean(used)} of the {mean(wanted)} cores that they could have used"
        if reading.many
        else f"it got {mean(used)} of the {mean(wanted)} cores that it could have used",
        f"{reading.subject} got {mean(used)} of the {mean(wanted)} cores that would have been "
        "used, as when something else runs or a limit is set.",
        1 - used / wanted,
        "Run it again when nothing else runs.",
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
    return Finding(
        f"the same work took {multiple:.1f} times the CPU time",
        f"{reading.subject} took {seconds(took)} of CPU time for what takes {seconds(alone)} in "
        "sequence, as happens where cores share memory, caches or a clock.",
        1 - 1 / multiple,
    )


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


def more_workers_than_cores(case: Case) -> Finding | None:
    """Find that work that computes has more workers than cores."""
    workers = case.comparison.workers
    if case.commands or not case.computes or case.cores < 2:
        return None
    if workers <= case.cores:
        return None
    return Finding(
        f"{workers} workers share {case.cores} cores",
        f"{workers} workers share {case.cores} cores: work that computes can become no "
        f"more than {case.cores} times as fast.",
        0.15,
    )
