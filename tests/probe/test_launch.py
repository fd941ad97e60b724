"""Launching a command: what it prints, how it ends, and that nothing of it stays."""

import os
import signal
import sys
import time

import pytest

from gilscope.probe.kernel import read_facts
from gilscope.probe.launch import PATIENCE, Launched

DEADLINE = 10.0
STUBBORN = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("ready", flush=True)
while True: time.sleep(100)
"""


def until(done):
    deadline = time.monotonic() + DEADLINE
    while not done():
        assert time.monotonic() < deadline
        time.sleep(0.002)


def gone(pid):
    return not os.path.exists(f"/proc/{pid}")


def runs(pid):
    try:
        return read_facts(pid).state != "Z"
    except ProcessLookupError:
        return False


@pytest.fixture
def launch():
    """Return a function that launches a command; whatever still runs is ended afterwards."""
    launched = []

    def start(*command, stdio=None):
        launched.append(Launched(command, stdio))
        return launched[-1]

    yield start
    for one in launched:
        one.end([], patience=0.0)
        assert gone(one.pid)


def everything(launched):
    """Return all that a command prints until it has closed its terminal."""
    pieces = []

    def ended():
        pieces.append(launched.output())
        return launched.poll() is not None and not pieces[-1]

    until(ended)
    return "".join(pieces)


@pytest.mark.parametrize(
    ("command", "status"),
    [(("true",), 0), (("sh", "-c", "exit 7"), 7), (("sh", "-c", "kill -9 $$"), -9)],
)
def test_how_a_command_ended_is_known(launch, command, status):
    one = launch(*command)
    until(lambda: one.poll() is not None)
    assert one.status == one.poll() == status


def test_a_command_that_runs_has_no_status(launch):
    one = launch("sleep", "100")
    assert one.poll() is None
    assert one.status is None


def test_what_a_command_prints_is_returned_in_order(launch):
    one = launch("sh", "-c", "echo out; echo err >&2; printf 'no end'")
    assert everything(one) == "out\nerr\nno end"
    assert one.output() == ""


def test_output_that_does_not_come_is_not_waited_for(launch):
    one = launch("sleep", "100")
    assert one.output() == ""


def test_a_command_that_prints_a_lot_is_read_to_its_end(launch):
    one = launch("sh", "-c", "seq 200000")
    lines = everything(one).split("\n")
    assert len(lines) == 200_001
    assert lines[:2] == ["1", "2"]
    assert lines[-2:] == ["200000", ""]


def test_a_letter_printed_in_two_halves_is_one_letter(launch, tmp_path):
    gate = tmp_path / "gate"
    script = f"printf 'a\\342\\230'; until [ -e {gate} ]; do sleep 0.01; done; printf '\\203b\\n'"
    one = launch("sh", "-c", script)
    text = ""

    def began():
        nonlocal text
        text += one.output()
        return text

    until(began)
    gate.touch()
    assert text + everything(one) == "a\N{SNOWMAN}b\n"


def test_bytes_that_are_no_text_do_no_harm(launch):
    assert everything(launch("printf", "a\\377b\\342")) == "a\ufffdb\ufffd"


def test_a_carriage_return_by_itself_is_kept(launch):
    assert everything(launch("printf", "10%%\\r20%%\\r")) == "10%\r20%\r"


def test_a_command_has_a_terminal_of_its_own_and_no_input(launch):
    text = everything(launch("sh", "-c", "test -t 1 && test ! -t 0 && echo $TERM; stty size <&1"))
    assert text == "dumb\n24 80\n"


def test_descriptors_that_were_handed_in_are_used_and_closed(launch):
    read, write = os.pipe()
    null = os.open(os.devnull, os.O_RDONLY)
    one = launch("echo", "here", stdio=(null, write, os.dup(write)))
    assert one.output() == ""
    assert os.read(read, 100) == b"here\n"
    # Nobody but the command had the pipe open for writing.
    assert os.read(read, 100) == b""
    os.close(read)


@pytest.mark.parametrize("command", [("/nonexistent/program",), ("/etc/passwd",), ("/",)])
def test_a_command_that_cannot_be_started_is_an_os_error_and_leaves_no_descriptor(command):
    before = set(os.listdir("/proc/self/fd"))
    with pytest.raises(OSError, match=command[0]):
        Launched(command, None)
    assert set(os.listdir("/proc/self/fd")) == before


def test_a_command_that_runs_is_ended(launch):
    one = launch("sleep", "100")
    one.end([])
    assert one.status == -signal.SIGTERM
    assert gone(one.pid)


def test_a_command_that_will_not_end_is_killed(launch):
    one = launch(sys.executable, "-c", STUBBORN)
    until(lambda: one.output())
    one.end([], patience=0.05)
    assert one.status == -signal.SIGKILL
    assert gone(one.pid)
    assert PATIENCE > 1


def test_its_descendants_are_ended_with_it(launch):
    one = launch("sh", "-c", "sleep 100 & echo $!; wait")
    text = ""

    def said():
        nonlocal text
        text += one.output()
        return text.endswith("\n")

    until(said)
    one.end([int(text)], patience=0.5)
    until(lambda: not runs(int(text)))


def test_ending_what_has_ended_does_nothing(launch):
    one = launch("true")
    until(lambda: one.poll() is not None)
    one.end([one.pid, 1 << 22])
    one.end([])
    assert one.status == 0


def test_the_status_of_a_command_that_ended_by_itself_is_not_lost(launch):
    one = launch("sh", "-c", "exit 5")
    os.waitid(os.P_PID, one.pid, os.WEXITED | os.WNOWAIT)
    one.end([], patience=0.05)
    assert one.status == 5
