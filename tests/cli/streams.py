"""Streams of constructed events, for plain commands to read."""

from gilscope.model.events import (
    KERNEL,
    Event,
    Frame,
    Gone,
    Note,
    Process,
    ProcessSlice,
    SamplerSlice,
)
from tests.analysis.constructed import SPAN, a_gil

ANOTHERS = "This user may not read the process."
PERMIT = "run gilscope as root"


class Stream:
    """Stands for a probe: gives its events, and ends."""

    def __init__(self, events: list[Event]) -> None:
        self._events = iter(events)
        self.ended = False

    def events(self, deadline):
        yield from self._events
        self.ended = True


def a_process(pid, fidelity=KERNEL, **told):
    return Process(0, pid, 1, ("python", "app.py"), "3.12.1", "cpython", fidelity, **told)


def refused(pid):
    """Return what a probe says of a process that it may not read."""
    return [
        Process(0, pid, 1, ("python", "app.py")),
        Gone(0, pid, how="lost", text=ANOTHERS),
        Note(0, "error", f"Process {pid} may not be read.", PERMIT, pid),
    ]


def a_frame(pid, number=1):
    """Return a frame in which thread 1 of a process held its GIL, if it has been introduced."""
    piece = ProcessSlice(pid, (), (a_gil((1, 7, SPAN)),), 100)
    return Frame(number * SPAN, SPAN, SamplerSlice(1000.0, 100), (piece,))
