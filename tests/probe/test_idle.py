"""Threads that do nothing: read seldom, and never lost sight of."""

from collections import Counter

import pytest

from gilscope.probe.layouts import WAITERS
from gilscope.probe.rounds import DOZE, IDLE_STRIDE, SLEEP, SPARSELY
from gilscope.probe.runs import BUSY_NATIVE
from tests.probe.constructed import READS, WAITS, Constructed
from tests.probe.sampled import FIRST, SECOND, THIRD

ROUND = IDLE_STRIDE * SPARSELY


@pytest.fixture
def files(tmp_path):
    """Three threads; the first holds the GIL, and the others read."""
    files = Constructed(tmp_path, counts=WAITERS[1])
    files.thread(FIRST)
    files.thread(SECOND, READS)
    files.thread(THIRD, READS)
    files.gil(files.states(FIRST, SECOND, THIRD)[0], 5)
    return files


@pytest.fixture
def watching(watch):
    """It is watched, and the second and third thread are idle."""
    watching = watch()
    for _ in range(3):
        watching.warm()
    assert watching.process.threads[SECOND].idle
    assert watching.process.threads[THIRD].idle
    return watching


def states(files):
    return files.states(FIRST, SECOND, THIRD)


def test_an_idle_thread_that_ends_is_not_read_again(files, watching):
    watching.sample(20)
    # One takes the GIL, and the only other idle one ends before it is its turn.
    files.thread(SECOND)
    files.thread(FIRST, WAITS)
    files.gil(states(files)[1], 6)
    watching.sample()
    files.end(THIRD)
    watching.frame()
    watching.sample(2 * ROUND)
    assert watching.process.threads.keys() == {FIRST, SECOND}


@pytest.mark.parametrize("offset", range(0, ROUND, 7))
def test_an_idle_thread_that_takes_the_gil_while_others_are_read_holds_it(files, watching, offset):
    files.gil(states(files)[0], 5, locked=False)
    files.thread(FIRST, READS)
    watching.sample(ROUND + offset)
    looker = watching.process._looker
    read = looker._read

    def reading(thread):
        runs = read(thread)
        if thread.tid == FIRST and runs:
            looker._read = read
            files.thread(SECOND)
            files.gil(states(files)[1], 6)
        return runs

    looker._read = reading
    files.thread(FIRST)
    while looker._read is reading:
        watching.sample()
    letters = ""
    for _ in range(2 * ROUND):
        watching.sample()
        letters += watching.process.threads[SECOND].letter
    assert letters.lstrip("I") == letters.strip("I")
    assert set(letters.lstrip("I")) == {"H"}
    assert letters.count("I") <= 1


@pytest.mark.parametrize("late", range(SLEEP))
def test_who_takes_the_gil_in_its_sleep_is_read_once_a_sample(files, watching, late):
    files.gil(states(files)[0], 5, locked=False)
    files.thread(FIRST, READS)
    # On a core in this frame, and blocked again: it sleeps, but is not idle.
    files.schedule(SECOND, 200, 0, 3)
    watching.sample(2)
    watching.frame()
    watching.sample(2 + late)
    looker = watching.process._looker
    read, reads = looker._read, Counter()

    def reading(thread):
        reads[thread.tid, looker.tick] += 1
        return read(thread)

    looker._read = reading
    files.gil(states(files)[1], 6, locked=False)
    watching.sample(SLEEP)
    assert reads[SECOND, looker.tick] == 1
    assert set(reads.values()) == {1}


@pytest.mark.parametrize(("native", "stride"), [(100, SLEEP), (10_000, DOZE)])
def test_who_runs_native_code_for_a_moment_only_is_read_as_seldom_as_a_sleeper(
    files, watching, native, stride
):
    looker, cpu = watching.process._looker, 0
    for _ in range(12):
        files.thread(SECOND)
        files.thread(THIRD, WAITS)  # So that all are looked at.
        watching.sample(2)
        files.thread(SECOND, READS)
        files.thread(THIRD, READS)
        cpu += native
        files.schedule(SECOND, cpu, 0, cpu)
        watching.sample(98)
        watching.frame()
    assert watching.process.threads[SECOND].native > BUSY_NATIVE
    read, reads = looker._read, Counter()

    def reading(thread):
        reads[thread.tid] += 1
        return read(thread)

    watching.sample(2)
    looker._read = reading
    watching.sample(4 * SLEEP)
    assert reads[SECOND] == 4 * SLEEP // stride
