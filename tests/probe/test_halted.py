"""Processes that are kept from running: by a signal, by the freezer, by a debugger."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from gilscope.probe import kernel
from gilscope.probe.kernel import FROZEN, STOPPED, TRACED, halted
from tests.probe.live import until

STATUS = "Name:\t{name}\nUmask:\t0022\nState:\t{state}\nTgid:\t900\nTracerPid:\t{tracer}\nUid:\t0\n"


@pytest.mark.parametrize(
    ("state", "tracer", "wchan", "expected"),
    [
        ("R (running)", 0, "0", None),
        ("S (sleeping)", 0, "futex_wait_queue", None),
        ("S (sleeping)", 0, "do_freezer_trap", FROZEN),
        ("D (disk sleep)", 0, "__refrigerator", FROZEN),
        ("T (stopped)", 0, "do_signal_stop", STOPPED),
        ("T (stopped)", 0, "do_freezer_trap", FROZEN),
        ("t (tracing stop)", 77, "ptrace_stop", TRACED),
        ("S (sleeping)", 77, "hrtimer_nanosleep", TRACED),
        ("R (running)", 10, "0", TRACED),
    ],
)
def test_what_the_kernel_says_of_it_tells_how(tmp_path, state, tracer, wchan, expected):
    folder = tmp_path / "900"
    folder.mkdir()
    text = STATUS.format(name="a\\nState:\tT", state=state, tracer=tracer)
    (folder / "status").write_text(text)
    (folder / "wchan").write_text(wchan)
    assert halted(900, proc=str(tmp_path)) == expected


MOUNTS = """\
30 24 0:27 / {v2} rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate
31 24 0:28 /docker/abc {v1} rw,nosuid shared:10 - cgroup cgroup rw,freezer
32 24 0:29 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct
33 24 0:30
"""


@pytest.mark.parametrize(
    ("groups", "expected"),
    [
        ("0::/a b/c:d\n", FROZEN),
        ("0::/gone\n", None),
        ("0::/\n", None),
        ("5:cpu,cpuacct:/x\n4:freezer:/docker/abc/job\n0::/\n", FROZEN),
        ("4:freezer:/docker/abc\n", None),
        ("4:freezer:/docker/abc/thawed\n", None),
        ("nonsense", None),
        ("", None),
    ],
)
def test_the_control_group_tells_where_the_kernel_does_not(tmp_path, groups, expected):
    folder = tmp_path / "proc" / "900"
    folder.mkdir(parents=True)
    (folder / "status").write_text(STATUS.format(name="a", state="D (disk sleep)", tracer=0))
    (folder / "wchan").write_text("hrtimer_nanosleep")
    (folder / "cgroup").write_text(groups)
    two, one = tmp_path / "two", tmp_path / "one"
    for path, text in (
        (two / "a b" / "c:d" / "cgroup.events", "populated 1\nfrozen 1\n"),
        (one / "job" / "freezer.state", "FROZEN\n"),
        (one / "thawed" / "freezer.state", "THAWED\n"),
    ):
        path.parent.mkdir(parents=True)
        path.write_text(text)
    (tmp_path / "proc" / "self").mkdir()
    (tmp_path / "proc" / "self" / "mountinfo").write_text(MOUNTS.format(v1=one, v2=two))
    assert halted(900, proc=str(tmp_path / "proc")) == expected


@pytest.mark.parametrize("text", ["", "State", "State:", "\nState:\n", "\nTracerPid:\n", "\0" * 99])
def test_a_status_that_makes_no_sense_halts_nothing(tmp_path, text):
    folder = tmp_path / "900"
    folder.mkdir()
    (folder / "status").write_text(text)
    assert halted(900, proc=str(tmp_path)) is None


def test_a_process_that_is_not_there_is_not_halted():
    assert halted(1 << 22) is None


@pytest.mark.e2e
def test_a_signal_stops_a_process_until_another_lets_it_go(sleeper):
    assert halted(sleeper.pid) is None
    sleeper.send_signal(signal.SIGSTOP)
    until(lambda: halted(sleeper.pid) == STOPPED)
    sleeper.send_signal(signal.SIGCONT)
    until(lambda: halted(sleeper.pid) is None)


TRACER = """
import ctypes, sys
libc = ctypes.CDLL(None, use_errno=True)
libc.ptrace.argtypes = (ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p)
SEIZE, INTERRUPT = 0x4206, 0x4207
assert libc.ptrace(SEIZE, int(sys.argv[1]), None, None) == 0, ctypes.get_errno()
print("seized", flush=True)
sys.stdin.readline()
assert libc.ptrace(INTERRUPT, int(sys.argv[1]), None, None) == 0
print("interrupted", flush=True)
sys.stdin.readline()
"""


@pytest.mark.e2e
@pytest.mark.skipif(os.geteuid() != 0, reason="only root may trace any process")
def test_a_debugger_is_seen_whether_or_not_it_lets_the_process_run(sleeper):
    with subprocess.Popen(
        [sys.executable, "-c", TRACER, str(sleeper.pid)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as tracer:
        if b"seized" not in tracer.stdout.readline():
            pytest.skip("ptrace is forbidden here")
        assert halted(sleeper.pid) == TRACED
        tracer.stdin.write(b"\n")
        tracer.stdin.flush()
        tracer.stdout.readline()
        until(lambda: kernel.read_facts(sleeper.pid).state == "t")
        assert halted(sleeper.pid) == TRACED
        tracer.kill()
    until(lambda: halted(sleeper.pid) is None)


def freezers():
    """Yield how the freezers of this machine are used: a folder, a file and two words."""
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        fields, _, kind = line.partition(" - ")
        folder = Path(fields.split()[4])
        if kind.startswith("cgroup2 "):
            yield folder, "cgroup.freeze", "1", "0"
        elif kind.startswith("cgroup ") and "freezer" in kind.split()[-1].split(","):
            yield folder, "freezer.state", "FROZEN", "THAWED"


@contextlib.contextmanager
def group(parent):
    """Make a control group, and empty and remove it afterwards."""
    folder = parent / f"gilscope-test-{os.getpid()}"
    try:
        folder.mkdir()
    except OSError as error:
        pytest.skip(f"no control group can be made: {error.strerror}")
    try:
        yield folder
    finally:
        for pid in (folder / "cgroup.procs").read_text().split():
            (parent / "cgroup.procs").write_text(pid)
        folder.rmdir()


@pytest.mark.e2e
@pytest.mark.skipif(os.geteuid() != 0, reason="control groups are root's")
@pytest.mark.parametrize("version", ["cgroup.freeze", "freezer.state"])
def test_a_frozen_control_group_is_seen(sleeper, version):
    ways = [way for way in freezers() if way[1] == version]
    if not ways:
        pytest.skip("there is no such freezer here")
    folder, name, frozen, thawed = ways[0]
    with group(folder) as made:
        (made / "cgroup.procs").write_text(str(sleeper.pid))
        (made / name).write_text(frozen)
        try:
            until(lambda: halted(sleeper.pid) == FROZEN)
        finally:
            (made / name).write_text(thawed)
        until(lambda: halted(sleeper.pid) is None)


def test_it_is_cheap_enough_for_twice_a_second(sleeper):
    clock = ctypes.CDLL(None).clock
    before = clock()
    for _ in range(200):
        halted(sleeper.pid)
    assert (clock() - before) / 200 < 5000, "5 ms is a hundred times what it takes"
