"""How far the shares of holding that a peer tells are from those that giltruth measures."""

import json
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from subprocess import PIPE
from typing import Any

import psutil

from tests.benchmarks.peer_process import CannotRun, complaint
from tests.benchmarks.peer_tools import Recording, fill

LATE = 1.0
"""Seconds that the exact measurement lasts longer than the peer's, which has to start first."""
ONE_HOLDER = 1.02
"""Shares of holding that add up to more are no truth: releases of the GIL were not seen."""
SLACK = 1.0
"""Milliseconds of holding that may stay unaccounted for, as giltruth rounds its figures."""


def errors_of(told: Recording, giltruth: str, pid: int, out: Path, seconds: int) -> list[float]:
    """Return the error of each thread's share of holding, for the threads whose truth is known.

    Where the compiler has put drop_gil inside some of its callers, giltruth does not see every
    release. A thread whose share is more than the holds that it saw to their end is left out.

    Raises:
        CannotRun: the peer has failed, or the truth cannot be measured.
    """
    exact = subprocess.Popen([giltruth, str(pid), str(seconds + LATE)], stdout=PIPE, stderr=PIPE)
    while exact.poll() is None and not recording(exact.pid):
        time.sleep(0.01)
    out.unlink(missing_ok=True)
    command = fill(told.command, pid, out, seconds)
    peer = subprocess.run(command, capture_output=True, text=True, check=False)
    truth, errors = (stream.decode() for stream in exact.communicate())
    # austin's exit code is not 0 when it ends as asked, so what a peer wrote counts for more.
    if peer.returncode and not out.exists():
        raise CannotRun(complaint(peer.stderr))
    if exact.returncode:
        raise CannotRun(complaint(errors))
    exact_shares = json.loads(truth)
    holds, unseen = {}, set()
    for tid, seen in exact_shares["threads"].items():
        if known(seen, exact_shares["seconds"]):
            holds[int(tid)] = seen["hold"]
        else:
            unseen.add(int(tid))
    if sum(holds.values()) > ONE_HOLDER:
        raise CannotRun("giltruth does not see every release in this binary")
    said = told.read(out, peer.stdout + peer.stderr, told.per_second * seconds)
    if not said:
        raise CannotRun(f"it tells nothing: {complaint(peer.stderr)}")
    judged = {int(task.name) for task in Path(f"/proc/{pid}/task").iterdir()} - unseen
    return [abs(said.get(tid, 0.0) - holds.get(tid, 0.0)) for tid in judged]


def recording(giltruth: int) -> bool:
    """Tell whether giltruth has begun: perf records for as long as its child, `sleep`, runs."""
    with suppress(psutil.NoSuchProcess):
        children = psutil.Process(giltruth).children(recursive=True)
        return any(child.name() == "sleep" for child in children)
    return False


def known(seen: dict[str, Any], seconds: float) -> bool:
    """Tell whether the holds that were seen to their end, and one at each edge, make the share."""
    longest, count = seen["hold_ms"]["max"] or 0.0, seen["hold_ms"]["count"]
    return bool(1000 * seconds * seen["hold"] <= longest * (count + 2) + SLACK)
