"""Why threads wait: which functions hold the GIL, hogs, and whom the selected thread waits for."""

from dataclasses import dataclass
from typing import NamedTuple

from gilscope.analysis.blame import Blamed, blame
from gilscope.analysis.functions import FunctionHeld, held_by_function
from gilscope.analysis.stretches import sample_interval, tells_hogs
from gilscope.model.events import KERNEL
from gilscope.model.records import ProcessRecord, ThreadRecord
from gilscope.model.session import Session
from gilscope.model.text import clean
from gilscope.ui.views.figures import clock, span
from gilscope.ui.views.hogs import HogLine, harmless_hogs, hog_length, hogs
from gilscope.ui.views.look import SECOND, Look
from gilscope.ui.views.where import place

WINDOW = 10 * SECOND
"""How far back holders and blame are counted, unless the user counts from a reset on."""


class Window(NamedTuple):
    """The time that holders and blame are about, and what to call it.

    "last 10 s"; at a past moment "10 s before"; "since 00:04" where the user counts from then on.
    """

    start: int
    end: int
    words: str

    @property
    def within(self) -> str:
        """What it is called where something happened in it."""
        return self.words if self.words.startswith("since") else f"in the {self.words}"

    @property
    def part_of(self) -> str:
        """What it is called where something took a part of it."""
        return self.words if self.words.startswith("since") else f"of the {self.words}"


NAMES, PARTS = 20, 40
"""Threads named of a function, and parts of a wait, where there may be thousands."""

LEAST = 0.005
"""Share of the time from which on a function is listed: what does not round to 0%."""


@dataclass(frozen=True, slots=True)
class Holder:
    """A function that held the GIL.

    Attributes:
        share: of the time.
        threads: the names of those that ran it, the one that held longest first; `others`: how
            many more there are.
    """

    share: float | None
    where: str
    threads: tuple[str, ...] = ()
    others: int = 0


@dataclass(frozen=True, slots=True)
class Waited:
    """A part of what a thread waited: how long, and for whom; or for how many all together."""

    length: int
    whom: str
    count: int = 1


@dataclass(frozen=True, slots=True)
class Why:
    """The three parts; each has a sentence in place of its lines where it has none.

    Attributes:
        window: the time that holders and blame are about, in words.
        name: of the thread whose waits are told; None for no thread.
        waited: how long it waited, as a sentence.
    """

    window: str
    holders: tuple[Holder, ...] = ()
    no_holders: str = ""
    name: str | None = None
    waited: str = ""
    parts: tuple[Waited, ...] = ()
    hogs: tuple[HogLine, ...] = ()
    no_hogs: str = ""


def why(
    session: Session, process: ProcessRecord | None, thread: ThreadRecord | None, look: Look
) -> Why:
    """Return why threads of a process wait, up to the moment that the picture is about.

    Args:
        thread: the one whose waits are told.
    """
    moment = look.moment(session.now)
    found = hogs(session, moment)
    no_hogs = "" if found else _no_hogs(session, process, look)
    if process is None:
        return Why("", no_holders="nothing seen yet", waited="no thread seen yet", no_hogs=no_hogs)
    window = _window(process, look, moment)
    functions = held_by_function(process, window.start, window.end)
    holders = tuple(
        _holder(process, function) for function in functions if (function.share or 0.0) >= LEAST
    )
    waited, parts = _waits(process, thread, window) if thread else ("", ())
    return Why(
        window=window.words,
        holders=holders,
        no_holders="" if holders else _no_holders(process, window, bool(functions)),
        name=None if thread is None else name_of(thread),
        waited=waited or "no thread is selected",
        parts=parts,
        hogs=tuple(found),
        no_hogs=no_hogs,
    )


def waits(
    process: ProcessRecord, thread: ThreadRecord, moment: int
) -> tuple[str, tuple[Waited, ...]]:
    """Return how long a thread waited before a moment, as a sentence, and for whom."""
    return _waits(process, thread, _window(process, Look(), moment))


