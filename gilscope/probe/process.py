"""One watched process at kernel fidelity: the sampling loop, frame by frame."""

import os
from collections.abc import Iterator

from gilscope.model.events import ProcessSlice
from gilscope.probe.classify import RUNNING
from gilscope.probe.gil import GilReader
from gilscope.probe.gils import Gils
from gilscope.probe.hogs import HogWatch
from gilscope.probe.interpreter import Interpreter
from gilscope.probe.kernel import FROZEN, STOPPED, halted
from gilscope.probe.meanings import Meanings
from gilscope.probe.roster import ProcessGone, Roster
from gilscope.probe.thread import SampledThread
from gilscope.probe.unseen import Unseen
from gilscope.probe.witness import Witness

IDLE_STRIDE = 8
"""An idle thread is read at every eighth sample, where there are few."""

IDLE_READS = 16
"""Idle threads that are read at one sample; the more there are, the less often each is."""

LOOK = 500_000
"""Microseconds between two looks at what may keep a process from running."""

TELL_IDLE = 8
"""Frames after which an idle thread's accounting is looked at again."""

LOOK_AT_HOLDER = 8
"""At every eighth sample the holder's own system call is read, to tell a hold off its core."""

READ_FUNCTION = 8
"""At every eighth sample, and when the GIL has changed, its holder's function is read: 10 us."""


