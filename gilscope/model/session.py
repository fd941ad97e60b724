"""The session: what is known by now, built up from the stream's events one by one.

Live view, recording, replay and every plain command build this same session and read nothing else.
"""

from bisect import bisect_right
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from gilscope.model.events import (
    Blocked,
    Bye,
    Call,
    Event,
    Frame,
    Gone,
    Hello,
    Note,
    Output,
    Process,
    ProcessSlice,
    Stacks,
    Thread,
    ThreadSlice,
    read_runs,
)
from gilscope.model.states import POSITION, STATES

HISTORY = 6000
"""Frames remembered for each process and each busy thread: ten minutes at ten frames a second."""

STRETCHES = 60_000
"""Stretches remembered for all threads together, about 20 MB; the more threads, the fewer each."""

LEAST_STRETCHES = 300
"""Stretches remembered for a thread however many there are: half a minute."""

GONE_THREADS = 200
"""Threads of a process that are remembered after their end; a server may start one a request."""

GONE_PROCESSES = {True: 100, False: 1000}
"""Processes that are remembered after their end: those followed, and those asked for.

A build starts one a source file, and Home asks for every Python process that it sees.
"""

NOTES = 200
"""Notes remembered."""

PIECES = 2000
"""Pieces of the launched command's output remembered, and no more than OUTPUT characters in all."""

OUTPUT = 256 * 1024

Shares = list[int]
"""Microseconds in each state, in the order of STATES."""


def no_time() -> Shares:
    """Return shares of nothing."""
    return [0] * len(STATES)


class Stretch(NamedTuple):
    """A thread's runs between two moments, in microseconds since the stream began."""

    start: int
    end: int
    runs: str


class GilMoment(NamedTuple):
    """What became of one process's GIL during one frame.

    `wanted` is the time of all its threads together that they held or wanted the GIL; divided by
    the span it is the GIL load. `held` and `switches` are sums over its GILs, null where it has
    none that can be seen.
    """

    at: int
    span: int
    wanted: int
    held: int | None
    switches: int | None
    holder: int | None


