import pytest

from gilscope.analysis.verdicts.words import (
    clause,
    counted,
    exact_seconds,
    exact_times,
    joined,
    of_workers,
    percent,
    seconds,
    size,
    times,
)


@pytest.mark.parametrize(
    ("tell", "value", "told"),
    [
        (times, 1.96, "2.0x"),
        (times, 12.3, "12x"),
        (times, 0.953, "1.0x"),
        (times, 0.2, "0.20x"),
        (times, 0.0041, "0.0041x"),
        (exact_times, 0.976, "0.98x"),
        (exact_times, 0.004, "0.004x"),
        (seconds, 4.12, "4.1 s"),
        (seconds, 0.9997, "1.0 s"),
        (seconds, 0.12, "120 ms"),
        (seconds, 20e-6, "20 µs"),
        (seconds, 0, "0 s"),
        (seconds, 1e-9, "under 1 µs"),
        (exact_seconds, 4.05, "4.05 s"),
        (exact_seconds, 12.06, "12.06 s"),
        (exact_seconds, 0.5, "0.50 s"),
        (exact_seconds, 0.05, "50 ms"),
        (size, 8_000_000, "8.0 MB"),
        (size, 160_000_000, "160 MB"),
        (size, 120_400, "120 kB"),
        (size, 90, "90 bytes"),
        (percent, 0.974, "97%"),
        (percent, 0.001, "under 1%"),
        (percent, 0, "0%"),
        (joined, ["a"], "a"),
        (joined, ["a", "b", "c"], "a, b and c"),
        (clause, "The function raised.", "the function raised"),
        (clause, "Python 3.8 is too old.", "Python 3.8 is too old"),
        (clause, "ValueError: x", "ValueError: x"),
    ],
)
def test_figures_and_names_are_told_in_few_digits_and_words(tell, value, told):
    assert tell(value) == told


def test_one_thing_is_no_plural():
    assert [counted(number, "core") for number in (1, 2)] == ["1 core", "2 cores"]
    assert counted(18_972, "task") == "18,972 tasks"


@pytest.mark.parametrize(
    ("number", "workers", "whole", "told"),
    [
        (0.98, 2, 1.0, "1.0 of 2 workers was always"),
        (2.96, 4, 3.0, "3.0 of 4 workers were always"),
        (2.87, 4, 3.0, "on average 2.9 of 4 workers were"),
        (0.8, 2, 1.0, "on average 0.8 of 2 workers were"),
        (1.0, 3, 2.0, "on average 1.0 of 3 workers was"),
    ],
)
def test_always_is_said_only_of_as_many_as_there_can_be(number, workers, whole, told):
    assert of_workers(number, workers, whole) == told
