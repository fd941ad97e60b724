"""gilscope beside its peers, on the same target in the same run, as a table in Markdown.

    python -m tests.benchmarks.peers [--python COMMAND ...] [--mix "CPU ZLIB ECHO" ...]

Each peer watches the target (mixture.py) three times. For `--seconds` it runs alone: its CPU, that
of its children included, and the bytes it writes to a terminal of 80x24. Then it is on and off all
the time, and the target's speed is compared (cost.py says how); the last line of a table is what
that finds between windows that are both without a peer. Then, `--truths` times, it tells the share
of holding of each thread, while exact.py measures that. A peer is started when the exact
measurement has begun, which lasts a second longer; as chance deals the turns, a perfect peer would
err a little too. The exact measurement slows the target: there is none while the cost is measured.

A COMMAND may be more than a path: "chroot DIR python3.15", where DIR/tmp is this machine's own.
Profilers of CPython 3.15 read targets of 3.15 only, and are started with the target's COMMAND.
"""

import argparse
import mmap
import shlex
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.cost import TARGET, Target, measure, spell
from tests.benchmarks.peer_process import COLUMNS, ROWS, CannotRun, Watcher
from tests.benchmarks.peer_tools import Peer, fill, peers, version_of
from tests.benchmarks.peer_truth import errors_of

HEAD = (
    "| | CPU, % of a core | slows the target by (95% interval) | kB/s to the terminal "
    "| error of a thread's hold share: worst, mean | shows who waits |\n|---|---|---|---|---|---|"
)


@dataclass(frozen=True)
class Plan:
    """How long and how often things are measured."""

    seconds: int
    blocks: int
    window: float
    truths: int


class Mixture(Target):
    """A mixture of threads in a folder of its own, which a chroot may share."""

    def __init__(self, python: Sequence[str], mix: str, folder: Path) -> None:
        script, counters = Path(shutil.copy(TARGET, folder)), folder / "counters"
        counters.write_bytes(bytes(mmap.PAGESIZE))
        with counters.open("r+b") as file:
            self._rounds = memoryview(mmap.mmap(file.fileno(), mmap.PAGESIZE)).cast("Q")
        threads = (*mix.split(), "0", "0")[:3]
        self._process = subprocess.Popen(
            [*python, str(script), *threads, str(counters)], stdout=subprocess.PIPE
        )
        assert self._process.stdout is not None
        self.pid = int(self._process.stdout.readline())


@contextmanager
def running(python: Sequence[str], mix: str, folder: Path) -> Iterator[Mixture]:
    target = Mixture(python, mix, folder)
    try:
        yield target
    finally:
        target.end()


def alone(watcher: Watcher, seconds: int) -> tuple[float, float]:
    """Return the share of a core that a peer uses, and the bytes a second it writes."""
    time.sleep(1)
    start, cpu, written = time.perf_counter(), watcher.cpu(), watcher.written
    time.sleep(seconds)
    span = time.perf_counter() - start
    return (watcher.cpu() - cpu) / span, (watcher.written - written) / span


def compare(target: Target, watcher: Watcher, plan: Plan) -> tuple[list[float], list[float], bool]:
    """Return what `cost.measure` does, less the blocks in which the target never got a core.

    Raises:
        CannotRun: it stood still in all of them.
    """
    losses, control, traced = [], [], False
    for _ in range(plan.blocks):
        with suppress(ZeroDivisionError):
            loss, other, seen = measure(target, watcher, 1, plan.window)
            losses += loss
            control += other
            traced = traced or seen
    if not losses:
        raise CannotRun("the target stood still")
    return losses, control, traced


def truths(target: Mixture, peer: Peer, out: Path, plan: Plan) -> str:
    """Return how far a peer's shares of holding are from the exact ones."""
    if peer.recording is None:
        return "-"
    errors: list[float] = []
    for _ in range(plan.truths):
        try:
            errors += errors_of(peer.recording, target.pid, out, plan.seconds)
        except CannotRun as cause:
            return f"not known: {cause}"
    figures = f"{max(errors):.3f}, {statistics.mean(errors):.3f}"
    return f"{figures} (tells {peer.only})" if peer.only else figures


def row(target: Mixture, peer: Peer, out: Path, plan: Plan) -> tuple[list[str], list[float]]:
    """Return a peer's cells, and the control of the comparison."""
    if peer.missing:
        raise CannotRun(peer.missing)
    watcher = Watcher(
        fill(peer.command, target.pid, out),
        target.pid,
        out.with_name("errors"),
        terminal=peer.terminal,
        pauses=peer.pauses,
    )
    try:
        watcher.start()
        cpu, written = alone(watcher, plan.seconds)
        watcher.check()
        losses, control, traced = compare(target, watcher, plan)
    finally:
        watcher.end()
    return [
        f"{100 * cpu:.1f}",
        spell(losses) + (", stops it by ptrace" if traced else ""),
        f"{written / 1000:.1f}" if peer.terminal else "-",
        truths(target, peer, out, plan),
        peer.waiting,
    ], control


def table(arguments: argparse.Namespace, python: list[str], mix: str) -> None:
    """Print what all peers make of one target."""
    plan = Plan(arguments.seconds, arguments.blocks, arguments.window, arguments.truths)
    version = version_of(python)
    major, minor = map(int, version.split(".")[:2])
    print(f"\nCPython {version}, mixture `{mix}`, terminal {COLUMNS}x{ROWS}:\n\n{HEAD}", flush=True)
    controls: list[float] = []
    py_spy, austin = shlex.split(arguments.py_spy), shlex.split(arguments.austin)
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out"
        with running(python, mix, Path(folder)) as target:
            for peer in peers(python, (major, minor), py_spy, austin):
                try:
                    cells, control = row(target, peer, out, plan)
                except CannotRun as cause:
                    cells, control = [f"not available: {cause}", *["-"] * 4], []
                controls += control
                print(f"| {' | '.join((peer.name, *cells))} |", flush=True)
    if controls:
        print(f"| nothing, for control | - | {spell(controls)} | - | - | - |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--python", action="append", default=[], metavar="COMMAND")
    parser.add_argument("--mix", action="append", default=[])
    parser.add_argument("--py-spy", default=str(Path(sys.executable).with_name("py-spy")))
    parser.add_argument("--austin", default="austin", metavar="COMMAND")
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--blocks", type=int, default=40)
    parser.add_argument("--window", type=float, default=0.2)
    parser.add_argument("--truths", type=int, default=2)
    arguments = parser.parse_args()
    for python in arguments.python or [shlex.quote(sys.executable)]:
        for mix in arguments.mix or ["8 0"]:
            table(arguments, shlex.split(python), mix)


if __name__ == "__main__":
    main()
