"""A watched process that ends, or becomes another program."""

import itertools
import os
import subprocess

import pytest

from gilscope.model.events import (
    KERNEL,
    NO_FIDELITY,
    PYSPY,
    Gone,
    Process,
)
from gilscope.probe import kernel
from gilscope.probe.find import (
    NotPermitted,
    NotPython,
    NotReadable,
    find_interpreter,
)
from gilscope.probe.watched import (
    LOOK_AGAIN,
    TRY_AGAIN,
    Watched,
    Wishes,
)
from tests.probe.live import leaderless
from tests.probe.watching import finding, taken, until


@pytest.mark.parametrize("error", [ProcessLookupError(), NotPython()])
def test_a_process_that_ends_while_it_is_looked_at_is_gone(attend, sleeper, error):
    def find(_):
        sleeper.kill()
        os.waitid(os.P_PID, sleeper.pid, os.WEXITED | os.WNOWAIT)
        raise error

    watched = attend(sleeper.pid, find=find)
    assert watched.gone
    (gone,) = taken(watched, Gone)
    assert gone.how == "exited"


def test_a_child_that_has_ended_and_waits_for_its_parent_is_not_followed(sleeper):
    sleeper.kill()
    os.waitid(os.P_PID, sleeper.pid, os.WEXITED | os.WNOWAIT)
    with pytest.raises(ProcessLookupError):
        Watched(sleeper.pid, 0, followed=True, wishes=Wishes())


def test_a_process_that_ends_is_gone(attend, sleeper):
    watched = attend(sleeper.pid)
    watched.sample(1000)
    watched.end_frame(1000, 0)
    sleeper.kill()
    sleeper.wait()
    watched.sample(2000)
    watched.end_frame(2000, 1000)
    assert watched.gone
    gone = taken(watched, Gone)
    assert [event.how for event in gone if event.tid is None] == ["exited"]
    watched.sample(3000)
    assert not taken(watched, Gone)


@pytest.mark.e2e
@pytest.mark.parametrize("followed", [False, True])
def test_a_process_whose_main_thread_has_ended_is_watched_until_all_have(attend, followed):
    with leaderless() as process:
        watched = attend(process.pid, followed=followed)
        (about,) = taken(watched, Process)
        assert about.fidelity == KERNEL
        moments = itertools.count(1000, 1000)

        def another_thread_holds_the_gil():
            watched.sample(now := next(moments))
            return watched.end_frame(now, now - 1000).gils[0].holder not in (None, process.pid)

        until(another_thread_holds_the_gil)
        process.kill()
        process.wait()
        watched.sample(now := next(moments))
        watched.end_frame(now, now - 1000)
        assert [event.how for event in taken(watched, Gone) if event.tid is None] == ["exited"]


@pytest.mark.e2e
def test_the_memory_of_a_process_whose_main_thread_has_ended_is_read_for_py_spy_too(attend):
    with leaderless() as process:
        watched = attend(process.pid, fidelity=PYSPY)
        (about,) = taken(watched, Process)
        assert about.fidelity == PYSPY
        assert watched.end_frame(1000, 0) is not None


def test_a_process_whose_new_program_may_not_be_read_is_not_taken_for_ending(attend, monkeypatch):
    with subprocess.Popen(["sleep", "1000"]) as child:
        watched = attend(child.pid, find=finding(NotPython("no"), NotPermitted()))
        watched.sample(1000)
        watched.end_frame(100_000, 0)
        assert taken(watched, Process)
        with monkeypatch.context() as patch:
            patch.setattr(kernel, "program", lambda pid: None)
            watched.end_frame(200_000, 100_000)
            watched.sample(300_000)
            assert [gone.how for gone in taken(watched, Gone) if gone.tid is None] == ["lost"]
        child.kill()


def test_a_process_that_becomes_another_program_is_introduced_again(attend):
    with subprocess.Popen(
        ["sh", "-c", "read line; exec sleep 1000"], stdin=subprocess.PIPE
    ) as child:
        try:
            watched = attend(child.pid)
            (about,) = taken(watched, Process)
            assert about.command[0] == "sh"
            watched.sample(1000)
            watched.end_frame(1000, 0)
            before = os.readlink(f"/proc/{child.pid}/exe")
            child.stdin.close()
            until(lambda: os.readlink(f"/proc/{child.pid}/exe") != before)
            now = 1000
            while watched.target is not None:
                now += 1000
                watched.sample(now)
                watched.end_frame(now, now - 1000)
                assert now < 10**6
            watched.sample(now + TRY_AGAIN)
            events = taken(watched)
            assert [e.tid for e in events if isinstance(e, Gone)] == [child.pid]
            (about,) = [e for e in events if isinstance(e, Process)]
            assert about.command == ("sleep", "1000")
            assert not watched.gone
        finally:
            child.kill()


def test_a_process_that_has_no_memory_any_more_is_no_other_program(attend, monkeypatch):
    with subprocess.Popen(["sleep", "1000"]) as child:
        watched = attend(child.pid, find=finding(NotPython("no")))
        watched.sample(1000)
        watched.end_frame(100_000, 0)
        assert taken(watched, Process)
        with monkeypatch.context() as patch:
            # So it is while its memory is let go of, which may take long.
            patch.setattr(kernel, "program", lambda pid: None)
            patch.setattr(kernel, "has_let_go", lambda pid: True)
            watched.end_frame(200_000, 100_000)
            watched.sample(300_000)
            assert taken(watched) == []
        child.kill()
    watched.sample(400_000)
    assert [gone.how for gone in taken(watched, Gone)] == ["exited"]


def test_a_program_that_loads_python_late_is_looked_at_again(attend):
    find = finding(NotPython(), NotPython(), lambda: find_interpreter(os.getpid()))
    watched = attend(os.getpid(), find=find)
    (first,) = taken(watched, Process)
    assert first.fidelity == NO_FIDELITY
    for now in (LOOK_AGAIN, 2 * LOOK_AGAIN):
        watched.sample(now)
        watched.end_frame(now, now - 1000)
    (second,) = taken(watched, Process)
    assert second.fidelity == KERNEL


def test_a_process_that_ends_while_py_spy_is_turned_to_has_ended(attend, sleeper):
    def find(pid):
        sleeper.kill()
        sleeper.wait()
        raise NotReadable("a free-threaded build", gil=False)

    watched = attend(sleeper.pid, find=find)
    assert watched.gone
    assert [event.how for event in taken(watched, Gone)] == ["exited"]
