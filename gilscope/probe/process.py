"""One watched process at kernel fidelity: the sampling loop, frame by frame."""

import os
from collections.abc import Iterator

from gilscope.model.events import GilSlice, ProcessSlice, ThreadSlice
from gilscope.probe.classify import RUNNING, parse_call, state_in
from gilscope.probe.gil import GilReader
from gilscope.probe.interpreter import Interpreter
from gilscope.probe.memory import Unreadable
from gilscope.probe.thread import SampledThread, ThreadGone

IDLE_STRIDE = 8
"""An idle thread is read at every eighth sample."""

WALK_EVERY = 5
"""Frames between two walks of the interpreter's thread list while no thread comes or goes."""

LOOK_AT_HOLDER = 4
"""At every fourth sample the holder's own system call is read, to tell a hold off its core."""


class ProcessGone(Exception):
    """The process has ended, or has become another program."""


class SampledProcess:
    """A process whose threads, and GIL where it has one, are read from the kernel.

    Attributes:
        interpreter: None for a program whose GIL, if it has one, is not known.
        threads: its threads by kernel thread id.
        born, dead: threads found and lost since they were last taken.
        torn: samples in which the GIL changed hands while the threads were read.
    """

    def __init__(
        self, pid: int, interpreter: Interpreter | None, now: int, *, proc: str = "/proc"
    ) -> None:
        """Open the process.

        Args:
            proc: the folder to find it in.

        Raises:
            ProcessGone: it is not there.
            PermissionError: it may not be read.
        """
        self.pid = pid
        self.interpreter = interpreter
        self.threads: dict[int, SampledThread] = {}
        self.born: list[SampledThread] = []
        self.dead: list[SampledThread] = []
        self.torn = 0
        self._by_state: dict[int, SampledThread] = {}
        self._gils: list[GilReader] = []
        self._holders: dict[GilReader, SampledThread | None] = {}
        self._held: dict[GilReader, int] = {}
        self._switches: dict[GilReader, int] = {}
        self._busy: list[SampledThread] = []
        self._idle: list[SampledThread] = []
        self._tick = 0
        self._frames = 0
        self._changed = False
        self._last = now
        self._samples = 0
        try:
            self._tasks = os.open(f"{proc}/{pid}/task", os.O_RDONLY | os.O_DIRECTORY)
            self.refresh(now)
        except (FileNotFoundError, ProcessLookupError) as error:
            raise ProcessGone from error

    def close(self) -> None:
        """Close every file."""
        for thread in self.threads.values():
            thread.close()
        os.close(self._tasks)
        if self.interpreter is not None:
            self.interpreter.memory.close()

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
        for gil in self._gils:
            if self._holders[gil] is not None:
                self._held[gil] += boundary - self._last
            try:
                if gil.read():
                    self._holders[gil] = self._holder(gil, now)
            except OSError as error:
                raise ProcessGone from error
            holder = self._holders[gil]
            if holder is not None:
                self._held[gil] += now - boundary
                if holder.idle:
                    self._wake(holder)
        self._last = now
        self._read_threads(self._busy, boundary)
        if self._idle:
            some = self._idle[self._tick % IDLE_STRIDE :: IDLE_STRIDE]
            self._read_threads(some, boundary)
            for thread in some:
                if thread.runs:
                    self._wake(thread)

    def _wake(self, thread: SampledThread) -> None:
        """From now on look at every sample at a thread that was idle."""
        thread.idle = False
        self._idle.remove(thread)
        self._busy.append(thread)

    def _read_threads(self, threads: list[SampledThread], boundary: int) -> None:
        """Look at some threads once. This is the innermost loop of gilscope."""
        pread = os.pread
        holders = self._holders
        for thread in threads:
            gil = thread.gil
            letter = thread.letter
            if gil is not None:
                if holders[gil] is thread:
                    if not self._tick % LOOK_AT_HOLDER:
                        self._look_at_holder(thread)
                    if letter != "H":
                        thread.runs.append((letter, boundary - thread.since))
                        thread.letter, thread.since = "H", boundary
                    continue
                if letter == "W" and thread.state != gil.last and self._still_waits(thread, gil):
                    continue
            try:
                line = pread(thread.call, 160, 0)
            except ProcessLookupError:
                continue  # It has ended; the end of the frame finds that out.
            if line == thread.line:
                new = thread.blocked_as
            elif line.startswith(b"running"):
                new = self._running(thread, gil)
            else:
                thread.line = line
                new = thread.blocked_as = self._blocked(line)
            if gil is not None and new == "W":
                thread.confirmed = gil.switches
            if new != letter:
                thread.runs.append((letter, boundary - thread.since))
                thread.letter, thread.since = new, boundary

    def _still_waits(self, thread: SampledThread, gil: GilReader) -> bool:
        """Tell whether a thread that waited, and did not take the GIL last, must still wait.

        A waiter can only cease to wait by taking the GIL. To do so it has to be on a core, and
        taking the GIL from another thread raises the switch number: where neither number has
        moved, nothing else needs to be read. False is no proof of the contrary.
        """
        if thread.confirmed == gil.switches:
            return True
        turns = thread.turns()
        if turns is not None and turns == thread.turns_waiting:
            thread.confirmed = gil.switches
            return True
        # Read before its system call is: if it runs in between, the next sample looks again.
        thread.turns_waiting = turns
        return False

    def _running(self, thread: SampledThread, gil: GilReader | None) -> str:
        """Return the state of a thread that runs, or would if it had a core, without the GIL."""
        if gil is None:
            return RUNNING
        if (
            thread.letter == "W"
            and thread.state != gil.last
            and gil.switches - thread.confirmed <= 1
        ):
            # One hand-over since it was known to wait, and that went to another thread: it was
            # woken, and has not had its turn.
            return "W"
        if thread.letter == RUNNING:
            return RUNNING
        try:
            changed = gil.read()
        except OSError:
            return RUNNING  # The next sample finds the process gone.
        if changed:
            self.torn += 1
            before = self._holders[gil]
            self._holders[gil] = self._holder(gil, self._last)
            if self._holders[gil] is thread and before is not thread:
                return thread.letter  # It took the GIL only after this sample was begun.
        return RUNNING

    def _blocked(self, line: bytes) -> str:
        return state_in(parse_call(line), [gil.span for gil in self._gils])

    def _look_at_holder(self, thread: SampledThread) -> None:
        try:
            line = os.pread(thread.call, 160, 0)
        except ProcessLookupError:
            return
        thread.hold_seen += 1
        if not line.startswith(b"running"):
            thread.hold_blocked += 1

    def _holder(self, gil: GilReader, now: int) -> SampledThread | None:
        """Return who holds a GIL; None where it is free, or its holder cannot be told.

        A thread state's address is used again for a later thread, so the thread behind it is
        read anew each time the GIL has changed.
        """
        interpreter = self.interpreter
        if not gil.locked or interpreter is None:
            return None
        who = interpreter.identify(gil.last, gil.interpreter)
        if who is None:
            return None
        thread = self._by_state.get(gil.last)
        if thread is not None and thread.tid == who.tid:
            return thread
        thread = self.threads.get(who.tid) or self._open(who.tid, now)
        if thread is not None:
            thread.state, thread.pthread = who.state, who.pthread
            thread.gil = gil
            self._by_state[who.state] = thread
        return thread

    def end_frame(self, now: int, start: int) -> ProcessSlice:
        """Return the frame that ends now, and find out which threads have come and gone.

        Raises:
            ProcessGone: the process has ended, or has become another program.
        """
        slices: list[ThreadSlice] = []
        for thread in list(self.threads.values()):
            try:
                piece = thread.end_frame(now)
            except ThreadGone:
                self._drop(thread)
                continue
            if piece is not None:
                slices.append(piece)
        gils = tuple(self._end_gil(gil) for gil in self._gils)
        samples, self._samples = self._samples, 0
        self.refresh(now)
        return ProcessSlice(self.pid, tuple(slices), gils, samples, self._is_stopped())

    def _end_gil(self, gil: GilReader) -> GilSlice:
        held, self._held[gil] = self._held[gil], 0
        before, self._switches[gil] = self._switches[gil], gil.switches
        holder = self._holders[gil]
        return GilSlice(
            gil.interpreter, held, gil.switches - before, holder.tid if holder else None
        )

    def refresh(self, now: int) -> None:
        """Find threads and interpreters that are new, and sort threads by how often to read them.

        Raises:
            ProcessGone: the process has ended, or has become another program.
        """
        try:
            alive = {int(name) for name in os.listdir(self._tasks)}
        except OSError as error:
            raise ProcessGone from error
        if not alive:
            raise ProcessGone
        changed = alive != self.threads.keys()
        if changed:
            for thread in [t for t in self.threads.values() if t.tid not in alive]:
                self._drop(thread)
            for tid in alive - self.threads.keys():
                self._open(tid, now)
        # A new thread gets its thread state a little after its birth: one more walk finds it.
        due = changed or self._changed or self._frames % WALK_EVERY == 0
        if self.interpreter is not None and due:
            self._walk(self.interpreter, now)
        self._changed = changed
        self._frames += 1
        self._busy = [thread for thread in self.threads.values() if not thread.idle]
        self._idle = [thread for thread in self.threads.values() if thread.idle]

    def _walk(self, interpreter: Interpreter, now: int) -> None:
        try:
            interpreter.walk()
        except Unreadable as error:
            raise ProcessGone from error
        by_address = {gil.span.start: gil for gil in self._gils}
        for gil in interpreter.gils:
            if gil.address not in by_address:
                self._add_gil(GilReader(interpreter.memory, gil))
        by_interpreter = {gil.interpreter: gil for gil in self._gils}
        self._by_state = {}
        for who in interpreter.threads.values():
            thread = self.threads.get(who.tid)
            if thread is None:
                continue
            thread.state, thread.pthread = who.state, who.pthread
            thread.interpreter = who.interpreter
            thread.gil = by_interpreter.get(who.interpreter, self._gils[0] if self._gils else None)
            self._by_state[who.state] = thread
        for reader in self._gils:
            # A GIL's word that never changes is read once: its holder may not have been known then.
            if self._holders[reader] is None:
                self._holders[reader] = self._holder(reader, now)

    def _add_gil(self, gil: GilReader) -> None:
        try:
            gil.read()
        except OSError as error:
            raise ProcessGone from error
        self._gils.append(gil)
        self._holders[gil] = None
        self._held[gil] = 0
        self._switches[gil] = gil.switches

    def on_core(self) -> Iterator[SampledThread]:
        """Yield the threads that are likely to be on a core now."""
        return (thread for thread in self._busy if thread.letter in (RUNNING, "H"))

    def _open(self, tid: int, now: int) -> SampledThread | None:
        try:
            thread = SampledThread(self._tasks, tid, now)
        except ThreadGone:
            return None
        self.threads[tid] = thread
        self._busy.append(thread)
        self.born.append(thread)
        return thread

    def _drop(self, thread: SampledThread) -> None:
        del self.threads[thread.tid]
        self._by_state.pop(thread.state, None)
        for gil, holder in self._holders.items():
            if holder is thread:
                self._holders[gil] = None
        self.dead.append(thread)
        thread.close()

    def _is_stopped(self) -> bool:
        main = self.threads.get(self.pid)
        return main is not None and main.is_stopped()
