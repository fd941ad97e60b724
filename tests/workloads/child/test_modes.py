"""Every way to run tasks, on this interpreter, in a real child."""

import os

import pytest

from gilscope.workloads.child.digest import digest as digest_of
from gilscope.workloads.reports import Begun, Finished, Go, Progress, Ready, Started, Unavailable
from tests.workloads.child.conversing import (
    KINDS,
    OF_PROCESSES,
    conversing,
    digests_of,
    run_once,
)

pytestmark = pytest.mark.e2e

NUMBERS = ((2,), (5,), (7,))


@pytest.fixture
def expected(folder):
    report, _, _ = run_once(folder, "app:square", "sequential", *NUMBERS, tasks=7)
    return digests_of(report)


def test_tasks_take_the_arguments_in_turn(expected):
    assert None not in expected
    assert expected[:3] == expected[3:6]
    assert expected[6] == expected[0]
    assert len(set(expected)) == 3


@pytest.mark.parametrize(
    ("kind", "method"), [*((kind, None) for kind in KINDS if kind != "sequential"), *OF_PROCESSES]
)
def test_results_are_those_of_the_sequence(folder, expected, kind, method):
    with conversing(folder) as child:
        report = child.run("app:square", kind, *NUMBERS, method=method, tasks=7, batch=3)
        assert digests_of(report) == expected
        (started,) = child.of(Started)
        assert len(set(started.workers)) == 2
        processes = kind in ("processes", "pool")
        assert started.method == ((method or "fork") if processes else None)
        assert started.payload > 0
        (ready,) = child.of(Ready)
        pids = {worker.pid for worker in started.workers}
        assert (ready.pid in pids) is not processes
        (begun,) = child.of(Begun)
        assert begun.at <= report.at
        assert 0 < report.wall < 60
        left = child.stop()
        assert (left.threads, left.processes) == (0, 0)
        ended = child.finish()
        assert (ended["status"], ended["left"], ended["tail"]) == (0, 0, "")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("batch", [1, 3])
def test_a_coroutine_function_runs_in_every_mode(folder, expected, kind, batch):
    with conversing(folder) as child:
        report = child.run("app:square_later", kind, *NUMBERS, tasks=7, batch=batch)
        assert digests_of(report) == expected
        (ready,) = child.of(Ready)
        assert ready.coroutine
        (started,) = child.of(Started)
        alone = kind in ("sequential", "asyncio")
        assert len(set(started.workers)) == (1 if alone else 2)


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_is_run_from_anywhere_and_its_main_part_is_not(folder, tmp_path_factory, kind):
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    report, _, ended = run_once(elsewhere, f"{folder}/app.py:Thing.static", kind, (2,))
    assert None not in digests_of(report)
    assert ended["tail"] == ""


@pytest.mark.parametrize("kind", KINDS)
def test_a_work_of_the_catalogue_runs_again_and_again(folder, kind):
    with conversing(folder) as child:
        child.load("primes", own=False)
        assert isinstance(child.start(kind, tasks=3, size=100), Started)
        runs = [child.answer(Go()) for _ in range(3)]
        assert len({digests_of(run) for run in runs}) == 1
        assert None not in runs[0].digests


@pytest.mark.parametrize("kind", KINDS)
def test_the_work_s_folder_comes_first_and_nothing_of_gilscope_is_in_the_way(folder, kind):
    with conversing(folder) as child:
        report = child.run("app:surroundings", kind)
        (digest,) = set(digests_of(report))
    assert digest == digest_of(([], [], str(folder), True))


@pytest.mark.parametrize("kind", ["threads", "processes", "pool", "asyncio"])
def test_all_workers_do_tasks(folder, kind):
    with conversing(folder) as child:
        report = child.run("app:identity_of_worker", kind, (1,), workers=3, tasks=12)
        assert isinstance(report, Finished)
        (started,) = child.of(Started)
        assert len(set(started.workers)) == 3


@pytest.mark.parametrize("kind", KINDS)
def test_what_a_task_does_to_its_arguments_stays_with_it(folder, kind):
    with conversing(folder) as child:
        child.load("app:doubled", (["a", "b"],))
        child.start(kind, tasks=3)
        first, second = child.answer(Go()), child.answer(Go())
        assert len(set(first.digests)) == 1
        assert first.digests == second.digests


@pytest.mark.parametrize("kind", KINDS)
def test_progress_is_told_while_tasks_are_done(folder, kind):
    with conversing(folder) as child:
        child.load("time:sleep", (0.06,))
        child.start(kind, tasks=8)
        child.answer(Go())
        done = [report.done for report in child.of(Progress)]
        assert done == sorted(set(done))
        assert done
        assert 0 < done[0] <= 8


def test_a_mode_that_the_interpreter_does_not_have_is_unavailable(folder):
    with conversing(folder) as child:
        child.load("app:square", (1,))
        report = child.start("interpreters")
        if isinstance(report, Unavailable):
            assert "InterpreterPoolExecutor" in report.reason
            assert "3.14" in report.fix
        left = child.stop()
        assert (left.threads, left.processes) == (0, 0)
        assert child.finish()["tail"] == ""


def test_a_start_method_that_does_not_exist_is_unavailable(folder):
    with conversing(folder) as child:
        child.load("app:square", (1,))
        report = child.start("pool", method="wish")
        assert "cannot start processes by wish" in report.reason
        assert "fork" in report.fix


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="the system has no affinity")
@pytest.mark.parametrize("kind", ["sequential", "processes", "pool"])
def test_cores_are_kept_to(folder, kind):
    core = min(os.sched_getaffinity(0))
    with conversing(folder) as child:
        ready = child.load("app:affinity", (1,), cores=(core,))
        assert ready.cpus == 1
        child.start(kind)
        (digest,) = set(child.answer(Go()).digests)
    assert digest == digest_of([core])
