"""What became of a GIL over a while."""

from gilscope.analysis.load import gil_load, gil_loads, held_share, switch_rate
from gilscope.model.events import PYSPY, Thread
from tests.analysis.constructed import PID, SPAN, a_gil, a_session, feed


def test_load_is_the_mean_number_of_threads_that_hold_or_want():
    session = a_session()
    for _ in range(10):
        feed(session, {1: "H100000", 2: "W100000", 3: "I100000"}, a_gil((1, 7, SPAN)))
    for _ in range(10):
        feed(session, {1: "S100000", 2: "S100000", 3: "I100000"}, a_gil((None, None, SPAN)))
    record = session.processes[PID]
    assert gil_load(record, 1) == 0.0
    assert gil_load(record, 10) == 1.0
    assert gil_load(record, 1, until=1_000_000) == 2.0
    assert gil_loads(record) == (0.0, 1.0, 1.0)


def test_held_and_switches_are_those_of_the_window():
    session = a_session()
    for _ in range(20):
        feed(session, {}, a_gil((1, 7, 25_000), (None, None, 75_000)))
    record = session.processes[PID]
    assert held_share(record, 1) == 0.25
    assert switch_rate(record, 1) == 20.0


def test_where_who_waits_is_not_seen_there_is_no_load():
    session = a_session(fidelity=PYSPY)
    feed(session, {1: "H100000"}, a_gil((1, 7, SPAN)))
    assert gil_loads(session.processes[PID]) == (None, None, None)
    assert held_share(session.processes[PID], 1) == 1.0


def test_each_gil_of_several_has_a_load_of_its_own():
    session = a_session()
    session.apply(Thread(0, PID, 3, "worker-3", False, 5))
    feed(
        session,
        {1: "H100000", 2: "W100000", 3: "H50000I50000"},
        a_gil((1, 7, SPAN)),
        a_gil((3, 7, 50_000), (None, None, 50_000), interpreter=5),
    )
    record = session.processes[PID]
    assert gil_load(record, 1) == 2.5
    assert [gil_load(gil, 1) for gil in record.gils.values()] == [2.0, 0.5]
    assert [held_share(gil, 1) for gil in record.gils.values()] == [1.0, 0.5]
    assert [switch_rate(gil, 1) for gil in record.gils.values()] == [10.0, 20.0]
