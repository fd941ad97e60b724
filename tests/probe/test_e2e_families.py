"""The real probe on real processes: what it follows, what it obeys, and how it ends."""

import contextlib
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from gilscope.model.control import Rate, StackRate, Stop, Unwatch, Watch
from gilscope.model.events import (
    KERNEL,
    Bye,
    Frame,
    Gone,
    Note,
    Process,
    decode_event,
)
from tests.probe.live import (
    DEADLINE,
    PROBE,
    TARGET,
    frames_add_up,
    gone,
    probing,
    running,
    share,
    until,
)

pytestmark = pytest.mark.e2e


FORKING = """
import multiprocessing, os, sys

def work(_):
    while True:
        sum(range(1000))

if __name__ == "__main__":
    context = multiprocessing.get_context("fork")
    children = [context.Process(target=work, args=(n,)) for n in range(2)]
    print(1, flush=True)
    sys.stdin.readline()
    for child in children:
        child.start()
    sys.stdin.readline()
    for child in children:
        child.terminate()
        child.join()
    sys.stdin.readline()
"""


def test_children_that_are_forked_are_followed_until_they_end():
    with running(FORKING) as target, probing(target.pid) as probe:
        probe.until(lambda: probe.of(Frame))
        target.stdin.write(b"\n")
        target.stdin.flush()

        def children():
            records = probe.session.processes.values()
            return [r for r in records if r.about.followed and r.about.parent == target.pid]

        probe.until(lambda: len(children()) == 2 and all(c.held for c in children()))
        assert {child.about.fidelity for child in children()} == {KERNEL}
        target.stdin.write(b"\n")
        target.stdin.flush()
        probe.until(lambda: all(child.gone for child in children()))
        assert probe.process(target.pid).gone is None


BUBBLING = """
import sys, threading
print(1, flush=True)
while True:
    threads = [threading.Thread(target=sum, args=(range(100),)) for _ in range(20)]
    for thread in threads: thread.start()
    for thread in threads: thread.join()
"""


def test_threads_that_are_born_and_end_quickly_do_no_harm():
    with running(BUBBLING) as target, probing(target.pid) as probe:
        probe.until(lambda: len(probe.of(Frame)) >= 15)
        living = [t for t in probe.process(target.pid).threads.values() if t.gone is None]
        assert len(living) < 50
        assert probe.process(target.pid).gone is None
        frames_add_up(probe)


NAMED = """
import json, sys, threading
gate = threading.Lock()
gate.acquire()
for name in json.loads(sys.argv[1]):
    threading.Thread(name=name, target=gate.acquire, daemon=True).start()
print(1, flush=True)
sys.stdin.readline()
"""


def test_threads_may_be_called_anything():
    names = [
        "line\nfeed",
        "\x1b[31mred\x07",
        "\N{SNAKE}" * 1024,
        "[b]bold[/b]",
        '"',
        "\u202eabc",
        " ",
    ]
    with running(NAMED, sys.executable, json.dumps(names)) as target, probing(target.pid) as probe:
        probe.until(lambda: all(probe.thread(target.pid, name) for name in names))


def test_a_process_named_by_a_hostile_hand_is_watched(tmp_path):
    program = tmp_path / "a) R 1 (b\nc\x1b"
    program.write_text("#!/bin/sh\nread line\n")
    program.chmod(0o755)
    with (
        subprocess.Popen([program], stdin=subprocess.PIPE) as target,
        probing(target.pid) as probe,
    ):
        probe.until(lambda: any(t.state == "I" for t in probe.session.threads()))


def test_watching_is_begun_and_left_and_changed_by_control_lines():
    with running(TARGET) as target, probing() as probe:
        probe.send(Watch(target.pid))
        probe.until(lambda: target.pid in probe.session.processes)
        probe.send(Rate(200.0))
        probe.send(StackRate(1e-320))
        probe.until(lambda: probe.of(Frame) and probe.of(Frame)[-1].sampler.rate == 200.0)
        for line in (
            b"nonsense\n",
            b"[" * 60_000 + b"\n",
            b'{"type":"watch","pid":-1}\n',
            b"\xff\n",
        ):
            probe.child.stdin.write(line)
        probe.child.stdin.flush()
        probe.until(lambda: len(probe.of(Note)) >= 4)
        probe.send(Unwatch(target.pid))
        probe.until(lambda: probe.process(target.pid).gone)
        assert probe.process(target.pid).gone.how == "lost"
        probe.send(Stop())
        probe.until(lambda: probe.session.bye)


