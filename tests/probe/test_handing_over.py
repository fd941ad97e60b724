"""Who hands the GIL over, told from who goes on to something else."""

import pytest

from gilscope.probe.runs import HAND_OVER
from tests.probe.constructed import (
    READS,
    RUNNING,
    SLEEPS,
    WAITS,
)
from tests.probe.queued import NATIVE, native, reads, take, three
from tests.probe.sampled import FIRST, SECOND, STEP, THIRD


@pytest.fixture
def files(tmp_path):
    return three(tmp_path)


def test_a_thread_that_hands_the_gil_over_waits_until_the_next_one_has_taken_it(files, watching):
    watching.warm()
    files.gil(files.states(FIRST, SECOND, THIRD)[0], 5, locked=False)
    files.waiters(2, handing_over=1)
    watching.sample(10)
    assert watching.frame()[FIRST] == {"W": 9_500, "H": 500}


@pytest.mark.parametrize(("held", "letter"), [(1, "R"), (6, "W")])
def test_who_held_it_for_less_than_an_interval_was_not_asked_for_it(files, watching, held, letter):
    native(files, watching, SECOND)
    take(files, 1, 6)
    files.thread(FIRST, WAITS)
    files.schedule(SECOND, 19 * NATIVE + held * STEP, 0, 20)
    watching.sample(held)
    take(files, 0, 7)
    files.thread(FIRST, RUNNING)
    watching.sample(3)
    # Kept from its core by the next holder, and on it again.
    files.schedule(SECOND, 19 * NATIVE + held * STEP + 50, 4 * STEP, 21)
    watching.sample(1)
    files.schedule(SECOND, 19 * NATIVE + (held + 6) * STEP, 4 * STEP, 21)
    watching.sample(6)
    spent = watching.frame()[SECOND]
    assert spent["H"] == held * STEP
    assert spent[letter] >= 2 * STEP
    assert spent["R" if letter == "W" else "W"] <= HAND_OVER


def test_at_a_hand_over_only_who_lets_go_is_read(files, watching):
    watching.warm()
    watching.sample(2)
    seen = reads(watching)
    take(files, 1, 6)
    files.thread(FIRST, WAITS)
    files.thread(SECOND, RUNNING)
    watching.sample(10)
    assert seen == [FIRST]
    spent = watching.frame()
    assert spent[FIRST]["W"] == spent[SECOND]["H"] == 9_500


def test_who_has_the_thread_state_of_one_that_has_ended_is_told_from_it(files, watching):
    watching.warm()
    take(files, 1, 6)
    files.thread(FIRST, WAITS)
    files.thread(SECOND, RUNNING)
    watching.sample(5)
    # The first took it and ended, and a fourth one has its thread state now.
    fourth = THIRD + 1
    first, *_ = files.states(fourth, SECOND, THIRD)
    files.end(FIRST)
    files.thread(fourth, RUNNING)
    files.thread(SECOND, WAITS)
    files.gil(first, 9)
    watching.sample(10)
    spent = watching.frame()
    assert spent[fourth]["H"] == 9_000  # From the sample on at which it was seen first.
    assert spent[FIRST]["H"] == 500


@pytest.mark.parametrize(("call", "letter"), [(READS, "I"), (RUNNING, "N")])
def test_who_joins_while_another_lets_go_is_told_from_it(files, watching, call, letter):
    files.thread(THIRD, SLEEPS)
    watching.warm()
    files.schedule(THIRD, 1, 0, 1)
    watching.sample(3)
    watching.frame()
    take(files, 1, 6)
    files.thread(FIRST, call)
    files.thread(SECOND, RUNNING)
    files.thread(THIRD, WAITS)
    files.schedule(FIRST, 2 * NATIVE, 0, 1)
    watching.sample(10)
    spent = watching.frame()
    assert spent[FIRST] == {"H": 500, letter: 9_500}
    assert spent[SECOND] == {"W": 500, "H": 9_500}
    assert spent[THIRD] == {"S": 500, "W": 9_500}


def test_who_was_made_to_let_it_go_waits_though_it_has_had_no_core_since(files, watching):
    files.thread(THIRD, SLEEPS)
    watching.warm()
    watching.sample(10)
    seen = reads(watching)
    take(files, 1, 6)
    files.thread(FIRST, RUNNING)
    files.thread(SECOND, RUNNING)
    files.waiters(0, handing_over=1)
    watching.sample()
    assert seen == [FIRST]
    watching.sample(9)
    assert watching.frame()[FIRST] == {"H": 10_500, "W": 9_500}


def test_who_had_it_for_a_moment_is_told_from_who_was_made_to_let_it_go(files, watching):
    native(files, watching, THIRD)
    files.thread(THIRD, WAITS)
    watching.sample(10)
    watching.frame()
    take(files, 1, 7)  # The first let it go, the third had it for less than a sample.
    files.thread(FIRST, RUNNING)
    files.thread(SECOND, RUNNING)
    files.thread(THIRD, RUNNING)
    files.waiters(0, handing_over=1)
    files.schedule(THIRD, 40 * NATIVE, 0, 40)
    watching.sample(10)
    spent = watching.frame()
    assert spent[FIRST] == {"H": 500, "W": 9_500}
    assert spent[SECOND] == {"W": 500, "H": 9_500}
    assert spent[THIRD] == {"W": 500, "N": 9_500}


def test_where_samples_are_few_who_let_it_go_is_not_taken_to_wait(files, watching):
    files.thread(THIRD, SLEEPS)
    take(files, 1, 6)
    files.thread(SECOND, RUNNING)
    native(files, watching, FIRST)
    take(files, 0, 7)
    files.thread(SECOND, WAITS)
    slow = 8 * STEP
    watching.now += slow
    watching.process.sample(watching.now)
    watching.frame()
    # It runs native code, and another thread has had the GIL since and hands it over.
    take(files, 2, 9)
    files.thread(FIRST, RUNNING)
    files.thread(THIRD, RUNNING)
    files.waiters(0, handing_over=1)
    files.schedule(FIRST, 40 * NATIVE, 0, 40)
    for _ in range(5):
        watching.now += slow
        watching.process.sample(watching.now)
    assert set(watching.frame()[FIRST]) <= {"H", "N"}


def test_who_wakes_up_to_ask_for_it_again_has_not_left(files, watching):
    watching.warm()
    seen = reads(watching)
    take(files, 1, 6)
    files.thread(FIRST, WAITS)
    files.thread(SECOND, RUNNING)
    files.waiters(1)
    watching.sample()
    assert seen == [FIRST]
    files.waiters(2)
    watching.sample(9)
    spent = watching.frame()
    assert spent[THIRD] == {"W": 10_000}
    assert spent[FIRST] == {"H": 500, "W": 9_500}
