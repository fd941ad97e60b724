"""What the kernel says of a process as a whole."""

import os
import signal
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gilscope.probe import kernel
from gilscope.probe.kernel import STOPPED, living_task, parse_stat, read_facts
from tests.probe.live import leaderless, until

REST = (
    "S 14278 14278 11679 0 -1 4194304 11788 0 5 0 163 2 0 0 20 0 11 0 328359 775921664 4381 "
    "18446744073709551615 94045033881600 94045033881941 140724953859008 0 0 0 0 16781318 0 0 0 0 "
    "17 0 0 0 0 0 0 94045033893296 94045033893912 94045856161792 140724953860538 140724953860595 "
    "140724953860595 140724953862096 0\n"
)


@pytest.mark.parametrize(
    "name",
    ["python", "", ")", "(", "a) R 1 2 3 (b", "x)\n1 (y", "a b", "\u2603", "))))", "\ufffd"],
)
def test_the_name_of_a_process_may_hold_anything(name):
    assert parse_stat(f"14684 ({name}) {REST}") == (name, "S", 14278, 11, 328359)


@given(st.text(max_size=15))
def test_whatever_the_name_the_rest_is_read_right(name):
    assert parse_stat(f"14684 ({name}) {REST}") == (name, "S", 14278, 11, 328359)


@given(st.text(max_size=200))
def test_any_other_text_is_a_value_error(text):
    with pytest.raises(ValueError):  # noqa: PT011
        parse_stat(text)


@given(st.integers(0, 30), st.sampled_from(["x", "9" * 5000, "-", ""]))
def test_a_damaged_field_is_a_value_error_or_not_one_that_is_read(place, damage):
    fields = REST.split()
    fields[place] = damage
    try:
        result = parse_stat(f"1 (a) {' '.join(fields)}")
    except ValueError:
        return
    assert result[0] == "a"


def test_the_facts_of_this_process():
    facts = read_facts(os.getpid())
    assert facts.parent == os.getppid()
    assert facts.state == "R"
    assert facts.command[0]
    assert facts.threads >= 1
    assert kernel.age(facts) > 0


@pytest.mark.parametrize("pid", [0, -1, 1 << 22, 10**30, 10**300])
def test_a_number_that_is_no_process_is_a_lookup_error(pid):
    with pytest.raises(ProcessLookupError):
        read_facts(pid)


def test_a_process_without_a_command_line_goes_by_its_name():
    with subprocess.Popen([sys.executable, "-c", ""]) as child:
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        facts = read_facts(child.pid)
        assert facts.state == "Z"
        assert facts.ended
        assert facts.command == (facts.name,)


def a_process(proc, tasks):
    """Write a process 5 into a folder like /proc: state, flags and pending signals of each task."""
    for task, (state, flags, pending) in tasks.items():
        folder = proc / "5" / "task" / str(task)
        folder.mkdir(parents=True)
        fields = [state, *["0"] * 5, str(flags), *["0"] * 21, str(pending), *["0"] * 20]
        text = f"{task} (a) b) {' '.join(fields)}\n"
        (folder / "stat").write_text(text)
        if task == 5:
            (proc / "5" / "stat").write_text(text)


RUNS, SLEEPS, ENDED = ("R", 0x400000, 0), ("S", 0x400040, 0), ("Z", 0x40000C, 0)
IS_ENDING, IS_KILLED = ("R", 0x400004, 0), ("D", 0x400000, 1 << 8)


@pytest.mark.parametrize(
    ("tasks", "found"),
    [
        ({5: RUNS}, 5),
        ({5: SLEEPS, 6: RUNS}, 5),
        ({5: ENDED}, None),
        ({5: ENDED, 7: RUNS, 6: ENDED, 12: SLEEPS}, 7),
        ({5: ENDED, 3: SLEEPS}, 3),
        # It ends as a whole, and its tasks one after another.
        ({5: ENDED, 6: IS_ENDING, 7: IS_KILLED}, None),
        ({5: IS_KILLED, 6: ENDED}, 5),
        ({}, None),
    ],
)
def test_a_process_lives_as_long_as_one_of_its_tasks_does(tmp_path, tasks, found):
    a_process(tmp_path, tasks)
    assert living_task(5, proc=str(tmp_path)) == found