def holders_of(process: ProcessRecord, thread: ThreadRecord) -> tuple[Holder, ...]:
    """Return the functions in which one thread held the GIL, all its life."""
    life = max(thread.watched, 1)
    found = [(code, held) for (tid, code), held in process.held_in.items() if tid == thread.tid]
    found.sort(key=lambda each: -each[1])
    holders = []
    for code, held in found:
        call = process.codes.get(code) if code is not None else None
        holders.append(Holder(held / life, place(call) if call else "function not known"))
    return tuple(holders)


def name_of(thread: ThreadRecord) -> str:
    """Return a thread's name, or its id."""
    return clean(thread.name) if thread.name else f"thread {thread.tid}"


def _window(process: ProcessRecord, look: Look, moment: int) -> Window:
    if look.since is not None and look.since < moment:
        return Window(look.since, moment, f"since {clock(look.since)}")
    start = max(moment - WINDOW, process.born, 0)
    long = f"{max(round((moment - start) / SECOND), 1)} s"
    return Window(start, moment, f"{long} before" if look.cursor is not None else f"last {long}")


def _holder(process: ProcessRecord, function: FunctionHeld) -> Holder:
    names = tuple(
        name_of(process.threads[tid]) if tid in process.threads else f"thread {tid}"
        for tid in function.tids[:NAMES]
    )
    where = place(function.call) if function.call else "function not known"
    return Holder(function.share, where, names, max(len(function.tids) - NAMES, 0))


def _waits(
    process: ProcessRecord, thread: ThreadRecord, window: Window
) -> tuple[str, tuple[Waited, ...]]:
    if process.about.gil is False:
        return "nobody waits: this build has no GIL", ()
    if thread.native:
        return "a native thread: it never needs the GIL", ()
    if process.about.fidelity != KERNEL:
        return "waiting cannot be seen here", ()
    blamed = blame(process, thread, window.start, window.end)
    whole = sum(each.waited for each in blamed)
    if not whole:
        return f"has not waited for the GIL {window.within}", ()
    waited = f"waited {span(whole)} {window.part_of}"
    if all(each.tid is None for each in blamed):
        return f"{waited}; for whom is not known", ()
    parts = tuple(map(_part, blamed[:PARTS]))
    rest = blamed[PARTS:]
    if rest:
        parts = (*parts, others(sum(each.waited for each in rest), len(rest)))
    return f"{waited}, for:", parts


def others(length: int, count: int) -> Waited:
    """Return what is left of a wait as one part."""
    return Waited(length, f"{count} others", count)


def _part(each: Blamed) -> Waited:
    if each.tid is None:
        return Waited(each.waited, "nobody known (hand-overs, short holds)")
    name = clean(each.name) if each.name else f"thread {each.tid}"
    return Waited(each.waited, f"{name} in {place(each.call)}" if each.call else name)


def _no_holders(process: ProcessRecord, window: Window, hardly: bool) -> str:
    about = process.about
    if about.gil is False:
        return "this build has no GIL to hold"
    if about.fidelity != KERNEL:
        return "cannot be seen here" + (f": {clean(about.reason)}" if about.reason else "")
    lately = process.moments[-1] if process.moments else None
    if lately is None:
        return "nothing seen yet"
    if hardly:
        return f"hardly held at all {window.within}"
    if not process.holdings:
        return "in which functions it is held is not known (yet)"
    return f"nobody was seen to hold the GIL {window.within}"


def _no_hogs(session: Session, process: ProcessRecord | None, look: Look) -> str:
    longest = span(hog_length(session))
    if process is not None and process.about.gil is False:
        return "none: this build has no GIL to hold"
    if process is not None and process.about.fidelity != KERNEL:
        return "holds cannot be measured here"
    interval = sample_interval(process) if process else None
    if interval is not None and not tells_hogs(interval, hog_length(session)):
        return "samples are too far apart to tell long holds"
    by = "yet" if look.cursor is None else "by then"
    harmless = harmless_hogs(session, look.moment(session.now))
    if harmless:
        holds, them = ("one hold", "it") if harmless == 1 else (f"{harmless} holds", "them")
        return f"{holds} lasted {longest} or longer, but nobody waited long for {them}"
    return f"no hold has lasted {longest} {by}"
