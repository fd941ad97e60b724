"""Who waits for the GIL, told by how many glibc counts in its condition variable."""

import struct

import pytest

from gilscope.probe.gil import GilReader
from gilscope.probe.interpreter import Gil
from gilscope.probe.layouts import COND, SWITCH_COND, WAITERS
from gilscope.probe.process import SEARCH
from gilscope.probe.rounds import IDLE_STRIDE
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
from tests.probe.queued import NATIVE, native, reads, take, three
from tests.probe.sampled import FIRST, SECOND, STEP, THIRD


@pytest.fixture
def files(tmp_path):
    return three(tmp_path)


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
    take(files, 0, 7)
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
    take(files, 0, 7)
    files.schedule(SECOND, 40 * NATIVE, 0, 40)
    watching.sample(20)
    spent = watching.frame()
    assert spent[THIRD] == {"W": 20 * STEP}
    assert spent[SECOND]["N"] == pytest.approx(20 * STEP, abs=STEP)


def test_nobody_is_read_while_the_count_is_as_it_was(files, watching):
    watching.warm()
    watching.sample(2)
    seen = reads(watching)
    watching.sample(15)
    assert seen == []


def test_a_waiter_that_wakes_up_to_ask_once_more_has_not_left(files, watching):
    watching.warm()
    files.waiters(1)
    watching.sample()
    files.waiters(2)
    watching.sample(9)
    spent = watching.frame()
    assert watching.slices[SECOND].runs == watching.slices[THIRD].runs == "W10000"
    assert spent[FIRST] == {"H": 10 * STEP}


@pytest.mark.parametrize(("call", "letter"), [(READS, "I"), (SLEEPS, "S"), (LOCKED, "L")])
def test_a_thread_that_ceases_to_wait_is_found(files, watching, call, letter):
    watching.warm()
    files.thread(THIRD, call)
    take(files, 0, 7)
    watching.sample(10)
    spent = watching.frame()
    assert spent[THIRD] == {"W": 500, letter: 9_500}
    assert spent[SECOND] == {"W": 10 * STEP}


def test_a_thread_that_ceases_to_wait_and_never_took_the_gil_is_found_a_sample_later(
    files, watching
):
    watching.warm()
    files.thread(THIRD, SLEEPS)
    watching.sample(10)
    assert watching.frame()[THIRD] == {"W": 1_500, "S": 8_500}


def test_an_idle_thread_that_begins_to_wait_is_found_at_once(files, watching):
    files.thread(THIRD, SLEEPS)
    watching.warm()
    watching.warm()
    assert watching.process.threads[THIRD].idle
    files.thread(THIRD, WAITS)
    watching.sample(3)
    files.thread(THIRD, SLEEPS)
    take(files, 0, 7)
    watching.sample(10)
    assert watching.frame()[THIRD] == {"S": 10_000, "W": 3_000}


@pytest.mark.parametrize("idle", [True, False])
def test_a_thread_of_native_code_does_not_wait_in_place_of_one_that_joins(files, watching, idle):
    native(files, watching, SECOND)
    switches = 5
    for turn in range(8):
        files.thread(THIRD, WAITS if turn % 2 else SLEEPS)
        files.schedule(SECOND, (40 + turn) * NATIVE, 0, 40)
        files.schedule(THIRD, 0 if idle else turn + 1, 0, turn)
        switches += 2
        take(files, 0, switches)
        watching.sample(10)
        spent = watching.frame()
        assert set(spent[SECOND]) == {"N"}
        if turn:
            assert spent[THIRD]["W" if turn % 2 else "S"] == 9_500


def test_while_too_many_sleep_to_be_searched_no_native_code_is_taken_for_a_wait(files, watching):
    for tid in range(THIRD + 1, THIRD + 2 + SEARCH):
        files.thread(tid, SLEEPS)
    native(files, watching, SECOND)
    files.waiters(2)  # The other one is not to be found: it has only just been born.
    files.schedule(SECOND, 50 * NATIVE, 0, 50)
    watching.sample(20)
    assert set(watching.frame()[SECOND]) == {"N"}


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
    take(files, 0, 7)
    watching.sample(20)
    spent = watching.frame()
    assert spent[SECOND] == {"W": 20 * STEP}
    assert spent[THIRD] == {"W": 500, "I": 19_500}


def test_the_last_one_that_took_a_free_gil_is_read_at_every_sample(files, watching):
    for tid in (SECOND, THIRD):
        files.thread(tid, SLEEPS)
    files.gil(files.states(FIRST, SECOND, THIRD)[0], 5, locked=False)
    files.thread(FIRST, SLEEPS)
    files.schedule(FIRST, 100, 0, 1)
    watching.warm()
    files.schedule(FIRST, 200, 0, 2)
    files.schedule(SECOND, 200, 0, 2)
    watching.frame()
    watching.sample()
    seen = reads(watching)
    watching.sample(16)
    # It may take the GIL and let it go again without a trace; nobody else may.
    assert seen.count(FIRST) == 16
    assert seen.count(SECOND) <= 2


def test_at_a_jump_of_the_counter_idle_threads_are_looked_at_sooner(files, watching):
    for tid in (SECOND, THIRD):
        files.thread(tid, SLEEPS)
    for _ in range(3):
        watching.warm()
    assert watching.process.threads[THIRD].idle
    seen = reads(watching)
    watching.sample(IDLE_STRIDE)
    quiet = seen.count(THIRD)
    for turn in range(IDLE_STRIDE):
        take(files, 0, 10 + 3 * turn)
        watching.sample()
    assert quiet <= 1 <= seen.count(THIRD) - quiet
