"""What watching costs: the probe's CPU, py-spy's, and what the target loses.

    python -m tests.benchmarks.cost [--python PATH] [--blocks 200] [--window 0.2] [-- PROBE OPTIONS]

The target computes in 8 threads (mixture.py) and counts its rounds in shared memory. The probe
is stopped and continued all the time, so that windows with and without it lie side by side: the
speed of a shared machine wanders by half within a second, and only neighbours can be compared. A
block is one window with the probe and two without, in random order; the loss is the median over the
blocks, with its 95% interval (bootstrap). The two without give the control: it should hold 0.
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
from contextlib import contextmanager, suppress
from pathlib import Path

from gilscope.model.events import Frame, decode_event
from gilscope.model.session import Session
from gilscope.stream.launch import PROBE

TARGET = Path(__file__).with_name("mixture.py")
THREADS = "8 0 0"
SETTLE = 2.0
"""Seconds in which the probe finds everything before the first window."""


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


def measure(
    target: Target, probe: Probe, blocks: int, window: float
) -> tuple[list[float], list[float], bool]:
    """Return the loss and the control of each block, and whether the target was ever traced."""
    losses, control, traced = [], [], False
    for _ in range(blocks):
        rates: dict[str, float] = {}
        for kind in random.sample(("on", "off", "off too"), 3):
            probe.signal(signal.SIGCONT if kind == "on" else signal.SIGSTOP)
            before, start = target.rounds(), time.perf_counter()
            time.sleep(window * random.uniform(0.8, 1.2))
            rates[kind] = (target.rounds() - before) / (time.perf_counter() - start)
            traced = traced or target.traced()
        losses.append(1 - rates["on"] / ((rates["off"] + rates["off too"]) / 2))
        control.append(1 - rates["off"] / rates["off too"])
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
    parser.add_argument("--blocks", type=int, default=200)
    parser.add_argument("--window", type=float, default=0.2)
    parser.add_argument("options", nargs="*", help="options of the probe")
    arguments = parser.parse_args()
    for python in arguments.python or [sys.executable]:
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
                    losses, control, traced = measure(
                        target, probe, arguments.blocks, arguments.window
                    )
        finally:
            target.end()
        print(
            f"{version:8} loss {spell(losses)}  control {spell(control)}  {took}  "
            f"{'TRACED' if traced else 'never traced'}",
            flush=True,
        )


if __name__ == "__main__":
    main()
