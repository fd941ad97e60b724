import pytest

from gilscope.analysis.verdicts.case import case_of
from gilscope.analysis.verdicts.choice import MEMORY, STARTUP, WORKERS, choose
from gilscope.model.comparison import FAILED, Mode
from tests.analysis.outcomes import a_comparison, an_outcome, gil_threads, sequential


def of(*outcomes):
    return choose(case_of(a_comparison(*outcomes)))


def test_the_fastest_is_chosen_where_it_is_clearly_so():
    choice = of(sequential(4.0), an_outcome("threads", 3.0), an_outcome("processes", 2.0))
    assert choice.best.label == "processes"
    assert choice.alone


def test_what_failed_or_is_wrong_is_never_chosen():
    failed = an_outcome("threads", 1.0, condition=FAILED)
    wrong = an_outcome("processes", 1.0, equal=False)
    assert of(sequential(4.0), failed, wrong).best.label == "sequential"
    assert of(failed, wrong) is None


@pytest.mark.parametrize(
    ("one", "other", "left", "by"),
    [
        ({"mb": 30}, {"mb": 90}, ["threads"], MEMORY),
        ({"mb": 30}, {"mb": 33}, ["threads", "pool"], None),
        ({"mb": 8}, {"mb": 12}, ["threads", "pool"], None),
        ({"mb": None}, {"mb": 90}, ["threads", "pool"], None),
        ({"startup": 0.9}, {"startup": 0.1}, ["pool"], STARTUP),
        ({"startup": 0.001}, {"startup": 0.04}, ["threads", "pool"], None),
        ({"startup": None}, {"startup": 0.9}, ["threads", "pool"], None),
        ({"mb": 30, "startup": 0.9}, {"mb": 90, "startup": 0.1}, ["threads"], MEMORY),
    ],
)
def test_among_equals_the_clearly_cheaper_is_chosen(one, other, left, by):
    choice = of(
        sequential(4.0), an_outcome("threads", 2.0, **one), an_outcome("pool", 2.01, **other)
    )
    assert [each.label for each in choice.left] == left
    assert choice.by == by
    assert (choice.best is not None) == (len(left) == 1)


def test_among_equals_one_that_needs_no_workers_is_chosen():
    other = an_outcome(Mode("sequential", python="/opt/pypy3"), 1.0, version="3.10", mb=90)
    choice = of(sequential(4.0), gil_threads(1.0), other)
    assert choice.best.label == "sequential 3.10"
    assert choice.by == WORKERS
