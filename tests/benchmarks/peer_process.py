"""A peer that runs beside a target: in a terminal if it needs one, on and off as asked."""

import fcntl
import os
import re
import shutil
import signal
import struct
import subprocess
import termios
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import psutil

from tests.benchmarks.cost import Probe

ROWS, COLUMNS = 24, 80
SETTLE = 1.2
"""Seconds from the start of a peer to its first window: the slowest has begun to sample by then."""
PATIENCE = 5.0
"""Seconds that a peer has to end after it was asked to."""
ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


class CannotRun(Exception):
    """A peer is not there, or ended by itself; says why, in its own words if it had any."""


def complaint(said: str) -> str:
    """Return one sentence of what a program said when it ended, without its decoration.

    That is the last line of a Python traceback, and the first line with a few words of any other.
    """
    lines = [ESCAPES.sub("", line).strip() for line in said.splitlines()]
    if any(line.startswith("Traceback ") for line in lines):
        return lines[-1]
    sentences = (line for line in lines if len(re.findall(r"[A-Za-z]{2,}", line)) > 3)
    first = next(sentences, "it ended without a word")
    return re.sub(r"^\W+", "", first).split(". ")[0]


class Watcher(Probe):
    """A peer that `cost.measure` can switch on (SIGCONT) and off (SIGSTOP).

    One that pauses gets these signals, with all its children. Any other is started and ended, and
    has SETTLE seconds to begin: one that holds the target stopped must not be stopped itself, and
    one that makes up for missed samples would do in the windows with it the work of those without.
    """

    def __init__(
        self,
        command: Sequence[str],
        target: int,
        errors: Path,
        *,
        terminal: bool = False,
        pauses: bool = False,
    ) -> None:
        if shutil.which(command[0]) is None:
            raise CannotRun(f"there is no {command[0]}")
        self._command, self._target = list(command), target
        self._terminal, self._pauses = terminal, pauses
        self._running: subprocess.Popen[bytes] | None = None
        self._errors = errors
        self.written = 0
        """Bytes that it has written to its terminal."""

    def signal(self, number: int) -> None:
        if number == signal.SIGCONT or self._pauses:
            self.start()
            if self._pauses:
                self._send(number)
        else:
            self.end()

    def cpu(self) -> float:
        """Return the seconds of CPU that it and its children have used, the ended ones too."""
        used = 0.0
        for process in self._tree():
            with suppress(psutil.NoSuchProcess):
                used += sum(process.cpu_times()[:4])
        return used

    def end(self) -> None:
        """End it, and see that the target runs."""
        if self._running is None:
            return
        self._send(signal.SIGCONT)
        if self._running.stdin is not None:
            self._running.stdin.close()
        self._running.send_signal(signal.SIGINT)
        try:
            self._running.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self._running.kill()
            self._running.wait()
        self._running = None
        # One that ends between attaching with ptrace and the stop this causes leaves that behind.
        os.kill(self._target, signal.SIGCONT)

    def start(self) -> None:
        """Start it, unless it runs.

        Raises:
            CannotRun: it has ended before it had begun.
        """
        if self._running is None:
            self._running = self._in_terminal() if self._terminal else self._in_the_dark()
            time.sleep(SETTLE)
            self.check()

    def check(self) -> None:
        """See that it has not ended.

        Raises:
            CannotRun: it has.
        """
        if self._running is not None and self._running.poll() is not None:
            said = "" if self._terminal else self._errors.read_text(errors="replace")
            raise CannotRun(complaint(said))

    def _in_the_dark(self) -> subprocess.Popen[bytes]:
        with self._errors.open("wb") as errors:
            return subprocess.Popen(
                self._command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=errors
            )

    def _in_terminal(self) -> subprocess.Popen[bytes]:
        outer, inner = os.openpty()
        fcntl.ioctl(inner, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        environment = os.environ | {"TERM": "xterm-256color", "COLORTERM": "truecolor"}
        running = subprocess.Popen(
            self._command,
            stdin=inner,
            stdout=inner,
            stderr=inner,
            env=environment,
            start_new_session=True,
        )
        os.close(inner)
        threading.Thread(target=self._read, args=(outer,), daemon=True).start()
        return running

    def _read(self, terminal: int) -> None:
        # A terminal whose other end is closed says EIO.
        with suppress(OSError):
            while data := os.read(terminal, 1 << 16):
                self.written += len(data)
        os.close(terminal)

    def _send(self, number: int) -> None:
        for process in self._tree():
            with suppress(psutil.NoSuchProcess):
                process.send_signal(number)

    def _tree(self) -> list[psutil.Process]:
        if self._running is None:
            return []
        with suppress(psutil.NoSuchProcess):
            process = psutil.Process(self._running.pid)
            return [process, *process.children(recursive=True)]
        return []
