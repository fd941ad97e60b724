"""A watched process from its first moment to its last, whatever it turns out to be."""

import itertools
import os
import subprocess
import time

import pytest

from gilscope.model.events import (
    KERNEL,
    NO_FIDELITY,
    PYSPY,
    Gone,
    Note,
    Process,
    Stacks,
    Thread,
    encode,
)
from gilscope.probe import kernel
from gilscope.probe.fallback import PySpyProcess
from gilscope.probe.find import (
    NotPermitted,
    NotPython,
    NotReadable,
    NotReady,
    find_interpreter,
)
from gilscope.probe.layouts import PTHREAD_TID
from gilscope.probe.naming import NAMES_AGAIN, PATIENCE, TRIES
from gilscope.probe.stacks import DumpedCall, DumpedThread, PySpyFailed, read_dump
from gilscope.probe.watched import (
    GIVE_UP,
    LOOK_AGAIN,
    TRY_AGAIN,
    Watched,
    Wishes,
)
from tests.probe.captured import captured
from tests.probe.constructed import PID, Constructed
from tests.probe.live import leaderless

DEADLINE = 10.0


def until(done):
    deadline = time.monotonic() + DEADLINE
    while not done():
        assert time.monotonic() < deadline
        time.sleep(0.002)


def finding(*answers):
    """Return a function that finds what it is told, the last for ever."""
    left = list(answers)

    def find(_):
        answer = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(answer, Exception):
            raise answer
        return answer() if callable(answer) else answer

    return find


@pytest.fixture
def watch():
    """Return a function that begins to watch; what it opened is closed afterwards."""
    watching = []

    def begin(pid, now=0, *, followed=False, fidelity=None, find=find_interpreter):
        watching.append(Watched(pid, now, followed=followed, wishes=Wishes(fidelity), find=find))
        return watching[-1]

    yield begin
    for one in watching:
        one.close()


def taken(watched, kind=object):
    return [event for event in watched.take_events() if isinstance(event, kind)]


def test_this_process_is_watched_at_kernel_fidelity(watch):
    watched = watch(os.getpid())
    (about,) = taken(watched)
    assert (about.fidelity, about.implementation, about.gil) == (KERNEL, "cpython", True)
    assert about.reason is None
    for now in range(1000, 10_000, 1000):
        watched.sample(now)
    piece = watched.end_frame(10_000, 0)
    assert piece.samples == 9
    assert os.getpid() in {event.tid for event in taken(watched, Thread)}


def test_a_program_without_an_interpreter_is_watched_without_a_gil(watch, sleeper):
    watched = watch(sleeper.pid)
    (about,) = taken(watched)
    assert (about.fidelity, about.gil, about.implementation) == (NO_FIDELITY, None, None)
    assert "no CPython" in about.reason
    assert not watched.wants_dump


def test_a_process_that_is_not_there_is_a_lookup_error():
    with pytest.raises(ProcessLookupError):
        Watched(1 << 22, 0, followed=False, wishes=Wishes())


def test_an_interpreter_that_is_starting_up_is_looked_at_again(watch, sleeper):
    ready = finding(NotReady("not yet"), lambda: find_interpreter(os.getpid()))
    watched = watch(sleeper.pid, find=ready)
    (about,) = taken(watched)
    assert (about.fidelity, about.reason) == (NO_FIDELITY, "its interpreter is starting up")
    watched.sample(TRY_AGAIN - 1)
    assert watched.target is None
    assert watched.end_frame(TRY_AGAIN - 1, 0) is None
    watched.sample(TRY_AGAIN)
    assert watched.target is not None
    (about,) = taken(watched, Process)
    assert about.fidelity == KERNEL


def test_an_interpreter_that_never_gets_ready_is_left_to_py_spy(watch, sleeper):
    watched = watch(sleeper.pid, find=finding(NotReady("it never started")))
    taken(watched)
    for now in range(0, GIVE_UP + 2 * TRY_AGAIN, TRY_AGAIN):
        watched.sample(now)
    (about,) = taken(watched, Process)
    assert (about.fidelity, about.reason) == (PYSPY, "it never started")


def test_an_interpreter_that_cannot_be_read_is_left_to_py_spy(watch):
    why = NotReadable("CPython 3.7.1 keeps no GIL that can be read", "3.7.1", "use a newer one")
    watched = watch(os.getpid(), find=finding(why))
    (about,) = taken(watched)
    assert (about.fidelity, about.python) == (PYSPY, "3.7.1")
    assert (about.reason, about.fix) == (str(why), "use a newer one")
    assert watched.wants_dump


def test_py_spy_alone_can_be_asked_for(watch):
    watched = watch(os.getpid(), fidelity=PYSPY)
    (about,) = taken(watched)
    assert (about.fidelity, about.fix) == (PYSPY, "leave out --fidelity")