class SampledProcess:
    """A process whose threads, and GIL where it has one, are read from the kernel.

    Attributes:
        interpreter: None for a program whose GIL, if it has one, is not known.
        threads: its threads by kernel thread id.
        quiet: nothing happened in it in the last frame.
        torn: samples in which the GIL changed hands while the threads were read.
        gils: its GILs; none where they are not known.
    """

    def __init__(
        self,
        pid: int,
        interpreter: Interpreter | None,
        now: int,
        *,
        proc: str = "/proc",
        witness: Witness | None = None,
        hog: int = 50_000,
    ) -> None:
        """Open the process.

        Args:
            proc: the folder to find it in.
            witness: reads its functions and stacks.
            hog: microseconds from which on a hold is a hog.

        Raises:
            ProcessGone: it is not there.
            PermissionError: it may not be read.
        """
        self.pid = pid
        self.interpreter = interpreter
        self.threads: dict[int, SampledThread] = {}
        self.torn = 0
        self.gils = Gils(interpreter, self.threads, HogWatch(pid, hog), witness)
        self._meanings = Meanings()
        self._unseen = Unseen()
        self._busy: list[SampledThread] = []
        self._awake: list[SampledThread] = []
        self._look_at_all = True
        self._idle: list[list[SampledThread]] = [[]] * IDLE_STRIDE
        self._idle_read = [now] * IDLE_STRIDE
        self._idle_turn = 0
        self._tick = 0
        self._frames = 0
        self._halted: str | None = None
        self._next_look = now
        self.quiet = False
        self._proc = proc
        self._last = now
        self._samples = 0
        self._tasks = -1
        try:
            self._tasks = os.open(f"{proc}/{pid}/task", os.O_RDONLY | os.O_DIRECTORY)
            self._roster = Roster(self._tasks, self.threads, self.gils, interpreter)
            self.refresh(now)
        except BaseException as error:
            self.close()
            if isinstance(error, (FileNotFoundError, ProcessLookupError)):
                raise ProcessGone from error
            raise

    def close(self) -> None:
        """Close every file."""
        for thread in self.threads.values():
            thread.close()
        self.gils.close()
        if self._tasks >= 0:
            os.close(self._tasks)
        if self.interpreter is not None:
            self.interpreter.memory.close()

    def skip(self, now: int) -> None:
        """Say that nothing is known of the time since the sample before: it was too long ago."""
        for thread in self.threads.values():
            thread.change("?", self._last)
        self._last = now
        self._idle_read = [now] * len(self._idle)
        self._look_at_all = True

    def sample(self, now: int) -> None:
        """Look at every GIL and thread once.

        Args:
            now: microseconds since the stream began. What is found to have changed since the
                sample before is taken to have changed half-way between the two.

        Raises:
            ProcessGone: the process has ended, or has become another program.
        """
        boundary = (self._last + now) >> 1
        self._tick += 1
        self._samples += 1
        gils = self.gils
        for gil in gils.readers:
            if gil.holder is not None:
                gil.held += boundary - self._last
            try:
                if gil.read():
                    gils.hand_over(gil, self._find, boundary, now)
                    self._look_at_all = True
            except OSError as error:
                self._lose(gil, error)
                continue
            if gil.holder is not None:
                gil.held += now - boundary
                if gil.holder.idle:
                    self._wake(gil.holder)
                if not self._tick % READ_FUNCTION:
                    gils.look(gil, gil.holder, boundary)
                if gil.hog is None and now - gil.since >= gils.hogs.least:
                    gils.catch(gil, gil.holder, now)
        self._last = now
        if self._look_at_all:
            self._look_at_all = False
            self._read_threads(self._busy, boundary)
            self._unseen.settle(gils.readers, boundary)
            self._awake = [thread for thread in self._busy if not thread.surely_waits]
        elif self._read_threads(self._awake, boundary):
            self._awake = [thread for thread in self._busy if not thread.surely_waits]
        turn = self._idle_turn = (self._idle_turn + 1) % len(self._idle)
        if some := self._idle[turn]:
            if self._read_threads(some, (self._idle_read[turn] + now) >> 1):
                for thread in [thread for thread in some if thread.runs]:
                    self._wake(thread)
            self._idle_read[turn] = now

    def _lose(self, gil: GilReader, error: OSError) -> None:
        """Leave out the GIL of an interpreter that has ended.

        Raises:
            ProcessGone: it was the main one, so the process has ended or become another program.
        """
        if gil is self.gils.readers[0]:
            raise ProcessGone from error
        self.gils.leave_out(gil)
        self._meanings.use(self.gils.readers)

    def _wake(self, thread: SampledThread) -> None:
        """From now on look at every sample at a thread that was idle."""
        thread.idle = False
        for some in self._idle:
            if thread in some:
                some.remove(thread)
        self._busy.append(thread)
        self._look_at_all = True

    def _read_threads(self, threads: list[SampledThread], boundary: int) -> bool:
        """Look at some threads once, and return whether any has changed its state.

        This is the innermost loop of gilscope.

        Args:
            boundary: the middle between this look and the one before; what is found to have
                changed is taken to have changed then, if not before the frame began.
        """
        pread = os.pread
        changed = False
        for thread in threads:
            gil = thread.gil
            letter = thread.letter
            if gil is not None:
                if gil.holder is thread:
                    if not self._tick % LOOK_AT_HOLDER:
                        self._look_at_holder(thread)
                    if letter != "H":
                        thread.change("H", boundary)
                        changed = True
                    continue
                if (
                    letter == "W"
                    and gil.taker is not thread
                    and (thread.confirmed == gil.switches or self._still_waits(thread, gil))
                ):
                    continue
            try:
                line = pread(thread.call, 160, 0)
            except ProcessLookupError:
                if not thread.ended:
                    thread.end(boundary)
                    self._roster.doubtful = True
                continue  # The end of the frame takes it off the list.
            if line == thread.line:
                new = thread.blocked_as
            elif line.startswith(b"running"):
                new = self._running(thread, gil)
            else:
                thread.line = line
                new = thread.blocked_as = self._blocked(thread, line)
            if new != letter:
                thread.change(new, boundary)
                changed = True
                if letter == "W" and gil is not None and gil.taker is not thread:
                    gil.unseen -= 1  # Only who has taken it ceases to wait.
            elif new == RUNNING and thread.doubt.following:
                thread.doubt.follow(thread.schedule())
            if new == "W" and thread.gil is not None:
                if letter != "W":
                    self._begin_wait(thread, line)
                elif thread.looked is not None:
                    self._unseen.consider(thread, boundary)
                thread.confirmed = thread.gil.switches
                thread.doubt.waited, thread.doubt.waited_at = thread.looked, boundary
                thread.looked = None
        return changed

    @staticmethod
    def _begin_wait(thread: SampledThread, line: bytes) -> None:
        """Read the accounting of a thread that has begun to wait, if it waits still."""
        looked = thread.schedule()
        try:
            if os.pread(thread.call, 160, 0) == line:
                thread.looked = looked
        except ProcessLookupError:
            return

    def _still_waits(self, thread: SampledThread, gil: GilReader) -> bool:
        """Tell whether a thread that waited, and did not take the GIL last, must still wait.

        A waiter can only cease to wait by taking the GIL, and taking it from another thread raises
        the switch number. Where that has not moved, or has moved once and another thread was the
        one that took it, nothing needs to be read; nor where it has not been on a core since, since
        taking the GIL needs one. False is no proof of the contrary.
        """
        if gil.switches - thread.confirmed <= 1 and gil.taker is not None:
            thread.confirmed = gil.switches
            return True
        schedule, waited = thread.schedule(), thread.doubt.waited
        if schedule is not None and waited is not None and schedule.turns == waited.turns:
            thread.confirmed = gil.switches
            return True
        # Read before its system call is: if it runs in between, the next sample looks again.
        thread.looked = schedule
        return False

    def _running(self, thread: SampledThread, gil: GilReader | None) -> str:
        """Return the state of a thread that runs, or would if it had a core, without the GIL."""
        if gil is None:
            return RUNNING
        if thread.letter == RUNNING:
            return RUNNING
        try:
            changed = gil.read()
        except OSError:
            return RUNNING  # The next sample finds the process gone.
        if changed:
            self._look_at_all = True
            self.torn += 1
            before = gil.holder
            self.gils.hand_over(gil, self._find, self._last, self._last)
            if gil.holder is thread and before is not thread:
                return thread.letter  # It took the GIL only after this sample was begun.
        return RUNNING

    def _blocked(self, thread: SampledThread, line: bytes) -> str:
        """Return the state of a thread blocked as a line says; note which GIL it waits for."""
        letter, gil = self._meanings.of(line)
        if gil is not None:
            thread.gil = gil
        return letter

    def _look_at_holder(self, thread: SampledThread) -> None:
        try:
            line = os.pread(thread.call, 160, 0)
        except ProcessLookupError:
            return
        thread.hold_seen += 1
        if not line.startswith(b"running"):
            thread.hold_blocked += 1

    def end_frame(self, now: int, start: int) -> ProcessSlice:
        """Return the frame that ends now, and find out which threads have come and gone.

        Raises:
            ProcessGone: the process has ended, or has become another program.
        """
        slices = []
        turn = self._frames % TELL_IDLE
        for thread in self.threads.values():
            if thread.idle and thread.tid % TELL_IDLE != turn and not thread.runs:
                thread.since = now
            elif (piece := thread.end_frame(now)) is not None:
                slices.append(piece)
        gils = self.gils.end_frame(now)
        samples, self._samples = self._samples, 0
        self.refresh(now)
        if now >= self._next_look:
            self._next_look = now + LOOK
            self._halted = halted(self.pid, proc=self._proc)
        self.quiet = not slices and not any(gil.switches for gil in gils)
        return ProcessSlice(
            self.pid, tuple(slices), gils, samples, self._halted in (STOPPED, FROZEN), self._halted
        )

    def refresh(self, now: int) -> None:
        """Find threads and interpreters that are new, and sort threads by how often to read them.

        Raises:
            ProcessGone: the process has ended, or has become another program.
        """
        self._roster.refresh(self._find, self._frames, now, self._last)
        if self._meanings.use(self.gils.readers):
            for thread in self.threads.values():
                thread.line = b""  # It may mean something else now.
        self._frames += 1
        self._look_at_all = True
        self._busy = [thread for thread in self.threads.values() if not thread.idle]
        idle = [thread for thread in self.threads.values() if thread.idle]
        stride = IDLE_STRIDE
        while stride * IDLE_READS < len(idle):
            stride *= 2
        if stride != len(self._idle_read):
            self._idle_read = [self._last] * stride
            self._idle_turn = 0
        self._idle = [idle[turn::stride] for turn in range(stride)]

    @property
    def dead(self) -> list[SampledThread]:
        """Threads that have ended, until it is cleared."""
        return self._roster.dead

    def has_news(self) -> bool:
        """Tell once whether threads have come, gone or become known better since the last time."""
        news = self._roster.news or self.gils.news
        self._roster.news = self.gils.news = False
        return news

    def on_core(self) -> Iterator[SampledThread]:
        """Yield the threads that are likely to be on a core now."""
        return (thread for thread in self._busy if thread.letter in (RUNNING, "H"))

    def _find(self, tid: int, now: int) -> SampledThread | None:
        thread = self.threads.get(tid)
        if thread is None and (thread := self._roster.open(tid, now)) is not None:
            self._busy.append(thread)
            self._look_at_all = True
        return thread
