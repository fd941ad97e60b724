"""How long holds and waits lasted, and what sampling can tell of that."""

import pytest

from gilscope.analysis.stretches import (
    HandOvers,
    Lengths,
    hand_overs,
    hold_lengths,
    sample_interval,
    tally_between,
    tally_of,
    tells_hogs,
    wait_lengths,
)
from gilscope.model.events import Gone
from gilscope.model.runs import read_runs
from gilscope.model.tally import Follower
from tests.analysis.constructed import PID, SPAN, a_gil, a_session, feed

INTERVAL = 1000.0


def tally(runs):
    follower = Follower()
    follower.add(read_runs(runs))
    return follower.tally


def test_lengths_are_nearest_ranks_and_two_percent_wide():
    lengths = wait_lengths(tally("".join(f"W{n}000H9000" for n in range(100, 0, -1))), 40.0)
    assert lengths.p50 == pytest.approx(50, rel=0.02)
    assert lengths.p99 == pytest.approx(98, rel=0.02)  # The first was not seen from its beginning.
    assert (lengths.max, lengths.count) == (99.0, 99)


def test_a_convoy_shows_as_waits_between_holds_too_short_to_be_sampled():
    convoy = tally("I9000" + "W5000" * 190 + "W15000" * 10 + "I9000")
    assert wait_lengths(convoy, INTERVAL) == Lengths(
        pytest.approx(5, rel=0.02), pytest.approx(15, rel=0.02), 15.0, 200
    )
    assert hold_lengths(convoy, INTERVAL) == Lengths()


def test_figures_of_holds_that_are_too_short_for_the_samples_are_not_given():
    short = tally("I1000" + "H1000I9000" * 9)
    assert hold_lengths(short, INTERVAL) == Lengths()
    assert hold_lengths(short, 100.0).p50 == 1.0


def test_the_longest_hold_is_known_though_most_were_too_short_to_be_counted():
    mixed = tally("I1000" + "H1000I9000" * 9 + "W5000H20000I1000")
    assert hold_lengths(mixed, INTERVAL) == Lengths(None, None, 20.0, None)


def test_a_99th_percentile_needs_longer_stretches_than_a_median():
    lengths = hold_lengths(tally("I1000" + "H5000I5000" * 40), INTERVAL)
    assert lengths == Lengths(pytest.approx(5, rel=0.02), None, 5.0, 40)


def test_a_few_short_holds_take_the_median_and_more_of_them_the_99th_percentile():
    some = tally("I1000" + "H20000I5000" * 30 + "H1000I5000" * 2)
    assert hold_lengths(some, INTERVAL) == Lengths(None, 20.0, 20.0, None)
    many = tally("I1000" + "H20000I5000" * 16 + "H1000I5000" * 2)
    assert hold_lengths(many, INTERVAL) == Lengths(None, None, 20.0, None)


def test_where_the_sampler_came_late_no_99th_percentile_is_told():
    late = tally("I1000" + "H20000I5000" * 30 + "?10000I1000")
    assert hold_lengths(late, INTERVAL) == Lengths(pytest.approx(20, rel=0.02), None, 20.0, 30)
    begun = tally("?10000I1000" + "H20000I5000" * 30)
    assert hold_lengths(begun, INTERVAL).p99 == 20.0


def test_where_hand_overs_are_missing_a_convoy_tells_nothing():
    convoy = tally("I9000" + "W25000" * 40 + "I9000")
    assert wait_lengths(convoy, INTERVAL, HandOvers(100, 90)).count == 40
    missing = wait_lengths(convoy, INTERVAL, HandOvers(100, 30))
    assert missing == wait_lengths(convoy, INTERVAL, None) == Lengths()
    computing = tally("H5000W9000" * 40 + "H5000")
    assert wait_lengths(computing, INTERVAL, HandOvers(100, 30)).count == 40


def test_where_hand_overs_are_missing_no_99th_percentile_of_waits_is_told():
    waits = tally("I9000" + "H9000W20000" * 100 + "H9000")
    told = wait_lengths(waits, INTERVAL, HandOvers(1000, 950))
    assert told.p99 == pytest.approx(20, rel=0.02)
    missing = wait_lengths(waits, INTERVAL, HandOvers(1000, 850))
    assert (missing.p50, missing.p99, missing.count) == (pytest.approx(20, rel=0.02), None, 100)


def test_all_that_are_missing_may_be_of_one_thread_whose_holds_are_too_short_to_be_seen():
    waits = tally("I9000" + "W20000N9000" * 100)
    told = wait_lengths(waits, INTERVAL, HandOvers(1000, 991))
    assert told.p99 == pytest.approx(20, rel=0.02)
    missing = wait_lengths(waits, INTERVAL, HandOvers(1000, 989))
    assert (missing.p50, missing.p99, missing.count) == (pytest.approx(20, rel=0.02), None, 100)


def test_hand_overs_are_shown_by_holds_seen_and_known_to_have_been():
    session = a_session()
    process = session.processes[PID]
    assert hand_overs(process, tally_of(process)) is None
    runs = {1: "W10000H10000" * 5, 2: "I50000W25000W25000"}
    feed(session, runs, a_gil(*[(1, 7, 10_000)] * 10))
    # Four of the first thread's five holds had ended, one of the second's was not seen.
    assert hand_overs(process, tally_of(process)) == HandOvers(10, 5)


def test_nothing_seen_is_none_and_no_samples_is_not_known():
    assert hold_lengths(tally("I1000S5000I10"), INTERVAL) == Lengths(count=0)
    assert hold_lengths(tally("I1000H5000I10"), None) == Lengths()


def test_only_stretches_between_two_moments_count():
    session = a_session()
    feed(session, {1: "W50000H30000W20000"})
    feed(session, {1: "W10000H40000W50000"}, fresh=(1,))
    thread = session.processes[PID].threads[1]
    assert tally_between(thread, 0, 2 * SPAN).waits.count == 2
    assert tally_between(thread, 0, 2 * SPAN).holds.longest == 40_000
    assert tally_between(thread, 60_000, 2 * SPAN).holds.count == 1
    assert tally_between(thread, 60_000, 2 * SPAN).waits.longest == 20_000


def test_the_figures_of_a_process_are_those_of_all_its_threads():
    session = a_session()
    feed(session, {1: "I10H90I99900", 2: "W10H90I99900"})
    session.apply(Gone(session.now, PID, 2))
    assert tally_of(session.processes[PID]).holds.count == 2


def test_the_interval_is_the_mean_time_between_samples():
    session = a_session()
    assert sample_interval(session) is None
    feed(session, {}, samples=50)
    assert sample_interval(session) == sample_interval(session.processes[PID]) == 2000.0


def test_the_interval_is_that_of_the_time_in_which_anything_happened():
    session = a_session()
    for _ in range(9):
        feed(session, {}, samples=12)
    assert sample_interval(session.processes[PID]) == SPAN / 12
    feed(session, {1: "H100000"}, samples=100)
    assert sample_interval(session.processes[PID]) == 1000.0


@pytest.mark.parametrize(
    ("interval", "hog", "tells"),
    [(12_500, 50_000, True), (12_501, 50_000, False), (12_501, 100_000, True), (None, 9, False)],
)
def test_samples_far_apart_tell_no_hogs(interval, hog, tells):
    assert tells_hogs(interval, hog) is tells
