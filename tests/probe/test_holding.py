"""What is told of holds and waits: hogs, functions, and what was too short for a sample."""

import pytest

from gilscope.model.events import Call, Turn
from gilscope.probe.gil import Turns
from gilscope.probe.gils import READ_FUNCTION
from gilscope.probe.layouts import WAITERS
from tests.probe.constructed import RUNNING, SLEEPS, STOPPED, WAITS, Constructed
from tests.probe.sampled import FIRST, SECOND, STEP, THIRD

HOG = 50_000


class Reader:
    """Tells functions and stacks as a witness does, from what it was told."""

    def __init__(self):
        self.running = {}

    def function(self, state):
        return self.running.get(state)

    def calls(self, state):
        return (Call(f"function-{self.running[state]}", "app.py", 7),)


@pytest.fixture(params=[WAITERS[0], None])
def files(request, tmp_path):
    """A process whose glibc counts those that wait for the GIL, and one whose does not."""
    return Constructed(tmp_path, counts=request.param)


@pytest.fixture
def watch(files, watch):
    files.thread(FIRST)
    files.thread(SECOND, WAITS)
    files.thread(THIRD, WAITS)
    files.states(FIRST, SECOND, THIRD)
    return watch


@pytest.fixture
def states(files):
    return files.states(FIRST, SECOND, THIRD)


def in_function(watching, state, number):
    """Let a thread run the function of that number, and functions be read; return the watching."""
    watching.process.gils.witness = Reader()
    watching.process.gils.witness.running[state] = number
    return watching


def test_turns_tell_who_held_it_in_which_function():
    turns = Turns(1000)
    turns.note(7, 1, 1500)
    turns.note(7, 1, 1600)
    turns.note(7, 2, 1900)
    turns.note(None, None, 2000)
    assert turns.take(2500) == (
        Turn(None, None, 500),
        Turn(7, 1, 400),
        Turn(7, 2, 100),
        Turn(None, None, 500),
    )
    assert turns.take(2600) == (Turn(None, None, 100),)


