"""Lengths counted in bounded memory."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gilscope.model.histogram import Histogram


def histogram_of(lengths):
    histogram = Histogram()
    for length in lengths:
        histogram.add(length)
    return histogram


LENGTHS = st.lists(st.integers(0, 10**12), min_size=1, max_size=50)


@settings(deadline=None)
@given(LENGTHS, st.floats(0, 100))
def test_a_percentile_is_that_of_nearest_rank_to_within_two_percent(lengths, percent):
    ordered = sorted(lengths)
    exact = next(
        length for rank, length in enumerate(ordered, 1) if rank >= len(ordered) * percent / 100
    )
    assert histogram_of(lengths).percentile(percent) == pytest.approx(exact, rel=0.02)


@settings(deadline=None)
@given(LENGTHS, LENGTHS)
def test_two_merged_are_one_of_both(one, other):
    both, whole = histogram_of(one), histogram_of(one + other)
    both.merge(histogram_of(other))
    assert (both.count, both.longest) == (whole.count, whole.longest)
    assert [both.percentile(p) for p in (1, 50, 99)] == [whole.percentile(p) for p in (1, 50, 99)]


def test_short_lengths_and_the_longest_are_exact():
    assert [histogram_of([length]).percentile(50) for length in range(64)] == list(range(64))
    assert histogram_of([1, 123_456_789]).longest == 123_456_789
    assert histogram_of([1, 123_456_789]).percentile(100) == 123_456_789


def test_a_percentile_among_those_that_are_not_known_is_not_known():
    histogram = histogram_of([10, 20])
    assert histogram.percentile(50, unseen=2) is None
    assert histogram.percentile(75, unseen=2) == 10
    assert histogram.percentile(99, unseen=2) == 20
    assert Histogram().percentile(50) is None


def test_those_below_a_limit_are_counted():
    assert histogram_of([10, 20, 30, 5000]).shorter_than(30) == 2
    assert histogram_of([10, 20, 30, 5000]).shorter_than(9000) == 4


def test_a_million_lengths_need_few_buckets():
    histogram = histogram_of(range(0, 10_000_000, 10))
    assert len(histogram._buckets) < 1000
