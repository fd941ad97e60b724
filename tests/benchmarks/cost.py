"""What watching costs: the probe's CPU, py-spy's, and what the target loses.

    python tests/benchmarks/cost.py [--python PATH ...] [--pairs 8] [--seconds 3]

The target computes in 8 threads (mixture.py) and counts its rounds. Windows with and without the
probe take turns in one run of the target, so that the machine's mood falls on both alike; the loss
is the median of the pairs. A no-operation pair, in which neither window is watched, shows how much
of that is noise.
"""

import argparse
import statistics
import subprocess
import sys
import time
from pathlib import Path

from gilscope.model.events import Frame
from gilscope.model.session import Session
from gilscope.stream.launch import ProbeRequest
from gilscope.stream.local import ProbeProcess

TARGET = Path(__file__).with_name("mixture.py")
THREADS = "8 0"


class Target:
    """A running mixture; `rounds` is its newest count."""

    def __init__(self, python: str) -> None:
        self._process = subprocess.Popen(
            [python, str(TARGET), *THREADS.split()], stdout=subprocess.PIPE, text=True
        )
        self.pid = int(self._line())

    def rate(self, seconds: int) -> float:
        """Return its rounds a second over the next seconds; it counts once a second itself."""
        self._line()
        before, start = int(self._line()), time.monotonic()
        for _ in range(seconds):
            after = int(self._line())
        return (after - before) / (time.monotonic() - start)

    def traced(self) -> bool:
        """Tell whether anything has attached to it with ptrace."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        return "TracerPid:\t0\n" not in status

    def end(self) -> None:
        self._process.kill()
        self._process.wait()

    def _line(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline()


def watched_rate(target: Target, seconds: int, session: Session) -> tuple[float, bool]:
    """Return the target's rate while it is watched, and whether it was ever traced."""
    with ProbeProcess(ProbeRequest(pids=(target.pid,))) as probe:
        rate = target.rate(seconds)
        traced = target.traced()
        # The probe's pipe holds all of this while nobody reads it.
        for event in probe.events(deadline=time.monotonic() + 0.2):
            session.apply(event)
            if isinstance(event, Frame):
                traced = traced or target.traced()
    return rate, traced


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--python", action="append", default=[])
    parser.add_argument("--pairs", type=int, default=8)
    parser.add_argument("--seconds", type=int, default=3)
    arguments = parser.parse_args()
    for python in arguments.python or [sys.executable]:
        version = subprocess.run([python, "-V"], capture_output=True, text=True).stdout.split()[1]
        target, session = Target(python), Session()
        losses, noise, traced = [], [], False
        try:
            for _ in range(arguments.pairs):
                alone = target.rate(arguments.seconds)
                watched, seen = watched_rate(target, arguments.seconds, session)
                again = target.rate(arguments.seconds)
                losses.append(1 - watched / ((alone + again) / 2))
                noise.append(1 - again / alone)
                traced = traced or seen
        finally:
            target.end()
        span = session.span
        loss, mood = statistics.median(losses), statistics.median(noise)
        print(
            f"{version:8} loss {loss:+.1%} (noise {mood:+.1%})  "
            f"sampling {session.cpu / span:.1%} of a core at {session.samples / span * 1e6:.0f}/s, "
            f"py-spy {session.stacks_cpu / span:.1%}  {'TRACED' if traced else 'never traced'}",
            flush=True,
        )


if __name__ == "__main__":
    main()
