"""The probe as a child process: how it is started, spoken to, ended, and what it died of."""

import fcntl
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from gilscope.errors import GilscopeError
from gilscope.model.control import Control
from gilscope.model.events import encode

STDERR_KEPT = 4096
"""Bytes of the probe's standard error that are kept, to say why it died."""

Stdio = tuple[int, int, int]


@dataclass(frozen=True)
class ProbeRequest:
    """What the probe is asked to do; None leaves a choice to the probe.

    Attributes:
        pids: the processes to watch.
        command: a command that the probe launches itself, and watches.
        rate: samples a second.
        stack_rate: stacks a second, 0 for none.
        every: milliseconds from one frame to the next.
        fidelity: the best fidelity to use, "kernel" or "py-spy".
        hog: milliseconds from which on a hold is a hog.
        budget: percent of one core that the sampling may take.
        children: follow the children of what is watched.
        stdio: descriptors that become the command's input, output and errors. Without them it
            gets a terminal of its own, and what it prints comes as events.
    """

    pids: Sequence[int] = ()
    command: Sequence[str] = ()
    rate: float | None = None
    stack_rate: float | None = None
    every: int | None = None
    fidelity: str | None = None
    hog: float | None = None
    budget: float | None = None
    children: bool = True
    stdio: Stdio | None = None

    def arguments(self, stdio: Stdio | None = None) -> list[str]:
        """Return the arguments of `gilscope probe` that ask for this."""
        told: list[str] = []
        for option, value in (
            ("--rate", self.rate),
            ("--stack-rate", self.stack_rate),
            ("--every", self.every),
            ("--fidelity", self.fidelity),
            ("--hog", self.hog),
            ("--budget", self.budget),
        ):
            if value is not None:
                told += [option, str(value)]
        if not self.children:
            told.append("--no-children")
        if stdio is not None:
            told += ["--stdio", ",".join(map(str, stdio))]
        told += map(str, self.pids)
        if self.command:
            told += ["--", *self.command]
        return told


# -P keeps the current directory off the probe's path: a random.py there must not break it, and
# under sudo must not run.
PROBE = (sys.executable, "-P", "-m", "gilscope", "probe")

Program = Callable[[list[str]], list[str]]


def probe_program(arguments: list[str]) -> list[str]:
    """Return the command line of the probe with these arguments."""
    return [*PROBE, *arguments]


class ProbeChild:
    """A started probe: its pipes, its last words and its end.

    Its output pipes do not block. A request that hands on descriptors keeps the probe in this
    process's group, so that Ctrl-C reaches the command that runs in the foreground, as it would
    without the probe; any other probe is in a session of its own, out of the terminal's reach.

    Raises:
        GilscopeError: it cannot be started.
    """

    def __init__(self, request: ProbeRequest, program: Program = probe_program) -> None:
        # Numbers above 2: the probe's own standard streams will take 0, 1 and 2.
        passed = [fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 3) for fd in request.stdio or ()]
        stdio = (passed[0], passed[1], passed[2]) if passed else None
        told = program(request.arguments(stdio))
        try:
            self._process = subprocess.Popen(
                told,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                bufsize=0,
                pass_fds=passed,
                start_new_session=not passed,
            )
        except OSError as error:
            raise GilscopeError(
                f"the sampler could not be started: {told[0]}: {error.strerror}",
                "what this machine allows: gilscope doctor",
            ) from error
        finally:
            for fd in passed:
                os.close(fd)
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        self._stdin = self._process.stdin
        self._stdout = self._process.stdout
        self._stderr = self._process.stderr
        self._last_words = b""
        for fd in (self._stdin.fileno(), self.output, self.errors):
            os.set_blocking(fd, False)

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def output(self) -> int:
        """The descriptor that events come from."""
        return self._stdout.fileno()

    @property
    def errors(self) -> int:
        """The descriptor that complaints come from."""
        return self._stderr.fileno()

    def running(self) -> bool:
        """Whether it has not ended yet."""
        return self._process.poll() is None

    def read(self) -> bytes | None:
        """Return what has come on its output: b"" at the end, None when there is nothing yet."""
        return _read(self.output)

    def listen(self) -> bool:
        """Keep what has come on its standard error; return whether more may come."""
        while piece := _read(self.errors):
            self._last_words = (self._last_words + piece)[-STDERR_KEPT:]
        return piece is None

    def send(self, control: Control) -> None:
        """Pass a control message on; does nothing once the probe has ended or hangs."""
        if self._stdin.closed:
            return
        try:
            os.write(self._stdin.fileno(), encode(control))
        except (BrokenPipeError, BlockingIOError):
            # It has ended, which its output will tell, or it has not read 64 kB of control lines.
            return

    def hang_up(self) -> None:
        """Close its input, which asks it to end."""
        self._stdin.close()

    def terminate(self) -> None:
        """Make it end, in an orderly way if it can."""
        self._process.terminate()

    def kill(self) -> None:
        """Make it end at once."""
        self._process.kill()

    def reap(self) -> None:
        """Let go of an ended probe."""
        self._process.wait()
        for pipe in (self._stdin, self._stdout, self._stderr):
            pipe.close()

    def cause_of_death(self) -> str:
        """Return one sentence on how it ended, from its exit code and its last words."""
        return cause_of_death(self._process.poll(), self._last_words)


def cause_of_death(code: int | None, last_words: bytes) -> str:
    """Return one sentence on how the probe ended.

    Args:
        code: its exit code, or minus the number of the signal; None while it runs.
        last_words: the end of its standard error.
    """
    if code is None:
        sentence = "The probe closed its output but runs on"
    elif code < 0:
        sentence = f"The probe was ended by {signal_name(-code)}"
    else:
        sentence = f"The probe ended with exit code {code}"
    lines = last_words.decode(errors="replace").split("\n")
    last = next((line.strip() for line in reversed(lines) if line.strip()), "")
    return f"{sentence}: {last}" if last else f"{sentence}."


def signal_name(number: int) -> str:
    """Return the name of a signal, "SIGKILL"; its number where it has no name."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _read(fd: int) -> bytes | None:
    try:
        return os.read(fd, 1 << 16)
    except BlockingIOError:
        return None
