"""Look at the threads of one process, sample after sample: the innermost loop of gilscope.

Who holds a GIL is known from its word, and glibc counts in the GIL's condition variable how many
threads wait for it. A thread that waited at the sample before is not read while that count leaves
room for it, and one that the kernel calls `running` waits if the count asks for one more: it was
woken up and has no core yet. All others are asked for the system call they are in.
"""

import os
from collections.abc import Callable

from gilscope.probe.classify import RUNNING
from gilscope.probe.gil import GilReader
from gilscope.probe.gils import Gils
from gilscope.probe.meanings import Meanings
from gilscope.probe.runs import BUSY_NATIVE
from gilscope.probe.thread import SampledThread
from gilscope.probe.unseen import tell_unseen

LOOK_AT_HOLDER = 8
"""At every eighth sample the holder's own system call is read, to tell a hold off its core."""

LOOK_AT_BLOCKED = 4
"""At every fourth sample a thread is read that is blocked in something other than the GIL: Python
threads want the GIL as soon as they are not, and that shows."""

FINE = 600
"""Samples a second from which on a thread that computes is seen whenever it holds the GIL."""

FEW = 0.6
"""Share of the hand-overs that fall between two samples up to which it is found out whose they are
where samples are few. Where it is more, as in a server's convoy, most could not be told."""


