"""What is advised: not what was compared already, in round numbers, and only where it pays."""

import pytest

from gilscope.analysis.verdicts import circumstances, gil, handing
from gilscope.analysis.verdicts.case import case_of
from tests.analysis import compared
from tests.analysis.outcomes import (
    a_comparison,
    cpu_processes,
    gil_threads,
    sequential,
)


@pytest.mark.parametrize(
    ("others", "remedy"),
    [
        ((), "Try processes, or a free-threaded build."),
        ((cpu_processes(),), "Try a free-threaded build."),
        ((compared.free_threaded().outcomes[3],), "Try processes."),
        ((cpu_processes(), compared.free_threaded().outcomes[3]), None),
    ],
)
def test_what_was_compared_already_is_not_advised(others, remedy):
    case = case_of(a_comparison(sequential(), gil_threads(), *others))
    assert gil.waits_for_the_gil(case, case.readings[1]).remedy == remedy


@pytest.mark.parametrize(
    ("tasks", "remedy"),
    [
        (20_000, "Hand over 200 tasks at a time (--batch 200)."),
        # Each worker shall have four batches.
        (100, "Hand over 10 tasks at a time (--batch 10)."),
        (8, "Make the tasks larger."),
    ],
)
def test_a_batch_is_worth_its_hand_over_and_keeps_all_workers_busy(tasks, remedy):
    comparison = a_comparison(sequential(50e-6 * tasks), cpu_processes(170e-6 * tasks), tasks=tasks)
    case = case_of(comparison)
    assert handing.hands_over_small_tasks(case, case.readings[1]).remedy == remedy


@pytest.mark.parametrize(
    ("number", "rounded"), [(0.5, 0), (1, 1), (3.9, 2), (5, 5), (99, 50), (1000, 1000)]
)
def test_advice_is_given_in_round_numbers(number, rounded):
    assert handing.round_down(number) == rounded


def test_processes_break_even_where_their_start_up_is_gained_back():
    case = case_of(a_comparison(sequential(4.0), cpu_processes(2.0, startup=0.5)))
    assert circumstances.break_even(case, case.readings[1]) == pytest.approx(1.0)
    slower = case_of(a_comparison(sequential(4.0), cpu_processes(5.0, startup=0.5)))
    assert circumstances.break_even(slower, slower.readings[1]) is None