def test_an_input_that_closes_ends_the_probe_and_all_that_it_launched():
    script = FORKING.replace("sys.stdin.readline()", "pass", 1).replace(
        "sys.stdin.readline()", "children[0].join()", 1
    )
    with probing("--", sys.executable, "-c", script) as probe:
        probe.until(lambda: sum(bool(r.held) for r in probe.session.processes.values()) >= 2)
        launched = set(probe.session.processes)
    assert isinstance(probe.events[-1], Bye)
    assert len(launched) >= 3
    for pid in launched:
        until(lambda pid=pid: gone(pid))


def test_a_command_that_is_launched_is_watched_and_its_status_told():
    with probing("--", sys.executable, "-c", "sum(range(10**7)); raise SystemExit(7)") as probe:
        probe.until(lambda: probe.session.bye)
        (process,) = probe.session.processes.values()
        assert process.gone.status == 7


def test_a_command_that_ends_at_once_is_told_of():
    with probing("--", "true") as probe:
        probe.until(lambda: probe.session.bye)
        assert [event.status for event in probe.of(Gone) if event.tid is None] == [0]
        assert len({event.pid for event in probe.of(Process)}) == 1
        assert probe.of(Note) == []


def test_an_interpreter_is_watched_from_its_first_moment():
    with probing(
        "--", sys.executable, "-c", TARGET.replace("sys.stdin.readline()", "time.sleep(99)")
    ) as probe:
        probe.until(lambda: any(share(t, "H") > 0.1 for t in probe.session.threads()))
        (process,) = probe.session.processes.values()
        assert process.about.fidelity == KERNEL


MANY = """
import resource, sys, threading
gate = threading.Lock()
gate.acquire()
threading.stack_size(65536)
for _ in range(600):
    threading.Thread(target=gate.acquire, daemon=True).start()
print(1, flush=True)
sys.stdin.readline()
"""


def test_a_process_of_many_threads_is_watched_with_few_files_allowed():
    few = ("prlimit", "--nofile=1024:8192")
    with running(MANY) as target, probing(target.pid, prefix=few) as probe:
        probe.until(lambda: sum(t.state == "L" for t in probe.session.threads()) >= 600)


def test_a_process_of_more_threads_than_files_can_be_opened_is_lost_and_no_other():
    few = ("prlimit", "--nofile=256:256")
    with (
        running(MANY) as target,
        running(TARGET) as other,
        probing(other.pid, target.pid, prefix=few) as probe,
    ):
        probe.until(lambda: target.pid in probe.session.processes)
        probe.until(lambda: probe.process(target.pid).gone)
        count = len(probe.of(Frame))
        probe.until(lambda: len(probe.of(Frame)) > count + 2)
        assert probe.process(target.pid).gone.how == "lost"
        assert probe.process(other.pid).gone is None


WITHOUT_RIGHTS = ("setpriv", "--bounding-set", "-sys_ptrace", "--inh-caps", "-sys_ptrace")
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can start another user's")


@contextlib.contextmanager
def anothers(*command):
    """Run a program as another user."""
    child = subprocess.Popen(
        ["setpriv", "--reuid", "65534", "--clear-groups", *command], stdin=subprocess.PIPE
    )
    try:
        until(lambda: Path(f"/proc/{child.pid}").stat().st_uid == 65534)
        yield child
    finally:
        child.kill()
        child.stdin.close()
        child.wait()


@needs_root
def test_a_process_that_may_not_be_read_is_lost_and_what_to_do_is_told():
    with (
        anothers("sleep", "1000") as target,
        probing(target.pid, prefix=WITHOUT_RIGHTS, code=3) as probe,
    ):
        probe.until(lambda: probe.session.bye)
        assert probe.process(target.pid).gone.how == "lost"
        (note,) = probe.of(Note)
        assert note.level == "error"
        assert "doctor" in note.fix


