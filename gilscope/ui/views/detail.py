"""Everything that is known of one thread."""

from dataclasses import dataclass

from gilscope.analysis.holds import Holds, Longest
from gilscope.analysis.lanes import fractions, time_between
from gilscope.analysis.stretches import sample_interval
from gilscope.analysis.uncertainty import half_widths
from gilscope.model.events import KERNEL, PYSPY, Call
from gilscope.model.records import ThreadRecord
from gilscope.model.session import Session
from gilscope.model.states import POSITION
from gilscope.ui.views.look import SECOND
from gilscope.ui.views.machinery import thread_role
from gilscope.ui.views.why import Holder, Waited, holders_of, waits

WORTH_SAYING = 0.005
"""Share of its life from which on it matters that a thread held the GIL for nothing."""


@dataclass(frozen=True, slots=True)
class Detail:
    """One thread at one moment.

    Attributes:
        gil: whether its process has one.
        role: what it does for the program, where it is of Python's own machinery.
        lately, always: shares of the last second, and since the thread was first seen.
        doubt: how far the shares of the last second may be off; None where that is not known.
        cpu, delay: of a core, since it was first seen.
        blocked_holding, starved_holding: share of its holds in which it was blocked in a system
            call, and in which it had no core; None where that took too little time to matter.
        waited: how long it waited lately, as a sentence; `parts`: for whom.
        functions: in which it held the GIL, all its life.
        told: whether holds and waits can be told; py-spy alone cannot.
        stack_age: how old the stack is; None where there is none.
    """

    pid: int
    tid: int
    name: str
    letter: str
    gone: bool
    native: bool | None
    gil: bool | None
    role: str | None
    interpreter: int | None
    watched: int
    blocked: str | None
    lately: tuple[float, ...] | None
    always: tuple[float, ...] | None
    doubt: tuple[float, ...] | None
    cpu: float | None
    delay: float | None
    hold: Longest | None
    wait: Longest | None
    blocked_holding: float | None
    starved_holding: float | None
    waited: str
    parts: tuple[Waited, ...]
    functions: tuple[Holder, ...]
    told: bool
    calls: tuple[Call, ...]
    stack_age: int | None


def detail(session: Session, thread: ThreadRecord, holds: Holds) -> Detail:
    """Return what is known of a thread now."""
    now = thread.gone if thread.gone is not None else session.now
    process = session.processes.get(thread.pid)
    # The first frame tells of the time before it, from its birth or first sample on.
    life = max(thread.watched, 1)
    waited, parts = waits(process, thread, now) if process else ("", ())
    interval = sample_interval(process) if process and process.about.fidelity == KERNEL else None
    return Detail(
        pid=thread.pid,
        tid=thread.tid,
        name=thread.name or f"thread {thread.tid}",
        letter=thread.state,
        gone=thread.gone is not None,
        native=thread.native,
        gil=process.about.gil if process else None,
        role=thread_role(thread),
        interpreter=thread.interpreter,
        watched=thread.watched,
        blocked=thread.blocked,
        lately=fractions(time_between(thread, now - SECOND, now)),
        always=fractions(thread.spent),
        doubt=half_widths(thread, now - SECOND, now, interval),
        cpu=None if thread.cpu is None else thread.cpu / life,
        delay=None if thread.delay is None else thread.delay / life,
        hold=holds.longest(thread, "H"),
        wait=holds.longest(thread, "W"),
        blocked_holding=_of_holds(thread.hold_blocked, thread),
        starved_holding=_of_holds(thread.hold_starved, thread),
        waited=waited,
        parts=parts,
        functions=holders_of(process, thread) if process else (),
        told=process is None or process.about.fidelity != PYSPY,
        calls=thread.calls,
        stack_age=None if thread.calls_at is None else max(session.now - thread.calls_at, 0),
    )


def _of_holds(time: int, thread: ThreadRecord) -> float | None:
    held = thread.spent[POSITION["H"]]
    return time / held if held and time >= WORTH_SAYING * thread.watched else None
