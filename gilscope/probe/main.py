"""The probe's main function: options in, events on standard output, control on standard input."""

import fcntl
import os
import platform
import resource
import select
import signal
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from gilscope import __version__
from gilscope.errors import exit_code_of_signal
from gilscope.model.control import Rate, StackRate, Stop, Unwatch, Watch, decode_control
from gilscope.model.events import SCHEMA, BadLine, Bye, Event, Hello, Note, encode
from gilscope.probe.launch import Launched
from gilscope.probe.pace import Pace
from gilscope.probe.priority import ask_for_short_slices
from gilscope.probe.sampler import Sampler
from gilscope.probe.stacks import Stacks, find_py_spy
from gilscope.probe.unwatchable import Unwatchable
from gilscope.probe.wishes import Wishes

_PIPE_SIZE = 1 << 20
"""Bytes that a reader may lag behind before the probe has to wait for it."""

_LONGEST_LINE = 1 << 16
"""Bytes of a control line; what is longer is none."""

HIGHEST_RATE = 10_000.0


@dataclass(frozen=True, slots=True)
class ProbeOptions:
    """What the probe is asked for.

    Attributes:
        rate: samples a second.
        stack_rate: the most dumps by py-spy a second; 0 for none.
        every: milliseconds from one frame to the next.
        fidelity: "kernel" (or None), or "py-spy" to use nothing else.
        children: follow the children of what is watched.
        stdio: descriptors for a launched command's standard input, output and error.
        command: the command to launch; empty for none.
        budget: share of one core that the sampling may take.
        hog: microseconds from which on a hold is a hog.
    """

    rate: float = 1000.0
    stack_rate: float = 2.0
    every: int = 100
    fidelity: str | None = None
    children: bool = True
    stdio: tuple[int, int, int] | None = None
    command: tuple[str, ...] = ()
    budget: float = 0.05
    hog: int = 50_000


class Outlet:
    """Writes events to standard output; a reader that went away ends the probe."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self.closed = False
        # Fails where it is no pipe, or where this user's pipes may not be that large.
        with suppress(OSError):
            fcntl.fcntl(descriptor, fcntl.F_SETPIPE_SZ, _PIPE_SIZE)

    def emit(self, events: Sequence[Event]) -> None:
        """Write these events, waiting for the reader if it lags behind."""
        data = memoryview(b"".join([encode(event) for event in events]))
        while data and not self.closed:
            try:
                data = data[os.write(self._descriptor, data) :]
            except BrokenPipeError:
                self.closed = True
            except BlockingIOError:  # It shares its descriptor with one who wants it so.
                select.select([], [self._descriptor], [])


class Inlet:
    """Reads control messages from standard input without ever waiting for them.

    The descriptor stays as it is: on a terminal, standard output would cease to block with it.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._rest = b""
        self.closed = False
        self._poll = select.poll()
        self._poll.register(descriptor, select.POLLIN)

    def lines(self) -> list[bytes]:
        """Return lines that have come since the last call: no more than one read gives."""
        if not self.closed and self._poll.poll(0):
            try:
                data = os.read(self._descriptor, 1 << 16)
                self.closed = not data
                self._rest += data
            except BlockingIOError:
                pass  # Another process was faster to read from the same terminal.
            except OSError:
                self.closed = True
        *lines, self._rest = self._rest.split(b"\n")
        if len(self._rest) > _LONGEST_LINE:
            self._rest = b""
        return [line for line in lines if line.strip()]


def main(pids: list[int], options: ProbeOptions) -> int:
    """Sample until everything watched has ended, standard input closes, or SIGTERM or Ctrl-C comes.

    Ctrl-C is left alone where the command has the foreground: what to do is decided by who gave it
    its standard input and output.

    Returns:
        The exit code: 0, 1 where the command could not be started, or 130 after Ctrl-C.

    Raises:
        GilscopeError: nothing of all that was asked for could ever be watched; Bye says so, too.
    """
    origin = time.monotonic_ns()

    def clock() -> int:
        return (time.monotonic_ns() - origin) // 1000

    outlet, inlet = Outlet(sys.stdout.fileno()), Inlet(sys.stdin.fileno())
    outlet.emit([_hello(options)])
    unwatchable = Unwatchable(() if options.command else pids)

    def emit(events: Sequence[Event]) -> None:
        unwatchable.hear(events)
        outlet.emit(events)

    sampler = Sampler(
        emit,
        clock,
        pace=Pace(options.rate, options.budget, options.every * 1000),
        stacks=Stacks(find_py_spy(), options.stack_rate),
        wishes=Wishes(options.fidelity, options.hog, options.stack_rate),
        follow=options.children,
    )

    signals: list[int] = []

    def stop(number: int, _: object) -> None:
        signals.append(number)
        sampler.stopping = f"the probe was ended by {signal.Signals(number).name}"

    # Whoever ignores it has its children reaped by the kernel, which takes their exit status along.
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)
    # A shell has a job in the background ignore it.
    if options.stdio is None and signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, stop)

    def control() -> None:
        for line in inlet.lines():
            _obey(line, sampler, outlet, clock())
        if sampler.stopping is None and inlet.closed:
            sampler.stopping = "its standard input was closed"
        if outlet.closed:
            sampler.stopping = "nobody reads its events"

    if options.stack_rate > 0 and sampler.stacks.path is None:
        text = "py-spy was not found, so threads have no Python names."
        outlet.emit([Note(clock(), "warning", text, "pip install py-spy")])
    if options.command:
        try:
            sampler.launched = Launched(options.command, options.stdio)
        except OSError as error:
            text = f"{options.command[0]} cannot be started: {error.strerror}."
            outlet.emit([Note(clock(), "error", text), Bye(clock(), "nothing was launched")])
            return 1
        sampler.watch(sampler.launched.pid)
    ask_for_short_slices()
    _allow_many_files()
    for pid in pids:
        sampler.watch(pid)
    sampler.keep_waiting = not pids and not options.command
    try:
        sampler.run(control)
    finally:
        sampler.close()
    refusal = unwatchable.error()
    if refusal is not None:
        outlet.emit([Bye(clock(), refusal.what)])
        raise refusal
    outlet.emit([Bye(clock(), sampler.stopping or "it was asked to")])
    return exit_code_of_signal(signal.SIGINT) if signal.SIGINT in signals else 0


def _allow_many_files() -> None:
    """Allow as many open files as this user may have: each watched thread takes three.

    The usual limit of 1024 is for programs that use select; a launched command keeps it.
    """
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _hello(options: ProbeOptions) -> Hello:
    system = platform.uname()
    return Hello(
        schema=SCHEMA,
        version=__version__,
        probe=os.getpid(),
        host=system.node,
        system=f"{system.system} {system.release} {system.machine}",
        cores=os.cpu_count() or 1,
        started=time.time(),
        rate=options.rate,
        every=options.every * 1000,
        hog=options.hog,
    )


def _obey(line: bytes, sampler: Sampler, outlet: Outlet, now: int) -> None:
    try:
        message = decode_control(line)
    except BadLine as error:
        outlet.emit([Note(now, "warning", f"A control line was not understood: {error}.")])
        return
    match message:
        case Watch(pid=pid):
            sampler.watch(pid)
        case Unwatch(pid=pid):
            sampler.unwatch(pid)
        case Rate(hertz=hertz):
            sampler.pace.asked = sampler.pace.rate = min(max(hertz, 1.0), HIGHEST_RATE)
        case StackRate(hertz=hertz):
            sampler.stacks.rate = sampler.wishes.stack_rate = hertz
        case Stop():
            sampler.stopping = "it was asked to"
