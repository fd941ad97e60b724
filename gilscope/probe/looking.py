"""Look at the threads of one process, sample after sample: the innermost loop of gilscope.

Who holds a GIL is known from its word, and glibc counts in the GIL's condition variable how many
threads wait for it. Who waited at the sample before waits still, unless somebody unknown took the
GIL in between: to leave the queue is to take it. Where the count asks for one more, that is a
thread that has joined the queue, or else one that the kernel calls `running`: it was woken up and
has no core yet. All others are asked for the system call they are in.
"""

import os
from collections.abc import Callable

from gilscope.probe.classify import RUNNING
from gilscope.probe.gil import GilReader
from gilscope.probe.gils import Gils
from gilscope.probe.meanings import Meanings
from gilscope.probe.queue import find_joiners, find_leavers, find_woken, handing_over
from gilscope.probe.rounds import DOZE, LOOK_AT_HOLDER, Rounds
from gilscope.probe.runs import BUSY_NATIVE
from gilscope.probe.thread import SampledThread
from gilscope.probe.unseen import tell_unseen

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
        rounds: which threads are to be read at which sample.
        all_next: at the next sample all are to be looked at, whatever the GIL says.
        tick: number of this sample; `now`: when it is taken; `boundary`: the middle between the one
            before and it. What is found to have changed is taken to have changed in the middle
            between two looks, if not before the frame began.
    """

    def __init__(self, gils: Gils, hand_over: Callable[[GilReader], None]) -> None:
        """Args: hand_over: finds out who holds a GIL whose word has changed."""
        self.meanings = Meanings()
        self.fine = False
        self.torn = 0
        self.lost = False
        self.rounds = Rounds()
        self.all_next = True
        self.tick = self.now = self.boundary = 0
        self._gils = gils
        self._hand_over = hand_over
        self._unseen = 0
        self._few_unseen = True

    def close(self) -> None:
        """Let go of the process, which refers to this, too: nothing collects that."""
        del self._hand_over

    def look(
        self, threads: list[SampledThread], others: list[SampledThread] | None
    ) -> list[SampledThread]:
        """Look at all threads that may be waiting or on a core, and at some idle ones.

        Args:
            others: idle threads that are looked at only if somebody waits who cannot be found; None
                where there are too many.

        Returns:
            The idle ones that are idle no more.
        """
        self.all_next = False
        waiting: list[SampledThread] = []
        running: list[SampledThread] = []
        skipped: list[SampledThread] = []
        readers = self._gils.readers
        for reader in readers:
            reader.begin_look()
            self._unseen += reader.unseen
        for thread in threads:
            gil = thread.gil
            if gil is not None:
                if gil.holder is thread:
                    self._holds(thread)
                    continue
                if thread.queues and gil.taker is not thread and not gil.lost_sight:
                    gil.queue += 1
                    waiting.append(thread)
                    continue
                if not gil.jumped and gil.taker is not thread and self._sleeps_on(thread, gil):
                    skipped.append(thread)
                    continue
            if self._read(thread):
                running.append(thread)
        for reader in readers:
            self._find_handing_over(reader, running)
            if reader.waiters is None or reader.waiters == reader.queue:
                reader.short = False
                continue
            if reader.queue > reader.waiters:
                if reader.jumped or reader.short:
                    find_leavers(reader, reader.waiters, waiting, running, self._read)
                else:
                    self._nobody_left(reader)
            if reader.queue < reader.waiters:
                idle = [t for t in others or () if t.idle and t.read_at != self.now]
                threads = [*threads, *find_joiners(reader, skipped, idle, running, self._read)]
                missing = reader.waiters - reader.queue
                for thread in find_woken(reader, missing, running, all_read=others is not None):
                    running.remove(thread)
                    self._waits(thread, reader)
        for thread in running:
            self._runs(thread)
        if self.fine or self._few_unseen:
            tell_unseen(threads, readers, self.boundary)
        for reader in readers:
            reader.untold += max(reader.unseen, 0)
            reader.unseen = 0
        self._looked_at(threads, all_of_them=True)
        return [thread for thread in threads if thread.idle and thread.runs]

    def follow(self, idle: list[SampledThread]) -> list[SampledThread] | None:
        """Look only at the threads that the newest change of a GIL may concern.

        As long as those that are known to wait for a GIL are as many as it counts, each hand-over
        takes one away whose name it tells. Then only those have to be read that held it before, and
        those that neither held it nor waited: half the work of a look at all of eight threads.

        Args:
            idle: those that it is the turn of.

        Returns:
            The idle ones that are idle no more; None where that does not explain what the GILs
            say, so that all threads are to be looked at.
        """
        concerned = self.rounds.due(idle, self.tick)
        readers = self._gils.readers
        for reader in readers:
            taker, holder = reader.taker, reader.holder
            if not reader.agreed or reader.unseen or taker is None:
                return None
            if reader.shown is not None and reader.shown is not holder:
                concerned.append(reader.shown)
            if taker.queues and taker.gil is reader:
                reader.queue -= 1
                taker.queues = False
                concerned.append(taker)
            elif taker.letter in "ILS" and self.rounds.rouse(taker) and taker not in concerned:
                concerned.append(taker)
            if holder is not None:
                self._holds(holder)
        running: list[SampledThread] = []
        for thread in concerned:
            gil = thread.gil
            if (gil is None or gil.holder is not thread) and self._read(thread):
                running.append(thread)
        for reader in readers:
            if reader.queue != reader.waiters and not self._reconcile(reader, running):
                return None
        for reader in readers:
            if reader.queue != reader.waiters:
                self._nobody_left(reader)
        for thread in running:
            self._runs(thread)
        self._looked_at(concerned)
        return [thread for thread in idle if thread.idle and thread.runs]

    def _reconcile(self, gil: GilReader, running: list[SampledThread]) -> bool:
        """Find out whether those that a GIL's change concerns explain how many wait for it.

        That one fewer does is explained by one that has woken up.

        Args:
            running: those that are in no system call; loses the one that waits.
        """
        if gil.waiters is None:
            return False
        if gil.queue < gil.waiters:
            self._find_handing_over(gil, running)
        return gil.queue == gil.waiters or (gil.queue == gil.waiters + 1 and not gil.short)

    def _nobody_left(self, gil: GilReader) -> None:
        """Fewer wait for a GIL than did: one has woken up, to ask for it once more."""
        gil.short = self.all_next = True

    def glance(self, idle: list[SampledThread]) -> list[SampledThread]:
        """Look at some threads while nothing has happened to any GIL; see follow."""
        if not self.tick % LOOK_AT_HOLDER:
            for reader in self._gils.readers:
                if reader.holder is not None:
                    self._holds(reader.holder)
        threads = self.rounds.due(idle, self.tick)
        changed = False
        for thread in threads:
            before = thread.letter
            if self._read(thread):
                self._runs(thread)
            if thread.letter != before:
                changed = True
                if thread.letter == "W":
                    self.all_next = True  # By now the count has changed.
        if not changed:
            return []
        self._looked_at(threads)
        return [thread for thread in idle if thread.idle and thread.runs]

    def _looked_at(self, threads: list[SampledThread], *, all_of_them: bool = False) -> None:
        """Note what the next look may begin from; see Rounds.sort_out."""
        self.rounds.sort_out(threads, self.tick, all_of_them=all_of_them)
        for reader in self._gils.readers:
            reader.agreed = reader.queue == reader.waiters
            reader.short = reader.short and not reader.agreed
            reader.shown = reader.holder

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
            and (self.tick - thread.tid) % DOZE != 0
            and gil.waiters is not None
        )

    def _holds(self, thread: SampledThread) -> None:
        """A thread holds its GIL."""
        if thread.letter != "H":
            thread.change("H", self.boundary)
            thread.hold_line = b""
        if not self.tick % LOOK_AT_HOLDER:
            try:
                line = os.pread(thread.call, 160, 0)
            except ProcessLookupError:
                return
            if line[:1].isdigit():
                # It may have let the GIL go before it called: often so, where holds are short.
                gil = thread.gil
                if gil is None or self._read_again(gil) or gil.holder is not thread:
                    return
                thread.hold_blocked += 1
                thread.hold_line = line
            else:
                thread.hold_line = b""
            thread.hold_seen += 1

    def _read(self, thread: SampledThread) -> bool:
        """Read what a thread is blocked in, and return whether it is in nothing."""
        try:
            line = os.pread(thread.call, 160, 0)
        except ProcessLookupError:
            if not thread.ended:
                thread.end(self.boundary)
                self.lost = True
            return False  # The end of the frame takes it off the list.
        if line != thread.line:
            if line.startswith(b"running"):
                return True
            thread.line, thread.meaning = line, self.meanings.of(line)
        letter, gil, counted = thread.meaning
        if gil is not None:
            thread.gil = gil
            gil.queue += counted
        if letter != thread.letter:
            self._change(thread, letter, counted=counted)
        thread.queues = counted
        thread.read_at = self.now
        return False

    def _change(self, thread: SampledThread, letter: str, *, counted: bool = False) -> None:
        """A thread has entered another state; `counted`: its GIL counts it among its waiters."""
        before, gil = thread.letter, thread.gil
        at = self.boundary
        if before in "ILS" and not (counted and gil is not None and gil.waiters is not None):
            at = (thread.read_at + self.now) >> 1
        thread.change(letter, at)
        if before == "W" and gil is not None and gil.taker is not thread and gil.unseen > 0:
            gil.unseen -= 1  # Only who has taken it ceases to wait.
        if letter == "W":
            # Whoever only computes is seen to hold it, if samples are close enough.
            computes = before not in "ILS" and thread.native < BUSY_NATIVE
            told_apart = not computes if self.fine else self._few_unseen
            thread.waited = thread.schedule() if told_apart else None
            thread.waited_at = at

    def _find_handing_over(self, gil: GilReader, running: list[SampledThread]) -> None:
        """Take who is handing a GIL over out of those that run: it waits."""
        interval = 2 * (self.now - self.boundary)
        thread = handing_over(gil, running, self.boundary, interval)
        if thread is not None:
            running.remove(thread)
            self._waits(thread, gil)

    def _waits(self, thread: SampledThread, gil: GilReader) -> None:
        """A thread is among those that a GIL counts."""
        gil.queue += 1
        if thread.letter != "W":
            self._change(thread, "W", counted=True)
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
        before = gil.holder
        return self._read_again(gil) and gil.holder is thread and before is not thread

    def _read_again(self, gil: GilReader) -> bool:
        """Read a GIL in the middle of a sample, and return whether it was given or taken."""
        waiters = gil.waiters
        try:
            changed = gil.read()
        except OSError:
            return False  # The next sample finds the process gone.
        self.all_next = self.all_next or changed or gil.waiters != waiters
        if changed:
            self.torn += 1
            self._hand_over(gil)
        return changed
