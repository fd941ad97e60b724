"""How the probe ends for whoever started it by hand: exit codes, and what Bye says."""

import os
import pty
import signal
import subprocess
import sys

import pytest

from gilscope.model.control import Stop
from gilscope.model.events import Bye, Frame, Process, decode_event
from tests.probe.live import DEADLINE, PROBE, TARGET, Probe, gone, probing, running, until

pytestmark = pytest.mark.e2e

INTERRUPTIBLE = ("env", "--default-signal=INT")
"""Undoes what a shell does to all that runs in the background, these tests perhaps."""


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
