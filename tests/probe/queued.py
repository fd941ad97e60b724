"""Three threads made of plain files: one holds the GIL, and the others wait for it."""

from tests.probe.constructed import RUNNING, WAITS, Constructed
from tests.probe.sampled import FIRST, SECOND, STEP, THIRD

NATIVE = 20_000


def three(folder):
    """Make the process: the first of three threads holds the GIL, and the others wait."""
    files = Constructed(folder)
    files.thread(FIRST)
    files.thread(SECOND, WAITS)
    files.thread(THIRD, WAITS)
    first, *_ = files.states(FIRST, SECOND, THIRD)
    files.gil(first, 5)
    return files


def take(files, index, switches):
    """Let one of the three threads hold the GIL, after so many switches."""
    files.gil(files.states(FIRST, SECOND, THIRD)[index], switches)


def reads(watching):
    """Count the reads of threads' system calls from now on; return the list that grows."""
    seen = []
    looker = watching.process._looker
    read = looker._read

    def counting(thread):
        seen.append(thread.tid)
        return read(thread)

    looker._read = counting
    return seen


def native(files, watching, tid):
    """Let a thread be known to run native code."""
    files.thread(tid, RUNNING)
    for turn in range(1, 20):
        files.schedule(tid, turn * NATIVE, 0, turn)
        watching.sample(NATIVE // STEP)
        spent = watching.frame()
    assert spent[tid]["N"] > 0.9 * NATIVE