@needs_root
def test_a_process_that_becomes_another_users_is_lost_and_not_the_probe():
    script = """
import os, sys
print(1, flush=True)
sys.stdin.readline()
os.setuid(65534)
print(2, flush=True)
sys.stdin.readline()
"""
    for work in (script, script.replace("os.setuid(65534)", 'os.execvp("setpriv", ARGS)')):
        arguments = 'ARGS = ["setpriv", "--reuid", "65534", "--clear-groups", "sleep", "1000"]\n'
        with (
            running(arguments + work, prefix=WITHOUT_RIGHTS) as target,
            running(TARGET, prefix=WITHOUT_RIGHTS) as other,
            probing(target.pid, other.pid, prefix=WITHOUT_RIGHTS) as probe,
        ):
            probe.until(lambda pid=target.pid: pid in probe.session.processes and probe.of(Frame))
            target.stdin.write(b"\n")
            target.stdin.flush()
            probe.until(lambda pid=target.pid: probe.process(pid).gone)
            assert probe.process(target.pid).gone.how == "lost"
            assert any(t.spent[0] for t in probe.session.threads())
            assert probe.process(other.pid).gone is None


@needs_root
def test_a_child_that_may_not_be_read_is_told_of_once():
    script = """
import subprocess, sys
child = subprocess.Popen(["setpriv", "--reuid", "65534", "--clear-groups", "sleep", "1000"])
print(1, flush=True)
sys.stdin.readline()
"""
    with (
        running(script, prefix=WITHOUT_RIGHTS) as target,
        probing(target.pid, prefix=WITHOUT_RIGHTS) as probe,
    ):
        probe.until(lambda: len(probe.of(Frame)) >= 20)
        children = {event.pid for event in probe.of(Process)} - {target.pid}
        assert len(children) == 1
        assert len(probe.of(Note, *children)) <= 1


def test_several_processes_are_watched_at_once():
    with running(TARGET) as one, running(TARGET) as two, probing(one.pid, two.pid) as probe:
        probe.until(lambda: len([r for r in probe.session.processes.values() if r.held]) == 2)
        probe.until(lambda: all(probe.thread(pid, "cpu-1") for pid in (one.pid, two.pid)))


def test_signals_end_the_probe_in_good_order():
    for number in (signal.SIGTERM, signal.SIGHUP):
        with running(TARGET) as target, probing(target.pid) as probe:
            probe.until(lambda: probe.of(Frame))
            probe.child.send_signal(number)
            probe.until(lambda: probe.session.bye)
            assert number.name in probe.session.bye.reason


def test_a_probe_whose_reader_went_away_ends_with_what_it_launched():
    with subprocess.Popen(
        [*PROBE, "--", "sleep", "1000"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as probe:
        events = [decode_event(probe.stdout.readline()) for _ in range(2)]
        (launched,) = [event.pid for event in events if isinstance(event, Process)]
        probe.stdout.close()
        assert probe.wait(DEADLINE) == 0
        until(lambda: gone(launched))


def test_a_probe_that_is_killed_takes_what_it_launched_with_it():
    with subprocess.Popen(
        [*PROBE, "--", "sleep", "1000"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as probe:
        events = [decode_event(probe.stdout.readline()) for _ in range(2)]
        (launched,) = [event.pid for event in events if isinstance(event, Process)]
        probe.kill()
        until(lambda: gone(launched))


def test_a_process_that_has_ended_and_waits_for_its_parent_has_ended(sleeper):
    sleeper.kill()
    os.waitid(os.P_PID, sleeper.pid, os.WEXITED | os.WNOWAIT)
    with probing(sleeper.pid, code=4) as probe:
        probe.until(lambda: probe.session.bye)
        assert [event.how for event in probe.of(Gone)] == ["exited"]


def test_the_probe_does_not_watch_itself():
    with probing() as probe:
        probe.send(Watch(probe.child.pid))
        probe.until(lambda: probe.of(Note))
        assert probe.session.processes == {}
