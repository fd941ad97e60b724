"""What can go wrong in a mode, and what is said of it: never a hang, never a crash."""

import os
import signal
from pathlib import Path

import pytest

from gilscope.workloads.child.digest import digest as digest_of
from gilscope.workloads.reports import Failed, Finished, Go, Started
from tests.probe.interpreters import OLD
from tests.workloads.child.conversing import KINDS, conversing, digests_of, run_once

pytestmark = pytest.mark.e2e

NUMBERS = ((1,), (2,), (3,))
"""The third task is the one that goes wrong; the warm-up is with the first."""

ANY = KINDS
HERE = ("sequential", "threads", "asyncio")
THERE = ("processes", "pool")

RAISED = [
    ("boom", "raised ValueError: three is \x1b[31mtoo much", ANY),
    ("boom_later", "raised ValueError: three", ANY),
    ("late", "raised TimeoutError: too late", ANY),
    ("difficult", "raised Difficult: it is difficult", HERE),
    ("stop_iteration", "StopIteration", ANY),
    ("deep", "raised RecursionError", ANY),
    ("leave", "called sys.exit(4)", (*HERE, "processes")),
    ("interrupt", "raised KeyboardInterrupt", (*HERE, "processes")),
]


@pytest.mark.parametrize(
    ("name", "words", "kind"),
    [(name, words, kind) for name, words, kinds in RAISED for kind in kinds],
)
def test_a_task_that_raises_is_told_of_with_its_number_and_traceback(folder, name, words, kind):
    report, left, ended = run_once(folder, f"app:{name}", kind, *NUMBERS, tasks=5)
    assert isinstance(report, Failed), report
    assert report.stage == "run"
    assert report.error.startswith("task 2 ")
    assert words in report.error
    assert "\n" not in report.error
    assert 2 <= report.done <= 4
    assert report.trace.startswith("Traceback")
    if (name, kind) != ("late", "asyncio"):  # What asyncio makes of it has no traceback.
        assert 'app.py", line' in report.trace
        assert "gilscope/workloads" not in report.trace.split("app.py")[0]
    assert len(report.trace) <= 16_000
    assert (left.threads, left.processes) == (0, 0)
    assert (ended["status"], ended["left"]) == (0, 0)


@pytest.mark.parametrize("kind", KINDS)
def test_the_number_is_that_of_the_task_and_not_of_the_batch(folder, kind):
    report, _, _ = run_once(folder, "app:boom", kind, *NUMBERS, tasks=6, batch=4)
    assert report.error.startswith("task 2 raised ValueError")


DEATHS = [
    ("kill", "was ended by SIGKILL", THERE),
    ("leave_at_once", "exit code 5 in a task", THERE),
    ("leave", "exit code 4 in a task", ("pool",)),
    ("interrupt", "exit code 1 in a task", ("pool",)),
]


@pytest.mark.parametrize("method", ["fork", "forkserver"])
@pytest.mark.parametrize(
    ("name", "words", "kind"),
    [(name, words, kind) for name, words, kinds in DEATHS for kind in kinds],
)
def test_a_worker_process_that_ends_is_an_outcome(folder, name, words, kind, method):
    report, left, ended = run_once(folder, f"app:{name}", kind, *NUMBERS, tasks=5, method=method)
    assert isinstance(report, Failed), report
    assert (report.stage, report.fix is not None) == ("run", True)
    assert words in report.error
    # The one before it may be going on in another process that is ended for it.
    assert report.done <= 4
    assert (left.threads, left.processes) == (0, 0)
    assert (ended["status"], ended["left"]) == (0, 0)


@pytest.mark.parametrize("kind", THERE)
def test_a_worker_process_that_ends_when_it_warms_up_is_an_outcome(folder, kind):
    report, _, ended = run_once(folder, "app:kill", kind, (3,))
    assert "was ended by SIGKILL" in report.error
    assert (report.stage, report.done) == ("run", 0)
    assert ended["left"] == 0


@pytest.mark.parametrize("name", ["kill", "leave_at_once"])
@pytest.mark.parametrize("kind", HERE)
def test_a_child_that_is_ended_by_its_work_leaves_the_rest_to_its_keeper(folder, name, kind):
    report, left, ended = run_once(folder, f"app:{name}", kind, (3,))
    assert (report, left) == (None, None)
    assert ended["status"] == (-signal.SIGKILL if name == "kill" else 5)
    assert ended["left"] == 0


UNSENDABLE = [
    ("nameless", "The function cannot be sent to another process", "top level"),
    ("hidden", "The function cannot be sent to another process", "top level"),
    ("lock", "The result of task 0 cannot be sent back", "can be pickled"),
    ("sticky", "The result of task 0 cannot be sent back", "can be pickled"),
    ("wrapping", "returns a coroutine", "Name the coroutine function"),
]


@pytest.mark.parametrize("kind", THERE)
@pytest.mark.parametrize(("name", "words", "fix"), UNSENDABLE)
def test_what_cannot_be_sent_to_processes_says_so(folder, kind, name, words, fix):
    report, left, ended = run_once(folder, f"app:{name}", kind, (1,))
    assert isinstance(report, Failed), report
    assert report.stage == "start"
    assert report.error.startswith(words) or words in report.error
    assert fix in report.fix
    assert (left.processes, ended["left"], ended["tail"]) == (0, 0, "")


@pytest.mark.parametrize("name", ["nameless", "hidden", "lock", "sticky"])
def test_threads_go_on_with_what_cannot_be_sent(folder, name):
    with conversing(folder) as child:
        report = child.run(f"app:{name}", "threads", (1,))
        assert isinstance(report, Finished)
        assert (report.digests[0] is None) is (name == "lock")
        (started,) = child.of(Started)
        assert (started.payload is None) is (name == "lock")


