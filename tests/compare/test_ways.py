"""From words to modes."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gilscope.compare.ways import commands_of, modes_of, read_mode
from gilscope.errors import Misuse
from gilscope.model.comparison import KINDS, Mode


@pytest.mark.parametrize(
    ("word", "mode"),
    [
        ("threads", Mode("threads")),
        ("processes:spawn", Mode("processes", "spawn")),
        ("pool:forkserver", Mode("pool", "forkserver")),
        ("threads@/opt/python3.13t", Mode("threads", None, "/opt/python3.13t")),
        ("processes:fork@/opt/a@b", Mode("processes", "fork", "/opt/a@b")),
    ],
)
def test_a_mode_is_read(word, mode):
    assert read_mode(word) == mode


@pytest.mark.parametrize(
    ("word", "fix"),
    [
        ("thread", "threads"),
        ("", "a mode is one of"),
        ("threads:spawn", "leave the colon out"),
        ("processes:clone", "forkserver"),
        ("processes:", "forkserver"),
    ],
)
def test_a_word_that_is_no_mode_is_refused(word, fix):
    with pytest.raises(Misuse) as caught:
        read_mode(word)
    assert fix in caught.value.fix


@given(st.text())
def test_any_word_is_a_mode_or_is_refused(word):
    with suppress(Misuse):
        assert read_mode(word).kind in KINDS


def test_the_baseline_is_always_first():
    kinds = [mode.kind for mode in modes_of("threads,sequential,pool", (), coroutine=False)]
    assert kinds == ["sequential", "threads", "pool"]


def test_coroutines_are_run_by_asyncio_too():
    assert Mode("asyncio") in modes_of(None, (), coroutine=True)
    assert Mode("asyncio") not in modes_of(None, (), coroutine=False)


def test_all_are_all():
    assert tuple(mode.kind for mode in modes_of("all", (), coroutine=False)) == KINDS


def test_more_interpreters_run_every_mode_that_names_none():
    modes = modes_of("threads,pool@/opt/pypy", ("/opt/b",), coroutine=False)
    assert modes == (
        Mode("sequential"),
        Mode("threads"),
        Mode("pool", None, "/opt/pypy"),
        Mode("threads", None, "/opt/b"),
    )


def test_commands_stand_between_dashes():
    told = commands_of(["python", "a.py", "--", "python", "b.py", "-x"])
    assert told == (("python", "a.py"), ("python", "b.py", "-x"))


@pytest.mark.parametrize("words", [[], ["a"], ["a", "--"], ["--", "a"], ["a", "--", "--", "b"]])
def test_one_command_is_none_to_compare(words):
    with pytest.raises(Misuse):
        commands_of(words)
