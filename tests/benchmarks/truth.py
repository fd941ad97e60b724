"""How true the figures are: the probe's stream against an exact measurement of the same seconds.

    python tests/benchmarks/truth.py --giltruth PATH [--python PATH ...] [--mix "CPU ZLIB ECHO" ...]

`giltruth PID SECONDS` prints, as JSON, the exact share of holding and waiting of each thread and
how long its holds and waits lasted, read from the entries and returns of the interpreter's own
take_gil and drop_gil. The probe runs from before its first second until after its last, and its
figures are those of the same window, to about a millisecond. Prints a line for each run: the worst
error of any thread's share, how many shares lay within their stated 95% interval, and the worst
error of a 99th percentile; and a line for each thread past a limit. Only one thread can hold the
GIL, so where the exact holds add up to more than all of the time, that is said: giltruth takes a
thread whose first event is the end of a hold to have held since the window began.
"""

import argparse
import json
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gilscope.analysis.lanes import fractions, time_between
from gilscope.analysis.stretches import (
    Lengths,
    accounted_for,
    hold_lengths,
    sample_interval,
    tally_between,
    wait_lengths,
)
from gilscope.analysis.uncertainty import half_widths
from gilscope.model.events import Frame
from gilscope.model.records import ProcessRecord, ThreadRecord
from gilscope.model.session import Session
from gilscope.model.states import POSITION, STATES
from gilscope.stream.launch import ProbeRequest
from gilscope.stream.local import ProbeProcess

TARGET = Path(__file__).with_name("mixture.py")
HOLD, WAIT, OWN, NATIVE = 0.02, 0.03, 0.97, 0.02
"""Limits: error of `hold` and of `wait`, least share of a blocked thread's own state, most `native`
of a thread of pure Python."""
LENGTH, LENGTH_MS = 0.25, 2.0
"""Limits of the error of a 99th percentile: a share of it or milliseconds, whichever is more."""
STRETCHES, SHORT_MS = 50, 1.0
"""Of fewer stretches a 99th percentile is but the longest, and hangs on what lies at the edges of
the window. giltruth counts every take of the GIL as a wait, also one that met nobody: where half of
them are so short, its percentiles are of something else."""
MOST_HELD = 1.002
"""Sum of all exact holds up to which rounding explains what is beyond 1."""
OWN_STATES = {"nap": "sleep", "reader": "io", "blocked": "lock"}
WATCH = 0.001
"""Seconds between two looks at whether perf has begun to record."""


@dataclass(frozen=True)
class Figure:
    """One figure of one thread: what gilscope says, and what was so; `margin` is what it allows."""

    what: str
    said: float
    true: float
    margin: float

    @property
    def error(self) -> float:
        """How far off it is."""
        return self.said - self.true

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
    python: str,
    mix: str,
    giltruth: str,
    seconds: float,
    rate: float = 1000.0,
    budget: float = 5.0,
) -> Measurement:
    """Watch the mixture with both, and return what they say of the same seconds.

    Args:
        budget: percent of a core that the probe may take.

    Raises:
        RuntimeError: giltruth has failed.
    """
    target = subprocess.Popen([python, str(TARGET), *mix.split()], stdout=subprocess.PIPE)
    assert target.stdout is not None
    session = Session()
    try:
        pid = int(target.stdout.readline())
        with ProbeProcess(ProbeRequest(pids=(pid,), rate=rate, budget=budget)) as probe:
            exact = subprocess.Popen([giltruth, str(pid), str(seconds)], stdout=subprocess.PIPE)
            began: list[float] = []
            watcher = threading.Thread(target=watch_for, args=(exact, began))
            watcher.start()
            for event in probe.events():
                session.apply(event)
                if isinstance(event, Frame) and exact.poll() is not None:
                    break
        watcher.join()
        told = exact.communicate()[0]
        if exact.returncode or not began:
            raise RuntimeError("giltruth has failed")
        truth = json.loads(told)["threads"]
    finally:
        target.kill()
        target.wait()
        target.stdout.close()
    assert session.hello is not None
    start = round((began[0] - session.hello.started) * 1e6)
    end = start + round(seconds * 1e6)
    process = session.processes[pid]
    rows = [
        row_of(process, thread, (start, end), truth.get(str(thread.tid)))
        for thread in process.threads.values()
        if known(truth.get(str(thread.tid)))
    ]
    spent = session.span
    return Measurement(
        rows, session.samples / spent * 1e6, session.cpu / spent, (start, end), session
    )


