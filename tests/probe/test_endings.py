"""How the probe ends: exit codes, and what Bye says."""

import os
import pty
import signal
import subprocess
import sys

import pytest

from gilscope.model.control import Stop
from gilscope.model.events import Bye, Frame, Process, decode_event
from gilscope.stream.launch import ProbeRequest
from gilscope.stream.local import ProbeProcess
from tests.probe.live import DEADLINE, PROBE, TARGET, Probe, gone, probing, running, until

pytestmark = pytest.mark.e2e

INTERRUPTIBLE = ("env", "--default-signal=INT")
"""Undoes what a shell does to all that runs in the background, these tests perhaps."""


WITHOUT_RIGHTS = ("setpriv", "--bounding-set", "-sys_ptrace", "--inh-caps", "-sys_ptrace")

MANY = 100
"""Events after which a probe is taken to go on for ever."""


def in_terminal(*arguments, prefix=INTERRUPTIBLE):
    """Return the exit code and the events of a probe that a person starts, and ends by Ctrl-C."""
    outer, inner = pty.openpty()
    with subprocess.Popen(
        [*prefix, *PROBE, *map(str, arguments)],
        stdin=inner,
        stdout=subprocess.PIPE,
        start_new_session=True,
    ) as probe:
        os.close(inner)
        events = []
        for line in probe.stdout:
            events.append(decode_event(line))
            if isinstance(events[-1], Frame):
                os.killpg(probe.pid, signal.SIGINT if len(events) < MANY else signal.SIGKILL)
        code = probe.wait(DEADLINE)
    os.close(outer)
    return code, events


def test_ctrl_c_ends_a_probe_in_good_order():
    with running(TARGET) as target:
        code, events = in_terminal(target.pid)
    assert code == 128 + signal.SIGINT
    assert events[-1] == Bye(events[-1].at, "the probe was ended by SIGINT")


def test_ctrl_c_ends_what_a_probe_has_launched_too():
    code, events = in_terminal("--", "sleep", "1000")
    (launched,) = {event.pid for event in events if isinstance(event, Process)}
    assert code == 128 + signal.SIGINT
    until(lambda: gone(launched))


def test_ctrl_c_is_left_to_a_command_that_has_the_foreground():
    script = "import time\nwhile True: time.sleep(0.1)"
    descriptors = ("sh", "-c", 'exec "$@" 3</dev/null 4>&2 5>&2', "sh")
    told = ("--stdio", "3,4,5", "--", sys.executable, "-c", script)
    with probing(*told, prefix=descriptors) as probe:
        for seen in (0, 3):
            probe.until(lambda seen=seen: len(probe.of(Frame)) > seen)
            probe.child.send_signal(signal.SIGINT)
        probe.until(lambda: len(probe.of(Frame)) > 6)
        probe.send(Stop())
        probe.until(lambda: probe.session.bye)
        assert probe.session.bye.reason == "it was asked to"


def test_a_probe_in_the_background_of_a_shell_takes_no_notice_of_ctrl_c():
    with running(TARGET) as target:
        probe = Probe(target.pid, prefix=("env", "--ignore-signal=INT"))
        probe.until(lambda: probe.of(Frame))
        probe.child.send_signal(signal.SIGINT)
        seen = len(probe.of(Frame))
        probe.until(lambda: len(probe.of(Frame)) > seen + 1)
        assert probe.finish() == 0


NOT_THERE = 2**31 - 1


def ended(*arguments, prefix=()):
    """Return the exit code, the reason and the notes of a probe that ends by itself."""
    probe = Probe(*arguments, prefix=prefix)
    try:
        probe.until(lambda: probe.session.bye)
    finally:
        code = probe.finish()
    return code, probe.session.bye.reason, [note.text for note in probe.session.notes]


def test_a_process_that_is_not_there_is_the_exit_code_and_the_reason():
    code, reason, notes = ended(NOT_THERE)
    assert (code, reason) == (4, f"there is no process {NOT_THERE}")
    assert notes == [f"There is no process {NOT_THERE}."]


def test_of_many_that_are_not_there_some_are_named():
    code, reason, notes = ended(*range(NOT_THERE - 5, NOT_THERE + 1))
    assert code == 4
    assert reason.startswith(f"there is no process {NOT_THERE - 5}, there is no process")
    assert reason.endswith(", and 3 more")
    assert len(notes) == 6


def test_a_process_that_has_ended_and_waits_for_its_parent_is_not_there():
    with subprocess.Popen(["true"]) as child:
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        code, reason, _ = ended(child.pid)
    assert (code, reason) == (4, f"process {child.pid} has ended")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
@pytest.mark.parametrize("others", [(), (NOT_THERE,)])
def test_a_process_that_may_not_be_read_is_the_exit_code_and_the_reason(others):
    # Root without any rights: another user may not be able to read the files of the tests.
    with subprocess.Popen(
        ["setpriv", "--reuid", "65534", "--clear-groups", "sleep", "60"]
    ) as child:
        until(lambda: os.stat(f"/proc/{child.pid}").st_uid == 65534)
        code, reason, _ = ended(child.pid, *others, prefix=WITHOUT_RIGHTS)
        child.kill()
    assert code == 3
    assert reason.startswith(f"process {child.pid} may not be read")


def test_where_one_of_those_asked_for_was_watched_it_ended_in_good_order():
    with running(TARGET) as target, probing(target.pid, NOT_THERE) as probe:
        probe.until(lambda: any(frame.processes for frame in probe.of(Frame)))
        target.kill()
        probe.until(lambda: probe.session.bye)
        assert probe.session.bye.reason == "every watched process has ended"


def test_a_plain_command_hears_of_nothing_but_the_note():
    """As before: the stream says Bye, so the exit code of the probe is no news of its death."""
    with ProbeProcess(ProbeRequest(pids=(NOT_THERE,))) as probe:
        events = list(probe.events())
    assert probe.ending is None
    assert isinstance(events[-1], Bye)
