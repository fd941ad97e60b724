"""What the interpreter and the system are, and what the system is asked for."""

from __future__ import annotations

import os
import signal
import sys

_PR_SET_PDEATHSIG = 1
_PR_SET_PTRACER = 0x59616D61


def version() -> str:
    """Return the interpreter's version, with "t" at its end for a free-threaded build."""
    import sysconfig

    number = sys.version.split()[0].rstrip("+")
    return number + "t" if sysconfig.get_config_var("Py_GIL_DISABLED") else number


def gil() -> bool | None:
    """Tell whether a GIL is in force; None where that is not known."""
    enabled = getattr(sys, "_is_gil_enabled", None)
    if enabled is not None:
        return bool(enabled())
    return True if sys.implementation.name in ("cpython", "pypy") else None


def cpus() -> int:
    """Return how many processors this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def keep_to(cores: list[int]) -> None:
    """Run on some processors only, from now on, with all threads and processes to come."""
    if cores and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, cores)


def let_read(tracer: int | None) -> None:
    """Let a process read this one, where Yama allows that to parents only."""
    if tracer is not None:
        _prctl(_PR_SET_PTRACER, tracer)


def end_with_parent() -> None:
    """End when the thread ends that has started this process."""
    parent = os.getppid()
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def _prctl(option: int, value: int) -> None:
    """Ask Linux for something; where it says no, it is not needed or not to be had."""
    if not sys.platform.startswith("linux"):
        return
    try:
        import ctypes

        ctypes.CDLL(None).prctl(option, ctypes.c_ulong(value), 0, 0, 0)
    except (ImportError, OSError, AttributeError):
        return
