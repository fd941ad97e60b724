"""What a process is introduced as, once it is known what it runs."""

from msgspec.structs import replace

from gilscope.model.events import KERNEL, NO_FIDELITY, Process
from gilscope.probe.implementations import recognise
from gilscope.probe.interpreter import Interpreter
from gilscope.probe.kernel import living_task
from gilscope.probe.maps import read_maps

STARTING = "its interpreter is starting up"
NOT_RUNNING = "Python is loaded in it, and no interpreter runs"
NOT_FOUND = "no CPython was found in it, so whether it has a GIL is not known"
FREE_THREADED = "a free-threaded build: it has no GIL"
TOLD_TO_USE_ONE = "a free-threaded build that was told to use a GIL"


def of_python(about: Process, interpreter: Interpreter) -> Process:
    """Introduce a process whose interpreter is read.

    Args:
        about: what is known of it apart from that.
    """
    reason = None
    if not interpreter.layout.has_gil:
        reason = TOLD_TO_USE_ONE if interpreter.gils else FREE_THREADED
    return replace(
        about,
        python=interpreter.version,
        implementation="cpython",
        fidelity=KERNEL,
        gil=interpreter.layout.has_gil or bool(interpreter.gils),
        reason=reason,
    )


def of_another(about: Process, why: str = NOT_FOUND) -> Process:
    """Introduce a process of which the kernel's view is all there is.

    Args:
        about: what is known of it apart from that.
        why: the reason, where it is no Python that can be named.
    """
    task = living_task(about.pid) or about.pid
    try:
        other = recognise(task, about.command, read_maps(task))
    except OSError:
        other = None
    about = replace(about, fidelity=NO_FIDELITY, gil=None)
    if other is None:
        return replace(about, reason=why)
    return replace(about, implementation=other.name, python=other.python, reason=other.reason)
