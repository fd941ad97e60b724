"""Rules on the work's own locks, which workers wait for besides the GIL."""

from gilscope.analysis.verdicts.case import APART, IN_ONE_PROCESS, Case, Finding, Reading
from gilscope.analysis.verdicts.handing import idle_share, is_slowed_by_handing_over
from gilscope.analysis.verdicts.words import counted, mean, of_workers, percent
from gilscope.model.comparison import INTERPRETERS, SEQUENTIAL
from gilscope.model.states import State

NOTABLE_LOCK = 0.2
"""Share of the workers' time, idle ones not counted, that has to go to locks to be a reason."""

MANY_ROUNDS = 10
"""Tasks for each worker from which on those that have none left are no more than the end of it."""


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
    what, remedy = "a lock", "Hold the lock for shorter."
    if may_lack_tasks(case, reading):
        what = "a lock or for a task"
        remedy = "Hold the lock for shorter, or make all tasks take as long."
    elif all(
        (each.share(State.LOCK) or 0.0) >= NOTABLE_LOCK
        for each in case.usable
        if each.kind != SEQUENTIAL
    ):
        remedy = "Hold the lock for shorter: no way to run the tasks helps before that."
    return Finding(
        f"{of_workers(number, reading.workers, reading.workers - 1.0)} waiting for {what}",
        f"{reading.subject}: {mean(number)} of {counted(reading.workers, 'worker')} waited for "
        f"{what} on average, {percent(share)} of their time.",
        share,
        remedy,
    )


def may_lack_tasks(case: Case, reading: Reading) -> bool:
    """Whether who waits in a lock may have no task left.

    Those of the catalogue take as long as each other; of tasks of one's own nobody knows it.
    """
    return ":" in case.comparison.work and case.handovers < MANY_ROUNDS * reading.workers


def has_locks_of_its_own(case: Case, reading: Reading) -> Finding | None:
    """Find that processes do not wait for the lock that threads wait for: each has its own."""
    if reading.kind not in APART or waits_for_a_lock(case, reading) is not None:
        return None
    python = reading.outcome.mode.python
    locked = [
        each
        for each in case.usable
        if each.kind in IN_ONE_PROCESS
        and each.outcome.mode.python == python
        and waits_for_a_lock(case, each) is not None
        and not may_lack_tasks(case, each)
    ]
    if not locked or (locked[0].share(State.WAIT) or 0.0) > (locked[0].share(State.LOCK) or 0.0):
        return None
    label, share = locked[0].label, locked[0].share(State.LOCK) or 0.0
    each = "interpreter" if reading.kind == INTERPRETERS else "process"
    return Finding(
        f"if it is right that each {each} has a lock of its own",
        f"{reading.subject} did not wait for the lock that {label} waited for {percent(share)} of "
        f"the time: an ordinary lock is another one in each {each}, and protects nothing that they "
        "share.",
        share * 0.95,
    )
