"""The longest holds and waits, and the hogs."""

from gilscope.analysis.holds import Holds, newest_hogs
from gilscope.model.events import Gone, Hog, Stack, Stacks
from tests.analysis.constructed import PID, SPAN, WORK, a_session, feed


def test_a_hold_is_one_across_frames_and_keeps_its_stack():
    session = a_session()
    feed(session, {1: "W80000H20000"})
    session.apply(Stacks(90_000, PID, (Stack(1, (WORK,)),)))
    holds = Holds()
    holds.read(session)
    feed(session, {1: "H64000W36000"})
    holds.read(session)
    found = holds.longest(session.processes[PID].threads[1], "H")
    assert (found.run.start, found.length, found.call, found.open) == (
        80_000,
        84_000,
        (WORK,),
        False,
    )


def test_a_fresh_run_is_a_hold_of_its_own():
    session = a_session()
    holds = Holds()
    feed(session, {1: "W80000H20000"})
    feed(session, {1: "H64000W36000"}, fresh=(1,))
    holds.read(session)
    assert holds.longest(session.processes[PID].threads[1], "H").length == 64_000


def test_a_hold_that_goes_on_may_be_the_longest():
    session = a_session()
    feed(session, {1: "W60000H40000"})
    holds = Holds()
    holds.read(session)
    thread = session.processes[PID].threads[1]
    assert holds.longest(thread, "H").length == 40_000
    assert holds.longest(thread, "H").open
    assert not holds.longest(thread, "W").open


def test_hogs_are_those_that_the_stream_tells_of_the_newest_first():
    session = a_session()
    for _ in range(5):
        feed(session, {})
    session.apply(Hog(80_000, PID, 1, 20_000, 60_000, calls=(WORK,), ended=True))
    session.apply(Hog(300_000, PID, 2, 150_000, 150_000, ended=True))
    session.apply(Hog(450_000, PID, 3, 400_000, 50_000))
    assert [(hog.name, hog.length, hog.open) for hog in newest_hogs(session, 5, session.now)] == [
        ("worker-3", SPAN, True),
        ("worker-2", 150_000, False),
        ("worker-1", 60_000, False),
    ]
    assert newest_hogs(session, 5, 100_000)[0].call == (WORK,)
    assert [hog.tid for hog in newest_hogs(session, 5, 100_000)] == [1]
    assert [hog.tid for hog in newest_hogs(session, 1, session.now)] == [3]


def test_a_hog_whose_thread_ended_goes_on_no_more():
    session = a_session()
    feed(session, {})
    session.apply(Hog(80_000, PID, 1, 20_000, 60_000))
    assert newest_hogs(session, 1, session.now)[0].open
    session.apply(Gone(90_000, PID, 1))
    assert not newest_hogs(session, 1, session.now)[0].open
