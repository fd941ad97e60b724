"""How true the shares are: the probe's stream against an exact measurement of the same seconds.

    python tests/benchmarks/truth.py --giltruth PATH [--python PATH ...] [--mix "CPU ZLIB ECHO" ...]

`giltruth PID SECONDS` prints, as JSON, the exact share of holding and waiting of each thread, read
from the entries and returns of the interpreter's own take_gil and drop_gil. The probe runs from
before its first second until after its last, and the shares are those of its window, to 10 ms.
Prints a line for each run with the worst error of any thread, and one for each thread past a limit.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil

from gilscope.analysis.lanes import fractions, time_between
from gilscope.model.events import Frame
from gilscope.model.session import Session
from gilscope.model.states import STATES
from gilscope.stream.launch import ProbeRequest
from gilscope.stream.local import ProbeProcess

TARGET = Path(__file__).with_name("mixture.py")
HOLD, WAIT, OWN, NATIVE = 0.02, 0.03, 0.97, 0.02
"""Limits: error of `hold` and of `wait`, least share of a blocked thread's own state, most `native`
of a thread of pure Python."""
OWN_STATES = {"nap": "sleep", "reader": "io", "blocked": "lock"}


def measure(python: str, mix: str, giltruth: str, seconds: float) -> list[dict[str, Any]]:
    """Return one row a thread, its shares by gilscope and by giltruth, and one of the sampler."""
    target = subprocess.Popen([python, str(TARGET), *mix.split()], stdout=subprocess.PIPE)
    assert target.stdout is not None
    session, window = Session(), None
    try:
        pid = int(target.stdout.readline())
        with ProbeProcess(ProbeRequest(pids=(pid,))) as probe:
            exact = subprocess.Popen([giltruth, str(pid), str(seconds)], stdout=subprocess.PIPE)
            for event in probe.events():
                session.apply(event)
                if isinstance(event, Frame) and exact.poll() is not None:
                    break
                window = recording(exact.pid) or window
        truth = json.loads(exact.communicate()[0])["threads"]
    finally:
        target.kill()
        target.wait()
        target.stdout.close()
    assert session.hello is not None
    assert window is not None
    start = round((window - session.hello.started) * 1e6)
    end = start + round(seconds * 1e6)
    rows: list[dict[str, Any]] = []
    for thread in session.processes[pid].threads.values():
        shares = fractions(time_between(thread, start, end)) or (0.0,) * len(STATES)
        states = {state.value: round(share, 4) for state, share in zip(STATES, shares, strict=True)}
        exact_shares = truth.get(str(thread.tid), {"hold": 0.0, "wait": 0.0})
        rows.append({"name": thread.name, **states, "true": exact_shares})
    return [
        *rows,
        {"rate": session.samples / session.span * 1e6, "cpu": session.cpu / session.span},
    ]


def recording(giltruth: int) -> float | None:
    """Return when perf began to record for giltruth, in seconds since the epoch.

    That is when its `sleep` was started; the kernel tells it to 10 ms. None while it does not run.
    """
    for process in children(giltruth):
        try:
            if process.name() == "sleep":
                ticks = int(
                    Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()[19]
                )
                booted = time.time() - time.clock_gettime(time.CLOCK_BOOTTIME)
                return booted + ticks / os.sysconf("SC_CLK_TCK")
        except (psutil.NoSuchProcess, FileNotFoundError):
            continue
    return None


def children(pid: int) -> list[psutil.Process]:
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def judge(rows: list[dict[str, Any]]) -> tuple[dict[str, float], list[str]]:
    """Return the worst figures of a run, and a sentence for each thread past a limit."""
    worst = {"hold": 0.0, "wait": 0.0, "own": 1.0, "native": 0.0}
    complaints = []
    for row in rows:
        if "name" not in row:
            continue
        hold = abs(row["hold"] - row["true"]["hold"])
        wait = abs(row["wait"] - row["true"]["wait"])
        worst["hold"], worst["wait"] = max(worst["hold"], hold), max(worst["wait"], wait)
        bad = hold > HOLD or wait > WAIT
        if own := OWN_STATES.get(row["name"]):
            # A sleeper that waits for the GIL after each nap is right to say so.
            share = row[own] + row["true"]["wait"] + row["true"]["hold"]
            worst["own"] = min(worst["own"], share)
            bad = bad or share < OWN
        if row["name"].startswith("compute"):
            worst["native"] = max(worst["native"], row["native"])
            bad = bad or row["native"] > NATIVE
        if bad:
            complaints.append(f"    {row}")
    return worst, complaints


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--giltruth", required=True)
    parser.add_argument("--python", action="append", default=[])
    parser.add_argument("--mix", action="append", default=[])
    parser.add_argument("--seconds", type=float, default=5)
    arguments = parser.parse_args()
    for python in arguments.python or [sys.executable]:
        version = subprocess.run([python, "-V"], capture_output=True, text=True).stdout.split()[1]
        for mix in arguments.mix or ["1 0", "2 1", "4 1", "8 0"]:
            rows = measure(python, mix, arguments.giltruth, arguments.seconds)
            worst, complaints = judge(rows)
            print(
                f"{version:8} mix {mix:6} hold {worst['hold']:.3f} wait {worst['wait']:.3f} "
                f"own {worst['own']:.3f} native {worst['native']:.3f}  "
                f"{rows[-1]['rate']:.0f}/s {100 * rows[-1]['cpu']:.1f}%"
                f"{'  PAST A LIMIT' if complaints else ''}",
                flush=True,
            )
            print("\n".join(complaints), end="\n" if complaints else "")


if __name__ == "__main__":
    main()