def test_a_long_hold_is_caught_while_it_lasts_and_told_again_when_it_ends(watch, files, states):
    files.gil(states[0], 5)
    watching = watch()
    reader = watching.process.gils.witness = Reader()
    reader.running[states[0]] = 4
    hogs = watching.process.gils.hogs
    watching.sample(HOG // STEP + 1)
    (caught,) = hogs.take()
    assert (caught.tid, caught.ended, caught.calls[0].name) == (FIRST, False, "function-4")
    assert caught.at - caught.since == caught.length == caught.read
    watching.frame()
    watching.sample(30)
    assert hogs.take() == []
    files.gil(states[1], 6)
    files.thread(FIRST, WAITS)
    files.thread(SECOND, RUNNING)
    watching.sample()
    (ended,) = hogs.take()
    assert (ended.tid, ended.since, ended.ended) == (FIRST, caught.since, True)
    assert ended.length == pytest.approx(HOG + 32 * STEP, abs=STEP)
    assert ended.calls == caught.calls
    # Two threads waited for it almost all the time.
    assert ended.waited == pytest.approx(2 * ended.length, abs=3 * STEP)
    watching.sample(HOG // STEP - 2)
    assert hogs.take() == []


def test_a_hold_that_changes_hands_is_no_hog(watch, files, states):
    files.gil(states[0], 5)
    watching = watch()
    for turn in range(2 * HOG // STEP):
        # The same thread holds it at every sample, but others had it in between.
        files.gil(states[0], 5 + 2 * turn)
        watching.sample()
    assert watching.process.gils.hogs.take() == []
    runs = watching.frame()
    assert runs[FIRST]["H"] == pytest.approx(2 * HOG, abs=STEP)
    assert watching.slices[FIRST].runs.count("H") == 2 * HOG // STEP


def test_a_gap_between_samples_belongs_to_no_hold(watch, files, states):
    files.gil(states[0], 5)
    watching = in_function(watch(), states[0], 4)
    process = watching.process
    watching.sample(HOG // STEP + 10)
    (caught,) = process.gils.hogs.take()
    seen = watching.now
    watching.now += 3 * HOG
    process.skip(watching.now)
    (ended,) = process.gils.hogs.take()
    assert (ended.since, ended.ended) == (caught.since, True)
    assert ended.length == seen - caught.since
    assert ended.waited == pytest.approx(2 * ended.length, abs=3 * STEP)
    watching.sample(10)
    runs = watching.frame()
    assert runs[FIRST]["?"] == pytest.approx(3 * HOG, abs=STEP)
    assert watching.gil.held == pytest.approx(HOG + 20 * STEP, abs=2 * STEP)
    assert [turn.code for turn in watching.gil.turns] == [None, 4, None, 4]
    assert watching.gil.turns[2].length == pytest.approx(3 * HOG, abs=STEP)
    # What went on behind the gap is a hold from there on.
    watching.sample(HOG // STEP - 12)
    assert process.gils.hogs.take() == []
    watching.sample(5)
    (again,) = process.gils.hogs.take()
    assert again.since == watching.start - 10 * STEP


def test_turns_fill_the_frame_in_which_a_process_was_found(watch, files, states):
    files.gil(states[0], 5)
    watching = in_function(watch(), states[0], 4)
    watching.start -= 60 * STEP
    watching.sample(40)
    watching.frame()
    before, *turns = watching.gil.turns
    assert (before.tid, before.length) == (None, pytest.approx(60 * STEP, abs=STEP))
    assert sum(turn.length for turn in turns) == 100 * STEP - before.length
    assert turns[-1].code == 4


def test_a_process_that_is_stopped_has_no_hogs_and_no_functions(watch, files, states):
    files.gil(states[0], 5)
    watching = in_function(watch(), states[0], 4)
    process = watching.process
    watching.sample(20)
    watching.frame()
    files.state_is("T (stopped)")
    files.thread(FIRST, STOPPED)
    watching.sample(4 * HOG // STEP)
    watching.frame()
    assert process.gils.hogs.take() == []
    assert watching.piece.stopped
    held = sum(turn.length for turn in watching.gil.turns if turn.code == 4)
    assert held <= READ_FUNCTION
    files.state_is("R (running)")
    files.thread(FIRST, RUNNING)
    watching.sample(3 * READ_FUNCTION // STEP)
    watching.frame()
    assert watching.gil.turns[-1].code == 4


def test_a_hold_is_blocked_only_where_the_gil_is_held_in_the_call(watch, files, states):
    files.gil(states[0], 5)
    files.thread(FIRST, SLEEPS)
    watching = watch()
    process = watching.process
    watching.sample(64)
    watching.frame()
    slice_ = watching.slices[FIRST]
    assert slice_.hold_blocked == pytest.approx(64 * STEP, abs=2 * STEP)
    assert process.threads[FIRST].hold_line == SLEEPS.encode()
    # Outside of any call it is not blocked in one.
    files.thread(FIRST, STOPPED)
    watching.sample(64)
    watching.frame()
    assert watching.slices[FIRST].hold_blocked == 0
    assert process.threads[FIRST].hold_line == b""


def test_a_holder_that_has_let_the_gil_go_before_it_calls_was_not_blocked(watch, files, states):
    files.gil(states[0], 5)
    watching = watch()
    watching.sample(20)
    watching.frame()
    looker = watching.process._looker
    hold = looker._holds

    def let_go(thread):
        files.gil(states[0], 5, locked=False)
        files.thread(FIRST, SLEEPS)
        hold(thread)
        files.thread(FIRST, RUNNING)
        files.gil(states[0], 5)

    looker._holds = let_go
    watching.sample(40)
    watching.frame()
    assert watching.slices[FIRST].hold_blocked == 0
    assert watching.process.threads[FIRST].hold_line == b""


def test_a_hold_that_nobody_waits_for_says_so(watch, files, states):
    files.thread(SECOND, "running\n")
    files.end(SECOND)
    files.end(THIRD)
    files.gil(states[0], 5)
    watching = watch()
    watching.sample(HOG // STEP + 2)
    (caught,) = watching.process.gils.hogs.take()
    assert caught.waited == 0


def test_the_function_of_the_holder_is_read_now_and_then_and_when_it_changes(watch, files, states):
    files.gil(states[0], 5)
    watching = watch()
    reader = watching.process.gils.witness = Reader()
    reader.running = {states[0]: 1, states[1]: 2}
    every = READ_FUNCTION // STEP
    watching.warm(4 * every)
    watching.sample(2 * every)
    reader.running[states[0]] = 3
    watching.sample(every)
    files.gil(states[1], 6)
    watching.sample(2)
    watching.frame()
    turns = [(turn.tid, turn.code) for turn in watching.gil.turns]
    assert turns == [(FIRST, 1), (FIRST, 3), (SECOND, 2)]
    assert sum(turn.length for turn in watching.gil.turns) == (3 * every + 2) * STEP


def convoy(watching, files, state, taker=None, cpu=40, rounds=20):
    """A thread holds the GIL at every sample; each time another one has had it in between."""
    for turn in range(rounds):
        files.gil(state, 7 + 2 * turn)
        for tid, used in ((SECOND, cpu if taker == SECOND else 8), (THIRD, 8)):
            if taker is not None:
                files.schedule(tid, (1 + turn) * used, 0, 1 + turn)
        watching.sample()


def test_waits_are_told_apart_where_the_hold_between_them_was_too_short_to_see(
    watch, files, states
):
    files.gil(states[0], 5)
    watching = watch()
    watching.warm()
    convoy(watching, files, states[0], SECOND)
    runs = watching.frame()
    assert runs[SECOND] == {"W": 20 * STEP}
    # By the first time it has waited for so long that it may have asked for the GIL in vain.
    assert watching.slices[SECOND].runs.count("W") == 20
    assert watching.slices[THIRD].runs.count("W") == 1
    assert watching.gil.unseen == 1


def test_hand_overs_that_no_thread_can_be_told_of_are_counted(watch, files, states):
    files.gil(states[0], 5)
    watching = watch()
    watching.warm()
    convoy(watching, files, states[0])
    watching.frame()
    assert watching.slices[SECOND].runs.count("W") == 1
    assert watching.gil.unseen == 20
    assert watching.gil.switches == 40


def test_where_samples_are_few_those_who_computed_between_two_are_told_apart(watch, files, states):
    files.gil(states[0], 5)
    watching = watch()
    watching.warm()
    for turn in range(1, 11):
        # Four milliseconds between two samples, in which another thread had it for three.
        watching.now += 3 * STEP
        if turn % 3 == 0:
            files.gil(states[0], 5 + 2 * turn)
            files.schedule(SECOND, turn * 3_000, 0, 2 * turn)
        watching.sample()
        if turn == 2:
            watching.frame()
    runs = watching.frame()
    assert runs[SECOND] == {"W": 32 * STEP}
    assert watching.slices[SECOND].runs.count("W") >= 3
