"""The waits between samples."""

import itertools

import pytest

from gilscope.probe.waits import Waits

PERIOD = 1000.0


@pytest.fixture
def slept(monkeypatch):
    """Let sleeping take no time, and return the list of how long was slept, in microseconds."""
    slept = []
    monkeypatch.setattr("time.sleep", lambda seconds: slept.append(seconds * 1e6))
    return slept


def lengths(slept, waits, count, *, since=0):
    slept.clear()
    for _ in itertools.islice(waits.begin(PERIOD, since), count):
        pass
    return slept


def test_intervals_are_random_from_half_of_a_period_to_one_and_a_half(slept):
    waits = Waits()
    first = list(lengths(slept, waits, 61))
    assert sum(first) / 61 == pytest.approx(PERIOD)
    assert min(first) >= 500
    assert max(first) <= 1500
    assert len(set(first)) > 50
    assert list(lengths(slept, Waits(), 61)) != first


def test_the_time_since_the_last_sample_counts(slept):
    waits = Waits()
    first, second = lengths(slept, waits, 2, since=400)
    assert 100 <= first <= 1100
    assert second >= 500
    assert lengths(slept, waits, 1, since=5000) == [0]


def interval(slept, waits, takes):
    """Return how long a sample takes on the average with its wait, in the end."""
    elapsed = []
    for _ in range(60):
        elapsed.append(sum(lengths(slept, waits, 61, since=takes)) + 61 * takes)
        waits.learn(PERIOD, elapsed[-1], 61)
    return sum(elapsed[30:]) / 30 / 61


@pytest.mark.parametrize("takes", [80, 400])
def test_the_rate_is_kept_whatever_a_sample_takes(slept, takes):
    waits = Waits()
    assert interval(slept, waits, takes) == pytest.approx(PERIOD, rel=0.01)
    assert interval(slept, waits, 30) == pytest.approx(PERIOD, rel=0.01)


def test_no_more_than_half_of_a_period_is_made_up_for(slept):
    waits = Waits()
    assert interval(slept, waits, 3000) == pytest.approx(3000 + PERIOD / 2, rel=0.01)
    assert min(lengths(slept, waits, 61, since=3000)) == 0
    assert interval(slept, waits, 30) == pytest.approx(PERIOD, rel=0.02)


def test_what_was_learnt_at_one_rate_is_not_held_against_another(slept):
    waits = Waits()
    waits.learn(250_000.0, 19 * 250_000, 19)
    waits.learn(PERIOD, 100 * 1000, 100)
    assert min(lengths(slept, waits, 61)) >= 500


def test_a_frame_of_one_sample_keeps_the_rate_too(slept):
    waits = Waits()
    elapsed = []
    for _ in range(2000):
        elapsed.append(sum(lengths(slept, waits, 1, since=60)) + 60 + 80)
        waits.learn(PERIOD, elapsed[-1], 1)
    assert sum(elapsed[1000:]) / 1000 == pytest.approx(PERIOD, rel=0.05)
    assert min(lengths(slept, waits, 61)[1:]) > 150


def test_a_few_samples_teach_nothing(slept):
    waits = Waits()
    waits.learn(PERIOD, 3 * 5000, 3)
    assert min(lengths(slept, waits, 61)) >= 500