@pytest.mark.parametrize("kind", THERE)
def test_an_exception_that_cannot_be_made_anew_is_an_outcome(folder, kind):
    report, _, ended = run_once(folder, "app:difficult", kind, *NUMBERS)
    assert "could not be unpickled" in report.error
    assert (report.stage, ended["left"]) == ("run", 0)
    # Of those before it, one may still be on its way.
    assert report.done < 4


@pytest.mark.parametrize("kind", THERE)
@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("os._exit(7)", "exit code 7 while it started"),
        ("os.kill(os.getpid(), 9)", "was ended by SIGKILL"),
        ("sys.exit(7)", "A worker cannot import the work: SystemExit"),
        ("import nonsense_indeed", "A worker cannot import the work: ModuleNotFoundError"),
    ],
)
def test_a_module_that_workers_cannot_import_is_an_outcome(folder, kind, line, words):
    (folder / "wary.py").write_text(
        "import multiprocessing, os, sys\n"
        f"if multiprocessing.parent_process():\n    {line}\n"
        "def work():\n    return 1\n"
    )
    report, left, ended = run_once(folder, "wary:work", kind, method="spawn")
    assert isinstance(report, Failed), report
    assert report.stage == "start"
    assert words in report.error
    assert (left.processes, ended["left"]) == (0, 0)


@pytest.mark.parametrize("kind", KINDS)
def test_results_that_change_from_time_to_time_are_not_compared(folder, kind):
    with conversing(folder) as child:
        child.load("app:sometimes", *NUMBERS)
        child.start(kind, tasks=3)
        first, second = child.answer(Go()).digests, child.answer(Go()).digests
        assert None not in first
        assert [digest is None for digest in second] == [False, False, True]


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_compared_where_the_first_result_is_another_each_time(folder, kind):
    report, _, _ = run_once(folder, "app:count", kind, (1,), tasks=3)
    assert set(digests_of(report)) == {None}


def test_a_task_that_reads_gets_nothing(folder):
    report, _, _ = run_once(folder, "app:curious", "processes", (1,))
    assert set(digests_of(report)) == {digest_of("")}


@pytest.mark.parametrize("kind", ["threads", "processes"])
def test_megabytes_that_are_printed_are_counted(folder, kind):
    report, _, ended = run_once(folder, "app:chatty", kind, (1,), tasks=6)
    assert isinstance(report, Finished)
    assert ended["printed"] >= 8 << 20
    assert 0 < len(ended["tail"]) <= 8192


@pytest.mark.parametrize("kind", ["sequential", "threads", "processes"])
def test_a_task_that_forks_is_told_of_and_no_copy_is_left(folder, kind):
    report, left, ended = run_once(folder, "app:fork", kind, (1,), tasks=2)
    assert isinstance(report, Finished)
    assert left.processes > 0 or kind == "sequential"
    assert ended["status"] == 0


@pytest.mark.parametrize("kind", ["sequential", "threads", "processes"])
def test_threads_that_are_left_behind_are_counted(folder, kind):
    report, left, ended = run_once(folder, "app:leave_threads", kind, (1,), tasks=1, workers=1)
    assert isinstance(report, Finished)
    assert (left.threads, left.processes) == (4, 0)
    assert (ended["status"], ended["left"]) == (0, 0)


@pytest.mark.parametrize("kind", ["sequential", "processes", "pool"])
def test_processes_that_are_left_behind_are_counted_and_ended(folder, kind):
    report, left, ended = run_once(folder, "app:leave_process", kind, (1,), tasks=1, workers=1)
    assert isinstance(report, Finished)
    assert (left.threads, left.processes) == (0, 2)
    assert (ended["status"], ended["left"]) == (0, 2)


@pytest.mark.parametrize("kind", KINDS)
def test_a_program_that_a_task_starts_gets_neither_pipe(folder, kind):
    report, _, _ = run_once(folder, "app:files_of_program", kind, (1,))
    # The last is the folder that is listed.
    assert set(digests_of(report)) == {digest_of(b"0\n1\n2\n3\n")}


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
@pytest.mark.parametrize("kind", THERE)
def test_worker_processes_have_neither_pipe(folder, kind, method):
    with conversing(folder) as child:
        child.load("app:square", (1,))
        started = child.start(kind, method=method)
        pipes = {os.readlink(f"/proc/self/fd/{each}") for each in (child.control, child.reports)}
        for worker in started.workers:
            files = {os.readlink(file) for file in Path(f"/proc/{worker.pid}/fd").iterdir()}
            assert not files & pipes


def test_the_end_of_the_requests_ends_it(folder):
    with conversing(folder) as child:
        child.load("app:square", (1,))
        child.start("processes")
        child.say_no_more()
        assert child.hear() is not None
        assert child.finish()["status"] == 0


@pytest.mark.parametrize("kind", KINDS)
def test_a_task_that_never_ends_is_ended_by_the_keeper(folder, kind):
    with conversing(folder) as child:
        child.load("time:sleep", (0,), (1000,))
        child.start(kind, tasks=2)
        child.ask(Go())
        child.hear()
        child.keeper.stdin.write(b"end\n")
        child.keeper.stdin.flush()
        ended = child.finish()
        assert (ended["status"], ended["left"]) == (-signal.SIGKILL, 0)


@pytest.mark.parametrize("python", OLD)
def test_an_interpreter_that_is_too_old_says_so(folder, python):
    with conversing(folder, python) as child:
        report = child.hear()
        assert "too old" in report.reason
        assert python.parent.parent.name in report.reason
        assert "3.8" in report.fix
