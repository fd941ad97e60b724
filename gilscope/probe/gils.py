"""The GILs of one process: who holds each, since when, in which function, and what became of it."""

from collections.abc import Callable

from gilscope.model.events import GilSlice, Turn
from gilscope.probe.gil import GilReader
from gilscope.probe.hogs import HogWatch
from gilscope.probe.interpreter import Interpreter
from gilscope.probe.thread import SampledThread
from gilscope.probe.witness import Witness

MOST_SWITCHES = 1 << 40
"""Hand-overs in a frame beyond which the counter was not that of a GIL."""

READ_FUNCTION = 40_000
"""Microseconds between two readings of the holder's function: one takes some 50 us where the caches
are cold."""

STALE = 250_000
"""Microseconds after which a thread may be in another function than the one it was seen in."""

Find = Callable[[int, int], SampledThread | None]
"""Returns the thread of a kernel thread id, at a moment; None where there is none."""


class Gils:
    """Follows every GIL of a process. One without a known GIL has none.

    Attributes:
        readers: the GILs, the main interpreter's first.
        hogs: catches long holds.
        witness: reads functions and stacks; None where they cannot be read.
        news: a thread was seen in another interpreter than the one it was known to belong to.
    """

    def __init__(
        self,
        interpreter: Interpreter | None,
        threads: dict[int, SampledThread],
        hogs: HogWatch,
        witness: Witness | None,
    ) -> None:
        """Args: threads: those of the process, as they come and go."""
        self.readers: list[GilReader] = []
        self.hogs = hogs
        self.witness = witness
        self.news = False
        self._interpreter = interpreter
        self._threads = threads

    def find(self, interpreter: Interpreter, find: Find, now: int) -> None:
        """Take over the GILs that a walk has found.

        Raises:
            OSError: not even the first one can be read.
        """
        known = {gil.span.start: gil for gil in self.readers}
        readers: list[GilReader] = []
        for gil in interpreter.gils:
            try:
                readers.append(known.get(gil.address) or GilReader(interpreter.memory, gil, now))
            except OSError:
                if not readers:
                    raise
                # That of an interpreter which is just beginning or ending.
        self.readers = readers
        for reader in readers:
            reader.read_interval()
            # A GIL's word that never changes is read once: its holder may not have been known then.
            if reader.taker is None:
                reader.account(now)
                self._find_holder(reader, find, now)
                reader.due = now

    def leave_out(self, gil: GilReader) -> None:
        """Forget the GIL of an interpreter that has ended."""
        self.readers = [other for other in self.readers if other is not gil]

    def forget(self, thread: SampledThread, at: int) -> None:
        """A thread has ended."""
        for gil in self.readers:
            if gil.taker is thread:
                gil.account(at)
                if gil.holder is thread:
                    self.hogs.release(gil, thread, self._threads.values(), at)
                    gil.turns.note(None, None, at)
                gil.taker = gil.holder = None
            if gil.shown is thread:
                gil.shown = None

    def close(self) -> None:
        """Let go of the threads: they refer to the GILs, too, and nothing collects that."""
        for gil in self.readers:
            gil.taker = gil.holder = gil.shown = None

    def hand_over(self, gil: GilReader, find: Find, boundary: int, now: int) -> None:
        """Find who holds a GIL whose word has changed, and end the hold that went on before.

        Args:
            find: returns the thread of a kernel thread id.
            boundary: when it is taken to have changed.
        """
        before, switches = gil.holder, gil.seen_switches
        gil.account(boundary)
        self._find_holder(gil, find, now)
        gil.seen_switches = gil.switches
        holder = gil.holder
        if holder is before and gil.switches == switches:
            return
        if before is not None:
            if gil.hog is not None:
                self.hogs.release(gil, before, self._threads.values(), boundary)
            if holder is before and before.letter == "H":
                before.split(boundary)  # Another thread had it in between.
        gil.since = boundary
        gil.due = min(gil.look_at, boundary + self.hogs.least)
        if holder is None:
            gil.turns.note(None, None, boundary)
        elif holder.code is None or now - holder.code_at >= STALE:
            self.look(gil, holder, boundary, now)
        else:
            # It is most likely in the function in which it let the GIL go.
            gil.turns.note(holder.tid, holder.code, boundary)

    def lose_sight(self, last: int, now: int) -> None:
        """Nothing is known of the time between two moments, nor whether holds went on in it."""
        for gil in self.readers:
            gil.account(last)
            if gil.holder is not None:
                self.hogs.release(gil, gil.holder, self._threads.values(), last)
            gil.held_from = gil.since = now
            gil.turns.note(None, None, last)
            gil.look_at = gil.due = 0

    def attend(self, gil: GilReader, holder: SampledThread, boundary: int, now: int) -> None:
        """See to a hold that goes on, when that is due; see hand_over."""
        if now >= gil.look_at:
            self.look(gil, holder, boundary, now)
        caught_at = gil.since + self.hogs.least
        if gil.hog is None and now >= caught_at:
            self.catch(gil, holder, now)
        gil.due = gil.look_at if gil.hog is not None else min(gil.look_at, caught_at)

    def pause(self, now: int) -> None:
        """The process is stopped: a hold that goes on is no hog, and of no function.

        Its thread holds the GIL all the same, and the others want it.
        """
        for gil in self.readers:
            if gil.holder is not None:
                self.hogs.release(gil, gil.holder, self._threads.values(), now)
            gil.since = now
            gil.turns.note(None, None, now)
            gil.look_at = gil.due = now + READ_FUNCTION

    def look(self, gil: GilReader, holder: SampledThread, boundary: int, now: int) -> None:
        """Read in which function the holder is."""
        gil.look_at = now + READ_FUNCTION
        if self.witness is not None:
            holder.code, holder.code_at = self.witness.function(gil.last), now
        gil.turns.note(holder.tid, holder.code, boundary)

    def catch(self, gil: GilReader, holder: SampledThread, now: int) -> None:
        """A hold has become a hog."""
        calls = self.witness.calls(gil.last) if self.witness else ()
        self.hogs.catch(gil, holder, calls, self._threads.values(), now)

    def end_frame(self, now: int, start: int) -> tuple[GilSlice, ...]:
        """Return what became of each in the frame that ends now."""
        return tuple(self._end_frame(gil, now, start) for gil in self.readers)

    def _end_frame(self, gil: GilReader, now: int, start: int) -> GilSlice:
        gil.account(now)
        held, gil.held = gil.held, 0
        before, gil.counted = gil.counted, gil.switches
        unseen, gil.untold = gil.untold, 0
        holder = gil.holder.tid if gil.holder else None
        turns = gil.turns.take(now)
        # In the frame in which it was found.
        before_it = now - start - sum(turn.length for turn in turns)
        if before_it > 0:
            turns = (Turn(None, None, before_it), *turns)
        switches = min(max(gil.switches - before, 0), MOST_SWITCHES)
        return GilSlice(
            gil.interpreter,
            held,
            switches,
            holder,
            turns if self.witness else (),
            min(unseen, switches),
        )

    def _find_holder(self, gil: GilReader, find: Find, now: int) -> None:
        """Find the thread that took a GIL last, and with it the holder.

        A thread state's address is used again for a later thread, so the thread behind it is
        read anew each time the GIL has changed.
        """
        tid = self._interpreter.kernel_id(gil.last) if self._interpreter and gil.last else None
        gil.taker = taker = find(tid, now) if tid is not None else None
        gil.holder = taker if gil.locked else None
        if taker is not None:
            # A thread of the main interpreter may run in another one for a while, and one of a C
            # program may have a thread state only while it holds the GIL: walks seldom meet it.
            taker.gil = gil if gil.holder else self._held_by(taker) or gil
            taker.is_python = True
            if gil is not self.readers[0] and taker.interpreter != gil.interpreter:
                taker.interpreter = gil.interpreter
                self.news = True

    def _held_by(self, thread: SampledThread) -> GilReader | None:
        """Return the GIL that a thread holds although it took another one later.

        Who leaves an interpreter for a moment lets its GIL go, and takes it back: if that was
        between two samples, there is nothing to be seen of it but the other GIL.
        """
        return next((gil for gil in self.readers if gil.holder is thread), None)
