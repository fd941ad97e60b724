"""Whether two modes came to the same results."""

import pytest

from gilscope.analysis.results import Results, compare_results

BASE = Results(("a", "b", "c"))


@pytest.mark.parametrize(
    ("other", "equal", "said"),
    [
        (Results(("a", "b", "c")), True, None),
        (Results(("a", "x", "c")), False, "in task 2 of 3"),
        (Results(("x", "b", "x")), False, "in 2 tasks, the first is task 1 of 3"),
        (Results(("x", "y", "z")), False, "no result"),
        (Results(("a", "b")), False, "2 results instead of 3"),
        (Results(("a", "b", "c"), "42"), False, "their total"),
        (Results(("a", None, "c")), None, "1 of 3 results cannot be compared"),
        (Results((None, None, None)), None, "results cannot be compared"),
        (Results((None, "x", "c")), False, "in task 2 of 3"),
    ],
)
def test_results_are_held_against_the_baseline(other, equal, said):
    found, sentence = compare_results(BASE, other)
    assert found is equal
    assert sentence is None if said is None else said in sentence


def test_without_a_baseline_nothing_can_be_told():
    assert compare_results(None, BASE)[0] is None


def test_no_tasks_at_all_are_equal():
    assert compare_results(Results(()), Results(())) == (True, None)
