"""Processes that are hidden, half refused, or whose number is given to another."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from gilscope.model.events import NO_FIDELITY, PYSPY, Gone, Note, Process
from gilscope.probe import find as module
from gilscope.probe import kernel
from gilscope.probe.fallback import PySpyProcess
from gilscope.probe.interpreter import Interpreter
from gilscope.probe.process import ProcessGone
from tests.probe.constructed import PID, RUNTIME, Constructed
from tests.probe.live import PROBE
from tests.probe.watching import taken

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root may make namespaces")
BLIND = ("the kernel does not tell which system call a thread is in", "use another kernel")


def test_python_on_a_kernel_that_does_not_tell_is_left_to_py_spy(attend, monkeypatch):
    monkeypatch.setattr(kernel, "blindness", lambda pid: BLIND)
    (about,) = taken(attend(os.getpid()), Process)
    assert (about.fidelity, about.reason, about.fix) == (PYSPY, *BLIND)
    assert (about.gil, about.python is None) == (True, False)


def test_another_program_on_a_kernel_that_does_not_tell_is_lost_with_the_reason(
    attend, monkeypatch, sleeper
):
    monkeypatch.setattr(kernel, "blindness", lambda pid: BLIND)
    watched = attend(sleeper.pid)
    assert watched.gone
    about, *rest = taken(watched)
    assert about.fidelity == NO_FIDELITY
    (gone,) = [event for event in rest if isinstance(event, Gone)]
    assert gone.how == "lost"
    (note,) = [event for event in rest if isinstance(event, Note)]
    assert (BLIND[0] in note.text, note.fix) == (True, BLIND[1])


def test_a_table_that_does_not_fit_the_build_is_left_to_py_spy(attend, monkeypatch):
    """A 3.12 whose offsets are those of 3.11, say: nothing that is read there makes sense."""
    right = Interpreter.walk

    def wrong(self):
        right(self)
        self.gils = [type(gil)(gil.address + 4096, 0) for gil in self.gils]

    monkeypatch.setattr(Interpreter, "walk", wrong)
    watched = attend(os.getpid())
    for now in range(0, 5_000_000, 20_000):
        watched.sample(now)
    about = taken(watched, Process)[-1]
    assert about.fidelity in (PYSPY, NO_FIDELITY)
    assert about.reason


def test_threads_without_one_that_the_kernel_knows_are_no_threads(tmp_path):
    files = Constructed(tmp_path)
    files.states(*range(1, 5))
    found = files.interpreter()
    found.runtime = RUNTIME
    found.walk()
    with pytest.raises(module.NotReadable, match="namespace"):
        module._check(os.getpid(), found)
    found.memory.close()


def test_at_py_spys_fidelity_an_exec_is_noticed_by_the_memory_that_vanishes(tmp_path):
    files = Constructed(tmp_path)
    (files.folder / "maps").write_text("3000-4000 r--p 00000000 08:01 77 /usr/bin/python3.7\n")
    process = PySpyProcess(PID, proc=str(files.proc))
    process.end_frame(1000, 0)
    files.exec()
    with pytest.raises(ProcessGone):
        process.end_frame(2000, 1000)
    process.close()


# The group of root is let see everything, unless the mount says otherwise.
HIDING = """
mount -t proc -o hidepid={hidepid} proc /proc &&
exec setpriv --regid 65534 --clear-groups \\
    --bounding-set -sys_ptrace,-kill --inh-caps -sys_ptrace,-kill "$@"
"""


def hidden(hidepid, *command):
    """Run a command where /proc hides what other users run, and return what it printed."""
    return subprocess.run(
        ["unshare", "-m", "sh", "-c", HIDING.format(hidepid=hidepid), "sh", *map(str, command)],
        capture_output=True,
        text=True,
        timeout=30,
        stdin=subprocess.DEVNULL,
    )


@pytest.fixture
def strangers():
    """A process of another user."""
    child = subprocess.Popen(["setpriv", "--reuid", "65534", "--clear-groups", "sleep", "1000"])
    while Path(f"/proc/{child.pid}").stat().st_uid != 65534:
        pass
    yield child
    child.kill()
    child.wait()


@pytest.mark.e2e
@needs_root
@pytest.mark.parametrize("hidepid", [1, 2])
def test_a_process_that_proc_hides_is_said_to_be_unreadable_and_not_missing(strangers, hidepid):
    if hidden(hidepid, "true").returncode:
        pytest.skip("/proc cannot be mounted with hidepid here")
    done = hidden(hidepid, *PROBE, strangers.pid)
    assert "Traceback" not in done.stderr
    assert f"Process {strangers.pid} may not be read" in done.stdout
    assert "There is no process" not in done.stdout
    assert "There is no process" in hidden(hidepid, *PROBE, 1 << 21).stdout


@pytest.mark.e2e
@needs_root
def test_the_commands_say_so_too_and_doctor_says_why(strangers):
    if hidden(2, "true").returncode:
        pytest.skip("/proc cannot be mounted with hidepid here")
    done = hidden(2, sys.executable, "-m", "gilscope", "dump", strangers.pid)
    complaint = " ".join(done.stderr.split())
    assert (done.returncode, "may not see process" in complaint) == (3, True), complaint
    assert "sudo" in done.stderr
    told = hidden(2, sys.executable, "-m", "gilscope", "doctor").stdout
    assert "/proc hides the processes of other users" in told
    assert "no CAP_SYS_PTRACE" in told


REUSED = """
import os, pathlib, subprocess, sys, time
from gilscope.model.events import Gone, Process
from gilscope.probe.watched import Watched
from gilscope.probe.wishes import Wishes

script = "import time, sys; print(1, flush=True); time.sleep(1000)"
def start(pid=None):
    if pid is not None:
        pathlib.Path("/proc/sys/kernel/ns_last_pid").write_text(str(pid - 1))
    child = subprocess.Popen([sys.argv[1], "-c", script], stdout=subprocess.PIPE)
    child.stdout.readline()
    return child

first = start(5000)
watched = Watched(first.pid, 0, followed=False, wishes=Wishes(sys.argv[2]))
(about,) = [e for e in watched.take_events() if isinstance(e, Process)]
assert about.fidelity == sys.argv[2], about
watched.sample(1000)
first.kill()
first.wait()
time.sleep(0.05)  # The start of a process is known to a hundredth of a second.
second = start(5000)
assert second.pid == first.pid == 5000
for now in range(2000, 200_000, 1000):
    watched.sample(now)
    watched.end_frame(now, now - 1000)
gone = [e.how for e in watched.take_events() if isinstance(e, Gone) and e.tid is None]
assert watched.gone and gone == ["exited"], gone
second.kill()
second.wait()
"""


@pytest.mark.e2e
@needs_root
@pytest.mark.parametrize("fidelity", ["kernel", "py-spy"])
def test_a_process_id_that_is_given_to_another_process_is_noticed(fidelity):
    space = ("unshare", "--pid", "--fork", "--mount-proc")
    if subprocess.run([*space, "true"], check=False).returncode:
        pytest.skip("no namespace can be made here")
    done = subprocess.run(
        [*space, sys.executable, "-c", REUSED, sys.executable, fidelity],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
