"""What is remembered of processes and threads: the parts of a session.

Times are microseconds since the stream began, as everywhere in the session.
"""

from bisect import bisect_right
from collections import deque
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from gilscope.model.events import (
    KERNEL,
    Call,
    GilSlice,
    Gone,
    Process,
    ProcessSlice,
    ThreadSlice,
)
from gilscope.model.gil_records import HISTORY, GilMoment, GilRecord, Holding
from gilscope.model.known import Part, known_parts, only_known, time_in
from gilscope.model.runs import read_runs
from gilscope.model.states import POSITION, STATES
from gilscope.model.tally import Follower, Tally
from gilscope.model.uses import Use, Uses, gil_for

STRETCHES = 60_000
"""Stretches remembered for all threads together, about 20 MB; the more threads, the fewer each."""

LEAST_STRETCHES = 300
"""Stretches remembered for a thread however many there are: half a minute."""

HOLDINGS = 1200
"""Frames of which it is remembered who held the GIL in which function: two minutes."""

CODES = 20_000
"""Functions of a process that are remembered by name."""

PAIRS = 5000
"""Pairs of thread and function from which on those of forgotten threads are put together."""

FORGOTTEN = 0
"""Thread id that stands for all of these."""

GONE_THREADS = 200
"""Threads of a process that are remembered after their end; a server may start one a request."""

Gils = tuple[GilSlice, ...]

Shares = list[int]
"""Microseconds in each state, in the order of STATES."""


def no_time() -> Shares:
    """Return shares of nothing."""
    return [0] * len(STATES)


class Stretch(NamedTuple):
    """A thread's runs between two moments, in microseconds since the stream began.

    `fresh` where the first of them does not go on with the last one before.
    """

    start: int
    end: int
    runs: str
    fresh: bool = False


@dataclass(slots=True)
class ThreadRecord:
    """One thread: who it is, what it does now, and what it did.

    Attributes:
        born: when it was first seen; `gone`: when it was seen no more.
        state: letter of its state at the newest frame.
        spent: time in each state since it was born.
        cpu, delay: time on a core and time runnable without one, exact; null while unknown.
        hold_blocked, hold_starved: time it held the GIL while it was blocked in a system call, and
            while it had no core.
        blocked: the system call it is blocked in, in words.
        calls: its stack, the innermost call first, as it was at `calls_at`.
        history: its newest stretches, in order and without a gap.
        follower: counts how long its holds and waits lasted, since it was born.
    """

    pid: int
    tid: int
    born: int
    name: str | None = None
    native: bool | None = None
    interpreter: int | None = None
    gone: int | None = None
    state: str = "?"
    spent: Shares = field(default_factory=no_time)
    cpu: int | None = None
    delay: int | None = None
    hold_blocked: int = 0
    hold_starved: int = 0
    blocked: str | None = None
    calls: tuple[Call, ...] = ()
    calls_at: int | None = None
    history: deque[Stretch] = field(default_factory=deque)
    follower: Follower = field(default_factory=Follower)

    @property
    def watched(self) -> int:
        """How long it has been watched, in microseconds."""
        return sum(self.spent)

    def add(self, piece: ThreadSlice, start: int, end: int) -> Use:
        """Take in what it did between two moments; return for how long it used the GIL."""
        held = waited = whole = 0
        runs = read_runs(piece.runs)
        self.follower.add(runs, piece.fresh)
        for letter, length in runs:
            self.spent[POSITION.get(letter, POSITION["?"])] += length
            whole += length
            if letter == "H":
                held += length
            elif letter == "W":
                waited += length
        self.state = piece.state if piece.state in POSITION else "?"
        if piece.cpu is not None:
            self.cpu = (self.cpu or 0) + piece.cpu
        if piece.delay is not None:
            self.delay = (self.delay or 0) + piece.delay
        self.hold_blocked += piece.hold_blocked
        self.hold_starved += piece.hold_starved
        # Runs end with the frame: what is missing in them lies before the thread's birth.
        self.history.append(Stretch(max(start, end - whole), end, piece.runs, piece.fresh))
        return held, waited

    def stay(self, start: int, end: int) -> Use:
        """It stayed in its state between two moments; return the same."""
        length = end - start
        self.follower.stay(length)
        self.spent[POSITION.get(self.state, POSITION["?"])] += length
        last = self.history[-1] if self.history else None
        if last is not None and last.runs[:1] == self.state and last.runs[1:].isdecimal():
            whole = end - last.start
            self.history[-1] = last._replace(end=end, runs=f"{self.state}{whole}")
        else:
            self.history.append(Stretch(start, end, f"{self.state}{length}"))
        return length if self.state == "H" else 0, length if self.state == "W" else 0


