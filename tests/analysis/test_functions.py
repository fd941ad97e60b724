"""Which functions held the GIL."""

from gilscope.analysis.functions import FunctionHeld, held_by_function, held_by_function_in_all
from gilscope.model.events import Call, Code
from tests.analysis.constructed import PARSE, PID, SPAN, WORK, a_gil, a_session, feed


def test_functions_of_the_whole_watch_are_told_the_longest_first():
    session = a_session()
    feed(session, {}, a_gil((1, 7, 20_000), (2, 8, 70_000), (None, None, 10_000)))
    feed(session, {}, a_gil((3, 7, 30_000), (1, None, 10_000)))
    assert held_by_function(session.processes[PID]) == [
        FunctionHeld(PARSE, 70_000, 0.35, (2,)),
        FunctionHeld(WORK, 50_000, 0.25, (3, 1)),
        FunctionHeld(None, 10_000, 0.05, (1,)),
    ]


def test_functions_of_a_window_are_cut_to_it():
    session = a_session()
    feed(session, {}, a_gil((1, 7, SPAN)))
    feed(session, {}, a_gil((2, 8, SPAN)))
    process = session.processes[PID]
    assert held_by_function(process, 50_000, 200_000) == [
        FunctionHeld(PARSE, 100_000, 100_000 / 150_000, (2,)),
        FunctionHeld(WORK, 50_000, 50_000 / 150_000, (1,)),
    ]
    assert held_by_function(process, start=150_000) == [FunctionHeld(PARSE, 50_000, 1.0, (2,))]
    assert held_by_function(process, end=50_000) == [FunctionHeld(WORK, 50_000, 1.0, (1,))]
    assert held_by_function(process, 5, 5) == []


def test_nothing_held_is_no_function():
    process = a_session().processes[PID]
    assert held_by_function(process) == []
    assert held_by_function(process, start=0) == []


def test_a_function_with_two_numbers_is_one():
    session = a_session()
    session.apply(Code(0, PID, 9, WORK))
    feed(session, {}, a_gil((1, 7, 60_000), (1, 9, 40_000)))
    assert held_by_function(session.processes[PID]) == [FunctionHeld(WORK, SPAN, 1.0, (1,))]


def test_functions_of_several_processes_are_merged_where_they_are_the_same():
    session = a_session(10, 11)
    session.apply(Code(0, 11, 3, Call("other", "/srv/x.py", 1)))
    feed(session, {}, a_gil((1, 7, SPAN)), pid=10)
    feed(session, {}, a_gil((2, 7, 40_000), (2, 3, 10_000)), pid=11)
    functions = held_by_function_in_all(session)
    assert [(f.call and f.call.name, f.held, f.share) for f in functions] == [
        ("work", 140_000, 0.7),
        ("other", 10_000, 0.05),
    ]
