"""One watched process from its first moment to its last, whatever it turns out to be."""

from collections.abc import Callable, Iterator

from msgspec.structs import replace

from gilscope.model.events import (
    PYSPY,
    Event,
    Process,
    ProcessSlice,
)
from gilscope.probe import introductions, kernel
from gilscope.probe.blocked import Describer
from gilscope.probe.fallback import PySpyProcess
from gilscope.probe.find import (
    NotPermitted,
    NotPython,
    NotReadable,
    NotReady,
    NotStarted,
    find_interpreter,
)
from gilscope.probe.interpreter import Interpreter
from gilscope.probe.naming import Naming
from gilscope.probe.process import SampledProcess
from gilscope.probe.roster import ProcessGone
from gilscope.probe.stacks import DumpedThread, PySpyFailed
from gilscope.probe.telling import Telling
from gilscope.probe.wishes import Wishes
from gilscope.probe.witness import witness_of

TRY_AGAIN = 20_000
"""Microseconds until an interpreter that is starting up is looked at again."""

GIVE_UP = 3_000_000
"""Microseconds from the first look at it, or its exec, in which an interpreter gets ready."""

LOOK_AGAIN = 1_000_000
"""Microseconds between two looks whether a program that was not Python has become it."""

EMBEDS = 10_000_000
"""Microseconds for which that is likely; later it is looked for less often."""