@dataclass(slots=True)
class ProcessRecord:
    """One process: who it is, its threads, and what became of its GIL.

    Attributes:
        gone: the event that ended it.
        before: what it was when it became another program (exec), which was at `became`; null
            where it was no Python that is known, as a shell is that starts one.
        ended: how many of `threads` have ended; `forgotten`: how many others that ended
            are not among them any more.
        halted: what keeps its threads from running: "stopped", "traced", "frozen" or null.
        span: how long it has been watched; `counted`: of it, how long hand-overs of its GIL were
            counted; `seen`: of that, for how long it is known what became of the GIL, and `unseen`,
            for how long it is not, since its first thread was seen.
        samples: how often it was sampled; `active`: the span of the frames in which any of its
            threads did anything, and `active_samples`, how often it was sampled in these: one in
            which nothing happens is sampled less often.
        wanted, held, switches: sums of GilMoment over the time that the GIL was seen.
        moments: the newest frames, in order.
        gils: each of its GILs by interpreter, once there have been several; else empty.
        codes: functions by number; `held_in`: how long each thread held the GIL in each of them,
            microseconds by thread id and number of the function (null: not known).
        holdings: the newest frames in which it is known who held the GIL, in order.
        hogs: how many hogs have ended.
        past: holds and waits of the threads that are forgotten, and `past_cpu`, their time on a
            core.
    """

    about: Process
    born: int
    threads: dict[int, ThreadRecord] = field(default_factory=dict)
    gone: Gone | None = None
    before: Process | None = None
    became: int = 0
    ended: int = 0
    forgotten: int = 0
    stopped: bool = False
    halted: str | None = None
    span: int = 0
    counted: int = 0
    seen: int = 0
    unseen: int = 0
    wanted: int = 0
    held: int | None = None
    switches: int | None = None
    samples: int = 0
    active: int = 0
    active_samples: int = 0
    moments: deque[GilMoment] = field(default_factory=lambda: deque(maxlen=HISTORY))
    gils: dict[int, GilRecord] = field(default_factory=dict)
    codes: dict[int, Call] = field(default_factory=dict)
    held_in: dict[tuple[int, int | None], int] = field(default_factory=dict)
    _pairs: int = PAIRS
    holdings: deque[Holding] = field(default_factory=lambda: deque(maxlen=HOLDINGS))
    hogs: int = 0
    past: Tally = field(default_factory=Tally)
    past_cpu: int = 0

    def introduce(self, about: Process) -> None:
        """Know it by what was said of it last."""
        then, self.about = self.about, about
        if then.implementation is None:
            return
        other_version = then.python and about.python and then.python != about.python
        if then.implementation != about.implementation or other_version:
            self.before, self.became = then, about.at

    def living(self) -> Iterator[ThreadRecord]:
        """Yield the threads that are still there."""
        return (thread for thread in self.threads.values() if thread.gone is None)

    def gil_of(self, thread: ThreadRecord, gils: Collection[int]) -> int:
        """Return which of some GILs, named by interpreter, a thread needs to run Python."""
        return gil_for(thread.interpreter, gils)

    def end_thread(self, tid: int, at: int) -> None:
        """Mark a thread as gone; forget the one that has been gone longest if there are many."""
        thread = self.threads.pop(tid, None)
        if thread is None:
            return
        if thread.gone is None:
            thread.gone = at
            self.ended += 1
        # Behind all others, so that ended threads stand in the order in which they ended.
        self.threads[tid] = thread
        if self.ended > GONE_THREADS:
            oldest = next(t for t in self.threads.values() if t.gone is not None)
            self.forget(oldest)
            self.forgotten += 1

    def forget(self, thread: ThreadRecord) -> None:
        """Take a thread that has ended off the list."""
        del self.threads[thread.tid]
        self.past.merge(thread.follower.tally)
        self.past_cpu += thread.cpu or 0
        self.ended -= 1

    def name_code(self, code: int, call: Call) -> None:
        """Remember which function a number stands for."""
        while len(self.codes) >= CODES:
            del self.codes[next(iter(self.codes))]
        self.codes[code] = call

    def add(self, piece: ProcessSlice, start: int, end: int) -> None:
        """Take in what it did between two moments."""
        uses = Uses()
        told = set()
        memory = max(LEAST_STRETCHES, min(HISTORY, STRETCHES // (len(self.threads) or 1)))
        for slice_ in piece.threads:
            thread = self.threads.get(slice_.tid)
            if thread is not None:
                told.add(slice_.tid)
                uses.add(thread.interpreter, thread.add(slice_, start, end))
                while len(thread.history) > memory:
                    thread.history.popleft()
        for thread in self.living():
            if thread.tid not in told:
                uses.add(thread.interpreter, thread.stay(max(start, thread.born), end))
        self.span += end - start
        self.samples += piece.samples
        if piece.threads:
            self.active += end - start
            self.active_samples += piece.samples
        self.stopped, self.halted = piece.stopped, piece.halted
        gils, seen = piece.gils, end - start
        if gils and (parts := self._known(told, start, end)) is not None:
            seen = time_in(parts)
            there = {gil.interpreter for gil in gils}
            gils = tuple(only_known(gil, uses.of(gil, there)[0], parts, start) for gil in gils)
            self.unseen += end - min(self.threads[tid].history[-1].start for tid in told) - seen
        self._add_gils(gils, uses, start, end, seen)

    def _known(self, told: Collection[int], start: int, end: int) -> list[Part] | None:
        """Return the parts of a frame in which any thread's state is known; None for all of it.

        At py-spy fidelity most threads are unknown most of the time, though the holder is not.
        """
        if self.about.fidelity != KERNEL or not told:
            return None
        newest = [(thread.tid, thread.history[-1]) for thread in self.living()]
        if any(piece.start <= start and "?" not in piece.runs for _, piece in newest):
            return None
        return known_parts([(piece.start, piece.runs) for tid, piece in newest if tid in told], end)

    def _add_gils(self, gils: Gils, uses: Uses, start: int, end: int, seen: int) -> None:
        span = end - start
        held = sum(gil.held for gil in gils) if gils else None
        whole = (held or 0) + uses.waited
        counts = [gil.switches for gil in gils if gil.switches is not None]
        switches = sum(counts) if counts else None
        holder = next((gil.holder for gil in gils if gil.holder is not None), None)
        self.moments.append(GilMoment(end, span, whole, held, switches, holder, seen))
        if held is not None:
            self.counted += span
            self.seen += seen
            self.wanted += whole
            self.held = (self.held or 0) + held
        if switches is not None:
            self.switches = (self.switches or 0) + switches
        if any(gil.turns for gil in gils):
            self.holdings.append(Holding(start, end, gils))
        for gil in gils:
            for turn in gil.turns:
                if turn.tid is not None:
                    key = (turn.tid, turn.code)
                    self.held_in[key] = self.held_in.get(key, 0) + turn.length
        if len(self.held_in) > self._pairs:
            self._put_together()
        if len(gils) > 1 or self.gils:
            self._tell_apart(gils, uses, self.moments[-1])

    def _put_together(self) -> None:
        """Keep no account of their own for threads that are forgotten: a server may start many."""
        held: dict[tuple[int, int | None], int] = {}
        for (tid, code), length in self.held_in.items():
            key = (tid if tid in self.threads else FORGOTTEN, code)
            held[key] = held.get(key, 0) + length
        self.held_in = held
        self._pairs = max(PAIRS, 2 * len(held))

    def _tell_apart(self, gils: Gils, uses: Uses, whole: GilMoment) -> None:
        """Keep account of each GIL of several."""
        there = {gil.interpreter for gil in gils}
        for gone in self.gils.keys() - there:
            del self.gils[gone]
        for gil in gils:
            wanted = gil.held + uses.of(gil, there)[1]
            record = self.gils.setdefault(gil.interpreter, GilRecord(gil.interpreter))
            moment = whole._replace(wanted=wanted, held=gil.held, switches=gil.switches)
            record.add(moment._replace(holder=gil.holder))


def state_at(thread: ThreadRecord, at: int) -> str | None:
    """Return the letter of the state a thread was in at a moment; None where it is not known."""
    index = bisect_right(thread.history, at, key=lambda stretch: stretch.start) - 1
    if index < 0:
        return None
    stretch = thread.history[index]
    if at > stretch.end:
        return None
    position = stretch.start
    letter = None
    for letter, length in read_runs(stretch.runs):
        position += length
        if at < position:
            return letter
    return letter