@pytest.mark.parametrize("error", [NotPermitted(), PermissionError(1, "no")])
def test_a_process_that_may_not_be_read_is_lost_with_what_to_do(watch, error):
    watched = watch(os.getpid(), find=finding(error))
    events = taken(watched)
    assert watched.gone
    assert isinstance(events[0], Process)
    (gone,) = [event for event in events if isinstance(event, Gone)]
    assert (gone.how, gone.tid) == ("lost", None)
    (note,) = [event for event in events if isinstance(event, Note)]
    assert note.level == "error"
    assert "doctor" in note.fix


def test_any_other_error_of_the_system_loses_this_process_alone(watch):
    watched = watch(os.getpid(), find=finding(OSError(24, "Too many open files")))
    assert watched.gone
    (gone,) = taken(watched, Gone)
    assert "Too many open files" in gone.text


@pytest.mark.parametrize("error", [ProcessLookupError(), NotPython()])
def test_a_process_that_ends_while_it_is_looked_at_is_gone(watch, sleeper, error):
    def find(_):
        sleeper.kill()
        os.waitid(os.P_PID, sleeper.pid, os.WEXITED | os.WNOWAIT)
        raise error

    watched = watch(sleeper.pid, find=find)
    assert watched.gone
    (gone,) = taken(watched, Gone)
    assert gone.how == "exited"


def test_a_child_that_has_ended_and_waits_for_its_parent_is_not_followed(sleeper):
    sleeper.kill()
    os.waitid(os.P_PID, sleeper.pid, os.WEXITED | os.WNOWAIT)
    with pytest.raises(ProcessLookupError):
        Watched(sleeper.pid, 0, followed=True, wishes=Wishes())


def test_a_process_that_ends_is_gone(watch, sleeper):
    watched = watch(sleeper.pid)
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
def test_a_process_whose_main_thread_has_ended_is_watched_until_all_have(watch, followed):
    with leaderless() as process:
        watched = watch(process.pid, followed=followed)
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
def test_the_memory_of_a_process_whose_main_thread_has_ended_is_read_for_py_spy_too(watch):
    with leaderless() as process:
        watched = watch(process.pid, fidelity=PYSPY)
        (about,) = taken(watched, Process)
        assert about.fidelity == PYSPY
        assert watched.end_frame(1000, 0) is not None


def test_a_process_whose_new_program_may_not_be_read_is_not_taken_for_ending(watch, monkeypatch):
    with subprocess.Popen(["sleep", "1000"]) as child:
        watched = watch(child.pid, find=finding(NotPython("no"), NotPermitted()))
        watched.sample(1000)
        watched.end_frame(100_000, 0)
        assert taken(watched, Process)
        with monkeypatch.context() as patch:
            patch.setattr(kernel, "program", lambda pid: None)
            watched.end_frame(200_000, 100_000)
            watched.sample(300_000)
            assert [gone.how for gone in taken(watched, Gone) if gone.tid is None] == ["lost"]
        child.kill()


def test_a_process_that_becomes_another_program_is_introduced_again(watch):
    with subprocess.Popen(
        ["sh", "-c", "read line; exec sleep 1000"], stdin=subprocess.PIPE
    ) as child:
        try:
            watched = watch(child.pid)
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


CALL = DumpedCall("work", "/srv/app.py", 7)


def test_a_process_that_has_no_memory_any_more_is_no_other_program(watch, monkeypatch):
    with subprocess.Popen(["sleep", "1000"]) as child:
        watched = watch(child.pid, find=finding(NotPython("no")))
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


def test_where_frames_are_not_known_names_and_stacks_come_from_py_spy(watch, monkeypatch):
    monkeypatch.setattr("gilscope.probe.watched.witness_of", lambda _: None)
    watched = watch(os.getpid())
    watched.sample(1000)
    watched.end_frame(1000, 0)
    taken(watched)
    assert watched.wants_dump
    name = "a\n\x1b[31m" + "\N{SNAKE}" * 1000
    told = DumpedThread(1, True, True, [CALL], name, os.getpid())
    watched.take([told, DumpedThread(2, True, False, [], "nobody", 1 << 21)], 2000)
    events = taken(watched)
    (thread,) = [event for event in events if isinstance(event, Thread)]
    assert (thread.tid, thread.name, thread.native) == (os.getpid(), name, False)
    (stacks,) = [event for event in events if isinstance(event, Stacks)]
    assert [(stack.tid, stack.calls[0].line) for stack in stacks.stacks] == [(os.getpid(), 7)]
    assert all(encode(event) for event in events)


