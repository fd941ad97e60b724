"""What threads that ended soon did together."""

from gilscope.analysis.ended import FEW, together, too_many_to_list
from gilscope.analysis.summarise import summarise
from gilscope.model.events import (
    Frame,
    Gone,
    ProcessSlice,
    SamplerSlice,
    Thread,
    ThreadSlice,
)
from tests.analysis.constructed import PID, SPAN, a_gil, a_session, feed


def a_process_of_brief_threads(number):
    """Return the summary of a process in which so many threads had a millisecond each."""
    session = a_session()
    feed(session, {1: "S100000"}, a_gil((1, 7, SPAN)))
    for tid in range(100, 100 + number):
        session.apply(Thread(session.now, PID, tid, "brief", False, 0))
        piece = ProcessSlice(PID, (ThreadSlice(tid, "?", "H600W400"),), (a_gil(),), 100)
        session.apply(Frame(session.now + SPAN, SPAN, SamplerSlice(1000.0, 100), (piece,)))
        session.apply(Gone(session.now, PID, tid))
    (process,) = summarise(session).processes
    return process


def test_a_few_are_listed_and_more_are_not():
    assert too_many_to_list(a_process_of_brief_threads(FEW)) == []
    assert len(too_many_to_list(a_process_of_brief_threads(FEW + 1))) == FEW + 1


def test_the_summary_lists_each_with_how_long_it_was_watched():
    process = a_process_of_brief_threads(20)
    assert len(process.threads) == 23
    assert [thread.duration for thread in process.threads][2:4] == [2.1, 0.001]


def test_their_shares_are_weighted_with_how_long_each_was_watched():
    process = a_process_of_brief_threads(FEW + 1)
    told = together([*too_many_to_list(process), process.threads[0]])
    assert (told.number, round(told.mean, 3)) == (7, 0.101)
    assert told.states["sleep"] == round(0.7 / 0.706, 4)
    assert told.states["hold"] == round(6 * 0.0006 / 0.706, 4)
    assert told.cpu is None


def test_threads_that_were_never_seen_did_nothing_that_is_known():
    session = a_session()
    (process,) = summarise(session).processes
    told = together(process.threads)
    assert set(told.states.values()) == {None}


def test_threads_that_are_forgotten_are_counted():
    process = a_process_of_brief_threads(203)
    assert (len(too_many_to_list(process)), process.forgotten) == (200, 3)
