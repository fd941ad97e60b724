"""Ask py-spy for names and stacks, one process at a time, without ever stopping the target.

py-spy runs as a process of its own with --nonblocking; one dump takes it about 20 ms on a core, so
dumps are spaced to keep their average cost inside a budget.
"""

import os
import shutil
import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from gilscope.probe.kernel import living_task

BUDGET = 0.02
"""Share of one core that dumps may take on average."""

FIRST_BUDGET = 0.1
"""Share of one core that they may take while there are processes without any names yet."""

TIMEOUT = 5_000_000
"""Microseconds after which a dump is given up."""

LARGEST = 1 << 26
"""Bytes of an answer after which it is given up; a thread of 20 calls takes 4 kB."""


class DumpedCall(msgspec.Struct, frozen=True):
    """One level of a stack in py-spy's JSON."""

    name: str
    filename: str
    line: int = 0


class DumpedThread(msgspec.Struct, frozen=True):
    """One thread in py-spy's JSON; `os_thread_id` is missing before 3.11 with --nonblocking."""

    thread_id: int
    active: bool
    owns_gil: bool
    frames: list[DumpedCall]
    thread_name: str | None = None
    os_thread_id: int | None = None


_decoder = msgspec.json.Decoder(list[DumpedThread])


class PySpyFailed(Exception):
    """A dump came to nothing; the message is what py-spy said."""


class PySpyBroken(PySpyFailed):
    """py-spy itself did not work, whatever the process was doing."""


@dataclass(slots=True)
class _Dump:
    """A dump in progress: the child, and the anonymous files that take its output."""

    target: int
    child: int
    output: int
    errors: int
    started: int


def find_py_spy() -> str | None:
    """Return the path of py-spy: beside this interpreter, or on the PATH."""
    beside = os.path.dirname(sys.executable)
    return shutil.which("py-spy", path=os.pathsep.join([beside, os.environ.get("PATH", "")]))


class Stacks:
    """Runs py-spy for a changing set of processes.

    Attributes:
        spent: microseconds on a core that ended dumps took and that were not yet taken.
    """

    def __init__(self, path: str | None, rate: float) -> None:
        """Args: path: py-spy, or None for never. rate: the most dumps a second."""
        self.path = path
        self.rate = rate
        self.spent = 0
        self._running: _Dump | None = None
        self._started = 0
        self._cost = 0
        self._turn = 0

    @property
    def target(self) -> int | None:
        """The process that is being dumped."""
        return self._running.target if self._running else None

    @property
    def child(self) -> int | None:
        """Process id of a dump in progress."""
        return self._running.child if self._running else None

    def poll(
        self, now: int, new: Sequence[int], known: Sequence[int]
    ) -> tuple[int, list[DumpedThread] | PySpyFailed] | None:
        """Start a dump when one is due, and return the one that has ended, if any.

        Args:
            now: microseconds since the stream began.
            new: processes that have never been dumped; they come first.
            known: others that there may be something new to say of; they take turns.
        """
        if self._running is not None:
            return self._collect(self._running, now)
        waited = now - self._started
        if self.path is None or self.rate <= 0:
            return None
        if new and waited >= self._cost / FIRST_BUDGET:
            return self._start(new[0], self.path, now)
        if known and waited >= max(self._cost / BUDGET, 1e6 / self.rate):
            self._turn += 1
            return self._start(known[self._turn % len(known)], self.path, now)
        return None

    def close(self) -> None:
        """End a dump in progress."""
        if self._running is not None:
            os.kill(self._running.child, signal.SIGKILL)
            os.waitpid(self._running.child, 0)
            self._forget(self._running)

    def _start(self, target: int, path: str, now: int) -> tuple[int, PySpyFailed] | None:
        output, errors = os.memfd_create("py-spy"), os.memfd_create("py-spy-errors")
        actions: list[Any] = [
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_DUP2, output, 1),
            (os.POSIX_SPAWN_DUP2, errors, 2),
        ]
        arguments = [
            path,
            "dump",
            "--json",
            "--nonblocking",
            "--full-filenames",
            "--pid",
            str(living_task(target) or target),
        ]
        # RUST_BACKTRACE would have it print a page for every process that has just ended.
        environment = {k: v for k, v in os.environ.items() if not k.startswith("RUST_")}
        self._started = now
        try:
            child = os.posix_spawn(path, arguments, environment, file_actions=actions)
        except OSError as error:
            os.close(output)
            os.close(errors)
            return target, PySpyBroken(f"py-spy cannot be started: {error.strerror}")
        self._running = _Dump(target, child, output, errors, now)
        return None

    def _collect(
        self, dump: _Dump, now: int
    ) -> tuple[int, list[DumpedThread] | PySpyFailed] | None:
        child, status, usage = os.wait4(dump.child, os.WNOHANG)
        timed_out = child == 0 and now - dump.started > TIMEOUT
        too_long = child == 0 and _size(dump.output) + _size(dump.errors) > LARGEST
        if timed_out or too_long:
            os.kill(dump.child, signal.SIGKILL)
            child, status, usage = os.wait4(dump.child, 0)
        if child == 0:
            return None
        self._cost = round((usage.ru_utime + usage.ru_stime) * 1e6)
        self.spent += self._cost
        try:
            if timed_out:
                return dump.target, PySpyBroken(f"py-spy gave no answer in {TIMEOUT // 10**6} s")
            if too_long or _size(dump.output) > LARGEST:
                return dump.target, PySpyFailed("py-spy's answer is too long")
            if status != 0:
                return dump.target, PySpyFailed(_first_line(_contents(dump.errors)))
            return dump.target, read_dump(_contents(dump.output))
        except PySpyFailed as error:
            return dump.target, error
        finally:
            self._forget(dump)

    def _forget(self, dump: _Dump) -> None:
        os.close(dump.output)
        os.close(dump.errors)
        self._running = None


def read_dump(answer: bytes) -> list[DumpedThread]:
    """Return the threads in what `py-spy dump --json` printed.

    Raises:
        PySpyFailed: it is something else.
    """
    try:
        return _decoder.decode(answer)
    except (msgspec.DecodeError, RecursionError) as error:
        raise PySpyFailed(f"py-spy's answer cannot be read: {error}") from error


def _size(descriptor: int) -> int:
    return os.fstat(descriptor).st_size


def _contents(descriptor: int) -> bytes:
    return os.pread(descriptor, _size(descriptor), 0)


def _first_line(errors: bytes) -> str:
    lines = [line.strip() for line in errors[:500].decode(errors="replace").splitlines()]
    return next((line.removeprefix("Error: ") for line in lines if line), "py-spy failed")