def test_py_spy_is_asked_for_the_names_of_threads_and_for_nothing_else(watch):
    watched = watch(os.getpid())
    watched.sample(1000)
    watched.end_frame(1000, 0)
    taken(watched)
    assert watched.wants_dump
    watched.take([DumpedThread(1, True, True, [CALL], "Main", os.getpid())], 2000)
    assert not any(isinstance(event, Stacks) for event in taken(watched))
    watched.end_frame(2000, 1000)
    assert not watched.wants_dump
    watched.end_frame(2000 + NAMES_AGAIN, 2000)
    watched.busy = True
    assert watched.wants_dump  # It may have been given another name since.


def test_a_thread_that_py_spy_leaves_out_is_not_asked_for_for_ever(watch):
    watched = watch(os.getpid())
    watched.end_frame(1000, 0)
    for _ in range(TRIES):
        assert watched.wants_dump
        watched.take([], 2000)
    assert not watched.wants_dump


def test_a_process_that_py_spy_cannot_read_is_asked_for_again_a_while_later(watch):
    watched = watch(os.getpid())
    watched.busy = False  # As the sampler notes when a dump begins.
    watched.take(PySpyFailed("no"), 1000)
    assert not watched.wants_dump
    watched.end_frame(1000 + PATIENCE, 1000)
    assert watched.wants_dump
    watched.take(PySpyFailed("no"), 1000 + PATIENCE)
    watched.end_frame(1000 + 2 * PATIENCE, 1000)
    assert not watched.wants_dump  # It takes twice as long each time.
    watched.end_frame(1000 + 3 * PATIENCE, 1000)
    assert watched.wants_dump


def test_what_py_spy_says_before_there_is_anything_to_sample_is_left_aside(watch, sleeper):
    watched = watch(sleeper.pid, find=finding(NotReady("not yet")))
    taken(watched)
    watched.take([DumpedThread(1, True, True, [CALL], "late", os.getpid())], 1000)
    assert taken(watched) == []


def letters(piece):
    return {thread.tid: thread.runs for thread in piece.threads}


def test_py_spy_alone_tells_holds_and_leaves_the_rest_unknown_also_who_is_active(tmp_path):
    files = Constructed(tmp_path)
    process = PySpyProcess(PID, proc=str(files.proc))
    dump = [
        DumpedThread(1, True, True, [], "a", 11),
        DumpedThread(2, True, False, [], "b", 12),
        DumpedThread(3, False, False, [], "c", 13),
    ]
    process.take(dump, 1000)
    process.sample(1500)
    piece = process.end_frame(2000, 0)
    assert letters(piece) == {11: "H1000", 12: "?1000", 13: "?1000"}
    assert (piece.gils[0].held, piece.gils[0].holder, piece.samples) == (1000, 11, 1)
    process.take([DumpedThread(1, False, False, [], "a", 11), dump[1]], 3000)
    assert letters(process.end_frame(4000, 2000)) == {11: "H1000?1000", 12: "?2000"}
    assert [thread.tid for thread in process.dead] == [13]
    process.close()


def test_before_311_the_kernels_id_is_read_behind_the_pthread(tmp_path):
    files = Constructed(tmp_path)
    files.thread(PID)
    files.word(0x5000 + PTHREAD_TID[os.uname().machine], PID)
    process = PySpyProcess(PID, proc=str(files.proc))
    process.take([DumpedThread(0x5000, True, True, [], "a"), DumpedThread(5, True, True, [])], 0)
    assert process.threads.keys() == {PID}
    process.close()


@pytest.mark.parametrize("version", ["3.10", "3.12"])
def test_any_real_dump_is_taken(tmp_path, version):
    process = PySpyProcess(PID, proc=str(Constructed(tmp_path).proc))
    process.take(read_dump(captured(f"py-spy-{version}.json").encode()), 0)
    assert len(process.threads) == (11 if version == "3.12" else 0)
    process.close()


def test_a_program_that_loads_python_late_is_looked_at_again(watch):
    find = finding(NotPython(), NotPython(), lambda: find_interpreter(os.getpid()))
    watched = watch(os.getpid(), find=find)
    (first,) = taken(watched, Process)
    assert first.fidelity == NO_FIDELITY
    for now in (LOOK_AGAIN, 2 * LOOK_AGAIN):
        watched.sample(now)
        watched.end_frame(now, now - 1000)
    (second,) = taken(watched, Process)
    assert second.fidelity == KERNEL


def test_a_process_that_ends_while_py_spy_is_turned_to_has_ended(watch, sleeper):
    def find(pid):
        sleeper.kill()
        sleeper.wait()
        raise NotReadable("a free-threaded build", gil=False)

    watched = watch(sleeper.pid, find=find)
    assert watched.gone
    assert [event.how for event in taken(watched, Gone)] == ["exited"]


def test_a_free_threaded_build_is_said_to_have_no_gil(watch):
    find = finding(NotReadable("CPython 3.13.0 is a free-threaded build", "3.13.0", gil=False))
    (about,) = taken(watch(os.getpid(), find=find), Process)
    assert (about.fidelity, about.gil, about.python) == (PYSPY, False, "3.13.0")
