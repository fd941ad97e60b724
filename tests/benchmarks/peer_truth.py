"""How far the shares of holding that a peer tells are from those that are measured exactly."""

import os
import subprocess
import time
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import psutil

from tests.benchmarks.exact import Window, follow, record
from tests.benchmarks.peer_process import CannotRun, complaint
from tests.benchmarks.peer_tools import Recording, fill
from tests.benchmarks.truth import known

LATE = 1.0
"""Seconds that the exact measurement lasts longer than the peer's, which has to start first."""


def errors_of(told: Recording, pid: int, out: Path, seconds: int) -> list[float]:
    """Return the error of each thread's share of holding, for the threads whose truth is known.

    Raises:
        CannotRun: the peer has failed, or the truth cannot be measured.
    """
    out.unlink(missing_ok=True)
    command = fill(told.command, pid, out, seconds)
    with ThreadPoolExecutor() as pool:
        exact = pool.submit(lambda: follow(record(pid, seconds + LATE)))
        while not exact.done() and not recording():
            time.sleep(0.01)
        peer = subprocess.run(command, capture_output=True, text=True, check=False)
        truth = window_of(exact)
    # austin's exit code is not 0 when it ends as asked, so what a peer wrote counts for more.
    if peer.returncode and not out.exists():
        raise CannotRun(complaint(peer.stderr))
    said = told.read(out, peer.stdout + peer.stderr, told.per_second * seconds)
    if not said:
        raise CannotRun(f"it tells nothing: {complaint(peer.stderr)}")
    errors = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        true = truth.threads.get(int(task.name))
        if known(true):
            held = truth.share(true.held) if true else 0.0
            errors.append(abs(said.get(int(task.name), 0.0) - held))
    return errors


def window_of(exact: Future[Window]) -> Window:
    """Return what was measured; raises CannotRun where it could not be."""
    try:
        return exact.result()
    except (LookupError, ValueError, subprocess.CalledProcessError) as error:
        raise CannotRun(f"the truth cannot be measured: {error}") from error


def recording() -> bool:
    """Tell whether the measurement has begun: perf records for as long as its child, `sleep`."""
    with suppress(psutil.NoSuchProcess):
        children = psutil.Process(os.getpid()).children(recursive=True)
        return any(child.name() == "sleep" for child in children)
    return False
