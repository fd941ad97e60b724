"""Asking py-spy, played by a script that does what py-spy does or might do."""

import contextlib
import os
import stat
import time

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gilscope.probe.stacks import (
    BUDGET,
    FIRST_BUDGET,
    TIMEOUT,
    PySpyFailed,
    Stacks,
    find_py_spy,
    read_dump,
)
from tests.probe.captured import captured

DEADLINE = 10.0
ONE = (
    '[{"thread_id":7,"thread_name":"t","os_thread_id":9,"active":true,"owns_gil":true,"frames":[]}]'
)


@pytest.fixture
def playing(tmp_path):
    """Return a function that starts Stacks with a script in the place of py-spy."""
    started = []

    def play(script, rate=1e6):
        path = tmp_path / f"py-spy-{len(started)}"
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
        started.append(Stacks(str(path), rate))
        return started[-1]

    yield play
    for stacks in started:
        stacks.close()


def answer(stacks, new=(42,), known=(), now=1):
    """Start a dump and return what came of it."""
    assert stacks.poll(now, new, known) is None
    assert stacks.child is not None
    deadline = time.monotonic() + DEADLINE
    while (told := stacks.poll(now, (), ())) is None:
        assert time.monotonic() < deadline
        time.sleep(0.001)
    assert stacks.child is None
    return told


def test_an_answer_is_read(playing):
    pid, dump = answer(playing(f"echo '{ONE}'"))
    assert pid == 42
    (thread,) = dump
    assert (thread.thread_id, thread.thread_name, thread.os_thread_id) == (7, "t", 9)


def test_py_spy_is_told_not_to_stop_the_process(playing, tmp_path):
    answer(playing(f"echo \"$@\" > {tmp_path}/told; echo '[]'"), new=[4242])
    words = (tmp_path / "told").read_text().split()
    assert {"dump", "--nonblocking", "--json"} <= set(words)
    assert words[-2:] == ["--pid", "4242"]


def test_what_py_spy_says_went_wrong_is_passed_on(playing):
    told = answer(playing("echo >&2; echo 'Error: Permission denied' >&2; echo more >&2; exit 1"))
    assert told[0] == 42
    assert isinstance(told[1], PySpyFailed)
    assert str(told[1]) == "Permission denied"


def test_a_failure_without_a_word_is_a_failure(playing):
    assert str(answer(playing("exit 3"))[1]) == "py-spy failed"


def test_py_spy_that_is_killed_has_failed(playing):
    assert isinstance(answer(playing("kill -9 $$"))[1], PySpyFailed)


@pytest.mark.parametrize(
    "garbage", ["", "nonsense", "{}", "[1]", "\\377\\376", '[{"thread_id":1}]']
)
def test_an_answer_that_makes_no_sense_is_a_failure(playing, garbage):
    told = answer(playing(f"printf '{garbage}'"))[1]
    assert isinstance(told, PySpyFailed)
    assert "cannot be read" in str(told)


def test_an_answer_without_end_is_cut_off(playing):
    told = answer(playing("exec cat /dev/zero"))[1]
    assert isinstance(told, PySpyFailed)


def test_complaints_without_end_are_cut_off(playing):
    told = answer(playing("exec cat /dev/zero >&2"))[1]
    assert isinstance(told, PySpyFailed)
    assert len(str(told)) < 1000


def test_py_spy_that_hangs_is_given_up(playing):
    stacks = playing("exec sleep 1000")
    assert stacks.poll(1, [42], []) is None
    child = stacks.child
    assert stacks.poll(TIMEOUT, [42], []) is None
    pid, told = stacks.poll(TIMEOUT + 2, [42], [])
    assert (pid, str(told)) == (42, "py-spy gave no answer in 5 s")
    assert not os.path.exists(f"/proc/{child}")
    assert stacks.child is None