class Looker:
    """Finds out in which state each thread is.

    Attributes:
        meanings: what a blocked thread's system call means.
        fine: samples are closer than the holds of threads that compute.
        torn: samples in which the GIL changed hands while the threads were read.
        lost: a thread was found to be gone.
        awake: the threads that were neither waiting nor holding at the last look at all, but for
            idle ones.
        all_next: at the next sample all are to be looked at, whatever the GIL says.
    """

    def __init__(self, gils: Gils, hand_over: Callable[[GilReader], None]) -> None:
        """Args: hand_over: finds out who holds a GIL whose word has changed."""
        self.meanings = Meanings()
        self.fine = False
        self.torn = 0
        self.lost = False
        self.awake: list[SampledThread] = []
        self.all_next = True
        self._gils = gils
        self._hand_over = hand_over
        self._tick = 0
        self._unseen = 0
        self._few_unseen = True
        self._now = self._boundary = 0

    def at(self, last: int, now: int) -> None:
        """A sample is taken; the one before was at `last`.

        What is found to have changed is taken to have changed in the middle between two looks, if
        not before the frame began.
        """
        self._tick += 1
        self._now, self._boundary = now, (last + now) >> 1

    def look(
        self, threads: list[SampledThread], others: list[SampledThread]
    ) -> list[SampledThread]:
        """Look at all threads that may be waiting or on a core, and at some idle ones.

        Args:
            others: idle threads that are looked at only if somebody waits who cannot be found.

        Returns:
            The idle ones that are idle no more.
        """
        self.all_next = False
        waiting: list[SampledThread] = []
        running: list[SampledThread] = []
        letting_go: list[SampledThread] = []
        skipped: list[SampledThread] = []
        readers = self._gils.readers
        for reader in readers:
            reader.queue = 0
            self._unseen += reader.unseen
        for thread in threads:
            gil = thread.gil
            if gil is not None:
                if gil.holder is thread:
                    self._holds(thread)
                    continue
                if thread.queues and gil.waiters is not None and gil.taker is not thread:
                    gil.queue += 1
                    waiting.append(thread)
                    continue
                if thread.letter == "H":
                    letting_go.append(thread)
                    continue
                if gil.unseen <= 0 and gil.taker is not thread and self._sleeps_on(thread, gil):
                    skipped.append(thread)
                    continue
            if self._read(thread):
                running.append(thread)
        self._let_go(letting_go, running)
        for reader in readers:
            if reader.waiters is None or reader.waiters == reader.queue:
                continue
            self._reconcile(reader, reader.waiters, waiting, running)
            if reader.queue < reader.waiters:
                others = [each for each in others if each.idle and each not in threads]
                running += [each for each in skipped + others if self._read(each)]
                threads = [*threads, *others]
                skipped, others = [], []
                self._reconcile(reader, reader.waiters, waiting, running)
        for thread in running:
            self._runs(thread)
        if self.fine or self._few_unseen:
            tell_unseen(waiting, readers, self._boundary)
        for reader in readers:
            reader.untold += max(reader.unseen, 0)
            reader.unseen = 0
        self.awake = [each for each in threads if each.letter not in "WH" and not each.idle]
        return [thread for thread in threads if thread.idle and thread.runs]

    def glance(self, threads: list[SampledThread]) -> list[SampledThread]:
        """Look at some threads while nothing has happened to any GIL; see look."""
        if not self._tick % LOOK_AT_HOLDER:
            for reader in self._gils.readers:
                if reader.holder is not None:
                    self._holds(reader.holder)
        for thread in threads:
            before, gil = thread.letter, thread.gil
            if gil is not None and self._sleeps_on(thread, gil):
                continue
            if self._read(thread):
                self._runs(thread)
            if thread.letter == "W" != before:
                self.all_next = True  # By now the count has changed.
        return [thread for thread in threads if thread.idle and thread.runs]

    def end_frame(self, samples: float, switches: int) -> None:
        """A frame ends, in which there were so many samples a second and hand-overs."""
        self.fine = samples >= FINE
        self._few_unseen = self._unseen <= FEW * switches
        self._unseen = 0

    def _sleeps_on(self, thread: SampledThread, gil: GilReader) -> bool:
        """Tell whether a thread need not be read, since it is blocked and would show in the GIL."""
        return (
            thread.letter in "ILS"
            and not thread.idle
            and (self._tick - thread.tid) % LOOK_AT_BLOCKED != 0
            and gil.waiters is not None
        )

    def _holds(self, thread: SampledThread) -> None:
        """A thread holds its GIL."""
        if thread.letter != "H":
            thread.change("H", self._boundary)
        if not self._tick % LOOK_AT_HOLDER:
            try:
                line = os.pread(thread.call, 160, 0)
            except ProcessLookupError:
                return
            thread.hold_seen += 1
            if not line.startswith(b"running"):
                thread.hold_blocked += 1

    def _read(self, thread: SampledThread) -> bool:
        """Read what a thread is blocked in, and return whether it is in nothing."""
        try:
            line = os.pread(thread.call, 160, 0)
        except ProcessLookupError:
            if not thread.ended:
                thread.end(self._boundary)
                self.lost = True
            return False  # The end of the frame takes it off the list.
        if line.startswith(b"running"):
            return True
        if line != thread.line:
            thread.line, thread.meaning = line, self.meanings.of(line)
        letter, gil, counted = thread.meaning
        if gil is not None:
            thread.gil = gil
            gil.queue += counted
        if letter != thread.letter:
            self._change(thread, letter)
        thread.queues = counted
        thread.read_at = self._now
        return False

    def _change(self, thread: SampledThread, letter: str) -> None:
        before, gil = thread.letter, thread.gil
        at = self._boundary
        if before in "ILS" and (letter != "W" or gil is None or gil.waiters is None):
            at = (thread.read_at + self._now) >> 1
        thread.change(letter, at)
        if before == "W" and gil is not None and gil.taker is not thread:
            gil.unseen -= 1  # Only who has taken it ceases to wait.
        if letter == "W":
            # Whoever only computes is seen to hold it, if samples are close enough.
            computes = before not in "ILS" and thread.native < BUSY_NATIVE
            told_apart = not computes if self.fine else self._few_unseen
            thread.waited = thread.schedule() if told_apart else None
            thread.waited_at = at

    def _let_go(self, threads: list[SampledThread], running: list[SampledThread]) -> None:
        """Find out what threads do that held the GIL at the sample before and do not any more.

        Args:
            running: takes those that are in no system call.
        """
        for thread in threads:
            gil = thread.gil
            alone = len(threads) == 1 and not running
            if alone and gil is not None and gil.waiters == gil.queue + 1:
                self._waits(thread, gil)  # One more than is known to: nobody else can be meant.
            elif self._read(thread):
                running.append(thread)

    def _reconcile(
        self,
        gil: GilReader,
        waiters: int,
        waiting: list[SampledThread],
        running: list[SampledThread],
    ) -> None:
        """Find out who waits for a GIL where not as many are known to as glibc counts.

        Args:
            waiting: those that waited at the sample before and were not read at this one.
            running: those that are in no system call; they may wait, too.
        """
        if gil.queue > waiters:
            queue = [thread for thread in waiting if thread.gil is gil]
            # Those that want it for a moment are the likeliest to have had it and to have gone on.
            queue.sort(key=lambda thread: thread.before not in "ILS")
            certain = True
            for thread in queue:
                if certain and gil.queue == waiters:
                    break
                gil.queue -= 1
                if self._read(thread):
                    running.append(thread)
                    certain = False
        missing = waiters - gil.queue
        if missing > 0:
            woken = [thread for thread in running if thread.gil is gil]
            # Of several, that which waited and that which runs the least native code.
            woken.sort(key=lambda thread: (thread.letter != "W", thread.native))
            for thread in woken[:missing]:
                running.remove(thread)
                self._waits(thread, gil)

    def _waits(self, thread: SampledThread, gil: GilReader) -> None:
        """A thread is among those that a GIL counts."""
        gil.queue += 1
        if thread.letter != "W":
            self._change(thread, "W")
        thread.queues = True

    def _runs(self, thread: SampledThread) -> None:
        """A thread runs, or would if it had a core, without the GIL."""
        gil = thread.gil
        if thread.letter == RUNNING:
            if thread.doubt.following:
                thread.doubt.follow(thread.schedule())
            return
        if gil is not None and thread.letter != "H" and self._takes(thread, gil):
            return
        self._change(thread, RUNNING)

    def _takes(self, thread: SampledThread, gil: GilReader) -> bool:
        """Tell whether a thread has taken the GIL since this sample was begun."""
        waiters = gil.waiters
        try:
            changed = gil.read()
        except OSError:
            return False  # The next sample finds the process gone.
        self.all_next = self.all_next or changed or gil.waiters != waiters
        if not changed:
            return False
        self.torn += 1
        before = gil.holder
        self._hand_over(gil)
        return gil.holder is thread and before is not thread
