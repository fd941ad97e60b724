"""The longest holds and waits."""

from gilscope.analysis.holds import Holds
from gilscope.model.events import Stack, Stacks
from tests.analysis.constructed import PID, WORK, a_session, feed


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
