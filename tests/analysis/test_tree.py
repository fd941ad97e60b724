"""Processes in the order of their family."""

from gilscope.analysis.tree import family
from gilscope.model.events import Process
from gilscope.model.session import Session


def order(*pairs):
    session = Session()
    for pid, parent in pairs:
        session.apply(Process(0, pid, parent))
    return [(depth, process.about.pid) for depth, process in family(session)]


def test_a_process_follows_its_parent_and_siblings_keep_their_order():
    assert order((10, 1), (20, 1), (12, 10), (11, 10), (21, 20), (13, 12)) == [
        (0, 10),
        (1, 12),
        (2, 13),
        (1, 11),
        (0, 20),
        (1, 21),
    ]


def test_a_child_may_be_introduced_before_its_parent():
    assert order((11, 10), (10, 1)) == [(0, 10), (1, 11)]


def test_a_family_that_goes_round_in_a_circle_loses_nobody():
    assert sorted(pid for _, pid in order((1, 2), (2, 1), (3, 1), (4, 4))) == [1, 2, 3, 4]
