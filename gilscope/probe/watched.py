"""One watched process from its first moment to its last, whatever it turns out to be."""

from collections.abc import Callable, Iterator

from msgspec.structs import replace

from gilscope.model.events import (
    KERNEL,
    NO_FIDELITY,
    PYSPY,
    Blocked,
    Call,
    Event,
    Gone,
    Note,
    Process,
    ProcessSlice,
    Stack,
    Stacks,
    Thread,
)
from gilscope.probe import kernel
from gilscope.probe.blocked import Describer
from gilscope.probe.classify import parse_call
from gilscope.probe.fallback import DumpedRecord, PySpyProcess
from gilscope.probe.interpreter import (
    Interpreter,
    NotPermitted,
    NotPython,
    NotReadable,
    NotReady,
    find_interpreter,
)
from gilscope.probe.process import ProcessGone, SampledProcess
from gilscope.probe.stacks import DumpedThread, PySpyFailed
from gilscope.probe.thread import SampledThread

TRY_AGAIN = 20_000
"""Microseconds until an interpreter that is starting up is looked at again."""

GIVE_UP = 3_000_000
"""Microseconds from the first look at it, or its exec, in which an interpreter gets ready."""

LOOK_AGAIN = 1_000_000
"""Microseconds between two looks whether a program that was not Python has become it."""

EMBEDS = 10_000_000
"""Microseconds for which that is thought possible."""

DESCRIBE = 500_000
"""Microseconds between two looks at what blocked threads wait for."""

PERMIT = (
    "run gilscope as root or as the user that owns the process; "
    "`gilscope doctor` says what this machine allows"
)


