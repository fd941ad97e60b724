"""The keeper: whatever ends first, nothing is left behind."""

import contextlib
import json
import os
import signal
import subprocess
import sys

import pytest

import gilscope.workloads.keeper as module
from gilscope.workloads.keeper import descendants
from tests.probe.live import gone, leaderless, until

pytestmark = pytest.mark.e2e

KEEPER = (sys.executable, "-I", "-S", module.__file__)

FORKS = """
import os, sys, time
def daemon():
    # Forked twice, in a session of its own: no child of anybody that it knows.
    if not os.fork():
        os.setsid()
        if not os.fork():
            tell(); time.sleep(1000)
        os._exit(0)
def tell():
    with open(os.environ["TOLD"], "a") as file:
        file.write("%d\\n" % os.getpid())
"""
DAEMON = FORKS + "daemon(); time.sleep(1000)"
SESSION = FORKS + "os.fork() or os.setsid(); tell(); time.sleep(1000)"
GROUPS = FORKS + "[os.fork() or os.setpgid(0, 0) for _ in range(4)]; tell(); time.sleep(1000)"
STUBBORN = (
    "import signal, time\n"
    "for number in range(1, 32):\n"
    "    if number not in (signal.SIGKILL, signal.SIGSTOP): signal.signal(number, signal.SIG_IGN)\n"
    + FORKS
    + "tell(); time.sleep(1000)"
)
STOPPED = FORKS + "import signal; tell(); os.kill(os.getpid(), signal.SIGSTOP)"
HAPPY = (
    FORKS
    + """
tell()
while True:
    # Each lives for a while, or the machine would be full of them.
    if not os.fork():
        time.sleep(0.03)
        os._exit(0) if os.fork() else time.sleep(0.03)
        os._exit(0)
    time.sleep(0.002)
"""
)
HOPPING = (
    FORKS
    + """
tell()
while True:
    if os.fork(): os._exit(0)
"""
)


@contextlib.contextmanager
def keeping(*command, options=(), **rest):
    """Start a keeper; yield it and what it tells."""
    keeper = subprocess.Popen(
        [*KEEPER, *options, "--", *command],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        **rest,
    )
    try:
        yield keeper
    finally:
        with contextlib.suppress(BrokenPipeError):
            keeper.stdin.close()
        keeper.wait(30)
        keeper.stdout.close()


def heard(keeper):
    """Return the next that a keeper tells."""
    return json.loads(keeper.stdout.readline())


def python(script):
    """Return the command that runs a script."""
    return (sys.executable, "-S", "-c", script)


@pytest.fixture
def told(tmp_path, monkeypatch):
    """Where processes tell that they are ready, by their process ids."""
    path = tmp_path / "told"
    path.touch()
    monkeypatch.setenv("TOLD", str(path))

    def read():
        return [int(line) for line in path.read_text().split()]

    return read


def test_a_command_that_ends_is_told_of():
    with keeping(*python("print('hello'); sum(range(10**6)); raise SystemExit(7)")) as keeper:
        launched, ended = heard(keeper), heard(keeper)
        assert (launched["type"], ended["type"]) == ("launched", "ended")
        assert launched["pid"] > 0
        assert (ended["status"], ended["left"], ended["printed"]) == (7, 0, 6)
        assert ended["tail"] == "hello\n"
        assert 0 < ended["cpu"] < 30
        assert keeper.wait(30) == 0


def test_a_command_that_is_killed_has_a_negative_status():
    with keeping(*python("import os; os.kill(os.getpid(), 9)")) as keeper:
        assert heard(keeper)["type"] == "launched"
        assert heard(keeper)["status"] == -signal.SIGKILL


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("/no/such/python", "No such file or directory"),
        ("/", "Permission denied"),
        (__file__, "Permission denied"),
    ],
)
def test_a_command_that_cannot_be_started_is_refused(command, words):
    with keeping(command) as keeper:
        refused = heard(keeper)
        assert refused["type"] == "refused"
        assert refused["error"].startswith(command)
        assert words in refused["error"]
        assert keeper.wait(30) == 0


def test_it_reads_nothing_and_its_signals_are_as_usual():
    script = (
        "import os, signal, sys; print(repr(sys.stdin.read()), "
        "signal.getsignal(signal.SIGINT) is signal.default_int_handler, "
        "signal.getsignal(signal.SIGTERM) == signal.SIG_DFL, "
        "os.getsid(0) == os.getpid(), sorted(os.listdir('/proc/self/fd')))"
    )
    with keeping(*python(script)) as keeper:
        heard(keeper)
        assert heard(keeper)["tail"] == "'' True True True ['0', '1', '2', '3']\n"


def test_descriptors_are_passed_and_not_kept():
    read, write = os.pipe()
    script = f"import os; os.write({write}, b'passed')"
    with keeping(*python(script), options=("--pass", f"{write}"), pass_fds=(write,)) as keeper:
        os.close(write)
        heard(keeper)
        assert os.read(read, 100) == b"passed"
        assert os.read(read, 100) == b""
    os.close(read)


def test_what_is_printed_is_counted_and_its_end_is_kept():
    script = "import sys; sys.stdout.write('\\u00e9' * 2_000_000 + 'end'); sys.stderr.write('!')"
    with keeping(*python(script), env={**os.environ, "PYTHONUTF8": "1"}) as keeper:
        heard(keeper)
        ended = heard(keeper)
        assert ended["printed"] == 4_000_004
        assert set(ended["tail"]) == set("\u00e9end!")
        assert 4000 < len(ended["tail"]) <= 8192