def test_py_spy_that_cannot_be_started_has_failed(tmp_path):
    pid, told = Stacks(str(tmp_path / "nothing"), 1.0).poll(1, [42], [])
    assert pid == 42
    assert "cannot be started" in str(told)


@pytest.mark.parametrize(("path", "rate"), [(None, 2.0), ("/bin/true", 0.0), ("/bin/true", -1.0)])
def test_nothing_is_started_without_py_spy_or_at_no_rate(path, rate):
    stacks = Stacks(path, rate)
    assert stacks.poll(10**9, [42], [43]) is None
    assert stacks.child is None
    stacks.close()


def test_a_dump_in_progress_is_ended_with_the_probe(playing):
    stacks = playing("exec sleep 1000")
    stacks.poll(1, [42], [])
    child = stacks.child
    stacks.close()
    assert not os.path.exists(f"/proc/{child}")
    stacks.close()


def test_new_processes_come_first_and_the_others_take_turns(playing):
    stacks = playing("echo '[]'")
    now = 0
    turns = []
    for new in [[1], [2], [], [], [], []]:
        now += 10**9
        turns.append(answer(stacks, new, [5, 6], now)[0])
    assert turns[:2] == [1, 2]
    assert sorted(turns[2:]) == [5, 5, 6, 6]
    assert turns[2] != turns[3]


def test_dumps_are_spaced_by_their_rate_and_by_what_they_cost(playing):
    stacks = playing("i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; echo '[]'", rate=2.0)
    now = 10**9
    answer(stacks, [], [5], now)
    cost = stacks.spent
    assert cost > 0
    assert stacks.poll(now + 499_999, [], [5]) is None
    assert stacks.child is None
    wait = max(500_000, round(cost / BUDGET))
    assert stacks.poll(now + wait - 2, [], [5]) is None
    assert stacks.child is None
    first = round(cost / FIRST_BUDGET)
    assert stacks.poll(now + first - 2, [6], []) is None
    assert stacks.child is None
    assert stacks.poll(now + wait + 2, [], [5]) is None
    assert stacks.child is not None


@pytest.mark.parametrize("version", ["3.10", "3.12"])
def test_what_py_spy_printed_is_read(version):
    threads = read_dump(captured(f"py-spy-{version}.json").encode())
    names = {thread.thread_name for thread in threads}
    assert {"cpu-1", "cpu-2", "zlib", "reader", "locked", "nap", "MainThread"} <= names
    assert sum(thread.owns_gil for thread in threads) <= 1
    # Before 3.11 py-spy cannot tell the kernel's id without stopping the process.
    assert all((thread.os_thread_id is None) == (version == "3.10") for thread in threads)
    assert any(call.name == "cpu" for thread in threads for call in thread.frames)


@given(st.binary(max_size=200))
def test_any_answer_is_read_or_a_failure(answer):
    with contextlib.suppress(PySpyFailed):
        read_dump(answer)


values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=3), inner)
    ),
    max_leaves=5,
)
thread = st.fixed_dictionaries(
    {"thread_id": values, "active": values, "owns_gil": values, "frames": values},
    optional={"thread_name": values, "os_thread_id": values, "pid": values},
)


@given(st.lists(thread, max_size=3))
def test_an_answer_with_fields_of_other_kinds_is_read_or_a_failure(threads):
    with contextlib.suppress(PySpyFailed, OverflowError):
        read_dump(msgspec.json.encode(threads))


def test_an_answer_nested_without_end_is_a_failure():
    with pytest.raises(PySpyFailed):
        read_dump(b'[{"x":' + b"[" * 100_000)


def test_an_answer_cut_off_anywhere_is_a_failure():
    whole = captured("py-spy-3.12.json").rstrip().encode()
    for length in range(0, len(whole), 97):
        with pytest.raises(PySpyFailed):
            read_dump(whole[:length])


def test_py_spy_is_found_beside_this_interpreter():
    assert find_py_spy() is not None
