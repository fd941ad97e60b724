"""The summary: what it says beyond the contract's first version (test_summary.py)."""

import pytest

from gilscope.analysis.summarise import summarise
from gilscope.analysis.summary import BLAMED
from gilscope.model.events import (
    PYSPY,
    Call,
    Code,
    Frame,
    Gone,
    Hog,
    Process,
    ProcessSlice,
    SamplerSlice,
    Thread,
    ThreadSlice,
)
from gilscope.model.session import Session
from tests.analysis.constructed import PARSE, PID, SPAN, WORK, a_gil, a_session, feed


def the_process(session):
    (process,) = summarise(session).processes
    return process


def test_hogs_are_those_of_the_stream_with_where_they_were():
    session = a_session()
    feed(session, {1: "H100000"}, a_gil((1, 7, SPAN)))
    session.apply(Hog(80_000, PID, 1, 10_000, 64_000, 99_000, (WORK, PARSE), 51_000, True))
    session.apply(Hog(100_000, PID, 2, 40_000, 50_000))
    process = the_process(session)
    assert (process.gil.hogs, process.gil.hog_ms) == (2, 50.0)
    over, going_on = process.hogs
    assert (over.tid, over.thread, over.at, over.length_ms) == (1, "worker-1", 0.01, 64.0)
    assert (over.waited_ms, over.ended) == (99.0, True)
    assert (over.where, over.stack[1]) == ("work (app.py:10)", "parse (app.py:40)")
    assert (going_on.ended, going_on.where, going_on.stack) == (False, None, [])


def test_samples_far_apart_tell_no_hogs():
    session = a_session()
    feed(session, {1: "H100000"}, a_gil((1, 7, SPAN)), samples=7)
    assert the_process(session).gil.hogs is None


def test_functions_are_told_with_their_threads():
    session = a_session()
    feed(session, {}, a_gil((1, 7, 60_000), (2, None, 30_000), (2, 7, 10_000)))
    for functions in (the_process(session).functions, summarise(session).functions):
        work, unknown = functions
        assert (work.name, work.file, work.line) == ("work", "/srv/app.py", 10)
        assert (work.where, work.held_ms, work.share) == ("work (app.py:10)", 70.0, 0.7)
        assert work.threads == [1, 2]
        assert (unknown.name, unknown.where, unknown.held_ms) == (None, None, 30.0)


def test_who_kept_a_thread_waiting_is_told_by_thread_and_by_function():
    session = a_session()
    feed(session, {1: "W100000"}, a_gil((2, 7, 40_000), (3, 7, 30_000), (None, None, 30_000)))
    worker, *_ = the_process(session).threads
    assert [(each.tid, each.thread, each.share) for each in worker.blame] == [
        (2, "worker-2", 0.4),
        (3, "worker-3", 0.3),
        (None, None, 0.3),
    ]
    (work,) = worker.blame_functions
    assert (work.where, work.waited_ms, work.share, work.threads) == (
        "work (app.py:10)",
        70.0,
        0.7,
        [2, 3],
    )


def test_of_many_culprits_the_worst_are_told():
    session = a_session()
    for number in range(20):
        session.apply(Code(0, PID, 100 + number, Call(f"f{number}", "/srv/app.py", number)))
    turns = [(2, 100 + number, 1000 * number) for number in range(1, 14)]
    feed(session, {1: "W100000"}, a_gil(*turns))
    worker, *_ = the_process(session).threads
    assert len(worker.blame) == len(worker.blame_functions) == BLAMED
    assert worker.blame[0].where == "f13 (app.py:13)"


def test_a_hold_off_its_core_is_told_as_a_share_of_the_hold():
    session = a_session()
    piece = ThreadSlice(1, "H", "I20000H80000", hold_blocked=40_000, hold_starved=20_000)
    slice_ = ProcessSlice(PID, (piece,), (a_gil((1, 7, 80_000)),), 100)
    session.apply(Frame(SPAN, SPAN, SamplerSlice(1000.0, 100), (slice_,)))
    holder, idle, _ = the_process(session).threads
    assert (holder.hold_blocked, holder.hold_starved) == (0.5, 0.25)
    assert (idle.hold_blocked, idle.hold_starved) == (None, None)


def test_each_gil_of_several_is_told_apart():
    session = a_session()
    session.apply(Thread(0, PID, 3, "worker-3", False, 5))
    runs = {1: "H100000", 2: "W100000", 3: "H50000I50000"}
    feed(session, runs, a_gil((1, 7, SPAN)), a_gil((3, 7, 50_000), interpreter=5))
    process = the_process(session)
    assert [(gil.interpreter, gil.held, gil.load, gil.switches_per_s) for gil in process.gils] == [
        (0, 1.0, 2.0, 10.0),
        (5, 0.5, 0.5, 10.0),
    ]
    assert process.gil.held == 1.5
    feed(one := a_session(), {}, a_gil((1, 7, SPAN)))
    assert the_process(one).gils == []


