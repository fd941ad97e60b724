"""Who waits for the GIL, told by how many glibc counts in its condition variable."""

import struct

import pytest

from gilscope.probe.gil import GilReader
from gilscope.probe.interpreter import Gil
from gilscope.probe.layouts import COND, SWITCH_COND, WAITERS
from tests.probe.constructed import (
    GIL,
    LOCKED,
    READS,
    RUNNING,
    SLEEPS,
    WAITS,
    WAITS_FOR_MUTEX,
    Constructed,
)
from tests.probe.test_process import FIRST, SECOND, STEP, THIRD, Watching

NATIVE = 20_000


@pytest.fixture
def files(tmp_path):
    """The first of three threads holds the GIL, and the others wait."""
    files = Constructed(tmp_path)
    files.thread(FIRST)
    files.thread(SECOND, WAITS)
    files.thread(THIRD, WAITS)
    first, *_ = files.states(FIRST, SECOND, THIRD)
    files.gil(first, 5)
    return files


@pytest.fixture
def watching(files):
    watching = Watching(files)
    yield watching
    watching.process.close()


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


@pytest.mark.parametrize("place", WAITERS)
def test_the_count_is_found_where_it_is(tmp_path, place):
    files = Constructed(tmp_path, counts=place)
    files.waiters(2, handing_over=1)
    other = next(each for each in WAITERS if each != place)
    for turn, noise in enumerate([2, 2, 3, 10, 2, 18]):
        # What lies at the other place looks like a count now and then.
        files.write(GIL + COND + other, struct.pack("<I", noise))
        files.write(GIL + SWITCH_COND + other, struct.pack("<I", 2))
        if not turn:
            reader = GilReader(files.memory(), Gil(GIL, 0), 0)
        reader.read()
        assert reader.waiters == (None if turn < 2 else 3)
    files.write(GIL + COND, bytes(48))
    reader.read()
    assert reader.waiters is None
    files.waiters(1)
    reader.read()
    assert reader.waiters == 1


def native(files, watching, tid):
    """Let a thread be known to run native code."""
    files.thread(tid, RUNNING)
    for turn in range(1, 20):
        files.schedule(tid, turn * NATIVE, 0, turn)
        watching.sample(NATIVE // STEP)
        spent = watching.frame()
    assert spent[tid]["N"] > 0.9 * NATIVE


def test_a_woken_thread_without_a_core_waits_though_it_has_native_code_to_run(files, watching):
    native(files, watching, SECOND)
    files.thread(SECOND, WAITS)
    watching.sample(10)
    files.thread(SECOND, RUNNING)
    files.waiters(2)
    watching.frame()
    watching.sample(20)
    assert watching.frame()[SECOND] == {"W": 20 * STEP}


def test_of_two_that_run_the_one_that_waited_waits(files, watching):
    watching.warm()
    files.thread(THIRD, RUNNING)
    watching.sample(5)
    files.thread(SECOND, RUNNING)
    files.waiters(1)
    watching.frame()
    files.schedule(THIRD, 20_000, 0, 1)
    watching.sample(20)
    spent = watching.frame()
    assert spent[SECOND] == {"W": 20 * STEP}
    assert spent[THIRD] == {"N": 20 * STEP}


def test_of_two_that_waited_the_one_that_runs_less_native_code_waits(files, watching):
    native(files, watching, SECOND)
    files.thread(SECOND, WAITS)
    watching.warm()
    files.thread(SECOND, RUNNING)
    files.thread(THIRD, RUNNING)
    files.waiters(1)
    files.schedule(SECOND, 40 * NATIVE, 0, 40)
    watching.sample(20)
    spent = watching.frame()
    assert spent[THIRD] == {"W": 20 * STEP}
    assert spent[SECOND]["N"] == pytest.approx(20 * STEP, abs=STEP)


def test_a_thread_that_hands_the_gil_over_waits_until_the_next_one_has_taken_it(files, watching):
    watching.warm()
    files.gil(files.states(FIRST, SECOND, THIRD)[0], 5, locked=False)
    files.waiters(2, handing_over=1)
    watching.sample(10)
    assert watching.frame()[FIRST] == {"W": 9_500, "H": 500}


def test_nobody_is_read_while_the_count_is_as_it_was(files, watching):
    watching.warm()
    watching.sample(2)
    seen = reads(watching)
    watching.sample(15)
    assert seen == []


def test_at_a_hand_over_nobody_is_read_whose_state_the_count_tells(files, watching):
    _, second, _ = files.states(FIRST, SECOND, THIRD)
    watching.warm()
    watching.sample(2)
    seen = reads(watching)
    files.gil(second, 6)
    files.thread(FIRST, WAITS)
    files.thread(SECOND, RUNNING)
    watching.sample(10)
    assert seen == []
    spent = watching.frame()
    assert spent[FIRST]["W"] == spent[SECOND]["H"] == 9_500


@pytest.mark.parametrize(("call", "letter"), [(READS, "I"), (SLEEPS, "S"), (LOCKED, "L")])
def test_a_thread_that_ceases_to_wait_is_found(files, watching, call, letter):
    watching.warm()
    files.thread(THIRD, call)
    watching.sample(10)
    spent = watching.frame()
    assert spent[THIRD] == {"W": 500, letter: 9_500}
    assert SECOND not in spent or spent[SECOND] == {"W": 10 * STEP}


def test_an_idle_thread_that_begins_to_wait_is_found_at_once(files, watching):
    files.thread(THIRD, SLEEPS)
    watching.warm()
    watching.warm()
    assert watching.process.threads[THIRD].idle
    files.thread(THIRD, WAITS)
    watching.sample(3)
    files.thread(THIRD, SLEEPS)
    watching.sample(10)
    assert watching.frame()[THIRD] == {"S": 10_000, "W": 3_000}


def test_a_count_of_more_than_can_be_found_does_no_harm(files, watching):
    files.thread(THIRD, SLEEPS)
    watching.warm()
    files.waiters(700)
    watching.sample(20)
    spent = watching.frame()
    assert spent[SECOND] == {"W": 20 * STEP}
    assert watching.process.threads[THIRD].letter == "S"


def test_a_thread_that_waits_for_the_mutex_of_the_gil_waits_and_is_not_counted(files, watching):
    native(files, watching, SECOND)
    files.thread(SECOND, WAITS)
    watching.warm()
    files.thread(THIRD, WAITS_FOR_MUTEX)
    files.thread(SECOND, RUNNING)
    files.waiters(1)  # It is the second one, which was woken up.
    watching.sample(20)
    spent = watching.frame()
    assert spent[SECOND] == spent[THIRD] == {"W": 20 * STEP}
    files.thread(THIRD, READS)
    files.waiters(1)
    watching.sample(20)
    spent = watching.frame()
    assert spent[SECOND] == {"W": 20 * STEP}
    assert spent[THIRD]["I"] > 19 * STEP
