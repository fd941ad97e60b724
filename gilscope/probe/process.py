"""One watched process at kernel fidelity: the sampling loop, frame by frame."""

import os
from collections.abc import Iterator
from itertools import chain, cycle, islice

from gilscope.model.events import ProcessSlice
from gilscope.probe.classify import RUNNING
from gilscope.probe.gil import GilReader
from gilscope.probe.gils import Gils
from gilscope.probe.hogs import HogWatch
from gilscope.probe.interpreter import Interpreter
from gilscope.probe.kernel import FROZEN, STOPPED, halted
from gilscope.probe.looking import Looker
from gilscope.probe.roster import ProcessGone, Roster
from gilscope.probe.rounds import SPARSELY, spread
from gilscope.probe.thread import SampledThread
from gilscope.probe.witness import Witness

SEARCH = 32
"""Idle threads, at the most, that are all read where more threads wait than are known to."""

LOOK = 500_000
"""Microseconds between two looks at what may keep a process from running."""

TELL_IDLE = 8
"""Frames after which an idle thread's accounting is looked at again."""


class SampledProcess:
    """A process whose threads, and GIL where it has one, are read from the kernel.

    Attributes:
        interpreter: None for a program whose GIL, if it has one, is not known.
        threads: its threads by kernel thread id.
        quiet: nothing happened in it in the last frame.
        patience: how many times less often than usual to look at what may keep it from running.
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
        self.gils = Gils(interpreter, self.threads, HogWatch(pid, hog), witness)
        self._looker = Looker(self.gils, self._hand_over)
        self._busy: list[SampledThread] = []
        self._idle: list[list[SampledThread]] = spread([])
        self._known_idle: list[SampledThread] | None = None
        self._round = cycle(self._idle)
        self._sleepers: list[SampledThread] | None = None
        self._frames = 0
        self._halted: str | None = None
        self._next_look = now
        self.quiet = False
        self.patience = 1
        self._proc = proc
        self._last = now
        self._told = 0
        self._tasks = -1
        try:
            self._tasks = os.open(f"{proc}/{pid}/task", os.O_RDONLY | os.O_DIRECTORY)
            self._roster = Roster(pid, self._tasks, self.threads, self.gils, interpreter)
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
        self._looker.close()
        if self._tasks >= 0:
            os.close(self._tasks)
        if self.interpreter is not None:
            self.interpreter.memory.close()

    def skip(self, now: int) -> None:
        """Say that nothing is known of the time since the sample before: it was too long ago."""
        self.gils.lose_sight(self._last, now)
        for thread in self.threads.values():
            thread.change("?", self._last)
        self._last = now
        self._looker.all_next = True

    def sample(self, now: int) -> None:
        """Look at every GIL and thread once.

        Args:
            now: microseconds since the stream began. What is found to have changed since the
                sample before is taken to have changed half-way between the two.

        Raises:
            ProcessGone: the process has ended, or has become another program.
        """
        changed = jumped = False
        for gil in self.gils.readers:
            try:
                data = os.pread(*gil.place)
                if data != gil.data and gil.differs(data):
                    waiters = gil.waiters
                    if gil.take_in():
                        self._taken(gil, (self._last + now) >> 1, now)
                        changed = True
                        jumped = jumped or gil.unseen > 0
                    elif gil.waiters != waiters:
                        changed = True
            except OSError as error:
                self._lose(gil, error)
                continue
            if now >= gil.due and gil.holder is not None:
                self._attend(gil, gil.holder, now)
        looker = self._looker
        looker.tick = tick = looker.tick + 1
        last, self._last = self._last, now
        idle = next(self._round)
        if changed or looker.all_next or idle or not tick % looker.rounds.stride:
            looker.now, looker.boundary = now, (last + now) >> 1
            if jumped:
                # Any of them may have had it.
                idle = [*idle, *chain.from_iterable(islice(self._round, SPARSELY - 1))]
            self._look(idle, changed=changed, jumped=jumped)

    def _look(self, idle: list[SampledThread], *, changed: bool, jumped: bool) -> None:
        """Look at threads: at those alone that need it, where that explains what the GILs say.

        Args:
            idle: those that it is the turn of.
            changed: something has happened to a GIL; `jumped`: so that any thread may have had it.
        """
        looker, woken = self._looker, None
        if not jumped and not looker.all_next:
            woken = looker.follow(idle) if changed else looker.glance(idle)
        if woken is None:
            woken = looker.look([*self._busy, *idle], self._sleepers)
        for thread in woken:
            self._wake(thread)

    def _attend(self, gil: GilReader, holder: SampledThread, now: int) -> None:
        """See to a hold that goes on."""
        if holder.is_stopped() and self._is_stopped(now):
            self.gils.pause(now)
        else:
            self.gils.attend(gil, holder, (self._last + now) >> 1, now)

    def _is_stopped(self, now: int) -> bool:
        """Look whether anything keeps the whole process from running; see halted."""
        self._next_look = now + LOOK * self.patience
        self._halted = halted(self.pid, proc=self._proc)
        return self._halted in (STOPPED, FROZEN)

    def take_torn(self) -> int:
        """Return in how many samples the GIL changed hands while threads were read; forget it."""
        torn, self._looker.torn = self._looker.torn, 0
        return torn

    def _lose(self, gil: GilReader, error: OSError) -> None:
        """Leave out the GIL of an interpreter that has ended.

        Raises:
            ProcessGone: it was the main one, so the process has ended or become another program.
        """
        if gil is self.gils.readers[0]:
            raise ProcessGone from error
        self.gils.leave_out(gil)
        if self._looker.meanings.use(self.gils.readers):
            self._forget_lines()

    def _wake(self, thread: SampledThread) -> None:
        """From now on look at every sample at a thread that was idle."""
        thread.idle = False
        self._known_idle = None
        for some in self._idle:
            if thread in some:
                some.remove(thread)
        self._busy.append(thread)
        self._looker.all_next = True

    def _hand_over(self, gil: GilReader) -> None:
        """The GIL was found to be given or taken while threads were read."""
        self._taken(gil, self._last, self._last)

    def _taken(self, gil: GilReader, boundary: int, now: int) -> None:
        """Find out who took a GIL; whoever was idle is not any more."""
        self.gils.hand_over(gil, self._find, boundary, now)
        if gil.taker is not None and gil.taker.idle:
            self._wake(gil.taker)

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
        gils = self.gils.end_frame(now, start)
        samples, self._told = self._looker.tick - self._told, self._looker.tick
        switches = sum(gil.switches or 0 for gil in gils)
        self._looker.end_frame(samples * 1e6 / max(now - start, 1), switches)
        self.refresh(now)
        if now >= self._next_look:
            self._is_stopped(now)
        self.quiet = not slices and not switches
        stopped = self._halted in (STOPPED, FROZEN)
        return ProcessSlice(self.pid, tuple(slices), gils, samples, stopped, self._halted)

    def refresh(self, now: int) -> None:
        """Find threads and interpreters that are new, and sort threads by how often to read them.

        Raises:
            ProcessGone: the process has ended, or has become another program.
        """
        looker = self._looker
        if looker.lost:
            self._roster.doubtful, looker.lost = True, False
        self._roster.refresh(self._find, self._frames, now, self._last)
        if looker.meanings.use(self.gils.readers):
            self._forget_lines()
        self._frames += 1
        looker.all_next = True
        for gil in self.gils.readers:
            if gil.holder is not None:
                gil.holder.idle = False
        self._busy = [thread for thread in self.threads.values() if not thread.idle]
        idle = [thread for thread in self.threads.values() if thread.idle]
        self._sleepers = idle if len(idle) <= SEARCH else None
        # How often each is read hangs on what its GIL tells, too, which seldom changes.
        if idle != self._known_idle or self._frames % TELL_IDLE == 0:
            self._known_idle = idle
            self._idle = spread(idle)
            self._round = cycle(self._idle)

    def _forget_lines(self) -> None:
        """What threads are blocked in may mean something else now."""
        for thread in self.threads.values():
            thread.line = b""

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
            self._looker.all_next = True
        return thread