def test_a_task_that_ends_while_it_is_looked_at_is_none(tmp_path):
    a_process(tmp_path, {5: ENDED, 6: RUNS, 7: RUNS})
    (tmp_path / "5" / "task" / "6" / "stat").unlink()
    (tmp_path / "5" / "task" / "7" / "stat").write_text("7 (a) R 1\n")
    assert living_task(5, proc=str(tmp_path)) is None


def test_any_process_that_may_be_seen_lives_through_its_first_task():
    assert living_task(os.getpid()) == os.getpid()
    assert living_task(1 << 22) is None


@pytest.mark.e2e
def test_a_process_goes_on_after_its_main_thread():
    with leaderless() as process:
        facts = read_facts(process.pid)
        assert (facts.state, facts.ended, facts.threads) == ("Z", False, 4)
        assert facts.command[:2] == (sys.executable, "-c")
        assert kernel.program(process.pid) == os.path.realpath(sys.executable)
        os.kill(process.pid, signal.SIGSTOP)
        until(lambda: kernel.halted(process.pid) == STOPPED)
        process.kill()
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        assert read_facts(process.pid).ended


def test_a_program_is_the_file_that_runs_and_none_once_it_is_gone():
    assert kernel.program(os.getpid()) == os.readlink("/proc/self/exe")
    assert kernel.program(1 << 22) is None


def test_children_of_any_thread_are_found(sleeper):
    assert sleeper.pid in kernel.children(os.getpid())
    sleeper.kill()
    sleeper.wait()
    assert sleeper.pid not in kernel.children(os.getpid())
    assert kernel.children(1 << 22) == []


def test_children_are_found_by_their_parent_where_the_kernel_does_not_list_them(sleeper):
    assert sleeper.pid in kernel._children_by_parent(os.getpid(), "/proc")
    assert os.getpid() not in kernel._children_by_parent(os.getpid(), "/proc")


def test_a_kernel_that_lists_no_children_is_noticed(tmp_path):
    for pid, parent in ((5, 1), (6, 5), (7, 5), (8, 6)):
        (tmp_path / f"{pid}" / "task" / f"{pid}").mkdir(parents=True)
        rest = " ".join(["0"] * 20)
        (tmp_path / f"{pid}" / "stat").write_text(f"{pid} (a) b) S {parent} {rest}\n")
    (tmp_path / "9").mkdir()
    (tmp_path / "uptime").write_text("nothing")
    assert sorted(kernel.children(5, proc=str(tmp_path))) == [6, 7]
    assert kernel.children(9, proc=str(tmp_path)) == []


@pytest.fixture
def tasks(tmp_path):
    """A folder like /proc with one process in it."""
    (tmp_path / "self").mkdir()
    (tmp_path / "self" / "schedstat").write_text("5 6 7\n")
    folder = tmp_path / "5" / "task" / "5"
    folder.mkdir(parents=True)
    (folder / "syscall").write_text("running\n")
    return tmp_path, folder


def test_a_kernel_that_tells_everything_is_not_blind(tasks):
    assert kernel.blindness(5, proc=str(tasks[0])) is None
    assert kernel.blindness(os.getpid()) is None
    assert kernel.blindness(1 << 22) is None


def test_a_kernel_that_tells_no_system_calls_is_blind(tasks):
    proc, folder = tasks
    (folder / "syscall").unlink()
    why, fix = kernel.blindness(5, proc=str(proc))
    assert "system call" in why
    assert "gVisor" in fix


@pytest.mark.parametrize("text", [None, "0 0 0\n", "", "x"])
def test_a_kernel_that_counts_no_time_is_blind(tasks, text):
    proc, _ = tasks
    path = proc / "self" / "schedstat"
    path.unlink() if text is None else path.write_text(text)
    assert kernel.blindness(5, proc=str(proc)) == kernel.NO_ACCOUNTS


def test_a_process_that_has_ended_and_is_not_reaped_has_let_go_of_its_memory():
    with subprocess.Popen(["sleep", "1000"]) as child:
        assert not kernel.has_let_go(child.pid)
        child.kill()
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        assert kernel.has_let_go(child.pid)
