"""What was told of one watched process, so that only what is new is told."""

from collections.abc import Iterator

from msgspec.structs import replace

from gilscope.model.events import (
    NO_FIDELITY,
    Blocked,
    Call,
    Code,
    Event,
    Gone,
    Hog,
    Note,
    Process,
    Stack,
    Stacks,
    Thread,
)
from gilscope.probe.blocked import Describer
from gilscope.probe.classify import parse_call
from gilscope.probe.fallback import DumpedRecord, PySpyProcess
from gilscope.probe.process import SampledProcess
from gilscope.probe.stacks import DumpedThread
from gilscope.probe.thread import SampledThread


class Telling:
    """Events of one process, collected until the sampler takes them.

    Attributes:
        process: its newest introduction; None before the first.
    """

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.process: Process | None = None
        self._events: list[Event] = []
        self._threads: dict[int, Thread] = {}
        self._blocked: dict[int, str | None] = {}
        self._lines: dict[int, bytes] = {}

    def take(self) -> Iterator[Event]:
        """Yield what there is to say, and forget it."""
        events, self._events = self._events, []
        return iter(events)

    def introduce(self, about: Process) -> None:
        """Introduce the process, again where anything but its age is new."""
        told = self.process
        if told is None or replace(about, at=told.at, age=told.age) != told:
            self._events.append(about)
            self.process = about

    def note(self, now: int, level: str, text: str, fix: str | None = None) -> None:
        """Say what a person should know of it."""
        self._events.append(Note(now, level, text, fix, self.pid))

    def end(self, now: int, how: str, text: str | None = None) -> None:
        """Say that the process is gone; see Gone."""
        self._events.append(Gone(now, self.pid, how=how, text=text))

    def forget(self, now: int) -> None:
        """Say that its threads are gone, and know nothing of it: it runs another program."""
        self._events.extend(Gone(now, self.pid, tid) for tid in self._threads)
        self._threads.clear()
        self._blocked.clear()
        self._lines.clear()

    def threads(self, target: SampledProcess | PySpyProcess, now: int) -> None:
        """Introduce the threads that are new or known better, and say which are gone."""
        for dead in target.dead:
            if dead.tid not in self._threads and dead.tid not in target.threads:
                self.thread(dead, now)
            self._lines.pop(dead.tid, None)
            if self._threads.pop(dead.tid, None) is not None:
                self._blocked.pop(dead.tid, None)
                self._events.append(Gone(now, self.pid, dead.tid))
        target.dead.clear()
        for thread in target.threads.values():
            self.thread(thread, now)

    def thread(self, thread: SampledThread | DumpedRecord, now: int) -> None:
        """Introduce a thread, again where anything of it is new."""
        native: bool | None = None
        if self.process is not None and self.process.fidelity != NO_FIDELITY:
            native = False if thread.is_python else True if thread.looked_for > 1 else None
        told = self._threads.get(thread.tid)
        if told is None or (told.name, told.native, told.interpreter) != (
            thread.name, native, thread.interpreter,
        ):  # fmt: skip
            event = Thread(now, self.pid, thread.tid, thread.name, native, thread.interpreter)
            self._threads[thread.tid] = event
            self._events.append(event)

    def blocked(self, target: SampledProcess, describer: Describer, now: int) -> None:
        """Say what the threads are on that have been blocked in one place since the last look."""
        for thread in target.threads.values():
            text = None
            if thread.letter == "H" and thread.hold_line:
                self._lines.pop(thread.tid, None)
                text = f"{describer.describe(parse_call(thread.hold_line), now)}, holding the GIL"
            elif thread.letter in "ILS":
                if self._lines.get(thread.tid) != thread.line:
                    self._lines[thread.tid] = thread.line
                    text = describer.describe(parse_call(thread.line), now)
                else:
                    continue
            elif thread.letter == "?" and thread.line.startswith(b"-1"):
                self._lines.pop(thread.tid, None)
                text = "blocked outside of any system call"
            elif thread.tid not in self._blocked:
                continue
            else:
                self._lines.pop(thread.tid, None)
            if self._blocked.get(thread.tid) != text:
                self._blocked[thread.tid] = text
                self._events.append(Blocked(now, self.pid, thread.tid, text))

    def codes(self, codes: list[Code]) -> None:
        """Introduce functions."""
        self._events.extend(codes)

    def hogs(self, hogs: list[Hog]) -> None:
        """Say which hogs were caught or have ended."""
        self._events.extend(hogs)

    def stacks(self, stacks: list[Stack], now: int) -> None:
        """Say which stacks were read."""
        if stacks:
            self._events.append(Stacks(now, self.pid, tuple(stacks)))

    def dump(
        self,
        target: SampledProcess | PySpyProcess,
        dump: list[DumpedThread],
        now: int,
        *,
        stacks: bool = True,
    ) -> None:
        """Say which names py-spy found, and which stacks."""
        by_pthread = {thread.pthread: thread for thread in target.threads.values()}
        found = []
        for told in dump:
            thread = target.threads.get(told.os_thread_id or 0) or by_pthread.get(told.thread_id)
            if thread is None:
                continue
            if told.thread_name:
                thread.name, thread.named = told.thread_name, True
                self.thread(thread, now)
            calls = tuple(Call(c.name, c.filename, c.line) for c in told.frames)
            found.append(Stack(thread.tid, calls))
        if stacks:
            self.stacks(found, now)


def in_order(events: list[Event]) -> tuple[list[Event], list[Event]]:
    """Divide what there is to say into what comes before the frame and what comes after it.

    Threads are introduced before the frame that lists them, and leave after it: but for one whose
    id stands for another thread from this frame on, as that of the first does after an exec.
    """
    before: list[Event] = []
    after: list[Event] = []
    introduced: set[tuple[int, int | None]] = set()
    for event in reversed(events):
        if isinstance(event, Thread):
            introduced.add((event.pid, event.tid))
        if isinstance(event, Gone) and (event.pid, event.tid) not in introduced:
            after.append(event)
        else:
            before.append(event)
    return before[::-1], after[::-1]
