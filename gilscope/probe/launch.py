"""Launch a command so that it can be watched from its first moment."""

import codecs
import ctypes
import errno
import fcntl
import os
import pty
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Callable

from gilscope.probe.kernel import living_task

_PR_SET_PTRACER = 0x59616D61
_PR_SET_PDEATHSIG = 1
_MOST_OUTPUT = 1 << 20
"""Bytes of output taken at one time."""
PATIENCE = 2.0
"""Seconds a command has to end after SIGTERM, unless it is told otherwise."""


class Launched:
    """A command that the probe has started, as its child.

    Yama (kernel.yama.ptrace_scope 1) lets a process read its own descendants only: that is why the
    probe starts the command, and why the command names the probe as one that may read it, which
    py-spy then may as well, being the probe's child.

    Attributes:
        pid: its process id.
        status: its exit status once it has ended, minus the number of a signal that ended it.
    """

    def __init__(self, command: tuple[str, ...], stdio: tuple[int, int, int] | None) -> None:
        """Start the command.

        Args:
            command: the program and its arguments.
            stdio: descriptors for its standard input, output and error. None: it reads nothing,
                and writes to a terminal of its own.

        Raises:
            OSError: it cannot be started.
        """
        self.status: int | None = None
        self._terminal: int | None = None
        # One read may end in the middle of a letter, or between the two halves of a line's end.
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._half_line_end = ""
        bind = _binder(os.getpid())
        if stdio is not None:
            self._child = subprocess.Popen(
                command, stdin=stdio[0], stdout=stdio[1], stderr=stdio[2], preexec_fn=bind
            )
            for descriptor in stdio:
                os.close(descriptor)
        else:
            self._terminal, inner = pty.openpty()
            fcntl.ioctl(inner, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
            os.set_blocking(self._terminal, False)
            try:
                self._child = subprocess.Popen(
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=inner,
                    stderr=inner,
                    start_new_session=True,
                    env={**os.environ, "TERM": "dumb"},
                    preexec_fn=bind,
                )
            except BaseException:
                os.close(self._terminal)
                raise
            finally:
                os.close(inner)
        self.pid = self._child.pid

    def output(self) -> str:
        """Return what it has printed since the last call; never waits."""
        if self._terminal is None:
            return ""
        pieces: list[bytes] = []
        taken = 0
        ended = False
        while taken < _MOST_OUTPUT:
            try:
                piece = os.read(self._terminal, 1 << 16)
            except OSError as error:
                if error.errno == errno.EIO:  # Every process has closed its end.
                    os.close(self._terminal)
                    self._terminal = None
                    ended = True
                break
            if not piece:
                break
            pieces.append(piece)
            taken += len(piece)
        text = self._half_line_end + self._decoder.decode(b"".join(pieces), ended)
        self._half_line_end = "\r" if text.endswith("\r") and not ended else ""
        return text.removesuffix(self._half_line_end).replace("\r\n", "\n")

    def poll(self) -> int | None:
        """Return its exit status; None while it runs."""
        self.status = self._child.poll()
        return self.status

    def end(self, others: list[int], patience: float = PATIENCE) -> None:
        """End it and the processes that it has started, if they still run.

        Args:
            others: its descendants.
            patience: seconds they have to end by themselves.
        """
        for number in (signal.SIGTERM, signal.SIGKILL):
            for pid in [*others, *([self.pid] if self.poll() is None else [])]:
                _send(pid, number)
            if number == signal.SIGTERM:
                _wait_until(
                    lambda: self.poll() is not None and not any(living_task(pid) for pid in others),
                    patience,
                )
        if self.poll() is None:
            self.status = self._child.wait()

    def close(self) -> None:
        """Close its terminal; what it has printed and was not taken is lost."""
        if self._terminal is not None:
            os.close(self._terminal)
            self._terminal = None


def _binder(probe: int) -> Callable[[], None]:
    """Return a function that, called in the child, binds it to the probe.

    The probe and the probe's children may read it, and it is ended when the probe is killed: what
    it prints would have nowhere to go.
    """
    libc = ctypes.CDLL(None)

    def bind() -> None:
        # The first fails where there is no Yama, and then it is not needed.
        libc.prctl(_PR_SET_PTRACER, probe, 0, 0, 0)
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)

    return bind


def _send(pid: int, number: int) -> None:
    try:
        os.kill(pid, number)
    except (ProcessLookupError, PermissionError):
        return


def _wait_until(done: Callable[[], bool], patience: float) -> None:
    deadline = time.monotonic() + patience
    while not done() and time.monotonic() < deadline:
        time.sleep(0.01)
