"""Settling the runs whose state sampling cannot tell, by the kernel's exact accounting."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gilscope.model.runs import read_runs
from gilscope.model.states import STATES
from gilscope.probe.classify import RUNNING
from gilscope.probe.runs import CARRY, HAND_OVER, Settlement, merge, spell_runs

LETTERS = "".join(state.letter for state in STATES)
run = st.tuples(st.sampled_from(LETTERS + RUNNING), st.integers(-500, 100_000))
frame = st.tuples(
    st.lists(run, max_size=12),
    st.one_of(st.none(), st.integers(0, 200_000)),
    st.floats(0, 200_000),
)


def total(runs, letters=LETTERS + RUNNING):
    return sum(length for letter, length in runs if letter in letters)


def positive(runs):
    """A run of no length, or of less, is one that a sample between two others made."""
    return [(letter, length) for letter, length in runs if length > 0]


@given(st.lists(frame, max_size=8))
def test_no_time_is_lost_and_none_is_made(frames):
    settlement = Settlement()
    for runs, cpu, held in frames:
        runs = positive(runs)
        assert total(settlement.settle(runs, cpu, held)) == total(runs)


@given(st.lists(frame, max_size=8))
def test_no_doubt_is_left(frames):
    settlement = Settlement()
    for runs, cpu, held in frames:
        assert RUNNING not in {letter for letter, _ in settlement.settle(runs, cpu, held)}


@given(st.lists(frame, max_size=8))
def test_what_was_in_no_doubt_is_as_it_was(frames):
    settlement = Settlement()
    for runs, cpu, held in frames:
        runs = positive(runs)
        settled = settlement.settle(runs, cpu, held)
        for letter in "HILS":
            assert total(settled, letter) == total(runs, letter)
        for letter in "WN?R":
            assert total(settled, letter) >= total(runs, letter)


@given(st.lists(frame, max_size=8))
def test_native_time_was_on_a_core(frames):
    settlement = Settlement()
    for runs, cpu, held in frames:
        runs = positive(runs)
        native = total(settlement.settle(runs, cpu, held), "N") - total(runs, "N")
        assert native <= max(0, (cpu or 0) - held + CARRY + 1)


@given(st.lists(frame, max_size=20))
def test_all_native_time_together_is_no_more_than_all_time_on_a_core(frames):
    settlement = Settlement()
    native = on_core = 0
    for runs, cpu, _ in frames:
        runs = positive(runs)
        native += total(settlement.settle(runs, cpu, 0), "N") - total(runs, "N")
        on_core += cpu or 0
        assert native <= on_core + len(frames)


@given(st.lists(frame, max_size=8))
def test_settled_runs_are_merged_and_can_be_spelled(frames):
    settlement = Settlement()
    for runs, cpu, held in frames:
        settled = settlement.settle(positive(runs), cpu, held)
        assert all(length > 0 for _, length in settled)
        assert all(a[0] != b[0] for a, b in itertools.pairwise(settled))
        assert read_runs(spell_runs(settled)) == settled


def settle_often(runs, cpu, held, frames=10):
    settlement = Settlement()
    for _ in range(frames):
        settled = settlement.settle(runs, cpu, held)
    return dict(merge(sorted(settled)))


def test_a_thread_of_pure_python_that_is_not_on_a_core_waits_for_the_gil():
    # It has handed the GIL over and is on its way into the queue; all its CPU time was a hold.
    runs = [("H", 30_000), (RUNNING, 10_000), ("W", 60_000)]
    assert settle_often(runs, 30_000, 30_000) == {"H": 30_000, "W": 70_000}


def test_a_waiter_that_was_woken_and_has_no_core_still_waits():
    runs = [("W", 40_000), (RUNNING, 20_000), ("H", 40_000)]
    assert settle_often(runs, 40_000, 40_000) == {"H": 40_000, "W": 60_000}


def test_a_thread_in_native_code_that_is_kept_from_its_core_is_ready():
    assert settle_often([(RUNNING, 100_000)], 60_000, 0) == {"N": 60_000, "R": 40_000}


@pytest.mark.parametrize(("before", "waited"), [("H", HAND_OVER), ("W", 0)])
def test_whose_hold_was_too_short_to_be_seen_was_not_made_to_let_it_go(before, waited):
    settlement = Settlement()
    for _ in range(20):
        settlement.settle([(RUNNING, 50_000)], 50_000, 0)
    settlement.credit = 0
    runs = [(before, 5_000), (RUNNING, 3_000), ("W", 5_000)]
    held = 5_000 if before == "H" else 0
    settled = settlement.settle(runs, held + 1_000, held)
    assert total(settled, "N") == 1_000
    assert total(settled, "W") - total(runs, "W") == waited
    assert total(settled, "R") == 2_000 - waited


def test_a_thread_that_runs_native_code_between_two_holds_and_has_a_core_is_native():
    runs = [("H", 10_000), (RUNNING, 80_000), ("H", 10_000)]
    assert settle_often(runs, 100_000, 20_000) == {"H": 20_000, "N": 80_000}


def test_a_thread_that_came_back_from_a_system_call_and_has_no_core_is_ready():
    runs = [("I", 50_000), (RUNNING, 10_000), ("I", 40_000)]
    assert settle_often(runs, 0, 0) == {"I": 90_000, "R": 10_000}


def test_without_the_kernels_accounting_a_thread_that_runs_is_unknown():
    runs = [("H", 10), (RUNNING, 80), ("I", 10)]
    assert Settlement().settle(runs, None, 0) == [("H", 10), ("?", 80), ("I", 10)]


def test_cpu_time_told_a_tick_late_is_native_all_the_same():
    settlement = Settlement()
    # The kernel accounts at its tick: nothing in the first frame, all of it in the second.
    settlement.settle([("I", 100_000)], 8_000, 0)
    assert settlement.settle([(RUNNING, 8_000)], 0, 0) == [("N", 8_000)]


def test_no_more_than_a_few_ticks_are_carried_over():
    settlement = Settlement()
    settlement.settle([("I", 100_000)], 90_000, 0)
    settled = settlement.settle([(RUNNING, 90_000)], 0, 0)
    assert total(settled, "N") == CARRY


def test_the_shortest_doubtful_runs_are_those_without_a_core():
    runs = [("H", 1), (RUNNING, 300), ("W", 1), (RUNNING, 5000), ("H", 1)]
    settled = Settlement().settle(runs, 5000, 0)
    assert settled[-2] == ("N", 5000)


@pytest.mark.parametrize(
    ("runs", "merged"),
    [
        ([], []),
        ([("H", 0)], []),
        ([("H", -5)], []),
        ([("H", 1), ("H", 2)], [("H", 3)]),
        ([("H", 1), ("W", 0), ("H", 2)], [("H", 3)]),
        ([("H", 1), ("W", 2)], [("H", 1), ("W", 2)]),
    ],
)
def test_neighbours_of_one_state_are_one_run(runs, merged):
    assert merge(runs) == merged
