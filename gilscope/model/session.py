"""The session: what is known by now, built up from the stream's events one by one.

Live view, recording, replay and every plain command build this same session and read nothing else.
"""

from collections import deque
from collections.abc import Iterator

from msgspec.structs import replace

from gilscope.model.events import (
    Blocked,
    Bye,
    Code,
    Event,
    Frame,
    Gone,
    Hello,
    Hog,
    Note,
    Output,
    Process,
    Stacks,
    Thread,
)
from gilscope.model.gil_records import HISTORY
from gilscope.model.records import ProcessRecord, ThreadRecord

GONE_PROCESSES = {True: 100, False: 1000}
"""Processes that are remembered after their end: those followed, and those asked for.

A build starts one a source file, and Home asks for every Python process that it sees.
"""

NOTES = 200
"""Notes remembered."""

HOGS = 200
"""Hogs remembered."""

PIECES = 2000
"""Pieces of the launched command's output remembered, and no more than OUTPUT characters in all."""

OUTPUT = 256 * 1024


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
        hogs: the newest hogs, in the order in which they began; what is known of each by now.
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
        self.hogs: dict[tuple[int, int, int], Hog] = {}
        self.bye: Bye | None = None

    def apply(self, event: Event) -> None:
        """Take in one event. Events about what was never introduced are left aside."""
        match event:
            case Frame():
                self._frame(event)
            case Code():
                if event.pid in self.processes:
                    self.processes[event.pid].name_code(event.code, event.call)
            case Hog():
                self._hog(event)
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
            known.introduce(event)

    def _introduce_thread(self, event: Thread) -> None:
        process = self.processes.get(event.pid)
        if process is None:
            return
        thread = process.threads.get(event.tid)
        if thread is None or thread.gone is not None:
            if thread is not None:
                process.forget(thread)  # The kernel has used its id again.
            thread = ThreadRecord(event.pid, event.tid, event.at)
            process.threads[event.tid] = thread
        thread.name, thread.native = event.name, event.native
        thread.interpreter = event.interpreter

    def _gone(self, event: Gone) -> None:
        process = self.processes.get(event.pid)
        if process is None:
            return
        self._end_hogs(event)
        if event.tid is not None:
            process.end_thread(event.tid, event.at)
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

    def _hog(self, event: Hog) -> None:
        process = self.processes.get(event.pid)
        if process is None:
            return
        process.hogs += event.ended
        self.hogs[event.pid, event.tid, event.since] = event
        if len(self.hogs) > HOGS:
            del self.hogs[next(iter(self.hogs))]

    def _end_hogs(self, event: Gone) -> None:
        """A hold lasts no longer than its thread, or the program that it belongs to."""
        for key, hog in self.hogs.items():
            goes = hog.pid == event.pid and event.tid in (None, hog.tid)
            if goes and not hog.ended:
                length = max(hog.length, event.at - hog.since)
                self.hogs[key] = replace(hog, at=event.at, length=length, ended=True)
                self.processes[hog.pid].hogs += 1

    def hog_length(self, hog: Hog) -> int:
        """Return how long a hog was, or has been so far, in microseconds."""
        return hog.length if hog.ended else max(hog.length, self.now - hog.since)

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
                process.add(piece, start, event.at)
        self.frames.append(Frame(event.at, event.span, event.sampler, (), event.cores))
