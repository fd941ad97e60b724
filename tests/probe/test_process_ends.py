"""Threads that are born and end, and processes that are gone, on a process made of plain files."""

import os

import pytest

from gilscope.probe.process import SampledProcess
from gilscope.probe.roster import LIST_EVERY, WALK, ProcessGone
from gilscope.probe.rounds import IDLE_STRIDE
from tests.probe.constructed import (
    INTERPRETER,
    LAYOUT,
    LOCKED,
    PID,
    RUNTIME,
    SLEEPS,
    WAITS,
)
from tests.probe.sampled import FIRST, SECOND, STEP, THIRD


def test_a_thread_is_found_when_it_is_born_and_left_when_it_ends(watch, files, pair):
    watching = watch()
    watching.warm()
    assert watching.process.threads.keys() == {FIRST, SECOND}
    files.thread(THIRD, SLEEPS, name="new one")
    watching.sample(10)
    watching.frame()
    assert watching.process.threads[THIRD].name == "new one"
    watching.sample(10)
    assert watching.frame()[THIRD] == {"?": 500, "S": 9_500}
    files.end(THIRD)
    watching.sample(10)
    watching.frame()
    assert [t.tid for t in watching.process.dead] == [THIRD]
    assert THIRD not in watching.process.threads


HAS_ENDED = "-1 0x0 0x0\n"
"""What the kernel says of a main thread that has ended before the others."""


def test_a_main_thread_that_has_ended_is_gone_although_it_is_listed(watch, files, pair):
    watching = watch()
    watching.warm()
    files.thread(FIRST, HAS_ENDED)
    files.gil(pair[1], 6)
    files.thread(SECOND)
    for _ in range(LIST_EVERY):
        watching.sample(20)
        watching.frame()
    assert watching.process.threads.keys() == {SECOND}
    assert [t.tid for t in watching.process.dead] == [FIRST]
    files.thread(THIRD, SLEEPS)
    watching.sample(10)
    watching.frame()
    assert watching.process.threads.keys() == {SECOND, THIRD}


def test_a_main_thread_that_had_ended_before_is_not_taken_in(watch, files, pair):
    files.thread(FIRST, HAS_ENDED)
    files.gil(pair[1], 6)
    files.thread(SECOND)
    assert watch().process.threads.keys() == {SECOND}


def test_a_process_in_which_no_thread_is_left_is_gone(watch, files, pair):
    watching = watch(python=False)
    files.thread(FIRST, HAS_ENDED)
    files.end(SECOND)

    def watch_on():
        for _ in range(LIST_EVERY):
            watching.sample(20)
            watching.frame()

    with pytest.raises(ProcessGone):
        watch_on()


def test_a_thread_that_takes_the_gil_before_the_frame_ends_is_born_then(watch, files, pair):
    watching = watch()
    watching.warm()
    files.thread(THIRD)
    files.state(0x5000, THIRD)
    files.gil(0x5000, 9)
    files.thread(FIRST, WAITS)
    watching.sample(10)
    runs = watching.frame()
    assert watching.gil.holder == THIRD
    assert runs[THIRD].get("H", 0) >= 9 * STEP
    assert sum(runs[THIRD].values()) <= 10 * STEP


def test_the_address_of_a_thread_state_may_be_used_again_for_another_thread(watch, files, pair):
    _first, second = pair
    watching = watch()
    watching.warm()
    files.end(SECOND)
    files.thread(THIRD)
    files.state(second, THIRD)
    files.gil(second, 6)
    files.thread(FIRST, WAITS)
    watching.sample(10)
    runs = watching.frame()
    assert watching.gil.holder == THIRD
    assert runs[THIRD].get("H", 0) >= 9 * STEP
    watching.sample(10)
    assert watching.frame()[THIRD] == {"H": 10 * STEP}
    assert SECOND not in watching.process.threads


def test_a_holder_that_ends_holds_nothing_any_more(watch, files, pair):
    watching = watch()
    watching.warm()
    files.end(FIRST)
    watching.sample(10)
    watching.frame()
    assert FIRST not in watching.process.threads
    watching.sample(10)
    watching.frame()
    assert watching.gil.holder is None


def test_a_program_whose_memory_has_vanished_is_gone(watch, files, pair):
    watching = watch()
    watching.warm()
    files.exec()
    with pytest.raises(ProcessGone):
        watching.sample()


def test_a_process_without_threads_is_gone(watch, files, pair):
    watching = watch(python=False)
    watching.warm()
    files.end(FIRST)
    files.end(SECOND)
    watching.sample()
    with pytest.raises(ProcessGone):
        watching.frame()


def test_a_process_that_is_not_there_is_gone(files):
    with pytest.raises(ProcessGone):
        SampledProcess(PID + 9, None, 0, proc=str(files.proc))


def test_a_process_that_cannot_be_opened_whole_leaves_nothing_open(files, pair):
    files.thread(THIRD)
    (files.folder / "task" / "no number").mkdir()
    before = set(os.listdir("/proc/self/fd"))
    with pytest.raises(ValueError, match="no number"):
        SampledProcess(PID, files.interpreter(), 0, proc=str(files.proc))
    with pytest.raises(ProcessGone):
        SampledProcess(PID + 9, files.interpreter(), 0, proc=str(files.proc))
    assert set(os.listdir("/proc/self/fd")) == before


def test_a_process_whose_memory_vanishes_while_it_is_opened_leaves_nothing_open(files, pair):
    before = set(os.listdir("/proc/self/fd"))
    interpreter = files.interpreter()
    files.exec()
    with pytest.raises(ProcessGone):
        SampledProcess(PID, interpreter, 0, proc=str(files.proc))
    assert set(os.listdir("/proc/self/fd")) == before


def test_a_thread_that_ends_between_two_frames_does_no_harm(watch, files, pair, sleeper):
    files.thread(THIRD)
    for name in ("syscall", "schedstat"):
        path = files.folder / "task" / str(THIRD) / name
        path.unlink()
        path.symlink_to(f"/proc/{sleeper.pid}/{name}")
    watching = watch()
    watching.warm()
    sleeper.kill()
    sleeper.wait()
    watching.sample(IDLE_STRIDE * 2)
    watching.frame()


def test_a_gil_that_is_left_locked_by_an_interpreter_that_was_finalised_is_held_by_nobody(
    watch, files, pair
):
    watching = watch()
    watching.warm()
    files.word(RUNTIME + LAYOUT.interpreters, 0)
    files.thread(FIRST, SLEEPS)
    files.thread(SECOND, LOCKED)
    watching.warm(2 * WALK // STEP)
    watching.warm()
    watching.sample(20)
    watching.frame()
    assert watching.piece.gils == ()
    assert watching.process.threads[FIRST].letter == "S"
    assert watching.process.threads[SECOND].letter == "L"
    files.word(RUNTIME + LAYOUT.interpreters, INTERPRETER)
    files.thread(FIRST)
    files.thread(SECOND, WAITS)
    watching.warm(2 * WALK // STEP)
    watching.warm()
    watching.sample(20)
    assert watching.frame() == {FIRST: {"H": 20 * STEP}, SECOND: {"W": 20 * STEP}}
