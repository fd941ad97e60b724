"""Who waits for a GIL, where that is more or fewer threads than are known to."""

from collections.abc import Callable

from gilscope.probe.classify import RUNNING
from gilscope.probe.gil import GilReader
from gilscope.probe.runs import BUSY_NATIVE
from gilscope.probe.thread import SampledThread

Read = Callable[[SampledThread], bool]
"""Reads what a thread is blocked in, and tells whether it is in nothing."""


def handing_over(
    gil: GilReader, running: list[SampledThread], boundary: int, interval: int
) -> SampledThread | None:
    """Return who held a GIL, was made to let it go, and has had no core since.

    It waits, whoever else may have left the queue meanwhile. Where samples are too few, another one
    may have been made to let it go since, and holds are not known well enough to tell.

    Args:
        running: those that are in no system call.
        boundary: when the GIL is taken to have changed hands.
        interval: microseconds since the sample before.
    """
    thread = gil.shown
    if not gil.handing_over or 2 * interval > gil.interval:
        return None
    if thread is None or thread.gil is not gil or thread not in running:
        return None
    return thread if thread.was_made_to_let_go(thread.letter, boundary) else None


def find_leavers(
    gil: GilReader,
    waiters: int,
    waiting: list[SampledThread],
    running: list[SampledThread],
    read: Read,
) -> None:
    """Find out who waits no more for a GIL where fewer do than is known to.

    Args:
        waiting: those that waited at the sample before and were not read at this one.
        running: takes those that are in no system call.
    """
    queue = [thread for thread in waiting if thread.gil is gil]
    # Those that want it for a moment are the likeliest to have had it and to have gone on.
    queue.sort(key=lambda thread: thread.before not in "ILS")
    certain = True
    for thread in queue:
        if certain and gil.queue == waiters:
            break
        gil.queue -= 1
        if read(thread):
            running.append(thread)
            certain = False


def find_joiners(
    gil: GilReader,
    skipped: list[SampledThread],
    idle: list[SampledThread],
    running: list[SampledThread],
    read: Read,
) -> list[SampledThread]:
    """Find out who else waits for a GIL where more do than is known to.

    Args:
        skipped: threads that were blocked, and were not read at this sample.
        idle: idle ones that were not.
        running: takes those that are in no system call.

    Returns:
        The idle ones that were read.
    """
    state = gil.switches, gil.waiters
    if gil.vain == state:
        return []  # Nothing has happened since they were looked for in vain.
    running += [thread for thread in skipped if thread.gil is gil and read(thread)]
    running += [thread for thread in idle if read(thread)]
    gil.vain = state if gil.queue < (gil.waiters or 0) else None
    return idle


def find_woken(
    gil: GilReader, missing: int, running: list[SampledThread], *, all_read: bool
) -> list[SampledThread]:
    """Return so many threads that are in no system call to be woken waiters without a core.

    Args:
        all_read: whoever else might be meant was read; otherwise a thread that runs native code is
            not taken for one.
    """
    woken = [
        thread
        for thread in running
        if thread.gil is gil
        and (all_read or thread.letter != RUNNING or thread.native < BUSY_NATIVE)
    ]
    # Of several, that which waited and that which runs the least native code.
    woken.sort(key=lambda thread: (thread.letter != "W", thread.native))
    return woken[: max(missing, 0)]