def test_all_processes_are_summed_up_in_the_order_of_their_family():
    session = a_session(10, 11)
    session.apply(Process(0, 12, 10, ("sh",)))
    for pid in (10, 11):
        piece = ThreadSlice(1, "H", "H100000", cpu=60_000)
        slice_ = ProcessSlice(pid, (piece,), (a_gil((1, 7, SPAN)),), 100)
        session.apply(Frame(session.now + SPAN, SPAN, SamplerSlice(1000.0, 100), (slice_,)))
    summary = summarise(session)
    assert [(process.pid, process.depth) for process in summary.processes] == [
        (10, 0),
        (12, 1),
        (11, 0),
    ]
    total = summary.total
    assert (total.processes, total.python, total.threads) == (3, 2, 6)
    assert (total.cpu, total.gil_load) == (0.6, 1.0)
    assert [process.cpu for process in summary.processes] == [0.6, None, 0.6]


def test_gil_loads_add_up_only_as_long_as_processes_run_at_the_same_time():
    session = a_session(10, 11)
    pieces = [
        ProcessSlice(pid, (ThreadSlice(1, "H", "H100000"),), (a_gil((1, 7, SPAN)),), 100)
        for pid in (10, 11)
    ]
    session.apply(Frame(SPAN, SPAN, SamplerSlice(1000.0, 100), tuple(pieces)))
    assert summarise(session).total.gil_load == 2.0
    session.apply(Gone(SPAN, 10))
    session.apply(Frame(2 * SPAN, SPAN, SamplerSlice(1000.0, 100), (pieces[1],)))
    assert summarise(session).total.gil_load == 1.5
    assert [process.gil.load for process in summarise(session).processes] == [1.0, 1.0]


def test_the_time_on_a_core_of_threads_that_are_forgotten_still_counts():
    session = a_session()
    piece = ProcessSlice(PID, (ThreadSlice(1, "N", "N100000", cpu=90_000),), (), 100)
    session.apply(Frame(SPAN, SPAN, SamplerSlice(1000.0, 100), (piece,)))
    session.apply(Gone(SPAN, PID, 1))
    session.apply(Thread(SPAN, PID, 1))  # Its id is used again.
    session.apply(
        Frame(2 * SPAN, SPAN, SamplerSlice(1000.0, 100),
              (ProcessSlice(PID, (ThreadSlice(2, "N", "N100000", cpu=90_000),), (), 100),))
    )  # fmt: skip
    assert the_process(session).cpu == 0.9


def test_what_halts_a_process_is_told_while_it_is_there():
    session = a_session()
    piece = ProcessSlice(PID, (), (), 100, True, "traced")
    session.apply(Frame(SPAN, SPAN, SamplerSlice(1000.0, 100), (piece,)))
    assert (the_process(session).stopped, the_process(session).halted) == (True, "traced")
    session.apply(Gone(SPAN, PID))
    assert (the_process(session).stopped, the_process(session).halted) == (False, None)


def test_each_share_is_told_with_how_far_it_may_be_off():
    session = a_session()
    for _ in range(10):
        feed(session, {1: "H5000W5000" * 10}, a_gil((1, 7, SPAN)))
    worker, *_ = the_process(session).threads
    assert worker.uncertainty.keys() == worker.states.keys()
    assert 0.004 < worker.uncertainty["hold"] < 0.02
    assert worker.uncertainty["io"] < worker.uncertainty["hold"]
    assert worker.uncertainty["unknown"] == 0.0


@pytest.mark.parametrize("fidelity", [PYSPY, "none"])
def test_no_uncertainty_is_told_of_what_py_spy_sees(fidelity):
    session = a_session(fidelity=fidelity)
    feed(session, {1: "?40000H60000"})
    worker, *_ = the_process(session).threads
    assert (worker.uncertainty["hold"] is None) is (fidelity == PYSPY)
    assert (worker.hold_blocked, worker.hold_ms.count) == (None, None)


def test_what_ended_before_anything_was_seen_of_it_is_not_said_to_be_starting_up():
    session = Session()
    session.apply(Process(0, PID, 1, ("python", "app.py"), reason="its interpreter is starting up"))
    session.apply(Frame(SPAN, SPAN, SamplerSlice(1000.0, 100)))
    assert the_process(session).reason == "its interpreter is starting up"
    session.apply(Gone(SPAN, PID, status=7))
    process = the_process(session)
    assert process.reason == "it ended before anything could be seen of it"
    assert (process.gone, process.status, process.duration) == (True, 7, 0.0)


def test_what_became_another_program_and_ended_was_seen_before():
    session = Session()
    session.apply(Process(0, PID, 1, ("sh", "python"), reason="no CPython was found in it"))
    session.apply(Thread(0, PID, 1, "sh"))
    feed(session, {1: "H100000"})
    session.apply(Gone(SPAN + 10, PID, 1))
    session.apply(Process(SPAN + 20, PID, 1, ("python",), reason="its interpreter is starting up"))
    session.apply(Gone(SPAN + 30, PID, status=0))
    assert the_process(session).reason is None


def test_what_may_not_be_read_is_not_said_to_have_ended():
    session = Session()
    session.apply(Process(0, PID, 1, ("python", "app.py")))
    session.apply(Gone(0, PID, how="lost", text="This user may not read the process."))
    assert the_process(session).reason is None


def test_what_ended_after_it_was_seen_keeps_its_reason():
    session = a_session()
    feed(session, {1: "H100000"})
    session.apply(Gone(SPAN, PID))
    assert the_process(session).reason is None
