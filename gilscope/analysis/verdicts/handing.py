"""Rules on handing tasks over: what a hand-over costs, what is copied, and how many there are."""

from math import ceil

from gilscope.analysis.speed import median_of
from gilscope.analysis.verdicts.case import APART, IN_ONE_PROCESS, Case, Finding, Reading
from gilscope.analysis.verdicts.words import counted, percent, seconds, size, times

SMALL = 0.002
"""Seconds of work up to which a hand-over counts: one to a thread takes 10 µs and more, one to a
process 100 µs and more."""

LONGEST_HANDOVER = 0.02
"""Seconds beyond which what is lost cannot be the hand-over of a small task alone."""

AT_WORK = 0.65
"""Share of what is lost that has to be CPU time, if it went to handing over: who waits for a server
or for a core loses time as well, but spends none."""

NOTABLE_LOSS = 0.2
"""Share of a mode's wall time that has to be lost to be a reason."""

LARGE = 64_000
"""Bytes of argument and result that do not go through a pipe in one piece (Linux: 64 KiB)."""

LEAST_RATE = 20e6
"""Bytes a second: pickling and pipes are faster than this, so what takes longer is not theirs."""

GOOD_BATCH = 0.01
"""Seconds of work that are worth a hand-over: a hundred times what one to a process costs."""

ROUNDS = 4
"""Batches that each worker should have at least, so that all end at about the same time."""

NOTABLE_IDLE = 0.2
"""Share of the workers' time in which there is no task for them that is a reason."""


def hands_over_small_tasks(case: Case, reading: Reading) -> Finding | None:
    """Find that handing a task over costs about as much as the task itself, or more."""
    task, lost = case.task_time(), _lost(case, reading)
    if task is None or lost is None or _is_of_large_objects(case, reading):
        return None
    batch = max(1, case.comparison.batch)
    own, each = task * batch, lost / case.handovers
    if own > SMALL or each > LONGEST_HANDOVER or lost < NOTABLE_LOSS * (reading.wall or 0):
        return None
    if not _went_to_work(case, reading, lost):
        return None
    what = "a task takes" if batch == 1 else f"a batch of {batch} takes"
    return Finding(
        f"{what} {seconds(own)}, and handing one over costs about {seconds(each)} more",
        f"{reading.subject}: each of {counted(case.handovers, 'hand-over')} cost about "
        f"{seconds(each)}, for {seconds(own)} of work.",
        _part(lost, reading),
        _batching(case, task),
        f"{what} {seconds(own)}, and handing one over costs up to {seconds(each)} more",
    )


def copies_large_objects(case: Case, reading: Reading) -> Finding | None:
    """Find that the time goes to copying arguments and results from process to process."""
    lost, payload = _lost(case, reading), reading.outcome.payload
    if lost is None or payload is None or not _is_of_large_objects(case, reading):
        return None
    total = payload * case.comparison.tasks
    return Finding(
        f"pickling and copying {size(payload)} for each task costs more than it gains"
        if (reading.speed or 0) < 1
        else f"{size(payload)} are pickled and copied for each task",
        f"{reading.subject}: {size(payload)} of argument and result are pickled for each task, "
        f"{size(total)} in all, and {seconds(lost)} of {seconds(reading.wall or 0)} went beyond "
        "the work itself.",
        _part(lost, reading),
        "Pass fewer bytes: a file's name, a range, a sum in place of the data.",
    )


def has_too_few_tasks(case: Case, reading: Reading) -> Finding | None:
    """Find that there are not enough tasks, or batches, to keep all workers busy."""
    idle, workers = idle_share(case, reading), reading.tasks_at_once or 1
    most = (1 - idle) * workers
    if idle < NOTABLE_IDLE or (case.computes and most > 0.9 * case.potential(reading)):
        return None
    batch = case.comparison.batch
    what = counted(case.comparison.tasks, "task") + (f" in batches of {batch}" if batch > 1 else "")
    return Finding(
        f"{what} cannot keep {workers} workers busy",
        f"{reading.subject}: {what} for {workers} workers leave {percent(idle)} of their time "
        f"without a task; {times(most)} is the most.",
        idle,
        "Use smaller batches." if batch > 1 else "Cut the work into more tasks.",
    )


def is_slowed_by_handing_over(case: Case, reading: Reading) -> bool:
    """Whether its workers wait for tasks rather than for each other."""
    found = hands_over_small_tasks(case, reading) or copies_large_objects(case, reading)
    return found is not None


def idle_share(case: Case, reading: Reading) -> float:
    """Return the share of the workers' time in which there can be no task for them."""
    workers = reading.tasks_at_once or 1
    if workers < 2 or not case.handovers:
        return 0.0
    rounds = ceil(case.handovers / workers)
    return 1 - case.handovers / (rounds * workers)


def _lost(case: Case, reading: Reading) -> float | None:
    """Return how much longer it took than the work itself does with so many workers.

    That of threads is compared with the sequence itself: how much they could gain depends on how
    long they hold the GIL.
    """
    base = case.sequence_of(reading)
    if base is None or base is reading or not case.handovers:
        return None
    if base.wall is None or reading.wall is None or base is not case.baseline:
        return None
    if reading.kind in IN_ONE_PROCESS:
        lost = reading.wall - base.wall
    else:
        lost = reading.wall - base.wall / case.potential(reading)
    return lost if lost > 0 else None


def _went_to_work(case: Case, reading: Reading, lost: float) -> bool:
    """Whether what was lost was spent on the cores; so it is taken where that is not known."""
    base = case.sequence_of(reading)
    alone = median_of(base.outcome, "cpu") if base is not None else None
    took = median_of(reading.outcome, "cpu")
    return alone is None or took is None or took - alone >= AT_WORK * lost


def _part(lost: float, reading: Reading) -> float:
    return min(1.0, lost / reading.wall) if reading.wall else 0.0


def _is_of_large_objects(case: Case, reading: Reading) -> bool:
    payload, lost = reading.outcome.payload, _lost(case, reading)
    if reading.kind not in APART or payload is None or payload < LARGE or lost is None:
        return False
    fast_enough = payload * case.comparison.tasks >= LEAST_RATE * lost
    return fast_enough and lost >= NOTABLE_LOSS * (reading.wall or 0)


def _batching(case: Case, task: float) -> str:
    """Return the advice to hand over as many tasks at a time as are worth it."""
    most = case.comparison.tasks / (ROUNDS * max(1, case.comparison.workers))
    number = round_down(min(GOOD_BATCH / task, most))
    if number <= max(1, case.comparison.batch):
        return "Make the tasks larger."
    return f"Hand over {number} tasks at a time (--batch {number})."


def round_down(number: float) -> int:
    """Return the next smaller of 1, 2, 5, 10, 20, 50 and so on; 0 below 1."""
    one = 1
    while one * 10 <= number:
        one *= 10
    return max((step * one for step in (1, 2, 5) if step * one <= number), default=0)
