"""What watching costs: the probe's CPU, py-spy's, and what the target loses.

    python -m tests.benchmarks.cost [--python PATH] [--blocks 120] [--window 1.0] [--awake]
                                    [-- PROBE OPTIONS]

The target computes in 8 threads (mixture.py) and counts its rounds in shared memory. The probe
is stopped and continued all the time, so that windows with and without it lie side by side: the
speed of a shared machine wanders by half within a second, and only neighbours can be compared. The
loss in a window with the probe is held against the windows before and after it, and the median over
all is told with its 95% interval (bootstrap). The two halves of each window without the probe are
the control: it should hold 0. Windows with the probe are longer than its slowest regular chores,
which come by the clock, and begin when it has caught up.

An idle core of a virtual machine is halted. To wake it up costs the sampler more than on a machine
of one's own; and the guest's kernel does not take it for idle, and puts the sampler on a core of
the target instead. With --awake the cores are kept from that: on each a process runs that gives way
to everything (SCHED_IDLE), before and after and all the time.
"""

import argparse
import mmap
import os
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path

from gilscope.model.events import Frame, decode_event
from gilscope.model.session import Session
from gilscope.stream.launch import PROBE

TARGET = Path(__file__).with_name("mixture.py")
THREADS = "8 0 0"
SETTLE = 2.0
"""Seconds in which the probe finds everything before the first window."""

AWAKE = """
import os, sys
os.sched_setaffinity(0, {int(sys.argv[1])})
os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
parent = os.getppid()
while os.getppid() == parent:
    for _ in range(1_000_000):
        pass
"""
"""What keeps a core awake, for as long as this process lives."""

CATCH_UP = 0.1
"""Seconds in which it does what came due while it was stopped."""


class Target:
    """A running mixture that counts its rounds in memory shared with this process."""

    def __init__(self, python: str) -> None:
        with tempfile.NamedTemporaryFile() as file:
            file.truncate(mmap.PAGESIZE)
            self._rounds = memoryview(mmap.mmap(file.fileno(), mmap.PAGESIZE)).cast("Q")
            self._process = subprocess.Popen(
                [python, str(TARGET), *THREADS.split(), file.name], stdout=subprocess.PIPE
            )
            assert self._process.stdout is not None
            self.pid = int(self._process.stdout.readline())

    def rounds(self) -> int:
        """Return how many rounds its threads have done."""
        return sum(self._rounds)

    def traced(self) -> bool:
        """Tell whether anything has attached to it with ptrace."""
        return "TracerPid:\t0\n" not in Path(f"/proc/{self.pid}/status").read_text()

    def end(self) -> None:
        self._process.kill()
        self._process.wait()


class Probe:
    """A probe that can be stopped and continued, with the py-spy that it may have started."""

    def __init__(self, pid: int, options: list[str], events: Path) -> None:
        with events.open("wb") as file:
            self._process = subprocess.Popen(
                [*PROBE, *options, str(pid)], stdin=subprocess.PIPE, stdout=file
            )

    def signal(self, number: int) -> None:
        pid = self._process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        for one in (pid, *map(int, children)):
            with suppress(ProcessLookupError):
                os.kill(one, number)

    def end(self) -> None:
        self.signal(signal.SIGCONT)
        self._process.communicate()


@contextmanager
def probe_of(target: Target, options: list[str], events: Path) -> Iterator[Probe]:
    probe = Probe(target.pid, options, events)
    try:
        yield probe
    finally:
        probe.end()


@contextmanager
def cores_awake() -> Iterator[None]:
    """Keep every core that this process may use from being halted."""
    keepers = [
        subprocess.Popen([sys.executable, "-c", AWAKE, str(core)])
        for core in os.sched_getaffinity(0)
    ]
    try:
        yield
    finally:
        for keeper in keepers:
            keeper.kill()
            keeper.wait()


def measure(
    target: Target, probe: Probe, blocks: int, window: float
) -> tuple[list[float], list[float], bool]:
    """Return the loss of each block, the control, and whether the target was ever traced.

    Args:
        window: seconds with the probe; half of it goes by without.
    """
    losses, control, traced = [], [], False

    def rate(seconds: float) -> float:
        before, start = target.rounds(), time.perf_counter()
        time.sleep(seconds * random.uniform(0.8, 1.2))
        return (target.rounds() - before) / (time.perf_counter() - start)

    def without() -> float:
        probe.signal(signal.SIGSTOP)
        halves = rate(window / 4), rate(window / 4)
        control.append(1 - halves[1] / halves[0])
        return sum(halves) / 2

    before = without()
    for _ in range(blocks):
        probe.signal(signal.SIGCONT)
        time.sleep(CATCH_UP)
        watched = rate(window)
        traced = traced or target.traced()
        after = without()
        losses.append(1 - watched / ((before + after) / 2))
        before = after
    return losses, control, traced


def spell(values: list[float]) -> str:
    """Return the median of some shares with its 95% interval."""
    medians = sorted(statistics.median(random.choices(values, k=len(values))) for _ in range(1000))
    return f"{statistics.median(values):+.2%} ({medians[25]:+.2%} to {medians[974]:+.2%})"


def sampling(events: Path) -> str:
    """Return what the sampling took, by the probe's own account; stopped frames are left out."""
    session = Session()
    frames = []
    for line in events.read_bytes().splitlines():
        event = decode_event(line)
        session.apply(event)
        if isinstance(event, Frame):
            frames.append(event)
    span = sum(frame.span for frame in frames)
    cpu, samples = sum(f.sampler.cpu for f in frames), sum(f.sampler.samples for f in frames)
    dumps = sum(frame.sampler.stacks_cpu for frame in frames)
    return (
        f"sampling {cpu / span:.1%} of a core at {samples / span * 1e6:.0f}/s, "
        f"py-spy {dumps / span:.1%}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--python", action="append", default=[])
    parser.add_argument("--blocks", type=int, default=120)
    parser.add_argument("--window", type=float, default=1.0)
    parser.add_argument("--awake", action="store_true", help="keep the cores from being halted")
    parser.add_argument("options", nargs="*", help="options of the probe")
    arguments = parser.parse_args()
    with cores_awake() if arguments.awake else nullcontext():
        for python in arguments.python or [sys.executable]:
            show_cost(python, arguments)


def show_cost(python: str, arguments: argparse.Namespace) -> None:
    """Measure what it costs to watch a target that one interpreter runs, and print it."""
    version = subprocess.run([python, "-V"], capture_output=True, text=True).stdout.split()[1]
    target = Target(python)
    try:
        with tempfile.TemporaryDirectory() as folder:
            events = Path(folder) / "events"
            with probe_of(target, arguments.options, events):
                time.sleep(10)
            took = sampling(events)
            with probe_of(target, arguments.options, events) as probe:
                time.sleep(SETTLE)
                losses, control, traced = measure(target, probe, arguments.blocks, arguments.window)
    finally:
        target.end()
    print(
        f"{version:8} loss {spell(losses)}  control {spell(control)}  {took}  "
        f"{'TRACED' if traced else 'never traced'}",
        flush=True,
    )


if __name__ == "__main__":
    main()
