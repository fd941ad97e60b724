"""How a worker process has ended that should not have."""

from __future__ import annotations

import signal
from collections.abc import Iterable

from gilscope.workloads.child.failures import Failure

_HINTS = {
    signal.SIGKILL: "If nobody has killed it, memory ran out: try fewer workers or smaller tasks.",
    signal.SIGSEGV: "Its C code has crashed: python -X faulthandler shows where.",
    signal.SIGABRT: "Its C code has given up: see what it printed.",
}


def how_it_ended(statuses: Iterable[int | None], stage: str, done: int) -> Failure:
    """Return the failure of a pool in which a process has ended.

    Args:
        statuses: how processes have ended, as multiprocessing tells it; SIGTERM is how pools end
            the others.
    """
    known = [status for status in statuses if status is not None]
    status = next((status for status in known if status != -signal.SIGTERM), None)
    if status is None and known:
        status = known[0]
    if status is None:
        return Failure("A worker process has ended.", stage=stage, done=done)
    if status >= 0:
        during = "in a task" if stage == "run" else "while it started"
        return Failure(
            f"A worker process has ended itself with exit code {status} {during}.",
            "A task must not call sys.exit or os._exit." if stage == "run" else None,
            stage=stage,
            done=done,
        )
    try:
        name = signal.Signals(-status).name
        fix = _HINTS.get(signal.Signals(-status))
    except ValueError:
        name, fix = f"signal {-status}", None
    return Failure(f"A worker process was ended by {name}.", fix, stage=stage, done=done)
