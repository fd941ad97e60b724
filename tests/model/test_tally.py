"""Holds and waits counted as they end."""

from gilscope.model.events import Gone, Process, Thread, ThreadSlice
from gilscope.model.records import GONE_THREADS, ThreadRecord
from gilscope.model.runs import read_runs
from gilscope.model.session import Session
from gilscope.model.tally import Follower


def tally_of(*frames):
    follower = Follower()
    for runs in frames:
        fresh = runs.startswith("!")
        follower.add(read_runs(runs), fresh)
    return follower.tally


def test_a_hold_goes_on_across_frames_unless_it_is_fresh():
    assert tally_of("W10H50", "H30W10I1").holds.longest == 80
    tally = tally_of("W10H50", "!H30W10I1")
    assert (tally.holds.count, tally.holds.longest) == (2, 50)


def test_neighbouring_runs_of_one_letter_are_two_stretches():
    tally = tally_of("I10W5020W4990W5000I1")
    assert (tally.waits.count, tally.waits.longest) == (3, 5020)


def test_what_is_not_seen_whole_is_not_counted():
    tally = tally_of("H10I5W20")
    assert (tally.holds.count, tally.waits.count) == (0, 0)
    tally = tally_of("I1H10?5H20I1H30I1")
    assert (tally.holds.count, tally.holds.longest) == (1, 30)


def test_a_wait_that_no_hold_follows_ended_in_one_that_was_not_sampled():
    assert tally_of("I1W10W10H5W10I5W10?1W5").unsampled == 2


def test_time_of_which_nothing_is_known_counts_once_anything_was():
    tally = tally_of("?500H40", "?10W50", "I100")
    assert (tally.watched, tally.unknown) == (200, 10)
    thread = ThreadRecord(1, 2, 0)
    thread.add(ThreadSlice(2, "?", "H60?40"), 0, 100)
    thread.stay(100, 200)
    assert (thread.follower.tally.watched, thread.follower.tally.unknown) == (200, 140)


def test_a_thread_left_out_of_frames_goes_on_holding():
    thread = ThreadRecord(1, 2, 0)
    thread.add(ThreadSlice(2, "H", "I50H50"), 0, 100)
    thread.stay(100, 200)
    thread.add(ThreadSlice(2, "I", "H10I90"), 200, 300)
    assert thread.follower.tally.holds.longest == 160


def test_a_process_keeps_the_holds_of_threads_that_it_forgets():
    session = Session()
    session.apply(Process(0, 1, 0))
    for tid in range(GONE_THREADS + 1):
        session.apply(Thread(0, 1, tid))
        session.processes[1].threads[tid].follower.add(read_runs("I1H40I1"))
        session.apply(Gone(0, 1, tid))
    session.apply(Thread(0, 1, 5))  # An id that is used again.
    process = session.processes[1]
    assert (process.forgotten, process.past.holds.count, process.ended) == (1, 2, GONE_THREADS - 1)