class Watched:
    """A process that is being watched.

    It may run something other than Python, become another program by exec, or be readable by
    py-spy alone: `target` is replaced then, and the change is told in a new Process event.

    Attributes:
        events: what there is to say, to be taken by the sampler.
        target: what is sampled; None while the interpreter is starting up.
        gone: whether it has ended or cannot be read any more.
        dumped: whether py-spy has been asked about it yet.
        busy: whether it used any time on a core since its last dump by py-spy.
    """

    def __init__(
        self,
        pid: int,
        now: int,
        *,
        followed: bool,
        fidelity: str | None,
        find: Callable[[int], Interpreter] = find_interpreter,
    ) -> None:
        """Begin to watch.

        Args:
            followed: it is watched because its parent is.
            fidelity: "py-spy" to use nothing else.
            find: finds the interpreter in a process; see find_interpreter.

        Raises:
            ProcessLookupError: there is no such process.
        """
        self.pid = pid
        self.followed = followed
        self._find = find
        self.events: list[Event] = []
        self.target: SampledProcess | PySpyProcess | None = None
        self.gone = False
        self.busy = True
        self._forced = fidelity == PYSPY
        self._facts = kernel.read_facts(pid)
        if followed and self._facts.state in "ZX":
            raise ProcessLookupError(f"process {pid} has ended and waits for its parent")
        self._program = kernel.program(pid)
        self._describer: Describer | None = None
        self._told: Process | None = None
        self._told_threads: dict[int, Thread] = {}
        self._told_blocked: dict[int, str | None] = {}
        self._lines: dict[int, bytes] = {}
        self._next_look = now
        self._began = now
        self._next_description = now + DESCRIBE // 5
        self._next_exec_check = now
        self.dumped = False
        self.look(now)

    def close(self) -> None:
        """Let go of the process."""
        if self.target is not None:
            self.target.close()
            self.target = None

    def sample(self, now: int) -> None:
        """Sample it once; see SampledProcess.sample."""
        if self.target is None:
            if now >= self._next_look and not self.gone:
                self.look(now)
            return
        try:
            self.target.sample(now)
        except ProcessGone:
            self._lost(now)
        except OSError as error:
            self._give_up(error, now)

    def skip(self, now: int) -> None:
        """Say that nothing is known of the time since the sample before; see SampledProcess."""
        if isinstance(self.target, SampledProcess):
            self.target.skip(now)

    def look(self, now: int) -> None:
        """Find out what the process is, and begin to sample it."""
        self._next_look = now + TRY_AGAIN
        try:
            try:
                self._look(now)
            except NotReadable as error:
                self._fall_back(error, now)
        except (ProcessGone, ProcessLookupError):
            self._lost(now)
        except NotPermitted:
            self._give_up(PermissionError(), now)
        except OSError as error:
            self._give_up(error, now)

    def _look(self, now: int) -> None:
        try:
            interpreter = self._find(self.pid)
        except NotPython:
            if kernel.read_facts(self.pid).state in "ZX":
                raise ProcessGone from None
            self._next_look = now + LOOK_AGAIN
            self._begin(SampledProcess(self.pid, None, now), now, None)
            return
        except NotReady as error:
            if now - self._began < GIVE_UP:
                self._introduce(now, None)
                return
            raise NotReadable(str(error)) from None
        if self._forced:
            interpreter.memory.close()
            why = "py-spy's view alone was asked for"
            raise NotReadable(why, interpreter.version, "leave out --fidelity")
        self._begin(SampledProcess(self.pid, interpreter, now), now, interpreter)

    def _look_again(self, now: int) -> None:
        """A program that embeds Python may load it late: look whether it has by now."""
        self._next_look = now + LOOK_AGAIN
        try:
            self._find(self.pid).memory.close()
        except NotPython:
            return
        except (NotReady, NotReadable, NotPermitted, OSError):
            pass  # It is Python now; what else is the matter, look() finds out.
        self.close()
        self.look(now)

    def _give_up(self, error: OSError, now: int) -> None:
        """It runs on, but cannot be read: it is another user's, or there are too many threads."""
        if isinstance(error, PermissionError):
            self._end(now, "lost", "This user may not read the process.")
            self._note(now, "error", f"Process {self.pid} may not be read.", PERMIT)
        else:
            self._end(now, "lost", f"It cannot be read: {error.strerror}.")

    def _fall_back(self, error: NotReadable, now: int) -> None:
        try:
            target = PySpyProcess(self.pid)
        except PermissionError as refused:
            raise NotPermitted from refused
        self.target = target
        about = replace(self._about(now, PYSPY, error.version), gil=error.gil)
        self._tell(about, reason=f"{error}", fix=error.fix)

    def _begin(self, target: SampledProcess, now: int, interpreter: Interpreter | None) -> None:
        self.target = target
        memory = interpreter.memory if interpreter else None
        self._describer = Describer(self.pid, memory)
        self._introduce(now, interpreter)

    def _introduce(self, now: int, interpreter: Interpreter | None) -> None:
        if interpreter is not None:
            self._tell(self._about(now, KERNEL, interpreter.version))
        elif self.target is not None:
            why = "no CPython was found in it, so whether it has a GIL is not known"
            self._tell(self._about(now, NO_FIDELITY, None), reason=why)
        else:
            self._tell(self._about(now, NO_FIDELITY, None), reason="its interpreter is starting up")

    def _about(self, now: int, fidelity: str, version: str | None) -> Process:
        known = fidelity != NO_FIDELITY
        return Process(
            now,
            self.pid,
            self._facts.parent,
            self._facts.command,
            python=version,
            implementation="cpython" if known else None,
            fidelity=fidelity,
            gil=True if known else None,
            followed=self.followed,
            age=kernel.age(self._facts),
        )

    def _tell(self, about: Process, reason: str | None = None, fix: str | None = None) -> None:
        event = replace(about, reason=reason, fix=fix)
        told = self._told
        if told is None or (told.command, told.fidelity, told.reason, told.python) != (
            event.command, event.fidelity, event.reason, event.python,
        ):  # fmt: skip
            self.events.append(event)
            self._told = event

    def _lost(self, now: int) -> None:
        """Find out whether the process has ended or has become another program."""
        self.close()
        try:
            facts = kernel.read_facts(self.pid)
        except ProcessLookupError:
            self._end(now, "exited")
            return
        if facts.started != self._facts.started or facts.state in "ZX":
            self._end(now, "exited")
            return
        for tid in self._told_threads:
            self.events.append(Gone(now, self.pid, tid))
        self._told_threads.clear()
        self._told_blocked.clear()
        self._lines.clear()
        self._facts, self._program = facts, kernel.program(self.pid)
        self.dumped = False
        self._began = now
        self._next_look = now + TRY_AGAIN

    def _end(self, now: int, how: str, text: str | None = None) -> None:
        self.close()
        self.gone = True
        if self._told is None:
            self._tell(self._about(now, NO_FIDELITY, None))
        self.events.append(Gone(now, self.pid, how=how, text=text))

    def _note(self, now: int, level: str, text: str, fix: str | None = None) -> None:
        self.events.append(Note(now, level, text, fix, self.pid))

    def end_frame(self, now: int, start: int) -> ProcessSlice | None:
        """Return the frame that ends now; None where there is nothing to sample."""
        if self.target is None:
            return None
        try:
            piece = self.target.end_frame(now, start)
        except ProcessGone:
            self._lost(now)
            return None
        except OSError as error:
            self._give_up(error, now)
            return None
        self._tell_threads(now)
        if any(thread.cpu for thread in piece.threads) or not self.dumped:
            self.busy = True
        if isinstance(self.target, SampledProcess):
            if now >= self._next_description:
                self._next_description = now + DESCRIBE
                self._notice_command(now)
                self._describe(self.target, now)
            self._notice_exec(self.target, now)
        return piece

    def _notice_command(self, now: int) -> None:
        """A program may call itself anything, and just after an exec it has no arguments yet."""
        try:
            facts = kernel.read_facts(self.pid)
        except ProcessLookupError:
            return  # The next sample finds that out.
        if facts.command == (facts.name,):
            return  # It has no arguments: it has just ended, for instance.
        if facts.command != self._facts.command and self._told is not None:
            self._facts = facts
            about = replace(self._told, at=now, command=facts.command, age=kernel.age(facts))
            self._tell(about, about.reason, about.fix)

    def _notice_exec(self, target: SampledProcess, now: int) -> None:
        """An interpreter's memory vanishes when it execs; of other programs the file tells."""
        if target.interpreter is not None:
            return
        if kernel.program(self.pid) != self._program:
            self._lost(now)
        elif now >= self._next_look and now - self._began < EMBEDS:
            self._look_again(now)

    def _tell_threads(self, now: int) -> None:
        target = self.target
        if target is None:
            return
        for dead in target.dead:
            if dead.tid not in self._told_threads and dead.tid not in target.threads:
                self._tell_thread(dead, now)
            self._lines.pop(dead.tid, None)
            if self._told_threads.pop(dead.tid, None) is not None:
                self._told_blocked.pop(dead.tid, None)
                self.events.append(Gone(now, self.pid, dead.tid))
        target.dead.clear()
        target.born.clear()
        for thread in target.threads.values():
            self._tell_thread(thread, now)

    def _tell_thread(self, thread: SampledThread | DumpedRecord, now: int) -> None:
        native: bool | None = None
        if self._told is not None and self._told.fidelity != NO_FIDELITY:
            native = False if thread.is_python else True if thread.looked_for > 1 else None
        told = self._told_threads.get(thread.tid)
        if told is None or (told.name, told.native, told.interpreter) != (
            thread.name, native, thread.interpreter,
        ):  # fmt: skip
            event = Thread(now, self.pid, thread.tid, thread.name, native, thread.interpreter)
            self._told_threads[thread.tid] = event
            self.events.append(event)

    def _describe(self, target: SampledProcess, now: int) -> None:
        """Say what the threads are on that have been blocked in one place since the last look."""
        describer = self._describer
        if describer is None:
            return
        for thread in target.threads.values():
            text = None
            if thread.letter in "ILS":
                if self._lines.get(thread.tid) != thread.line:
                    self._lines[thread.tid] = thread.line
                    text = describer.describe(parse_call(thread.line), now)
                else:
                    continue
            elif thread.letter == "?" and thread.line.startswith(b"-1"):
                self._lines.pop(thread.tid, None)
                text = "blocked outside of any system call"
            elif thread.tid not in self._told_blocked:
                continue
            else:
                self._lines.pop(thread.tid, None)
            if self._told_blocked.get(thread.tid) != text:
                self._told_blocked[thread.tid] = text
                self.events.append(Blocked(now, self.pid, thread.tid, text))

    def take(self, dump: list[DumpedThread] | PySpyFailed, now: int) -> None:
        """Take in what py-spy said of this process."""
        self.dumped = True
        target = self.target
        if isinstance(dump, PySpyFailed) or target is None:
            return
        if isinstance(target, PySpyProcess):
            target.take(dump, now)
            self._tell_threads(now)
        by_pthread = {thread.pthread: thread for thread in target.threads.values()}
        stacks = []
        for told in dump:
            thread = target.threads.get(told.os_thread_id or 0) or by_pthread.get(told.thread_id)
            if thread is None:
                continue
            if told.thread_name:
                thread.name = told.thread_name
                self._tell_thread(thread, now)
            calls = tuple(Call(c.name, c.filename, c.line) for c in told.frames)
            stacks.append(Stack(thread.tid, calls))
        self.events.append(Stacks(now, self.pid, tuple(stacks)))

    def take_events(self) -> Iterator[Event]:
        """Yield what there is to say, and forget it."""
        events, self.events = self.events, []
        return iter(events)

    @property
    def parent(self) -> int:
        """Process id of its parent."""
        return self._facts.parent

    @property
    def wants_dump(self) -> bool:
        """Whether py-spy would find anything new in it."""
        if isinstance(self.target, PySpyProcess):
            return True
        if self.target is None or self.target.interpreter is None:
            return False
        return self.busy
