"""How true the figures are: the probe's stream against an exact measurement of the same seconds.

    python -m tests.benchmarks.truth [--python PATH ...] [--mix "CPU ZLIB ECHO" ...]

exact.py measures the share of holding and waiting of each thread and how long its holds and waits
lasted, from the entries and returns of the interpreter's own take_gil and drop_gil. The probe runs
from before its first event until after its last, and its figures are those of the same window.
Prints a line for each run: the worst error of any thread's share, how many shares lay within their
stated 95% interval, and the worst error of a 99th percentile; and a line for each thread past a
limit.
"""

import argparse
import math
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from gilscope.analysis.lanes import fractions, time_between
from gilscope.analysis.stretches import (
    Lengths,
    hand_overs,
    hold_lengths,
    sample_interval,
    tally_between,
    tally_of,
    wait_lengths,
)
from gilscope.analysis.uncertainty import half_widths
from gilscope.model.events import Frame
from gilscope.model.records import ProcessRecord, ThreadRecord
from gilscope.model.session import Session
from gilscope.model.states import POSITION, STATES
from gilscope.stream.launch import ProbeRequest
from gilscope.stream.local import ProbeProcess
from tests.benchmarks.exact import Exact, Window, follow, record

TARGET = Path(__file__).with_name("mixture.py")
HOLD, WAIT, OWN, NATIVE = 0.02, 0.03, 0.97, 0.02
"""Limits: error of `hold` and of `wait`, least share of a blocked thread's own state, most `native`
of a thread of pure Python."""
LENGTH, LENGTH_MS = 0.25, 2.0
"""Limits of the error of a 99th percentile: a share of it or milliseconds, whichever is more."""
STRETCHES, SHORT_MS = 50, 1.0
"""Of fewer stretches a 99th percentile is but the longest, and hangs on what lies at the edges of
the window. Every take of the GIL is a wait, exactly, also one that met nobody: where half of them
are so short, their percentiles are of something else."""
OWN_STATES = {"nap": "sleep", "reader": "io", "blocked": "lock"}
MS = 1e6
"""Nanoseconds."""


@dataclass(frozen=True)
class Figure:
    """One figure of one thread: what gilscope says, and what was so; `margin` is what it allows.

    What was so may be anything up to `most`, where that is told.
    """

    what: str
    said: float
    true: float
    margin: float
    most: float | None = None

    @property
    def error(self) -> float:
        """How far off it is."""
        return self.said - min(max(self.said, self.true), self.most or self.true)

    @property
    def within(self) -> bool:
        """Whether it is no farther off than it says that it may be."""
        return abs(self.error) <= self.margin


@dataclass(frozen=True)
class Row:
    """One thread: its shares, and its figures beside the true ones."""

    name: str
    states: dict[str, float]
    shares: list[Figure]
    lengths: list[Figure]
    counts: str


@dataclass(frozen=True)
class Measurement:
    """One run."""

    rows: list[Row]
    rate: float
    cpu: float
    window: tuple[int, int]
    session: Session = field(repr=False)


def measure(
    python: str, mix: str, seconds: float, rate: float = 1000.0, budget: float = 5.0
) -> Measurement:
    """Watch the mixture with both, and return what they say of the same seconds.

    Args:
        budget: percent of a core that the probe may take.

    Raises:
        LookupError, subprocess.CalledProcessError: it cannot be measured exactly; see exact.record.
    """
    target = subprocess.Popen([python, str(TARGET), *mix.split()], stdout=subprocess.PIPE)
    assert target.stdout is not None
    session = Session()
    try:
        pid = int(target.stdout.readline())
        request = ProbeRequest(pids=(pid,), rate=rate, budget=budget)
        with ProbeProcess(request) as probe, ThreadPoolExecutor() as pool:
            exact = pool.submit(lambda: follow(record(pid, seconds)))
            for event in probe.events():
                session.apply(event)
                if isinstance(event, Frame) and exact.done():
                    break
        truth = exact.result()
    finally:
        target.kill()
        target.wait()
        target.stdout.close()
    assert session.hello is not None
    since = session.hello.started - (time.time() - time.monotonic())
    start, end = (round((each / 1e9 - since) * 1e6) for each in (truth.start, truth.end))
    process = session.processes[pid]
    rows = [
        row_of(process, thread, (start, end), truth, truth.threads.get(thread.tid))
        for thread in process.threads.values()
        if known(truth.threads.get(thread.tid))
    ]
    spent = session.span
    return Measurement(
        rows, session.samples / spent * 1e6, session.cpu / spent, (start, end), session
    )


def known(true: Exact | None) -> bool:
    """Whether the exact measurement can tell of a thread.

    Where the compiler has put drop_gil inside its callers, in CPython 3.8 for instance, it sees a
    thread take the GIL and never let it go in a blocking call. A thread that it does not list did
    neither.
    """
    return true is None or bool(true.holds)


