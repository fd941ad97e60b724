"""Sampling one process, on a process made of plain files."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gilscope.probe.process import LOOK
from gilscope.probe.rounds import IDLE_STRIDE
from tests.probe.constructed import (
    INTERPRETER,
    LAYOUT,
    LOCKED,
    READS,
    RUNNING,
    SLEEPS,
    WAITS,
    WAITS_ON,
    Constructed,
)
from tests.probe.sampled import FIRST, SECOND, STEP, THIRD, Watching


def test_one_thread_holds_and_the_other_waits(watch, pair):
    watching = watch()
    watching.warm()
    watching.sample(20)
    runs = watching.frame()
    assert runs == {FIRST: {"H": 20 * STEP}, SECOND: {"W": 20 * STEP}}
    assert (watching.gil.held, watching.gil.switches) == (20 * STEP, 0)
    assert watching.gil.holder == FIRST
    assert watching.piece.samples == 20


def test_a_hand_over_is_taken_to_be_half_way_between_two_samples(watch, files, pair):
    _first, second = pair
    watching = watch()
    watching.warm()
    watching.sample(10)
    files.gil(second, 6)
    files.thread(FIRST, WAITS)
    files.thread(SECOND)
    watching.sample(10)
    runs = watching.frame()
    assert runs[SECOND] == {"W": 10_500, "H": 9_500}
    assert runs[FIRST] == {"H": 10_500, "W": 9_500}
    assert (watching.gil.switches, watching.gil.holder) == (1, SECOND)
    assert watching.gil.held == 20 * STEP


def test_switches_between_two_samples_are_counted_exactly(watch, files, pair):
    first, _ = pair
    watching = watch()
    watching.warm()
    for switches in (7, 17, 18):
        files.gil(first, switches)
        watching.sample()
    watching.frame()
    assert watching.gil.switches == 13


def test_a_gil_that_is_free_is_held_by_nobody_though_its_last_holder_is_known(watch, files, pair):
    first, _ = pair
    files.thread(FIRST, READS)
    files.thread(SECOND, LOCKED)
    files.gil(first, 5, locked=False)
    watching = watch()
    watching.warm()
    watching.sample(10)
    watching.frame()
    assert (watching.gil.held, watching.gil.holder) == (0, None)
    assert {t.tid: t.letter for t in watching.process.threads.values()} == {FIRST: "I", SECOND: "L"}


@pytest.mark.parametrize(
    ("call", "letter"), [(READS, "I"), (LOCKED, "L"), (SLEEPS, "S"), (WAITS, "W"), (WAITS_ON, "W")]
)
def test_what_a_blocked_thread_is_blocked_in_is_its_state(watch, files, pair, call, letter):
    files.thread(SECOND, call)
    watching = watch()
    watching.warm()
    watching.sample(10)
    runs = watching.frame()
    assert runs.get(SECOND, {letter: 10 * STEP}) == {letter: 10 * STEP}
    assert watching.process.threads[SECOND].letter == letter


def test_the_two_words_that_a_waiter_waits_on_in_turn_are_one_wait(watch, files, pair):
    watching = watch()
    watching.warm()
    for call in (WAITS, WAITS_ON, WAITS, WAITS_ON):
        files.thread(SECOND, call)
        watching.sample(5)
    assert watching.frame()[SECOND] == {"W": 20 * STEP}


def test_a_waiter_that_is_woken_and_has_not_had_its_turn_still_waits(watch, files, pair):
    watching = watch()
    watching.warm()
    files.thread(SECOND, RUNNING)
    files.waiters(1)
    watching.sample(5)
    assert watching.frame()[SECOND] == {"W": 5 * STEP}


def test_a_waiter_waits_on_whatever_happened_to_the_gil(watch, files, pair):
    first, _ = pair
    files.schedule(SECOND, turns=8)
    watching = watch()
    watching.warm()
    for switches in range(10, 30, 2):
        files.gil(first, switches)
        watching.sample()
    assert watching.frame()[SECOND] == {"W": 10 * STEP}


def test_a_thread_on_a_core_without_the_gil_runs_native_code(watch, files, pair):
    watching = watch()
    watching.warm()
    files.thread(SECOND, RUNNING)
    files.gil(0x1, 20, locked=False)
    files.schedule(SECOND, cpu=1, turns=1)
    watching.sample(5)
    watching.frame()
    for frame in range(1, 4):
        files.schedule(SECOND, cpu=frame * 20_000, turns=1 + frame)
        watching.sample(20)
        runs = watching.frame()
    assert runs[SECOND] == {"N": 20 * STEP}


def test_a_thread_of_native_code_that_has_no_core_is_ready(watch, files):
    files.thread(FIRST, RUNNING)
    watching = watch(python=False)
    watching.warm()
    watching.sample(20)
    assert watching.frame()[FIRST] == {"R": 20 * STEP}
    assert watching.gil is None


def test_time_on_a_core_that_the_kernel_does_not_tell_is_unknown(watch, files):
    files.thread(FIRST, RUNNING)
    (files.folder / "task" / str(FIRST) / "schedstat").write_text("")
    watching = watch(python=False)
    watching.warm()
    watching.sample(20)
    assert watching.frame()[FIRST] == {"?": 20 * STEP}
    assert watching.slices[FIRST].cpu is None


def test_exact_times_are_those_of_the_frame(watch, files, pair):
    files.schedule(FIRST, cpu=500_000, delay=70_000, turns=3)
    watching = watch()
    watching.warm()
    files.schedule(FIRST, cpu=515_000, delay=72_000, turns=4)
    watching.sample(20)
    watching.frame()
    assert (watching.slices[FIRST].cpu, watching.slices[FIRST].delay) == (15_000, 2_000)


def test_a_thread_that_only_stays_blocked_is_left_out_of_the_frame(watch, files, pair):
    files.thread(SECOND, READS)
    watching = watch()
    watching.warm()
    watching.sample(20)
    assert SECOND not in watching.frame()


def test_an_idle_thread_is_looked_at_less_often_and_its_waking_is_found(watch, files, pair):
    files.thread(SECOND, READS)
    watching = watch()
    watching.warm()
    watching.warm()
    files.thread(SECOND, SLEEPS)
    watching.sample(IDLE_STRIDE)
    assert watching.process.threads[SECOND].letter == "S"
    runs = watching.frame()
    assert sum(runs[SECOND].values()) == IDLE_STRIDE * STEP


def test_an_idle_thread_that_takes_the_gil_holds_it_at_once(watch, files, pair):
    _, second = pair
    files.thread(SECOND, READS)
    watching = watch()
    watching.warm()
    watching.warm()
    files.gil(second, 6)
    files.thread(SECOND, RUNNING)
    files.thread(FIRST, WAITS)
    watching.sample(IDLE_STRIDE)
    assert watching.gil is not None
    runs = watching.frame()
    assert (watching.gil.holder, watching.gil.held) == (SECOND, IDLE_STRIDE * STEP)
    assert runs[SECOND].get("H", 0) >= (IDLE_STRIDE - 1) * STEP


@pytest.mark.parametrize("address", [0, 1, 0x7FFF, 0x100000, 1 << 46, 2**64 - 1, INTERPRETER])
def test_a_holder_that_cannot_be_told_is_nobody(watch, files, pair, address):
    watching = watch()
    watching.warm()
    files.gil(address, 6)
    files.thread(FIRST, READS)
    files.thread(SECOND, LOCKED)
    watching.sample(20)
    watching.frame()
    watching.sample(20)
    watching.frame()
    assert watching.gil.holder is None
    assert watching.process.threads.keys() == {FIRST, SECOND}


def test_a_process_that_is_stopped_says_so(watch, files, pair):
    watching = watch()
    watching.warm()
    assert not watching.piece.stopped
    files.state_is("T (stopped)")
    watching.warm(LOOK // STEP)
    watching.warm()
    assert (watching.piece.stopped, watching.piece.halted) == (True, "stopped")
    files.state_is("S (sleeping)")
    watching.warm(LOOK // STEP)
    watching.warm()
    assert (watching.piece.stopped, watching.piece.halted) == (False, None)


def test_two_gils_are_told_apart(watch, files, pair):
    other, gil = 0x2800, 0x3800
    files.word(0x1000 + LAYOUT.interpreters, other)
    files.word(other + LAYOUT.interpreter_id, 1)
    files.word(other + LAYOUT.interpreter_gil, gil)
    files.word(other + LAYOUT.interpreter_next, INTERPRETER)
    files.word(other + LAYOUT.interpreter_threads, 0x5000)
    files.state(0x5000, THIRD)
    files.thread(THIRD)
    files.word(gil + 8, 0x5000)
    files.word(gil + 16, 1)
    watching = watch()
    watching.warm()
    watching.sample(10)
    runs = watching.frame()
    assert [(g.interpreter, g.held, g.holder) for g in watching.piece.gils] == [
        (0, 10 * STEP, FIRST),
        (1, 10 * STEP, THIRD),
    ]
    assert runs[THIRD] == {"H": 10 * STEP}


CALLS = [RUNNING, WAITS, WAITS_ON, READS, LOCKED, SLEEPS, "-1 0x1 0x2\n", "", "garbage\n"]
TIDS = [FIRST, SECOND, THIRD]
step = st.one_of(
    st.tuples(st.just("call"), st.sampled_from(TIDS), st.sampled_from(CALLS)),
    st.tuples(st.just("gil"), st.sampled_from([0, 0x4000, 0x4100, 0x4200, 1]), st.booleans()),
    st.tuples(st.just("cpu"), st.sampled_from(TIDS), st.integers(0, 20_000)),
    st.tuples(st.just("sample"), st.integers(1, 12), st.none()),
    st.tuples(st.just("frame"), st.none(), st.none()),
)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(step, max_size=30))
def test_whatever_happens_each_frame_adds_up(tmp_path_factory, steps):
    files = Constructed(tmp_path_factory.mktemp("process"))
    for tid in TIDS:
        files.thread(tid)
    files.states(*TIDS)
    watching = Watching(files)
    cpu = dict.fromkeys(TIDS, 0)
    switches = 0
    watching.sample()
    watching.frame()
    for kind, one, other in [*steps, ("sample", 3, None), ("frame", None, None)]:
        if kind == "call":
            files.thread(one, other)
        elif kind == "gil":
            switches += 1
            files.gil(one, switches, locked=other)
        elif kind == "cpu":
            cpu[one] += other
            files.schedule(one, cpu[one], 0, cpu[one] // 100)
        elif kind == "sample":
            watching.sample(one)
        else:
            span = watching.now - watching.start
            runs = watching.frame()
            for told in runs.values():
                assert sum(told.values()) == span
                assert set(told) <= set("HWNILSR?")
            assert 0 <= watching.gil.held <= span
            holds = sum(told.get("H", 0) for told in runs.values())
            assert holds <= span + STEP
    watching.process.close()


def test_a_stall_of_the_sampler_is_no_state_of_anyone(watch, files):
    files.thread(FIRST, RUNNING)
    watching = watch(python=False)
    watching.warm()
    watching.sample(5)
    watching.now += 80_000
    watching.process.skip(watching.now)
    watching.process.sample(watching.now)
    watching.sample(5)
    assert watching.frame()[FIRST]["?"] == 80_000
