"""How long each thread of a CPython process held the GIL and waited for it, exactly.

The kernel reports each entry into the interpreter's own take_gil and drop_gil, and each return from
them (uprobes, read with perf), so that nothing is sampled. Needs root, perf, and an interpreter
with its local symbols, as pyenv's are. Each event costs the target some microseconds.

Two things that such a measurement easily gets wrong, by up to 0.04 of eight threads that compute:

- A thread that waits when the probes are set is never seen to return from take_gil. Its first event
  is the end of a hold that has begun when the thread before it let the GIL go, not with the window.
- A thread that lets the GIL go for a system call or for native code, and loses its core before it
  has left drop_gil, wants no GIL. One that was made to let it go asks for it again at once.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

POINTS = {
    "asks": "take_gil",
    "has": "take_gil%return",
    "gives": "drop_gil",
    "given": "drop_gil%return",
}
"""What the events are called, and where they come from."""

AT_ONCE = 20_000
"""Nanoseconds from the return from drop_gil to the next entry into take_gil where the thread was
made to let the GIL go: nothing lies in between."""

LINE = re.compile(r"\s*(\d+)\s+(\d+)\.(\d{9}):\s+\w+:(asks|has|gives|given)(?:__return)?:?\s*$")


class Hit(NamedTuple):
    """One event: when, in nanoseconds of CLOCK_MONOTONIC, of which thread, and which of POINTS."""

    at: int
    tid: int
    what: str


@dataclass(slots=True)
class Exact:
    """What one thread did, in nanoseconds.

    Attributes:
        holds, waits: how long each lasted that began and ended within the window.
        held, waited: all together, those at its edges included.
        leaving: time in drop_gil after it had let the GIL go of its own will.
    """

    holds: list[int] = field(default_factory=list)
    waits: list[int] = field(default_factory=list)
    held: int = 0
    waited: int = 0
    leaving: int = 0


@dataclass(frozen=True, slots=True)
class Window:
    """What was measured between two moments, in nanoseconds of CLOCK_MONOTONIC."""

    start: int
    end: int
    threads: dict[int, Exact]

    def share(self, nanoseconds: int) -> float:
        """Return which share of the window so long a time is."""
        return nanoseconds / (self.end - self.start)


def binary_of(pid: int) -> str:
    """Return the file of a process that has take_gil; raises LookupError where none shows it."""
    for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
        path = line.split()[-1]
        if "r-xp" in line and re.match(r"(lib)?python3", os.path.basename(path)):
            path = f"/proc/{pid}/root{path}"  # It may have a root folder of its own.
            symbols = subprocess.run(["nm", path], capture_output=True, text=True, check=False)
            if re.search(r" t take_gil$", symbols.stdout, re.MULTILINE):
                return path
    raise LookupError(f"no binary of process {pid} has the symbol take_gil")


def record(pid: int, seconds: float) -> Iterator[Hit]:
    """Yield the events of some seconds, as they came.

    Raises:
        LookupError: the interpreter has no symbols.
        subprocess.CalledProcessError: perf has failed.
    """
    group = f"exact{os.getpid()}"
    points = [word for each in POINTS.items() for word in ("--add", f"{group}:{'='.join(each)}")]
    names = ",".join(
        f"{group}:{name}{'__return' * place.endswith('return')}" for name, place in POINTS.items()
    )
    with tempfile.TemporaryDirectory() as folder:
        data = f"{folder}/perf.data"
        subprocess.run(["perf", "probe", "-q", "-x", binary_of(pid), *points], check=True)
        try:
            recording = ["perf", "record", "-q", "-p", str(pid), "-o", data, "-m", "8M"]
            recording += ["-k", "mono", "-e", names, "--", "sleep", str(seconds)]
            subprocess.run(recording, check=True, stdout=subprocess.DEVNULL)
            told = subprocess.run(
                ["perf", "script", "-i", data, "--ns", "-F", "tid,time,event"],
                check=True,
                capture_output=True,
                text=True,
            ).stdout
        finally:
            subprocess.run(["perf", "probe", "-q", "-d", f"{group}:*"], check=False)
    for line in told.splitlines():
        if match := LINE.match(line):
            yield Hit(int(match[2]) * 10**9 + int(match[3]), int(match[1]), match[4])


def follow(hits: Iterable[Hit]) -> Window:
    """Return what the threads did from the first event to the last.

    Raises:
        ValueError: there is none.
    """
    ordered = sorted(hits, key=lambda hit: hit.at)
    if not ordered:
        raise ValueError("no thread took or let go of the GIL")
    start, end = ordered[0].at, ordered[-1].at
    threads: defaultdict[int, Exact] = defaultdict(Exact)
    by_thread: defaultdict[int, list[Hit]] = defaultdict(list)
    let_go = start  # When the GIL was let go last, by whomever.
    began: dict[int, int] = {}  # When a hold began whose beginning was not seen.
    for hit in ordered:
        if hit.what == "gives":
            if not by_thread[hit.tid]:
                began[hit.tid] = let_go
            let_go = hit.at
        by_thread[hit.tid].append(hit)
    for tid, own in by_thread.items():
        exact, first, last = threads[tid], own[0], own[-1]
        if first.what == "gives":
            exact.held += first.at - began[tid]
            exact.waited += began[tid] - start
        elif first.what == "has":
            exact.waited += first.at - start
        for here, there, after in zip(own, own[1:], [*own[2:], None], strict=False):
            _add(exact, here, there, after)
        if last.what == "asks":
            exact.waited += end - last.at
        elif last.what == "has":
            exact.held += end - last.at
    return Window(start, end, dict(threads))


def _add(exact: Exact, here: Hit, there: Hit, after: Hit | None) -> None:
    """Count the time between two events of a thread; `after` is the one that comes next."""
    length = there.at - here.at
    match here.what, there.what:
        case "asks", "has":
            exact.waited += length
            exact.waits.append(length)
        case "has", "gives":
            exact.held += length
            exact.holds.append(length)
        case "gives", "given":
            # Made to let it go, it asks for it as soon as it has.
            made_to = after is not None and after.what == "asks" and after.at - there.at < AT_ONCE
            if made_to:
                exact.waited += length
            else:
                exact.leaving += length


def main() -> None:
    pid, seconds = int(sys.argv[1]), float(sys.argv[2])
    window = follow(record(pid, seconds))
    told = {
        tid: {
            "hold": round(window.share(each.held), 4),
            "wait": round(window.share(each.waited), 4),
            "leaving": round(window.share(each.leaving), 4),
            "holds": len(each.holds),
        }
        for tid, each in sorted(window.threads.items())
    }
    whole = sum(window.share(each.held) for each in window.threads.values())
    print(json.dumps({"held": round(whole, 4), "threads": told}, indent=1))


if __name__ == "__main__":
    main()