def row_of(
    process: ProcessRecord,
    thread: ThreadRecord,
    window: tuple[int, int],
    truth: Window,
    true: Exact | None,
) -> Row:
    """Return what is said of a thread beside what was so; it did nothing where that is not told."""
    interval = sample_interval(process)
    shares = fractions(time_between(thread, *window)) or (0.0,) * len(STATES)
    widths = half_widths(thread, *window, interval) or (1.0,) * len(STATES)
    true = true or Exact()
    held, waited, leaving = map(truth.share, (true.held, true.waited, true.leaving))
    tally = tally_between(thread, *window)
    holds = hold_lengths(tally, interval)
    waits = wait_lengths(tally, interval, hand_overs(process, tally_of(process)))
    return Row(
        name=thread.name or str(thread.tid),
        states={state.value: share for state, share in zip(STATES, shares, strict=True)},
        shares=[
            Figure("hold", shares[POSITION["H"]], held, widths[POSITION["H"]]),
            # Who lets the GIL go and loses its core at once may be said to wait for either.
            Figure("wait", shares[POSITION["W"]], waited, widths[POSITION["W"]], waited + leaving),
        ],
        lengths=[*compared("hold", holds, true.holds), *compared("wait", waits, true.waits)],
        counts=f"{holds} {waits} true {len(true.holds)} {len(true.waits)}",
    )


def compared(what: str, said: Lengths, true: Sequence[int]) -> list[Figure]:
    """Return the 99th percentile in milliseconds, where both know it and mean the same.

    Of a hundred stretches it is the longest or the one before, as one more or less is seen at the
    edges of the window: the neighbours of the rank are as right.
    """
    ordered = sorted(length / MS for length in true)
    if said.p99 is None or len(ordered) < STRETCHES or ordered[len(ordered) // 2] < SHORT_MS:
        return []
    rank = math.ceil(0.99 * len(ordered)) - 1
    least, most = ordered[rank - 1], ordered[min(rank + 1, len(ordered) - 1)]
    margin = max(LENGTH_MS, LENGTH * ordered[rank])
    return [Figure(f"{what} p99", said.p99, least, margin, most)]


def lengths_off(measurements: list[Measurement]) -> tuple[int, int]:
    """Return how many 99th percentiles were past the limit, and how many there were."""
    lengths = [figure for each in measurements for row in each.rows for figure in row.lengths]
    return sum(not figure.within for figure in lengths), len(lengths)


def judge(measured: Measurement) -> tuple[dict[str, float], list[str]]:
    """Return the worst figures of a run, and a sentence for each thread past a limit."""
    worst = {"hold": 0.0, "wait": 0.0, "own": 1.0, "native": 0.0}
    complaints = []
    for row in measured.rows:
        hold, wait = (abs(figure.error) for figure in row.shares)
        worst["hold"], worst["wait"] = max(worst["hold"], hold), max(worst["wait"], wait)
        bad = hold > HOLD or wait > WAIT or not all(figure.within for figure in row.lengths)
        if own := OWN_STATES.get(row.name):
            # A sleeper that waits for the GIL after each nap is right to say so.
            share = row.states[own] + sum(figure.true for figure in row.shares)
            worst["own"] = min(worst["own"], share)
            bad = bad or share < OWN
        if row.name.startswith("compute"):
            worst["native"] = max(worst["native"], row.states["native"])
            bad = bad or row.states["native"] > NATIVE
        if bad:
            told = " ".join(
                f"{figure.what} {figure.said:.3f} true {figure.true:.3f}"
                for figure in [*row.shares, *row.lengths]
            )
            complaints.append(f"    {row.name}: {told} {row.counts}")
    return worst, complaints


def covered(measurements: list[Measurement]) -> tuple[int, int]:
    """Return how many shares lay within their stated interval, and how many there were.

    Threads that never held or waited are left out: of them there is nothing to get wrong.
    """
    shares = [
        figure
        for measured in measurements
        for row in measured.rows
        for figure in row.shares
        if figure.true or figure.said
    ]
    return sum(figure.within for figure in shares), len(shares)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--python", action="append", default=[])
    parser.add_argument("--mix", action="append", default=[])
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--rate", type=float, default=1000)
    parser.add_argument("--budget", type=float, default=5, help="percent of a core")
    parser.add_argument("--verbose", action="store_true", help="print every thread")
    arguments = parser.parse_args()
    every = []
    for python in arguments.python or [sys.executable]:
        version = subprocess.run([python, "-V"], capture_output=True, text=True).stdout.split()[1]
        for mix in arguments.mix or ["1 0", "2 1", "4 1", "8 0", "1 0 2"]:
            seconds, rate, budget = arguments.seconds, arguments.rate, arguments.budget
            measured = measure(python, mix, seconds, rate, budget)
            every.append(measured)
            worst, complaints = judge(measured)
            within, shares = covered([measured])
            bad, lengths = lengths_off([measured])
            print(
                f"{version:8} mix {mix:6} hold {worst['hold']:.3f} wait {worst['wait']:.3f} "
                f"own {worst['own']:.3f} native {worst['native']:.3f}  "
                f"in interval {within}/{shares}  lengths off {bad}/{lengths}  "
                f"{measured.rate:.0f}/s {100 * measured.cpu:.1f}%"
                f"{'  PAST A LIMIT' if complaints else ''}",
                flush=True,
            )
            print("\n".join(complaints), end="\n" if complaints else "")
            if arguments.verbose:
                for row in measured.rows:
                    for figure in [*row.shares, *row.lengths]:
                        print(
                            f"    {row.name:12} {figure.what:8} {figure.said:9.4f} "
                            f"true {figure.true:9.4f} error {figure.error:+.4f} "
                            f"allowed {figure.margin:.4f}{'' if figure.within else ' OUTSIDE'}"
                        )
                    print(f"    {row.name:12} {row.counts}")
    within, shares = covered(every)
    print(f"{within} of {shares} shares within their 95% interval: {within / shares:.1%}")
    bad, lengths = lengths_off(every)
    print(f"{bad} of {lengths} 99th percentiles past the limit")


if __name__ == "__main__":
    main()
