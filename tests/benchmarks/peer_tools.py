"""The peers of gilscope: how each is run beside a target, and what it can tell of the GIL."""

import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from gilscope.stream.launch import PROBE
from tests.benchmarks import peer_output
from tests.benchmarks.peer_output import Shares

PROFILING_SINCE = (3, 15)
"""The first version with `profiling.sampling`, which reads targets of its own version only."""


@dataclass(frozen=True)
class Recording:
    """How a peer is made to tell, for some seconds, the share of holding of each thread.

    Attributes:
        command: its words; {pid}, {seconds} and {out}, a file, are filled in.
        per_second: samples that it is asked to take, or microseconds, as `read` needs it.
        read: reads the file, what was printed, and how much was asked for.
    """

    command: tuple[str, ...]
    per_second: int
    read: Callable[[Path, str, int], Shares]


@dataclass(frozen=True)
class Peer:
    """One way to watch a process.

    Attributes:
        name: what the table calls it.
        command: its words; {pid} and {out}, a file, are filled in. It runs until it is ended.
        terminal: it draws, and needs a terminal.
        pauses: it may be stopped and continued: it never stops the target itself, and does not
            make up for the samples that it missed.
        waiting: whether it shows which threads wait for the GIL.
        recording: how it tells the shares of holding; None where it cannot.
        only: what `recording` tells instead of holding, None where it tells holding.
        missing: why it cannot be run; None where it can.
    """

    name: str
    command: tuple[str, ...]
    waiting: str
    terminal: bool = False
    pauses: bool = False
    recording: Recording | None = None
    only: str | None = None
    missing: str | None = None


def peers(
    python: Sequence[str], version: tuple[int, int], py_spy: Sequence[str], austin: Sequence[str]
) -> list[Peer]:
    """Return all peers for a target that these words start and that has this version."""
    return [*gilscope(), *of_py_spy(py_spy), *of_austin(austin), *profiling(python, version)]


def gilscope() -> list[Peer]:
    stat = (sys.executable, "-m", "gilscope", "stat", "--json", "-d", "{seconds}", "{pid}")
    told = Recording(stat, 1, peer_output.of_summary)
    screen = (sys.executable, "-m", "gilscope", "attach", "{pid}")
    return [
        Peer("`gilscope probe`, 1 kHz", (*PROBE, "{pid}"), "yes", pauses=True, recording=told),
        Peer("`gilscope`, probe and screen", screen, "yes", terminal=True, pauses=True),
    ]


def of_py_spy(py_spy: Sequence[str]) -> list[Peer]:
    def record(rate: int) -> Peer:
        options = ("--gil", "--threads", "--format", "raw", "--nonblocking", "-r", str(rate))
        command = (*py_spy, "record", *options, "-o", "{out}", "-p", "{pid}")
        told = Recording((*command, "-d", "{seconds}"), rate, peer_output.of_py_spy)
        name = f"`py-spy record --gil --threads --nonblocking`, {rate} Hz"
        return Peer(name, command, "no", recording=told)

    top = (*py_spy, "top", "-p", "{pid}")
    return [
        Peer("`py-spy top`, 100 Hz", top, "no", terminal=True),
        Peer("`py-spy top --nonblocking`, 100 Hz", (*top, "--nonblocking"), "no", terminal=True),
        record(100),
        record(1000),
    ]


def of_austin(austin: Sequence[str]) -> list[Peer]:
    """Return austin, which tells time on a core: its -g is of garbage collection, not the GIL."""
    version = version_of(austin)
    on_core = ("-b", "-s") if version.startswith("3.") else ("-c",)

    def every(microseconds: int, rate: str) -> Peer:
        command = (*austin, *on_core, "-i", str(microseconds), "-o", "{out}", "-p", "{pid}")
        told = Recording((*command, "-x", "{seconds}"), 10**6, peer_output.of_austin)
        name = f"`austin` {version}, time on a core, {rate}"
        return Peer(name, command, "no", pauses=True, recording=told, only="time on a core")

    return [every(1000, "1 kHz"), every(100, "10 kHz (default)")]


def version_of(command: Sequence[str]) -> str:
    """Return the version that a program prints with -V; nothing where it cannot be run."""
    try:
        said = subprocess.run([*command, "-V"], capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return ""
    return said.split()[1]


def profiling(python: Sequence[str], version: tuple[int, int]) -> list[Peer]:
    attach = (*python, "-m", "profiling.sampling", "attach", "-a", "-r", "1000")
    missing = None if version >= PROFILING_SINCE else "for targets of CPython 3.15 only"
    gil = (*attach, "--mode", "gil", "--collapsed", "-o", "{out}")
    told = Recording((*gil, "-d", "{seconds}", "{pid}"), 1000, peer_output.of_profiling)
    return [
        Peer(
            "`profiling.sampling attach --live -a`, 1 kHz",
            (*attach, "--live", "{pid}"),
            "one thread at a time",
            terminal=True,
            missing=missing,
        ),
        Peer(
            "`profiling.sampling attach -a --mode gil`, 1 kHz",
            (*gil, "{pid}"),
            "no",
            recording=told,
            missing=missing,
        ),
    ]


def fill(words: Sequence[str], pid: int, out: Path, seconds: int = 0) -> list[str]:
    """Return a command with its blanks filled in."""
    blanks = {"{pid}": str(pid), "{out}": str(out), "{seconds}": str(seconds)}
    return [blanks.get(word, word) for word in words]
