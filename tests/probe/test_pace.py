"""How often the probe samples and tells of it, by what that costs."""

import pytest

from gilscope.probe.pace import LEAST, LONGEST_FRAME, LONGEST_OF_ALL, Pace

EVERY = 100_000


@pytest.mark.parametrize(
    ("rate", "sampling", "frames", "after"),
    [
        (1000.0, 0.05, 0.0, 1000.0),
        (1000.0, 0.10, 0.0, 480.0),
        (1000.0, 0.01, 0.0, 1000.0),
        (1000.0, 0.08, 0.01, 480.0),  # What frames cost does not fall with the rate.
        (500.0, 0.048, 0.0, 500.0),  # Almost all is used: no swinging.
        (500.0, 0.04, 0.0, 600.0),
        (500.0, 0.01, 0.0, 1000.0),
        (1000.0, 0.01, 0.06, LEAST),  # Frames alone are too much: still enough to see shares.
        (1000.0, 50.0, 0.0, LEAST),
        (500.0, 0.0, 0.0, 1000.0),
    ],
)
def test_the_rate_follows_its_cost(rate, sampling, frames, after):
    pace = Pace(1000.0, 0.05, EVERY, rate)
    pace.adapt(sampling, frames)
    assert pace.rate == pytest.approx(after, rel=1e-3)


def test_a_rate_asked_for_that_is_low_stays_as_it_is():
    pace = Pace(LEAST, 0.05, EVERY)
    pace.adapt(0.5, 0.0)
    assert pace.rate == LEAST


def test_one_expensive_second_is_made_up_for_in_the_next_ones():
    pace = Pace(1000.0, 0.05, EVERY)
    pace.adapt(0.6, 0.01)
    assert pace.rate < 100
    for _ in range(4):
        pace.adapt(pace.rate * 0.00003, 0.01)
    assert pace.rate == 1000


@pytest.mark.parametrize("power", [1.0, 0.6, 0.3, 0.1])
def test_the_rate_settles_where_the_budget_is_used_however_costs_grow_with_it(power):
    pace = Pace(1000.0, 0.05, EVERY)
    costs = []
    for _ in range(100):
        cost = 0.06 * (pace.rate / 1000) ** power
        costs.append(cost + 0.01)
        pace.adapt(cost, 0.01)
    assert max(costs[25:]) <= 0.05
    assert min(costs[25:]) >= 0.05 * 0.93


def test_frames_that_cost_much_come_less_often():
    pace = Pace(1000.0, 0.05, EVERY)
    pace.adapt(0.01, 0.005)
    assert pace.frame == EVERY
    pace.adapt(0.01, 0.01)
    assert pace.frame == 2 * EVERY
    pace.adapt(0.01, 0.005)  # What they cost now that they are twice as long.
    assert pace.frame == 2 * EVERY
    pace.adapt(0.01, 0.02)
    assert pace.frame == LONGEST_FRAME
    pace.adapt(0.01, 0.0002)
    assert pace.frame == EVERY


def test_frames_that_would_take_most_of_the_budget_become_longer_still():
    pace = Pace(1000.0, 0.05, EVERY)
    frame = 0.0125  # What ending one costs, in seconds on a core.
    for _ in range(5):
        pace.adapt(0.01, frame * 1e6 / pace.frame)
    assert pace.frame == 500_000
    pace.adapt(0.01, 3.0)
    assert pace.frame == LONGEST_OF_ALL


def test_frames_that_were_asked_to_be_long_stay_so():
    pace = Pace(1000.0, 0.05, 2 * LONGEST_OF_ALL)
    pace.adapt(0.01, 0.5)
    assert pace.frame == 2 * LONGEST_OF_ALL
    pace.adapt(0.01, 0.0)
    assert pace.frame == 2 * LONGEST_OF_ALL