def contradiction(measured: Measurement) -> str:
    """Return a remark where the exact holds of all threads add up to more than there can be."""
    whole = sum(figure.true for row in measured.rows for figure in row.shares[:1])
    return f"  THE TRUTH ADDS UP TO {whole:.3f}" if whole > MOST_HELD else ""


def known(true: dict[str, Any] | None) -> bool:
    """Whether giltruth can tell of a thread.

    Where the compiler has put drop_gil inside its callers, in CPython 3.8 for instance, it sees a
    thread take the GIL and never let it go in a blocking call. A thread that it does not list did
    neither.
    """
    return true is None or true["hold_ms"]["count"] > 0


def row_of(
    process: ProcessRecord,
    thread: ThreadRecord,
    window: tuple[int, int],
    true: dict[str, Any] | None,
) -> Row:
    """Return what is said of a thread beside what was so; it did nothing where that is not told."""
    interval = sample_interval(process)
    shares = fractions(time_between(thread, *window)) or (0.0,) * len(STATES)
    widths = half_widths(thread, *window, interval) or (1.0,) * len(STATES)
    exact = true or {"hold": 0.0, "wait": 0.0}
    tally = tally_between(thread, *window)
    holds = hold_lengths(tally, interval)
    waits = wait_lengths(tally, interval, accounted_for(process))
    lengths: list[Figure] = []
    if true is not None:
        lengths += compared("hold", holds, true["hold_ms"])
        lengths += compared("wait", waits, true["wait_ms"])
    return Row(
        name=thread.name or str(thread.tid),
        states={state.value: share for state, share in zip(STATES, shares, strict=True)},
        shares=[
            Figure(what, shares[POSITION[letter]], exact[what], widths[POSITION[letter]])
            for what, letter in (("hold", "H"), ("wait", "W"))
        ],
        lengths=lengths,
        counts=f"{holds} {waits} true {true and true['hold_ms']} {true and true['wait_ms']}",
    )


def compared(what: str, said: Lengths, true: dict[str, Any]) -> list[Figure]:
    """Return the 99th percentile in milliseconds, where both know it and mean the same."""
    if said.p99 is None or true["count"] < STRETCHES or true["p50"] < SHORT_MS:
        return []
    margin = max(LENGTH_MS, LENGTH * true["p99"])
    return [Figure(f"{what} p99", said.p99, true["p99"], margin)]


def lengths_off(measurements: list[Measurement]) -> tuple[int, int]:
    """Return how many 99th percentiles were past the limit, and how many there were."""
    lengths = [figure for each in measurements for row in each.rows for figure in row.lengths]
    return sum(not figure.within for figure in lengths), len(lengths)


def recording(giltruth: int) -> float | None:
    """Return when perf began to record for giltruth, in seconds since the epoch.

    That is now, if the child that it forked has become `sleep` since the last look; None before.
    """
    for perf in children(giltruth):
        for child in children(perf):
            with suppress(OSError):
                if Path(f"/proc/{child}/comm").read_text() == "sleep\n":
                    return time.time()
    return None


def watch_for(giltruth: subprocess.Popen[bytes], began: list[float]) -> None:
    """Note when perf begins to record for giltruth, to WATCH; nothing where it never does."""
    while not began and giltruth.poll() is None:
        if (now := recording(giltruth.pid)) is not None:
            began.append(now)
        time.sleep(WATCH)


def children(pid: int) -> list[int]:
    """Return the process ids of a process's children; none of one that is not there."""
    try:
        return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


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
    parser.add_argument("--giltruth", required=True)
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
            measured = measure(python, mix, arguments.giltruth, seconds, rate, budget)
            every.append(measured)
            worst, complaints = judge(measured)
            within, shares = covered([measured])
            bad, lengths = lengths_off([measured])
            print(
                f"{version:8} mix {mix:6} hold {worst['hold']:.3f} wait {worst['wait']:.3f} "
                f"own {worst['own']:.3f} native {worst['native']:.3f}  "
                f"in interval {within}/{shares}  lengths off {bad}/{lengths}  "
                f"{measured.rate:.0f}/s {100 * measured.cpu:.1f}%"
                f"{'  PAST A LIMIT' if complaints else ''}{contradiction(measured)}",
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
