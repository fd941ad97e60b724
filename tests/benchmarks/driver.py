"""What driving the tasks adds to them: the child against the same executor called by hand.

    python -m tests.benchmarks.driver [--python PATH] [--pairs 12] [--tasks 200] [--workers 2]

Both run the same function, 10 ms of computing at a time, in an executor that stays. They take
turns, so that both meet the same moods of a shared machine, and the median over all pairs of the
ratio of their times is told with its 95% interval (bootstrap). The last column has the probe watch
the child: that is what `gilscope compare` does, at the budget it has by default.
"""

import argparse
import asyncio
import random
import statistics
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Sequence
from pathlib import Path

from gilscope.compare.child import Child
from gilscope.compare.plan import BUDGET, RATE
from gilscope.stream.launch import PROBE
from gilscope.workloads.reports import Begun, Finished, Go, Load, Progress, Ready, Start, Started

JOB = """
    def spin(rounds):
        total = 0
        for number in range(rounds):
            total += number * number % 7
        return total
"""

HAND = """
    import multiprocessing, sys, time
    from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
    from job import spin

    if __name__ == "__main__":
        kind, workers, tasks, rounds = sys.argv[1], *map(int, sys.argv[2:])
        with (ThreadPoolExecutor if kind == "threads" else ProcessPoolExecutor)(workers) as pool:
            list(pool.map(spin, [rounds] * workers * 2))
            print("ready", flush=True)
            for line in sys.stdin:
                began = time.perf_counter()
                futures = [pool.submit(spin, rounds) for _ in range(tasks)]
                results = [future.result() for future in futures]
                print(time.perf_counter() - began, flush=True)
"""

EACH = 0.010
"""Seconds of a task."""

RESAMPLES = 2000


class ByHand:
    """The executor as anybody would call it, in a process that stays."""

    def __init__(self, folder: Path, python: str, kind: str, sizes: Sequence[int]) -> None:
        self._process = subprocess.Popen(
            [python, str(folder / "hand.py"), kind, *map(str, sizes)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._line()

    def run(self) -> float:
        """Run all tasks once; return seconds."""
        assert self._process.stdin is not None
        self._process.stdin.write("go\n")
        self._process.stdin.flush()
        return float(self._line())

    def close(self) -> None:
        self._process.communicate()

    def _line(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline()


class Driven:
    """The child, as the engine drives it."""

    def __init__(self, child: Child) -> None:
        self._child = child
        self.pid = child.contained.pid

    @classmethod
    async def launch(cls, folder: Path, python: str, kind: str, sizes: Sequence[int]) -> "Driven":
        workers, tasks, rounds = sizes
        child = await Child.launch(python)
        load = Load(f"{folder / 'job.py'}:spin", own=True, arguments=((rounds,),))
        ready = await child.ask(load)
        assert isinstance(ready, Ready), ready
        started = await child.ask(Start(kind, None, workers, tasks, None))
        assert isinstance(started, Started), started
        return cls(child)

    async def run(self) -> float:
        """Run all tasks once; return seconds."""
        begun = await self._child.ask(Go())
        assert isinstance(begun, Begun), begun
        while isinstance(report := await self._child.hear(), Progress):
            pass
        assert isinstance(report, Finished), report
        return report.wall

    async def close(self) -> None:
        await self._child.close()


def calibrate(folder: Path, python: str) -> int:
    """Return how many rounds of the job take EACH."""
    script = "import time; from job import spin; spin(50000); b = time.perf_counter(); "
    script += "[spin(50000) for _ in range(20)]; print((time.perf_counter() - b) / 20 / 50000)"
    done = subprocess.run(
        [python, "-c", script], cwd=folder, capture_output=True, text=True, check=True
    )
    return round(EACH / float(done.stdout))


def interval(ratios: Sequence[float]) -> str:
    """Return the median of ratios, less 1, in percent, with its 95% interval."""
    medians = sorted(
        statistics.median(random.choices(ratios, k=len(ratios))) for _ in range(RESAMPLES)
    )
    low, high = medians[RESAMPLES // 40], medians[-RESAMPLES // 40]
    middle = statistics.median(ratios)
    return " to ".join(f"{(each - 1) * 100:+.2f}%" for each in (low, middle, high))


async def compare(folder: Path, asked: argparse.Namespace, kind: str) -> None:
    """Take turns, and print what the driver and the probe add."""
    rounds = calibrate(folder, asked.python)
    sizes = (asked.workers, asked.tasks, rounds)
    hand = ByHand(folder, asked.python, kind, sizes)
    driven = await Driven.launch(folder, asked.python, kind, sizes)
    watched = await Driven.launch(folder, asked.python, kind, sizes)
    options = ["--rate", str(RATE), "--budget", str(BUDGET), "--stack-rate", "0"]
    probe = subprocess.Popen(
        [*PROBE, *options, str(watched.pid)], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL
    )
    added: list[float] = []
    seen: list[float] = []
    control: list[float] = []
    for _ in range(asked.pairs):
        before = await asyncio.to_thread(hand.run)
        own = await driven.run()
        between = await asyncio.to_thread(hand.run)
        with_probe = await watched.run()
        after = await asyncio.to_thread(hand.run)
        added.append(2 * own / (before + between))
        seen.append(2 * with_probe / (between + after))
        control.append(2 * between / (before + after))
    probe.communicate()
    for each in (driven, watched):
        await each.close()
    hand.close()
    print(f"{kind}: {asked.tasks} tasks of {EACH * 1000:.0f} ms, {asked.workers} workers")
    print(f"  by hand, against itself   {interval(control)}")
    print(f"  driven                    {interval(added)}")
    print(f"  driven and watched        {interval(seen)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--pairs", type=int, default=12)
    parser.add_argument("--tasks", type=int, default=200)
    parser.add_argument("--workers", type=int, default=2)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "job.py").write_text(textwrap.dedent(JOB))
        (folder / "hand.py").write_text(textwrap.dedent(HAND))
        for kind in ("threads", "processes"):
            asyncio.run(compare(folder, asked, kind))


if __name__ == "__main__":
    main()
