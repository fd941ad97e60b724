import os
import shutil
import subprocess
import sys

import pytest

from gilscope.errors import Misuse, NotPermitted, NotThere
from gilscope.stream.discover import (
    Discovery,
    is_own_probe,
    is_python,
    is_python_name,
    looks_like_python,
)
from gilscope.stream.launch import PROBE
from gilscope.stream.target import check_target, how_to_be_permitted, read_status
from tests.probe.live import leaderless


@pytest.mark.parametrize(
    ("name", "python"),
    [
        ("python", True),
        ("python3", True),
        ("python3.12", True),
        ("python3.13t", True),
        ("python2.7", True),
        ("libpython3.11.so.1.0", True),
        ("pypy3", True),
        ("pypy3.10-c", True),
        ("graalpy", True),
        ("bash", False),
        ("python-config", False),
        ("ipython", False),
        ("pythonista", False),
        ("", False),
    ],
)
def test_an_interpreter_is_known_by_its_file_name(name, python):
    assert is_python_name(name) is python


@pytest.mark.parametrize(
    ("command", "own"),
    [
        ((*PROBE, "4242"), True),
        (("python", "-m", "gilscope", "probe"), True),
        (("python", "-m", "gilscope", "stat", "1"), False),
        (("python", "app.py", "a", "b", "-m", "gilscope", "probe"), False),
        ((), False),
    ],
)
def test_a_probe_of_our_own_is_known_by_its_command_line(command, own):
    assert is_own_probe(command) is own


@pytest.fixture
def child():
    """A Python process that waits for its input to end."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        yield process
        process.communicate(b"\n")


@pytest.mark.e2e
def test_a_python_process_is_found_and_this_one_is_left_out(child):
    found = {process.pid: process for process in Discovery().scan()}
    assert os.getpid() not in found
    process = found[child.pid]
    assert process.ppid == os.getpid()
    assert process.command == (sys.executable, "-c", "input()")
    assert process.threads == 1
    assert process.cpu is None
    assert process.rss > 0


@pytest.mark.e2e
def test_the_second_scan_knows_the_cpu_and_forgets_who_has_ended():
    discovery = Discovery()
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        discovery.scan()
        (again,) = [each for each in discovery.scan() if each.pid == process.pid]
        process.communicate(b"\n")
    assert again.cpu is not None
    assert process.pid not in {each.pid for each in discovery.scan()}


@pytest.mark.e2e
def test_a_python_under_another_name_is_known_by_what_is_in_it(tmp_path):
    renamed = tmp_path / "server"
    shutil.copy(os.path.realpath(sys.executable), renamed)
    environment = {**os.environ, "PYTHONHOME": sys.base_prefix}
    with subprocess.Popen(
        [renamed, "-c", "print(); input()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment,
    ) as process:
        process.stdout.readline()
        assert is_python(process.pid)
        process.communicate(b"\n")


@pytest.mark.e2e
def test_a_shell_is_not_python():
    with subprocess.Popen(["sh", "-c", "read _"], stdin=subprocess.PIPE) as process:
        assert not looks_like_python(process.pid)
        assert not is_python(process.pid)
        with pytest.raises(NotThere, match="does not run Python"):
            check_target(process.pid)
        process.communicate(b"\n")


def test_a_process_that_is_not_there_is_no_python():
    assert not looks_like_python(1 << 30)
    assert not is_python(1 << 30)
    assert read_status(1 << 30) is None
    with pytest.raises(NotThere, match="there is no process"):
        check_target(1 << 30)


@pytest.mark.e2e
def test_a_running_python_may_be_watched(child):
    check_target(child.pid)


@pytest.mark.e2e
def test_a_python_whose_main_thread_has_ended_is_found_and_may_be_watched():
    with leaderless() as process:
        check_target(process.pid)
        found = {each.pid: each for each in Discovery().scan()}[process.pid]
        assert found.command[:2] == (sys.executable, "-c")
        assert found.exe == os.path.realpath(sys.executable)
        assert found.ppid == os.getpid()
        assert found.rss > 0


@pytest.mark.e2e
def test_a_python_that_has_ended_and_was_not_collected_is_not_there():
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        assert process.pid not in {each.pid for each in Discovery().scan()}
        with pytest.raises(NotThere, match="has ended; its parent has yet to collect it"):
            check_target(process.pid)


@pytest.mark.e2e
def test_the_id_of_a_thread_is_told_apart_from_that_of_a_process():
    script = (
        "import threading; t = threading.Thread(target=input); t.start(); print(t.native_id);"
        "import sys; sys.stdout.flush()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        tid = int(process.stdout.readline())
        with pytest.raises(Misuse, match=f"{tid} is a thread of process {process.pid}"):
            check_target(tid)
        process.communicate(b"\n")


def test_another_user_s_process_needs_sudo():
    assert "another user" in how_to_be_permitted(os.geteuid() + 1)


def test_a_process_that_proc_hides_is_not_permitted():
    def hidden(path):
        raise PermissionError(1, "Operation not permitted", str(path))

    with pytest.raises(NotPermitted) as refused:
        read_status(4242, hidden)
    assert "sudo gilscope" in refused.value.fix