@dataclass(slots=True)
class ThreadRecord:
    """One thread: who it is, what it does now, and what it did.

    Attributes:
        born: when it was first seen; `gone`: when it was seen no more.
        state: letter of its state at the newest frame.
        spent: time in each state since it was born.
        cpu, delay: time on a core and time runnable without one, exact; null while unknown.
        blocked: the system call it is blocked in, in words.
        calls: its stack, the innermost call first, as it was at `calls_at`.
        history: its newest stretches, in order and without a gap.
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
    blocked: str | None = None
    calls: tuple[Call, ...] = ()
    calls_at: int | None = None
    history: deque[Stretch] = field(default_factory=deque)

    @property
    def watched(self) -> int:
        """How long it has been watched, in microseconds."""
        return sum(self.spent)

    def add(self, piece: ThreadSlice, start: int, end: int) -> int:
        """Take in what it did between two moments; return how long it held or wanted the GIL."""
        wanted = whole = 0
        for letter, length in read_runs(piece.runs):
            self.spent[POSITION.get(letter, POSITION["?"])] += length
            whole += length
            if letter in "HW":
                wanted += length
        self.state = piece.state if piece.state in POSITION else "?"
        if piece.cpu is not None:
            self.cpu = (self.cpu or 0) + piece.cpu
        if piece.delay is not None:
            self.delay = (self.delay or 0) + piece.delay
        # Runs end with the frame: what is missing in them lies before the thread's birth.
        self.history.append(Stretch(max(start, end - whole), end, piece.runs))
        return wanted

    def stay(self, start: int, end: int) -> int:
        """It stayed in its state between two moments; return how long it wanted the GIL."""
        length = end - start
        self.spent[POSITION.get(self.state, POSITION["?"])] += length
        if self.history and self.history[-1].runs[:1] == self.state:
            last = self.history[-1]
            if last.runs[1:].isdecimal():
                whole = end - last.start
                self.history[-1] = Stretch(last.start, end, f"{self.state}{whole}")
                return length if self.state in "HW" else 0
        self.history.append(Stretch(start, end, f"{self.state}{length}"))
        return length if self.state in "HW" else 0


@dataclass(slots=True)
class ProcessRecord:
    """One process: who it is, its threads, and what became of its GIL.

    Attributes:
        gone: the event that ended it.
        ended: how many of `threads` have ended; `forgotten`: how many others that ended
            are not among them any more.
        span: how long it has been watched; `seen`: of it, how long its GIL could be seen.
        wanted, held, switches: sums of GilMoment over the time that the GIL was seen.
        moments: the newest frames, in order.
    """

    about: Process
    born: int
    threads: dict[int, ThreadRecord] = field(default_factory=dict)
    gone: Gone | None = None
    ended: int = 0
    forgotten: int = 0
    stopped: bool = False
    span: int = 0
    seen: int = 0
    wanted: int = 0
    held: int | None = None
    switches: int | None = None
    samples: int = 0
    moments: deque[GilMoment] = field(default_factory=lambda: deque(maxlen=HISTORY))

    def living(self) -> Iterator[ThreadRecord]:
        """Yield the threads that are still there."""
        return (thread for thread in self.threads.values() if thread.gone is None)


class Session:
    """All that a stream has said, ready to be read.

    Attributes:
        hello: the first event, once it has come.
        now: the end of the newest frame, microseconds since the stream began.
        processes: the processes that are there, and the newest that have ended, by process id.
        forgotten: how many others that ended are not among them any more.
        frames: the newest frames without their processes, for cores and the sampler's own cost.
        samples, lost, cpu, stacks_cpu: sums of SamplerSlice over all frames; `span` of the frames.
        notes: what the user should know, the newest last.
        output: what the launched command printed, as it came.
        bye: the last event, once the stream has ended in good order.
    """

    def __init__(self) -> None:
        self.hello: Hello | None = None
        self.now = 0
        self.processes: dict[int, ProcessRecord] = {}
        self.forgotten = 0
        self._ended: dict[bool, dict[int, None]] = {True: {}, False: {}}
        self.frames: deque[Frame] = deque(maxlen=HISTORY)
        self.samples = 0
        self.lost = 0
        self.cpu = 0
        self.stacks_cpu = 0
        self.span = 0
        self.notes: deque[Note] = deque(maxlen=NOTES)
        self.output: deque[Output] = deque()
        self._printed = 0
        self.bye: Bye | None = None

    def apply(self, event: Event) -> None:
        """Take in one event. Events about what was never introduced are left aside."""
        match event:
            case Frame():
                self._frame(event)
            case Blocked():
                if thread := self._thread(event.pid, event.tid):
                    thread.blocked = event.text
            case Stacks():
                for stack in event.stacks:
                    if thread := self._thread(event.pid, stack.tid):
                        thread.calls, thread.calls_at = stack.calls, event.at
            case Thread():
                self._introduce_thread(event)
            case Process():
                self._introduce_process(event)
            case Gone():
                self._gone(event)
            case Output():
                self._output(event)
            case Note():
                self.notes.append(event)
            case Hello():
                self.hello = event
            case Bye():
                self.bye = event

    def threads(self) -> Iterator[ThreadRecord]:
        """Yield every thread of every process, those that are gone too."""
        for process in self.processes.values():
            yield from process.threads.values()

    def _thread(self, pid: int, tid: int) -> ThreadRecord | None:
        process = self.processes.get(pid)
        return process.threads.get(tid) if process else None

    def _introduce_process(self, event: Process) -> None:
        known = self.processes.get(event.pid)
        if known is None or known.gone is not None:
            for ended in self._ended.values():
                ended.pop(event.pid, None)
            self.processes[event.pid] = ProcessRecord(event, event.at)
        else:
            known.about = event

    def _introduce_thread(self, event: Thread) -> None:
        process = self.processes.get(event.pid)
        if process is None:
            return
        thread = process.threads.get(event.tid)
        if thread is None or thread.gone is not None:
            if thread is not None:
                process.ended -= 1  # The kernel has used its id again.
            thread = ThreadRecord(event.pid, event.tid, event.at)
            process.threads[event.tid] = thread
        thread.name, thread.native = event.name, event.native
        thread.interpreter = event.interpreter

    def _gone(self, event: Gone) -> None:
        process = self.processes.get(event.pid)
        if process is None:
            return
        if event.tid is not None:
            _end_thread(process, event.tid, event.at)
            return
        process.gone = event
        for thread in process.living():
            thread.gone = event.at
            process.ended += 1
        ended = self._ended[process.about.followed]
        ended[event.pid] = None
        if len(ended) > GONE_PROCESSES[process.about.followed]:
            oldest = next(iter(ended))
            del ended[oldest], self.processes[oldest]
            self.forgotten += 1

    def _output(self, event: Output) -> None:
        self.output.append(Output(event.at, event.text[-OUTPUT:]))
        self._printed += len(self.output[-1].text)
        while self._printed > OUTPUT or len(self.output) > PIECES:
            self._printed -= len(self.output.popleft().text)

    def _frame(self, event: Frame) -> None:
        start = event.at - event.span
        self.now = event.at
        self.span += event.span
        self.samples += event.sampler.samples
        self.lost += event.sampler.lost
        self.cpu += event.sampler.cpu
        self.stacks_cpu += event.sampler.stacks_cpu
        for piece in event.processes:
            process = self.processes.get(piece.pid)
            if process is not None:
                _add_to_process(process, piece, start, event.at)
        self.frames.append(Frame(event.at, event.span, event.sampler, (), event.cores))


def _end_thread(process: ProcessRecord, tid: int, at: int) -> None:
    """Mark a thread as gone, and forget the one that has been gone longest if there are many."""
    thread = process.threads.pop(tid, None)
    if thread is None:
        return
    if thread.gone is None:
        thread.gone = at
        process.ended += 1
    # Behind all others, so that ended threads stand in the order in which they ended.
    process.threads[tid] = thread
    if process.ended > GONE_THREADS:
        oldest = next(t for t in process.threads.values() if t.gone is not None)
        del process.threads[oldest.tid]
        process.ended -= 1
        process.forgotten += 1


def _add_to_process(process: ProcessRecord, piece: ProcessSlice, start: int, end: int) -> None:
    wanted = 0
    told = set()
    memory = max(LEAST_STRETCHES, min(HISTORY, STRETCHES // (len(process.threads) or 1)))
    for slice_ in piece.threads:
        thread = process.threads.get(slice_.tid)
        if thread is not None:
            told.add(slice_.tid)
            wanted += thread.add(slice_, start, end)
            while len(thread.history) > memory:
                thread.history.popleft()
    for thread in process.living():
        if thread.tid not in told:
            wanted += thread.stay(max(start, thread.born), end)
    held = sum(gil.held for gil in piece.gils) if piece.gils else None
    counts = [gil.switches for gil in piece.gils if gil.switches is not None]
    switches = sum(counts) if counts else None
    holder = next((gil.holder for gil in piece.gils if gil.holder is not None), None)
    process.moments.append(GilMoment(end, end - start, wanted, held, switches, holder))
    process.span += end - start
    process.samples += piece.samples
    process.stopped = piece.stopped
    if held is not None:
        process.seen += end - start
        process.wanted += wanted
        process.held = (process.held or 0) + held
    if switches is not None:
        process.switches = (process.switches or 0) + switches


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
