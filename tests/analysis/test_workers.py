"""What the workers of a run did between its begin and its end."""

import pytest

from gilscope.analysis.workers import mean_shares, python_threads, seen_between, workers_of
from gilscope.model import events as e
from gilscope.model.session import Session
from gilscope.model.states import POSITION

FRAME = 100_000


def session_of(frames, processes=((10, (10, 11)),), interpreters=None, fidelity=e.KERNEL):
    """Return a session of processes with threads, and frames: {tid: runs} and the GILs of each."""
    session = Session()
    session.apply(e.Hello(1, "1", 1, "host", "Linux", 2, 0.0, 1000.0, FRAME))
    for pid, tids in processes:
        session.apply(e.Process(0, pid, 1, ("python",), "3.12.1", "cpython", fidelity, gil=True))
        for tid in tids:
            interpreter = (interpreters or {}).get(tid, 0)
            session.apply(e.Thread(0, pid, tid, f"t{tid}", False, interpreter))
    for number, (runs, gils) in enumerate(frames, 1):
        pieces = tuple(
            e.ProcessSlice(
                pid,
                tuple(
                    e.ThreadSlice(tid, runs[tid].rstrip("0123456789")[-1], runs[tid])
                    for tid in tids
                    if tid in runs
                ),
                gils.get(pid, ()),
                100,
            )
            for pid, tids in processes
        )
        sampler = e.SamplerSlice(1000.0, 100)
        session.apply(e.Frame(number * FRAME, FRAME, sampler, pieces))
    return session


def shares(**given):
    return tuple(given.get("unknown" if letter == "?" else letter, 0.0) for letter in POSITION)


def fight(frames=10):
    """Return a session in which two threads take turns with one GIL."""
    halves = {10: "H50000W50000", 11: "W50000H50000"}
    return session_of([(halves, {10: (e.GilSlice(0, FRAME, 20),)})] * frames)


def test_two_threads_that_take_turns_wait_half_of_the_time():
    session = fight()
    threads = workers_of(session, [(10, 10), (10, 11)])
    seen = seen_between(session, threads, 100_000, 900_000)
    assert seen.states == shares(H=0.5, W=0.5)
    assert seen.waiting == 1.0
    assert (seen.load, seen.held, seen.switches) == (2.0, 1.0, 200.0)


def test_only_the_workers_count():
    session = fight()
    seen = seen_between(session, workers_of(session, [(10, 10)]), 0, 1_000_000)
    assert seen.waiting == 0.5


def test_only_the_time_of_the_run_counts():
    idle = ({10: "L100000", 11: "L100000"}, {10: (e.GilSlice(0, 0, 0),)})
    busy = ({10: "H100000", 11: "W100000"}, {10: (e.GilSlice(0, FRAME, 0),)})
    session = session_of([idle] * 3 + [busy] * 4 + [idle] * 3)
    threads = workers_of(session, [(10, 10), (10, 11)])
    seen = seen_between(session, threads, 300_000, 700_000)
    assert seen.states == shares(H=0.5, W=0.5)
    assert seen.load == 2.0


def test_processes_have_a_gil_each_and_their_load_is_the_mean():
    session = session_of(
        [
            (
                {10: "H100000", 20: "H50000I50000"},
                {10: (e.GilSlice(0, FRAME, 1),), 20: (e.GilSlice(0, FRAME // 2, 2),)},
            )
        ]
        * 4,
        processes=((10, (10,)), (20, (20,))),
    )
    threads = workers_of(session, [(10, 10), (20, 20)])
    seen = seen_between(session, threads, 0, 400_000)
    assert seen.load == 0.75
    assert seen.switches == pytest.approx(30)
    assert seen.waiting == 0.0


def test_interpreters_with_a_gil_each_are_told_apart():
    gils = (e.GilSlice(0, 0, 0), e.GilSlice(1, FRAME, 0), e.GilSlice(2, FRAME, 0))
    session = session_of(
        [({11: "H100000", 12: "H100000"}, {10: gils})] * 4,
        processes=((10, (10, 11, 12)),),
        interpreters={11: 1, 12: 2},
    )
    threads = workers_of(session, [(10, 11), (10, 12)])
    seen = seen_between(session, threads, 0, 400_000)
    assert (seen.load, seen.gils) == (1.0, 2)


def test_where_no_gil_is_seen_its_figures_are_not_known():
    session = session_of([({10: "?100000"}, {})] * 3, processes=((10, (10,)),))
    seen = seen_between(session, workers_of(session, [(10, 10)]), 0, 300_000)
    assert seen.states == shares(unknown=1.0)
    assert (seen.load, seen.waiting, seen.switches) == (None, None, None)


def test_where_only_the_holder_of_a_gil_is_seen_nobody_is_said_not_to_wait_for_it():
    gil = {10: (e.GilSlice(0, FRAME, 20),)}
    session = session_of([({10: "H100000", 11: "?100000"}, gil)] * 3, fidelity=e.PYSPY)
    seen = seen_between(session, workers_of(session, [(10, 10), (10, 11)]), 0, 300_000)
    assert (seen.load, seen.waiting) == (None, None)
    assert (seen.held, seen.switches, seen.gils) == (1.0, 200.0, 1)


def test_of_workers_that_were_not_seen_nothing_is_known():
    session = fight()
    assert workers_of(session, [(10, 99), (99, 99)]) == []
    assert seen_between(session, [], 0, 1_000_000).states is None


def test_a_commands_workers_are_its_python_threads():
    session = fight()
    session.apply(e.Thread(0, 10, 12, "blas", True))
    session.apply(e.Process(0, 30, 10, ("sh",)))
    session.apply(e.Thread(0, 30, 30, "sh", None))
    assert [thread.tid for thread in python_threads(session, 0, 1_000_000)] == [10, 11]


def test_the_thread_that_joins_the_others_is_no_worker():
    frame = {10: "L100000", 11: "H100000"}
    session = session_of([(frame, {10: (e.GilSlice(0, FRAME, 1),)})] * 3)
    assert [thread.tid for thread in python_threads(session, 0, 300_000)] == [11]
    alone = session_of([({10: "L100000"}, {})] * 3, processes=((10, (10,)),))
    assert [thread.tid for thread in python_threads(alone, 0, 300_000)] == [10]


def test_a_worker_counts_by_how_long_it_was_there():
    hold, sleep = POSITION["H"], POSITION["S"]
    long, short = [0] * 8, [0] * 8
    long[hold], short[sleep] = 300, 100
    mean = mean_shares([long, short])
    assert mean is not None
    assert (mean[hold], mean[sleep]) == (0.75, 0.25)
