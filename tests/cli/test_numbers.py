"""Options that take a number: whatever is none that can be meant is refused in a sentence."""

import importlib

import click
import pytest

from gilscope.cli.main import COMMANDS, main
from gilscope.cli.numbers import Number, WholeNumber


def commands():
    return {name: importlib.import_module(f"gilscope.cli.{name}").command for name in COMMANDS}


NUMBERS = [
    (name, option.opts[-1])
    for name, command in commands().items()
    for option in command.params
    if isinstance(option.type, (Number, WholeNumber))
]


def test_durations_counts_and_the_options_of_sampling_are_such_numbers():
    for option in ("--duration", "--rate", "--hog", "--budget"):
        assert ("stat", option) in NUMBERS
    for option in ("--every", "--stack-rate"):
        assert ("probe", option) in NUMBERS
    for option in ("--seconds", "--timeout", "--tasks", "--workers", "--repeat"):
        assert ("compare", option) in NUMBERS


@pytest.mark.parametrize("word", ["nan", "inf", "-inf", "1e400", "abc", "", "-1"])
@pytest.mark.parametrize(("name", "option"), NUMBERS)
def test_what_is_no_finite_number_is_refused_before_anything_begins(name, option, word, capsys):
    assert main([name, option, word]) == 2
    first, second = capsys.readouterr().err.splitlines()
    assert first.startswith(f"gilscope: {option} takes a ")
    assert first.endswith(f", and not '{word}'")
    assert second == f"  its options and arguments: gilscope {name} --help"


@pytest.mark.parametrize(
    ("number", "word", "value"),
    [
        (Number("seconds", 0, above=True), "1e-3", 0.001),
        (Number("seconds", 0), "0", 0.0),
        (Number("percent", 0.1, 100), "100", 100.0),
        (WholeNumber("tasks", 1, 10), "10", 10),
    ],
)
def test_what_is_within_the_bounds_is_taken(number, word, value):
    assert number.convert(word, None, None) == value


@pytest.mark.parametrize(
    ("number", "word", "sentence"),
    [
        (Number("seconds", 0, above=True), "0", "takes a number of seconds, above 0, and not '0'"),
        (Number("seconds", 0), "-1", "takes a number of seconds, of 0 or more, and not '-1'"),
        (Number("percent", 0.1, 100), "101", "percent, from 0.1 to 100, and not '101'"),
        (WholeNumber("tasks", 1, 10), "1.5", "a whole number of tasks, from 1 to 10, and not"),
        (Number("seconds", 0), "9" * 400, f"and not '{'9' * 39}…'"),
    ],
)
def test_the_sentence_tells_the_bounds_and_what_was_given(number, word, sentence):
    with pytest.raises(click.UsageError) as refusal:
        number.convert(word, None, None)
    assert sentence in refusal.value.message
