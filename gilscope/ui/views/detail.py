"""Everything that is known of one thread."""

from dataclasses import dataclass

from gilscope.analysis.holds import Holds, Longest
from gilscope.analysis.lanes import fractions, time_between
from gilscope.model.events import PYSPY, Call
from gilscope.model.records import ThreadRecord
from gilscope.model.session import Session
from gilscope.ui.views.look import SECOND


@dataclass(frozen=True, slots=True)
class Detail:
    """One thread at one moment.

    Attributes:
        lately, always: shares of the last second, and since the thread was first seen.
        cpu, delay: of a core, since it was first seen.
        told: whether holds and waits can be told; py-spy alone cannot.
        stack_age: how old the stack is; None where there is none.
    """

    pid: int
    tid: int
    name: str
    letter: str
    gone: bool
    native: bool | None
    interpreter: int | None
    watched: int
    blocked: str | None
    lately: tuple[float, ...] | None
    always: tuple[float, ...] | None
    cpu: float | None
    delay: float | None
    hold: Longest | None
    wait: Longest | None
    told: bool
    calls: tuple[Call, ...]
    stack_age: int | None


def detail(session: Session, thread: ThreadRecord, holds: Holds) -> Detail:
    """Return what is known of a thread now."""
    now = thread.gone if thread.gone is not None else session.now
    process = session.processes.get(thread.pid)
    # The first frame tells of the time before it, from its birth or first sample on.
    life = max(thread.watched, 1)
    return Detail(
        pid=thread.pid,
        tid=thread.tid,
        name=thread.name or f"thread {thread.tid}",
        letter=thread.state,
        gone=thread.gone is not None,
        native=thread.native,
        interpreter=thread.interpreter,
        watched=thread.watched,
        blocked=thread.blocked,
        lately=fractions(time_between(thread, now - SECOND, now)),
        always=fractions(thread.spent),
        cpu=None if thread.cpu is None else thread.cpu / life,
        delay=None if thread.delay is None else thread.delay / life,
        hold=holds.longest(thread, "H"),
        wait=holds.longest(thread, "W"),
        told=process is None or process.about.fidelity != PYSPY,
        calls=thread.calls,
        stack_age=None if thread.calls_at is None else max(session.now - thread.calls_at, 0),
    )
