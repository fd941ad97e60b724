import pytest

from gilscope.analysis.speed import (
    Order,
    at_once,
    bounds,
    cores_used,
    efficiency,
    median_of,
    order,
    speedup,
    states_of,
)
from gilscope.model.comparison import ASYNCIO, COMMAND, THREADS, Mode, Outcome, Run
from tests.analysis.compared import fetch, primes
from tests.analysis.outcomes import (
    a_comparison,
    an_outcome,
    cpu_processes,
    gil_threads,
    sequential,
    shares,
)


def test_a_speed_up_is_the_baseline_s_median_wall_divided_by_the_mode_s():
    fast = cpu_processes(2.0, 2.2, 9.0)
    comparison = a_comparison(sequential(4.0, 4.4, 4.4), fast)
    assert speedup(fast, comparison) == pytest.approx(2.0)
    assert speedup(comparison.outcomes[0], comparison) == 1.0


def test_wrong_results_are_no_speed():
    wrong = cpu_processes(equal=False)
    assert speedup(wrong, a_comparison(sequential(), wrong)) is None


@pytest.mark.parametrize("walls", [(), (0.0,), (float("nan"),), (float("inf"),)])
def test_there_is_no_speed_up_without_two_times(walls):
    odd = Outcome(Mode(THREADS), runs=tuple(map(Run, walls)))
    assert speedup(odd, a_comparison(sequential(), odd)) is None
    assert speedup(sequential(), a_comparison(odd, sequential())) is None


def test_efficiency_is_a_part_of_the_tasks_that_may_run_at_once():
    comparison = primes()
    efficiencies = [efficiency(each, comparison) for each in comparison.outcomes]
    assert efficiencies == [1.0, pytest.approx(4.0 / 4.1 / 2), pytest.approx(4.0 / 2.1 / 2)]


def test_coroutines_are_as_many_as_the_workers_though_they_share_one_thread():
    comparison = fetch()
    coroutines = next(each for each in comparison.outcomes if each.mode.kind == ASYNCIO)
    assert coroutines.workers == 1
    assert at_once(coroutines, comparison) == 8


def test_a_command_has_no_efficiency():
    command = an_outcome(Mode(COMMAND, command=("a",)), 1.0)
    assert efficiency(command, a_comparison(command)) is None


def test_cores_used_are_those_of_the_middle_run():
    outcome = Outcome(Mode(THREADS), runs=(Run(1.0, cpu=2.0), Run(4.0, cpu=4.0), Run(1.0, cpu=1.5)))
    assert cores_used(outcome) == 1.5
    assert cores_used(Outcome(Mode(THREADS), runs=(Run(1.0),))) is None


def test_a_median_is_that_of_the_runs_in_which_the_figure_is_known():
    runs = (Run(1.0), Run(1.0, memory=30), Run(1.0, memory=10))
    assert median_of(Outcome(Mode(THREADS), runs=runs), "memory") == 20
    assert median_of(Outcome(Mode(THREADS), runs=runs), "gil_load") is None


def test_states_are_the_mean_over_the_runs_that_were_seen():
    seen = (Run(1.0, states=shares(hold=1.0)), Run(1.0), Run(1.0, states=shares(wait=1.0)))
    assert states_of(Outcome(Mode(THREADS), runs=seen))[:2] == (0.5, 0.5)
    assert states_of(Outcome(Mode(THREADS), runs=(Run(1.0),))) is None


@pytest.mark.parametrize(
    ("walls", "expected"),
    [
        pytest.param((4.0,), (3.8, 4.2), id="one run may be off by 5%"),
        pytest.param((4.0, 5.0, 4.1), (3.895, 5.0), id="few: all of them, and 5% at least"),
        pytest.param((4.0, 4.0, 4.0, 4.0, 4.01), (3.92, 4.08), id="several: 2% at least"),
        pytest.param((4.0, 4.0, 4.0, 4.0, 9.0), (3.92, 9.0), id="of five none is left out"),
        pytest.param((4.0,) * 7 + (9.0,), (3.92, 4.08), id="of eight the extremes are"),
    ],
)
def test_the_true_median_is_within_bounds_that_narrow_with_the_runs(walls, expected):
    assert bounds(sequential(*walls)) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("mine", "theirs", "expected"),
    [
        ((2.0,), (4.0,), Order.FASTER),
        ((4.0,), (2.0,), Order.SLOWER),
        ((4.0,), (4.3,), Order.NOT_CLEAR),
        ((4.0,), (4.5,), Order.FASTER),
        ((4.0,) * 5, (4.2,) * 5, Order.FASTER),
        ((4.0, 4.1, 4.2, 4.3, 4.9), (4.4, 4.5, 4.6, 4.7, 4.8), Order.NOT_CLEAR),
        ((), (4.0,), Order.NOT_CLEAR),
    ],
)
def test_one_mode_is_faster_only_where_the_bounds_are_apart(mine, theirs, expected):
    assert (
        order(
            gil_threads(*mine or (1.0,)) if mine else Outcome(Mode(THREADS)), gil_threads(*theirs)
        )
        is expected
    )