def test_what_it_prints_may_be_anything():
    script = r"import os; os.write(1, b'\377\0\33[31m\"\\\342\230')"
    with keeping(*python(script)) as keeper:
        heard(keeper)
        ended = heard(keeper)
        assert ended["printed"] == 11
        assert ended["tail"].endswith('\x00\x1b[31m"\\\ufffd')


WAYS = {
    "a line": lambda keeper: (keeper.stdin.write(b"end\n"), keeper.stdin.flush()),
    "the end of its input": lambda keeper: keeper.stdin.close(),
    "SIGTERM": lambda keeper: keeper.send_signal(signal.SIGTERM),
    "SIGHUP": lambda keeper: keeper.send_signal(signal.SIGHUP),
}
TREES = {
    "a daemon": (DAEMON, 1),
    "a session": (SESSION, 2),
    "groups": (GROUPS, 16),
    "one that ignores signals": (STUBBORN, 1),
    "one that is stopped": (STOPPED, 1),
    "one that forks all the time": (HAPPY, 1),
    "one that is always another": (HOPPING, 1),
}
"""What a command becomes, and how many of it tell that they are ready."""


@pytest.mark.parametrize("way", WAYS)
def test_it_ends_all_when_it_is_told_to(told, way):
    ends_all("a daemon", WAYS[way], told)


@pytest.mark.parametrize("kind", list(TREES)[1:])
def test_it_ends_whatever_has_come_of_the_command(told, kind):
    ends_all(kind, WAYS["a line"], told)


def ends_all(kind, end, told):
    script, count = TREES[kind]
    with keeping(*python(script)) as keeper:
        assert heard(keeper)["type"] == "launched"
        until(lambda: len(told()) >= count)
        before = descendants(keeper.pid)
        end(keeper)
        ended = heard(keeper)
        # One that is always another ends by itself, and may be seen to.
        assert ended["left"] == 0 or script == HOPPING
        assert keeper.wait(30) == 0
        assert all(map(gone, [*before, *told()]))


def test_what_a_command_leaves_behind_is_counted_and_ended(told):
    with keeping(*python(FORKS + "daemon()")) as keeper:
        heard(keeper)
        ended = heard(keeper)
        assert (ended["status"], ended["left"]) == (0, 1)
        assert all(map(gone, told()))


def test_what_follows_the_command_at_once_is_not_left_behind():
    with keeping("sh", "-c", "sleep 0.05 & exit 3") as keeper:
        heard(keeper)
        ended = heard(keeper)
        assert (ended["status"], ended["left"]) == (3, 0)


def test_it_survives_an_interrupt_and_an_output_that_nobody_reads(told):
    with keeping(*python(DAEMON)) as keeper:
        launched = heard(keeper)
        keeper.stdout.close()
        keeper.send_signal(signal.SIGINT)
        os.kill(launched["pid"], 0)
        until(told)
        before = descendants(keeper.pid)
        keeper.stdin.write(b"en")
        keeper.stdin.flush()
        keeper.stdin.write(b"d\n")
        keeper.stdin.flush()
        assert keeper.wait(30) == 0
        assert all(map(gone, before))


def test_a_command_is_ended_with_a_keeper_that_is_killed():
    with keeping(*python("import time; time.sleep(1000)")) as keeper:
        launched = heard(keeper)
        keeper.kill()
        keeper.wait(30)
        until(lambda: gone(launched["pid"]))


GILSCOPE = """
import subprocess, sys
keeper = subprocess.Popen(sys.argv[1:], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
print(keeper.pid, flush=True)
print(keeper.stdout.readline().decode(), flush=True)
keeper.wait()
"""


@pytest.mark.parametrize("kind", ["a daemon", "one that forks all the time"])
def test_nothing_is_left_when_gilscope_itself_is_killed(told, kind):
    command = [*KEEPER, "--", *python(TREES[kind][0])]
    with subprocess.Popen(
        [sys.executable, "-c", GILSCOPE, *command], stdout=subprocess.PIPE
    ) as starter:
        keeper = int(starter.stdout.readline())
        launched = json.loads(starter.stdout.readline())["pid"]
        until(told)
        before = descendants(keeper)
        assert launched in before
        starter.kill()
    until(lambda: gone(keeper))
    assert all(map(gone, [*before, *told()]))


def test_processes_are_found_where_the_kernel_does_not_tell_of_children(told, monkeypatch):
    with keeping(*python(DAEMON)) as keeper:
        heard(keeper)
        until(told)
        known = set(descendants(keeper.pid))
        assert len(known) == 2
        monkeypatch.setattr(module.os.path, "exists", lambda path: False)
        assert set(descendants(keeper.pid)) == known


def test_a_keeper_imports_next_to_nothing():
    done = subprocess.run(
        [sys.executable, "-X", "importtime", *KEEPER[1:], "--", "true"],
        stdin=subprocess.PIPE,
        capture_output=True,
        text=True,
        check=True,
    )
    imported = {line.split("|")[-1].strip() for line in done.stderr.splitlines()}
    assert "ctypes" in imported
    assert not {"subprocess", "threading", "typing", "asyncio", "argparse"} & imported


def test_a_process_whose_main_thread_has_ended_still_runs():
    with leaderless() as process:
        assert process.pid in descendants(os.getpid())
        process.kill()
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        assert process.pid not in descendants(os.getpid())
