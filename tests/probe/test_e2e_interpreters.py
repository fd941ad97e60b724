"""The real probe on real interpreters."""

import os
import signal
import sys

import pytest

from gilscope.model.events import (
    KERNEL,
    NO_FIDELITY,
    PYSPY,
    Bye,
    Frame,
    Gone,
)
from tests.probe.interpreters import MODERN, OLD
from tests.probe.live import (
    TARGET,
    frames_add_up,
    leaderless,
    probing,
    running,
    share,
    tracer,
)

pytestmark = pytest.mark.e2e


OWN_STATE = {"reader": "I", "gated": "L", "nap": "S"}


@pytest.mark.parametrize("python", MODERN)
def test_every_state_is_seen_and_every_name_is_told(python):
    with running(TARGET, python) as target, probing(target.pid) as probe:

        def everything_is_seen():
            assert tracer(target.pid) == 0
            threads = {name: probe.thread(target.pid, name) for name in OWN_STATE}
            busy = [probe.thread(target.pid, f"cpu-{number}") for number in (1, 2)]
            return (
                all(share(threads[name], letter) >= 0.9 for name, letter in OWN_STATE.items())
                and all(share(one, "H") > 0.1 and share(one, "W") > 0.1 for one in busy)
                and share(probe.thread(target.pid, "squeeze"), "N") > 0.02
            )

        probe.until(everything_is_seen)
        about = probe.process(target.pid).about
        assert (about.fidelity, about.implementation, about.gil) == (KERNEL, "cpython", True)
        assert probe.process(target.pid).switches > 0
        assert probe.process(target.pid).held > 0
        reader = probe.thread(target.pid, "reader")
        probe.until(lambda: reader.blocked and "recv" in reader.blocked)
        probe.until(lambda: any(c.name == "compute" for c in busy_calls(probe, target.pid)))
        for thread in probe.process(target.pid).threads.values():
            assert thread.native is False
        frames_add_up(probe)


def busy_calls(probe, pid):
    return probe.thread(pid, "cpu-1").calls


@pytest.mark.parametrize("python", OLD)
def test_an_old_interpreter_is_read_by_py_spy_alone_and_the_reason_is_told(python):
    with running(TARGET, python) as target, probing(target.pid) as probe:
        probe.until(lambda: any(t.spent[0] for t in probe.session.threads()))
        about = probe.process(target.pid).about
        assert about.fidelity == PYSPY
        assert python.parent.parent.name in about.python
        assert about.reason
        assert tracer(target.pid) == 0


def test_py_spy_alone_can_be_asked_for():
    with running(TARGET) as target, probing(target.pid, "--fidelity", "py-spy") as probe:
        probe.until(lambda: any(t.spent[0] for t in probe.session.threads()))
        assert probe.process(target.pid).about.fidelity == PYSPY


def test_a_target_whose_main_thread_has_ended_is_told_with_names_and_without_that_thread():
    with leaderless() as target, probing(target.pid) as probe:
        probe.until(lambda: share(probe.thread(target.pid, "busy"), "H") > 0.5)
        probe.until(lambda: share(probe.thread(target.pid, "nap"), "S") > 0.5)
        assert {t.tid for t in probe.process(target.pid).living()}.isdisjoint({target.pid})
        target.kill()
        target.wait()
        probe.until(lambda: probe.session.bye)
        assert [g.how for g in probe.of(Gone, target.pid) if g.tid is None] == ["exited"]


def test_a_target_that_is_killed_is_gone_and_the_probe_ends():
    with running(TARGET) as target, probing(target.pid) as probe:
        probe.until(lambda: probe.of(Frame))
        target.kill()
        target.wait()
        probe.until(lambda: probe.session.bye)
        assert [g.how for g in probe.of(Gone, target.pid) if g.tid is None] == ["exited"]
        assert isinstance(probe.events[-1], Bye)


def test_a_target_that_is_stopped_says_so_and_goes_on():
    with running(TARGET) as target, probing(target.pid) as probe:
        probe.until(lambda: probe.of(Frame))
        assert not probe.process(target.pid).stopped
        os.kill(target.pid, signal.SIGSTOP)
        probe.until(lambda: probe.process(target.pid).stopped)
        os.kill(target.pid, signal.SIGCONT)
        probe.until(lambda: not probe.process(target.pid).stopped)
        switches = probe.process(target.pid).switches
        probe.until(lambda: probe.process(target.pid).switches > switches)
        # What it is blocked in was out of sight while it was stopped.
        probe.until(lambda: "recv" in (probe.thread(target.pid, "reader").blocked or ""))


def test_a_target_that_becomes_another_program_is_introduced_again():
    script = """
import os, sys
print(1, flush=True)
sys.stdin.readline()
os.execvp("sleep", ["sleep", "1000"])
"""
    with running(script) as target, probing(target.pid) as probe:
        probe.until(lambda: probe.of(Frame))
        target.stdin.write(b"\n")
        target.stdin.flush()
        probe.until(lambda: probe.process(target.pid).about.command == ("sleep", "1000"))
        probe.until(lambda: probe.process(target.pid).about.fidelity == NO_FIDELITY)
        assert [g.how for g in probe.of(Gone, target.pid) if g.tid is None] == []
        probe.until(lambda: any(t.state == "S" for t in probe.session.threads()))


def test_python_that_becomes_python_has_the_new_programs_threads():
    script = """
import os, sys, time
if sys.argv[-1] == "again":
    time.sleep(1000)
print(1, flush=True)
sys.stdin.readline()
os.execv(sys.executable, [sys.executable, "-c", sys.argv[1], "", "again"])
"""
    with running(script, sys.executable, script) as target, probing(target.pid) as probe:
        probe.until(lambda: probe.of(Frame))
        target.stdin.write(b"\n")
        target.stdin.flush()
        probe.until(lambda: probe.process(target.pid).about.command[-1] == "again")
        probe.until(lambda: share(probe.process(target.pid).threads.get(target.pid), "S") > 0.5)
