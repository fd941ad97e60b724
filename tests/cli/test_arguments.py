import pytest
from hypothesis import given
from hypothesis import strategies as st

from gilscope.cli.arguments import read_pids, split_command
from gilscope.errors import Misuse


@given(st.lists(st.integers(1, 2**31 - 1)))
def test_numbers_are_process_ids_each_once(numbers):
    assert read_pids([str(number) for number in numbers]) == tuple(dict.fromkeys(numbers))


@given(st.text().filter(lambda word: not (word.isascii() and word.isdecimal())))
def test_any_other_word_is_refused(word):
    with pytest.raises(Misuse, match="is not a process id"):
        read_pids([word])


@pytest.mark.parametrize("word", ["0", "2147483648", "1" * 5000], ids=len)
def test_a_number_that_no_process_can_have_is_refused(word):
    with pytest.raises(Misuse):
        read_pids([word])


@pytest.mark.parametrize(
    ("arguments", "told", "command"),
    [
        ([], [], None),
        (["1", "-d", "2"], ["1", "-d", "2"], None),
        (["-d", "2", "--", "ls", "-l"], ["-d", "2"], ("ls", "-l")),
        (["--", "sh", "-c", "--", "x"], [], ("sh", "-c", "--", "x")),
        (["1", "--"], ["1"], ()),
    ],
)
def test_what_stands_behind_two_dashes_is_a_command(arguments, told, command):
    assert split_command(arguments) == (told, command)