LOOK_SELDOM = 10_000_000
"""Microseconds between two looks from then on; one takes half a millisecond."""

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
        target: what is sampled; None while the interpreter is starting up.
        searched: whether the children that it had at first have been looked for.
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
        wishes: Wishes,
        find: Callable[[int], Interpreter] = find_interpreter,
    ) -> None:
        """Begin to watch.

        Args:
            followed: it is watched because its parent is.
            wishes: how to watch.
            find: finds the interpreter in a process; see find_interpreter.

        Raises:
            ProcessLookupError: there is no such process.
        """
        self.pid = pid
        self.followed = followed
        self._find = find
        self.target: SampledProcess | PySpyProcess | None = None
        self.gone = False
        self.searched = False
        self.busy = True
        self._wishes = wishes
        self._facts = kernel.read_facts(pid)
        if followed and self._facts.ended:
            raise ProcessLookupError(f"process {pid} has ended and waits for its parent")
        self._program = kernel.program(pid)
        self._leaving = False
        self._describer: Describer | None = None
        self._telling = Telling(pid)
        self._next_look = now
        self._began = now
        self._without = introductions.NOT_FOUND
        self._next_description = now + DESCRIBE // 5
        self.dumped = False
        self._naming = Naming(now)
        self._seen = now
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
        if self._leaving:
            self._lost(now)
            return
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
            if kernel.read_facts(self.pid).ended:
                raise ProcessGone from None
            self._watch_without(now, introductions.NOT_FOUND)
            return
        except NotReady as error:
            if now - self._began < GIVE_UP:
                self._introduce(now, None)
                return
            if isinstance(error, NotStarted):
                self._watch_without(now, introductions.NOT_RUNNING)
                return
            raise NotReadable(str(error)) from None
        if missing := kernel.blindness(self.pid):
            interpreter.memory.close()
            why, fix = missing
            raise NotReadable(why, interpreter.version, fix, gil=interpreter.layout.has_gil)
        if self._wishes.fidelity == PYSPY:
            interpreter.memory.close()
            why = "py-spy's view alone was asked for"
            raise NotReadable(why, interpreter.version, "leave out --fidelity")
        witness = witness_of(interpreter) if self._wishes.stack_rate > 0 else None
        hog = self._wishes.hog
        target = SampledProcess(self.pid, interpreter, now, witness=witness, hog=hog)
        self._begin(target, now, interpreter)

    def _watch_without(self, now: int, reason: str) -> None:
        """Watch a program whose GIL, if it has one, is not known."""
        if missing := kernel.blindness(self.pid):
            why, fix = missing
            self._end(now, "lost", f"{why[0].upper()}{why[1:]}.")
            self._telling.note(now, "error", f"Process {self.pid} cannot be watched: {why}.", fix)
            return
        self._next_look = now + LOOK_AGAIN
        self._without = reason
        self._begin(SampledProcess(self.pid, None, now), now, None)

    def _look_again(self, now: int) -> None:
        """A program that embeds Python may load it late: look whether it has by now."""
        late = now - self._began >= EMBEDS
        self._next_look = now + (LOOK_SELDOM if late else LOOK_AGAIN)
        try:
            self._find(self.pid).memory.close()
        except (NotPython, NotStarted):
            return
        except (NotReady, NotReadable, NotPermitted, OSError):
            pass  # It is Python now; what else is the matter, look() finds out.
        self.close()
        self.look(now)

    def _give_up(self, error: OSError, now: int) -> None:
        """It runs on, but cannot be read: it is another user's, or there are too many threads."""
        if isinstance(error, PermissionError):
            self._end(now, "lost", "This user may not read the process.")
            self._telling.note(now, "error", f"Process {self.pid} may not be read.", PERMIT)
        else:
            self._end(now, "lost", f"It cannot be read: {error.strerror}.")

    def _fall_back(self, error: NotReadable, now: int) -> None:
        try:
            target = PySpyProcess(self.pid)
        except PermissionError as refused:
            raise NotPermitted from refused
        self.target = target
        self._telling.introduce(
            replace(
                self._about(now),
                python=error.version,
                implementation="cpython",
                fidelity=PYSPY,
                gil=error.gil,
                reason=f"{error}",
                fix=error.fix,
            )
        )

    def _begin(self, target: SampledProcess, now: int, interpreter: Interpreter | None) -> None:
        self.target = target
        memory = interpreter.memory if interpreter else None
        self._describer = Describer(self.pid, memory)
        self._introduce(now, interpreter)

    def _introduce(self, now: int, interpreter: Interpreter | None) -> None:
        about = self._about(now)
        if interpreter is not None:
            self._telling.introduce(introductions.of_python(about, interpreter))
        elif self.target is not None:
            self._telling.introduce(introductions.of_another(about, self._without))
        else:
            self._telling.introduce(replace(about, reason=introductions.STARTING))

    def _about(self, now: int) -> Process:
        return Process(
            now,
            self.pid,
            self._facts.parent,
            self._facts.command,
            followed=self.followed,
            age=kernel.age(self._facts),
        )

    def _lost(self, now: int) -> None:
        """Find out whether the process has ended or has become another program."""
        self.close()
        try:
            facts = kernel.read_facts(self.pid)
        except ProcessLookupError:
            self._end(now, "exited")
            return
        if facts.started != self._facts.started or facts.ended:
            self._end(now, "exited")
            return
        self._leaving = kernel.has_let_go(self.pid)
        self._next_look = now + TRY_AGAIN
        if self._leaving:
            return  # It has no memory any more, and its end is near: it is no other program.
        self._telling.forget(now)
        self._facts, self._program = facts, kernel.program(self.pid)
        self.dumped = False
        self._began = now

    def _end(self, now: int, how: str, text: str | None = None) -> None:
        self.close()
        self.gone = True
        if self._telling.process is None:
            self._telling.introduce(self._about(now))
        self._telling.end(now, how, text)

    def end_frame(self, now: int, start: int) -> ProcessSlice | None:
        """Return the frame that ends now; None where there is nothing to sample."""
        self._seen = now
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
        if not isinstance(self.target, SampledProcess) or self.target.has_news():
            self._telling.threads(self.target, now)
        if any(thread.cpu for thread in piece.threads) or not self.dumped:
            self.busy = True
        if isinstance(self.target, SampledProcess):
            self._testify(self.target, now)
            if now >= self._next_description:
                self._next_description = now + DESCRIBE * self._wishes.patience
                self.target.patience = self._wishes.patience
                self._notice_command(now)
                self._notice_gil(self.target, now)
                for thread in self._naming.renamed(self.target, now):
                    self._telling.thread(thread, now)
                if self._describer is not None:
                    self._telling.blocked(self.target, self._describer, now)
            self._notice_exec(self.target, now)
        return piece

    def _testify(self, target: SampledProcess, now: int) -> None:
        """Say what was seen of functions, stacks and hogs."""
        rate = self._wishes.stack_rate
        if target.gils.witness is None and target.interpreter is not None and rate > 0:
            target.gils.witness = witness_of(target.interpreter)
        witness = target.gils.witness
        if witness is not None:
            if rate > 0:
                every = round(1e6 / max(rate, 0.001))
                threads = target.threads.values()
                self._telling.stacks(witness.stacks(threads, now, every, self._wishes.purse), now)
            self._telling.codes(witness.take_codes(now, self.pid))
        self._telling.hogs(target.gils.hogs.take())

    def _notice_command(self, now: int) -> None:
        """A program may call itself anything, and just after an exec it has no arguments yet."""
        try:
            facts = kernel.read_facts(self.pid)
        except ProcessLookupError:
            return  # The next sample finds that out.
        if facts.command == (facts.name,):
            return  # It has no arguments: it has just ended, for instance.
        told = self._telling.process
        if facts.command != self._facts.command and told is not None:
            self._facts = facts
            about = replace(told, at=now, command=facts.command, age=kernel.age(facts))
            self._telling.introduce(about)

    def _notice_gil(self, target: SampledProcess, now: int) -> None:
        """A free-threaded build begins to use a GIL when it imports a module that asks for one."""
        if target.interpreter is not None and not target.interpreter.layout.has_gil:
            self._introduce(now, target.interpreter)

    def _notice_exec(self, target: SampledProcess, now: int) -> None:
        """An interpreter's memory vanishes when it execs; of other programs the file tells."""
        if target.interpreter is not None:
            return
        if kernel.program(self.pid) != self._program:
            self._lost(now)
        elif now >= self._next_look:
            self._look_again(now)

    def take(self, dump: list[DumpedThread] | PySpyFailed, now: int) -> None:
        """Take in what py-spy said of this process."""
        self.dumped = True
        target = self.target
        if isinstance(dump, PySpyFailed):
            self._naming.failed(now)
            return
        if target is None:
            return
        if isinstance(target, PySpyProcess):
            target.take(dump, now)
            self._telling.threads(target, now)
            self._telling.dump(target, dump, now)
            return
        self._naming.asked(target, now)
        self._telling.dump(target, dump, now, stacks=target.gils.witness is None)

    def take_events(self) -> Iterator[Event]:
        """Yield what there is to say, and forget it."""
        return self._telling.take()

    @property
    def quiet(self) -> bool:
        """Whether it may be sampled less often, since nothing happened in it in the last frame."""
        return isinstance(self.target, SampledProcess) and self.target.quiet

    @property
    def parent(self) -> int:
        """Process id of its parent."""
        return self._facts.parent

    @property
    def wants_dump(self) -> bool:
        """Whether py-spy would find anything new in it."""
        if isinstance(self.target, SampledProcess):
            return self._naming.wants_dump(self.target, self._seen, busy=self.busy)
        return self.target is not None
