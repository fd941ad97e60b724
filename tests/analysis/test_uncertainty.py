"""How far a share may be off."""

import random

import pytest

from gilscope.analysis.lanes import Joiner, Run
from gilscope.analysis.uncertainty import (
    ASTRAY,
    EDGE,
    NORMAL,
    SYSTEMATIC,
    Doubt,
    doubts,
    half_width,
    half_widths,
    half_widths_of_all,
    widths_of,
)
from gilscope.model.states import POSITION
from tests.analysis.constructed import PID, SPAN, a_session, feed

INTERVAL = 1000.0
SQUARE = INTERVAL * INTERVAL
H, W, I_ = POSITION["H"], POSITION["W"], POSITION["I"]


def runs_of(*told):
    runs, at = [], 0
    for letter, length in told:
        runs.append(Run(letter, at, at + length))
        at += length
    return runs


def variances(*told):
    return [each.variance for each in doubts(runs_of(*told), INTERVAL)]


def test_the_error_grows_with_the_number_of_runs_and_not_of_samples():
    few = variances(("H", 50_000), ("W", 50_000))
    many = variances(*[("H", 5000), ("W", 5000)] * 10)
    assert few[H] == few[W] == SQUARE * (1 + EDGE)
    assert many[H] == pytest.approx(SQUARE * (1 + 19 * EDGE))
    assert many[I_] == SQUARE


def test_a_run_seen_once_is_in_doubt_with_all_its_length():
    found = variances(("W", 50_000), ("H", 1000), ("W", 50_000))
    assert found[H] == found[W] == 2 * SQUARE


def test_the_end_of_a_long_block_is_known_the_worse():
    found = variances(("I", 100_000), ("H", 50_000), ("I", 5000))
    assert found[H] == found[I_] == pytest.approx(SQUARE * (1 + 65 * EDGE))


def test_a_short_run_behind_a_long_block_may_stand_for_others_that_were_not_seen():
    found = variances(("S", 200_000), ("W", 5000), ("S", 200_000))
    assert found[W] == SQUARE * (1 + 64)


def test_what_is_neither_hold_nor_wait_may_be_off_the_same_way_each_time():
    assert [each.bias for each in doubts(runs_of(("H", 5000), ("W", 5000)), INTERVAL)] == [0.0] * 8
    found = doubts(runs_of(*[("W", 5000), ("I", 5000)] * 3), INTERVAL)
    assert found[W].bias == found[I_].bias == pytest.approx(5 * ASTRAY * INTERVAL)


def test_the_width_is_that_of_a_normal_distribution_and_what_is_always_wrong():
    widths = widths_of([Doubt(0.0), Doubt(4e6, 3000.0), *[Doubt(0.0)] * 6], 0, 1_000_000)
    assert widths[0] == SYSTEMATIC
    assert widths[1] == pytest.approx(NORMAL * 0.002 + 0.003 + SYSTEMATIC)
    assert widths[-1] == 0.0


def test_time_of_which_nothing_is_known_may_belong_to_any_state():
    widths = widths_of([Doubt(0.0)] * 8, 100_000, 1_000_000)
    assert widths[:-1] == (pytest.approx(0.1 + SYSTEMATIC),) * 7
    assert widths_of([Doubt(1e18)] * 8, 0, 1000)[0] == 1.0


def test_the_newest_runs_stand_for_a_long_watch():
    session = a_session()
    for _ in range(400):
        feed(session, {1: "H50000W50000"})
    thread = session.processes[PID].threads[1]
    lately = half_widths(thread, 20_000_000, 40_000_000, INTERVAL)[H] - SYSTEMATIC
    whole = half_widths_of_all(thread, INTERVAL)[H] - SYSTEMATIC
    assert whole == pytest.approx(lately / 2**0.5, rel=0.01)


def test_where_two_waits_meet_the_share_is_in_no_doubt():
    session = a_session()
    feed(session, {1: "H50000W25000W25000", 2: "H50000W50000"})
    threads = session.processes[PID].threads
    assert half_widths(threads[1], 0, SPAN, INTERVAL) == half_widths(threads[2], 0, SPAN, INTERVAL)
    widths = half_widths(threads[1], 0, SPAN, INTERVAL)
    assert half_width(threads[1], "W", 0, SPAN, INTERVAL) == widths[W]


def test_of_no_time_or_no_samples_nothing_is_said():
    session = a_session()
    feed(session, {1: "H100000"})
    thread = session.processes[PID].threads[1]
    assert half_widths(thread, SPAN, 2 * SPAN, INTERVAL) is None
    assert half_widths(thread, 0, SPAN, None) is None
    assert half_width(thread, "H", 0, SPAN, None) is None


@pytest.mark.parametrize("mean", [700, 5000, 20_000])
def test_a_thread_sampled_at_random_is_within_its_interval(mean):
    """Sample constructed threads and count how often the truth lies within."""
    draw = random.Random(mean)
    within = 0
    for _ in range(200):
        truth, runs, whole = sampled(draw, mean)
        joiner = Joiner()
        joined = [*joiner.add(runs), joiner.open]
        said = sum(run.end - run.start for run in joined if run.letter == "H")
        width = widths_of(doubts(joined, INTERVAL), 0, whole)[H] - SYSTEMATIC
        within += abs(said - truth) / whole <= width
    assert within >= 180


def sampled(draw, mean):
    """Return how long a thread held, the runs that samples of it make, and the whole time."""
    ends, letter, at = [], "H", 0.0
    while at < 1_000_000:
        at += draw.expovariate(1 / mean)
        ends.append((letter, min(at, 1_000_000)))
        letter = "W" if letter == "H" else "H"
    truth, before = 0.0, 0.0
    for letter, end in ends:
        truth += (end - before) * (letter == "H")
        before = end
    runs, seen, boundary, last, now = [], iter(ends), 0.0, 0.0, 0.0
    letter, end = next(seen)
    while now < 1_000_000:
        now = min(now + draw.uniform(0.5, 1.5) * INTERVAL, 1_000_000)
        found = letter
        while end < now:
            letter, end = next(seen)
        middle = (last + now) / 2
        runs.append(Run(found, boundary, middle))
        boundary, last = middle, now
    runs.append(Run(letter, boundary, 1_000_000))
    return truth, runs, 1_000_000
