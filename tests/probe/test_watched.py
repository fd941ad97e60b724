"""A watched process from its first moment to its last, whatever it turns out to be."""

import os

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
from gilscope.probe.fallback import PySpyProcess
from gilscope.probe.find import (
    NotPermitted,
    NotReadable,
    NotReady,
    find_interpreter,
)
from gilscope.probe.layouts import PTHREAD_TID
from gilscope.probe.naming import NAMES_AGAIN, PATIENCE, TRIES
from gilscope.probe.stacks import DumpedCall, DumpedThread, PySpyFailed, read_dump
from gilscope.probe.watched import (
    GIVE_UP,
    TRY_AGAIN,
    Watched,
    Wishes,
)
from tests.probe.captured import captured
from tests.probe.constructed import PID, Constructed
from tests.probe.watching import finding, taken


def test_this_process_is_watched_at_kernel_fidelity(attend):
    watched = attend(os.getpid())
    (about,) = taken(watched)
    assert (about.fidelity, about.implementation, about.gil) == (KERNEL, "cpython", True)
    assert about.reason is None
    for now in range(1000, 10_000, 1000):
        watched.sample(now)
    piece = watched.end_frame(10_000, 0)
    assert piece.samples == 9
    assert os.getpid() in {event.tid for event in taken(watched, Thread)}


def test_a_program_without_an_interpreter_is_watched_without_a_gil(attend, sleeper):
    watched = attend(sleeper.pid)
    (about,) = taken(watched)
    assert (about.fidelity, about.gil, about.implementation) == (NO_FIDELITY, None, None)
    assert "no CPython" in about.reason
    assert not watched.wants_dump


def test_a_process_that_is_not_there_is_a_lookup_error():
    with pytest.raises(ProcessLookupError):
        Watched(1 << 22, 0, followed=False, wishes=Wishes())


def test_an_interpreter_that_is_starting_up_is_looked_at_again(attend, sleeper):
    ready = finding(NotReady("not yet"), lambda: find_interpreter(os.getpid()))
    watched = attend(sleeper.pid, find=ready)
    (about,) = taken(watched)
    assert (about.fidelity, about.reason) == (NO_FIDELITY, "its interpreter is starting up")
    watched.sample(TRY_AGAIN - 1)
    assert watched.target is None
    assert watched.end_frame(TRY_AGAIN - 1, 0) is None
    watched.sample(TRY_AGAIN)
    assert watched.target is not None
    (about,) = taken(watched, Process)
    assert about.fidelity == KERNEL


def test_an_interpreter_that_never_gets_ready_is_left_to_py_spy(attend, sleeper):
    watched = attend(sleeper.pid, find=finding(NotReady("it never started")))
    taken(watched)
    for now in range(0, GIVE_UP + 2 * TRY_AGAIN, TRY_AGAIN):
        watched.sample(now)
    (about,) = taken(watched, Process)
    assert (about.fidelity, about.reason) == (PYSPY, "it never started")


def test_an_interpreter_that_cannot_be_read_is_left_to_py_spy(attend):
    why = NotReadable("CPython 3.7.1 keeps no GIL that can be read", "3.7.1", "use a newer one")
    watched = attend(os.getpid(), find=finding(why))
    (about,) = taken(watched)
    assert (about.fidelity, about.python) == (PYSPY, "3.7.1")
    assert (about.reason, about.fix) == (str(why), "use a newer one")
    assert watched.wants_dump


def test_py_spy_alone_can_be_asked_for(attend):
    watched = attend(os.getpid(), fidelity=PYSPY)
    (about,) = taken(watched)
    assert (about.fidelity, about.fix) == (PYSPY, "leave out --fidelity")


@pytest.mark.parametrize("error", [NotPermitted(), PermissionError(1, "no")])
def test_a_process_that_may_not_be_read_is_lost_with_what_to_do(attend, error):
    watched = attend(os.getpid(), find=finding(error))
    events = taken(watched)
    assert watched.gone
    assert isinstance(events[0], Process)
    (gone,) = [event for event in events if isinstance(event, Gone)]
    assert (gone.how, gone.tid) == ("lost", None)
    (note,) = [event for event in events if isinstance(event, Note)]
    assert note.level == "error"
    assert "doctor" in note.fix


def test_any_other_error_of_the_system_loses_this_process_alone(attend):
    watched = attend(os.getpid(), find=finding(OSError(24, "Too many open files")))
    assert watched.gone
    (gone,) = taken(watched, Gone)
    assert "Too many open files" in gone.text


CALL = DumpedCall("work", "/srv/app.py", 7)


def test_where_frames_are_not_known_names_and_stacks_come_from_py_spy(attend, monkeypatch):
    monkeypatch.setattr("gilscope.probe.watched.witness_of", lambda _: None)
    watched = attend(os.getpid())
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


def test_py_spy_is_asked_for_the_names_of_threads_and_for_nothing_else(attend):
    watched = attend(os.getpid())
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


def test_a_thread_that_py_spy_leaves_out_is_not_asked_for_for_ever(attend):
    watched = attend(os.getpid())
    watched.end_frame(1000, 0)
    for _ in range(TRIES):
        assert watched.wants_dump
        watched.take([], 2000)
    assert not watched.wants_dump


def test_a_process_that_py_spy_cannot_read_is_asked_for_again_a_while_later(attend):
    watched = attend(os.getpid())
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


def test_what_py_spy_says_before_there_is_anything_to_sample_is_left_aside(attend, sleeper):
    watched = attend(sleeper.pid, find=finding(NotReady("not yet")))
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


def test_a_free_threaded_build_is_said_to_have_no_gil(attend):
    find = finding(NotReadable("CPython 3.13.0 is a free-threaded build", "3.13.0", gil=False))
    (about,) = taken(attend(os.getpid(), find=find), Process)
    assert (about.fidelity, about.gil, about.python) == (PYSPY, False, "3.13.0")
