"""A probe as a child process, and targets to watch with it."""

import contextlib
import itertools
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from gilscope.model.control import Control
from gilscope.model.events import Event, Frame, decode_event, encode
from gilscope.model.records import ProcessRecord, ThreadRecord
from gilscope.model.session import Session
from gilscope.model.states import POSITION

DEADLINE = 30.0

PROBE = (sys.executable, "-m", "gilscope", "probe")

TARGET = """
import os, socket, sys, threading, time, zlib

def compute():
    while True:
        sum(range(2000))

def compress():
    while True:
        zlib.compress(text, 9)

text = b"".join(b"%d" % (n * n * 7919) for n in range(300000))
near, far = socket.socketpair()
gate = threading.Lock()
gate.acquire()
for name, work, arguments in (
    ("cpu-1", compute, ()), ("cpu-2", compute, ()), ("squeeze", compress, ()),
    ("reader", near.recv, (1,)), ("gated", gate.acquire, ()), ("nap", time.sleep, (1000,)),
):
    thread = threading.Thread(name=name, target=work, args=arguments)
    thread.daemon = True
    thread.start()
print("ready")
sys.stdout.flush()
sys.stdin.readline()
os._exit(0)
"""

LEADERLESS = """
import ctypes, os, sys, threading, time

def compute():
    while True:
        sum(range(2000))

for name, work, arguments in (
    ("busy", compute, ()), ("reader", os.read, (0, 1)), ("nap", time.sleep, (1000,)),
):
    thread = threading.Thread(name=name, target=work, args=arguments)
    thread.daemon = True
    thread.start()
print("ready")
sys.stdout.flush()
ctypes.CDLL(None).pthread_exit(None)
"""
"""A process that goes on without its main thread, as a C program that embeds Python may."""


class Probe:
    """A probe that runs, and the session built from what it says."""

    def __init__(self, *arguments: object, prefix: tuple[str, ...] = ()) -> None:
        command = [*prefix, *PROBE, *map(str, arguments)]
        self.child = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        self.session = Session()
        self.events: list[Event] = []
        self._news = threading.Condition()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self.child.stdout is not None
        for line in self.child.stdout:
            event = decode_event(line)
            with self._news:
                self.events.append(event)
                self.session.apply(event)
                self._news.notify_all()
        with self._news:
            self._news.notify_all()

    def until(self, done: Callable[[], object]) -> None:
        """Wait until something is so; fail where it never is."""
        with self._news:
            if not self._news.wait_for(lambda: done() or not self._reader.is_alive(), DEADLINE):
                raise AssertionError(f"not within {DEADLINE} s: {self.describe()}")
            assert done(), f"the probe ended before: {self.describe()}"

    def describe(self) -> str:
        """Say what is known by now."""
        told = [f"{process.about}" for process in self.session.processes.values()]
        told += [f"{t.tid} {t.name!r} {t.state} {t.spent}" for t in self.session.threads()]
        told += [f"{note}" for note in self.session.notes]
        return "\n".join(told)

    def of(self, kind: type, pid: int | None = None) -> list:
        """Return the events of a kind, of one process or of all."""
        found = [event for event in self.events if isinstance(event, kind)]
        return [event for event in found if pid is None or event.pid == pid]

    def send(self, message: Control) -> None:
        """Send a control message."""
        assert self.child.stdin is not None
        self.child.stdin.write(encode(message))
        self.child.stdin.flush()

    def finish(self) -> int:
        """Close its input and return its exit code."""
        assert self.child.stdin is not None
        assert self.child.stderr is not None
        with contextlib.suppress(OSError):
            self.child.stdin.close()
        try:
            code = self.child.wait(DEADLINE)
        finally:
            self.child.kill()
            self._reader.join()
            self.child.stdout.close()
        complaint = self.child.stderr.read().decode()
        self.child.stderr.close()
        assert "Traceback" not in complaint, complaint
        return code

    def process(self, pid: int) -> ProcessRecord:
        """Return what is known of a process."""
        return self.session.processes[pid]

    def thread(self, pid: int, name: str) -> ThreadRecord | None:
        """Return what is known of the thread of that name; None while it is not."""
        process = self.session.processes.get(pid)
        threads = process.threads.values() if process else ()
        return next((thread for thread in threads if thread.name == name), None)


def share(thread: ThreadRecord | None, letters: str) -> float:
    """Return the share of a thread's time in some states."""
    if thread is None or not thread.watched:
        return 0.0
    return sum(thread.spent[POSITION[letter]] for letter in letters) / thread.watched


@contextlib.contextmanager
def probing(*arguments: object, prefix: tuple[str, ...] = (), code: int = 0) -> Iterator[Probe]:
    """Run a probe that ends with an exit code, and end it whatever happens."""
    probe = Probe(*arguments, prefix=prefix)
    try:
        yield probe
    except BaseException:
        probe.child.kill()
        with contextlib.suppress(AssertionError):
            probe.finish()
        raise
    assert probe.finish() == code


@contextlib.contextmanager
def running(
    script: str, python: str | Path = sys.executable, *arguments: str, prefix: tuple[str, ...] = ()
) -> Iterator:
    """Run a target that says when it is ready, and kill it and its children afterwards."""
    child = subprocess.Popen(
        [*prefix, str(python), "-c", script, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        process_group=0,
    )
    try:
        assert child.stdout.readline(), "the target did not start"
        yield child
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        child.stdin.close()
        child.stdout.close()
        child.wait()


@contextlib.contextmanager
def leaderless() -> Iterator:
    """Run a process whose main thread has ended while others run on."""
    with running(LEADERLESS) as child:
        until(lambda: gone(child.pid))
        yield child


def frames_add_up(probe: Probe) -> None:
    """Check that no GIL is held for longer than a frame, and that frames leave no gap."""
    for frame in probe.of(Frame):
        for process in frame.processes:
            for gil in process.gils:
                assert 0 <= gil.held <= frame.span
    spans = [(frame.at - frame.span, frame.at) for frame in probe.of(Frame)]
    assert all(a[1] == b[0] for a, b in itertools.pairwise(spans))


def tracer(pid: int) -> int:
    """Return which process traces a process; 0 for none."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("TracerPid:"):
            return int(line.split()[1])
    raise AssertionError("no TracerPid")


def gone(pid: int) -> bool:
    """Tell whether a process, or its main thread, has ended, reaped or not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def until(done: Callable[[], object]) -> None:
    """Wait until something is so; fail where it never is."""
    deadline = time.monotonic() + DEADLINE
    while not done():
        assert time.monotonic() < deadline
        time.sleep(0.005)
