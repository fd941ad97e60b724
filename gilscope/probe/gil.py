"""Read one GIL: who holds it, since when and in which function, and how often it changes hands."""

from contextlib import suppress
from os import pread
from typing import TYPE_CHECKING, NamedTuple

from gilscope.model.events import Call, Turn
from gilscope.probe.classify import Span
from gilscope.probe.interpreter import Gil
from gilscope.probe.layouts import (
    CONDS,
    GIL_READ,
    GIL_READ_AT,
    GIL_SIZE,
    LAST_HOLDER,
    ON_MONOTONIC_CLOCK,
    WAITERS,
)
from gilscope.probe.memory import Memory, Unreadable

if TYPE_CHECKING:
    from gilscope.probe.thread import SampledThread


_SIZE = GIL_READ.size
_WORDS = 5
"""Words that are read of it once it is known where it counts who waits."""


class Caught(NamedTuple):
    """What was read of a hog when it was caught; `read` is how long it had lasted by then."""

    calls: tuple[Call, ...]
    read: int


class Turns:
    """Who held a GIL in which function, piece by piece of a frame."""

    __slots__ = ("_since", "_told", "code", "tid")

    def __init__(self, now: int) -> None:
        self.tid: int | None = None
        self.code: int | None = None
        self._since = now
        self._told: list[tuple[int | None, int | None, int]] = []

    def note(self, tid: int | None, code: int | None, at: int) -> None:
        """From a moment on, this thread holds it in this function; see Turn."""
        if tid == self.tid and code == self.code:
            return
        if at > self._since:
            self._told.append((self.tid, self.code, at - self._since))
            self._since = at
        self.tid, self.code = tid, code

    def take(self, now: int) -> tuple[Turn, ...]:
        """Return the frame that ends now."""
        told, self._told = self._told, []
        if now > self._since:
            told.append((self.tid, self.code, now - self._since))
        self._since = now
        return tuple([Turn(*turn) for turn in told])


class GilReader:
    """One GIL, its newest reading, and what became of it in this frame.

    Looker and Gils read and write these attributes directly, as they do those of a thread.

    Attributes:
        interpreter: id of the first interpreter that uses it.
        interval: the switch interval: microseconds after which a waiter asks for it.
        place: of what is to be read of it: descriptor, size and address; `data`: what was read.
        span: where the structure lies; a futex in it is a wait for this GIL.
        locked: whether any thread held it.
        last: PyThreadState of the thread that took it last, whether or not it holds it still.
        switches: hand-overs since the interpreter began.
        waiters: how many threads wait in its conditions, those included that were woken up and have
            no core yet; None where glibc does not count them.
        handing_over: how many of them were made to let it go, and have not been on a core since the
            next one has taken it.
        queue: how many of the threads that are looked at do so, as far as is known by now.
        agreed: at the last look at threads, `queue` was `waiters`.
        shown: who held it then.
        jumped: it was taken since the last look by others than its taker, who may have waited.
        lost_sight: so it was, and nobody counts who waits still.
        short: at the last look fewer waited than were known to.
        vain: switches and waiters when somebody was looked for in vain who waits.
        taker: the thread behind `last`; None where it cannot be told.
        holder: the same while the GIL is held; None while it is free.
        held: microseconds of this frame that it was held, up to `held_from`.
        due: when to look again at the hold that goes on: which function it is in, and whether it
            has become a hog.
        counted: `switches` at the end of the last frame.
        seen_switches: `switches` when the holder was last looked for.
        unseen: how often it was taken since the last look at all threads by a thread of which no
            sample tells: each hand-over takes it, and only the last one shows.
        untold: how many takes of this frame no thread could be told of.
        since: when the hold that goes on began, as far as samples tell.
        look_at: when to read again in which function it is held.
        hog: the hold that goes on was said to be a hog: its stack, and when that was read.
        turns: who held it in which function in this frame.
    """

    __slots__ = (
        "_address",
        "_lock",
        "_memory",
        "_unpack",
        "_words",
        "agreed",
        "counted",
        "data",
        "due",
        "handing_over",
        "held",
        "held_from",
        "hog",
        "holder",
        "interpreter",
        "interval",
        "jumped",
        "last",
        "locked",
        "look_at",
        "lost_sight",
        "place",
        "queue",
        "seen_switches",
        "short",
        "shown",
        "since",
        "span",
        "switches",
        "taker",
        "turns",
        "unseen",
        "untold",
        "vain",
        "waiters",
    )

    def __init__(self, memory: Memory, gil: Gil, now: int) -> None:
        """Read it for the first time.

        Raises:
            OSError: it cannot be read.
        """
        memory.read(gil.address, GIL_SIZE)
        self._memory = memory
        self._address = gil.address + LAST_HOLDER
        self.place = memory.descriptor, _SIZE, self._address
        self.data = b""
        self._words: tuple[int, ...] = ()
        self._lock = 0
        self._unpack = GIL_READ.unpack
        self.interpreter = gil.interpreter
        self.span = Span(gil.address, gil.address + GIL_SIZE)
        self.locked = False
        self.last = 0
        self.switches = 0
        self.waiters: int | None = None
        self.handing_over = 0
        self.queue = 0
        self.agreed = False
        self.shown: SampledThread | None = None
        self.jumped = self.lost_sight = self.short = False
        self.vain: tuple[int, int | None] | None = None
        self.taker: SampledThread | None = None
        self.holder: SampledThread | None = None
        self.held = 0
        self.held_from = now
        self.due = 0
        self.since = now
        self.look_at = 0
        self.hog: Caught | None = None
        self.turns = Turns(now)
        self.unseen = self.untold = 0
        self.interval = 0
        self.read_interval()
        self.read()
        self.unseen = 0  # All that was before is none of it.
        self.counted = self.seen_switches = self.switches

    def begin_look(self) -> None:
        """All threads are about to be looked at."""
        self.queue = 0
        self.jumped = self.unseen > 0 or self.taker is None
        self.lost_sight = self.jumped and self.waiters is None

    def counts(self, address: int) -> bool:
        """Tell whether who waits on the word at an address is among the waiters it counts."""
        offset = address - self.span.start
        return any(offset in condition for condition in CONDS)

    def read_interval(self) -> None:
        """Read the switch interval again; the program may set it at any time."""
        with suppress(Unreadable):
            self.interval = self._memory.pointer(self._address - LAST_HOLDER)

    def read(self) -> bool:
        """Read it again and return whether it was given or taken since the last time.

        Raises:
            OSError: it cannot be read any more; the process has ended or runs another program.
        """
        data = pread(*self.place)
        return data != self.data and self.differs(data) and self.take_in()

    def differs(self, data: bytes) -> bool:
        """Tell whether anything of it is new, which is then to be taken in.

        Args:
            data: what was read at its `place`, and is not what was read before.

        Raises:
            OSError: it cannot be read any more; the process has ended or runs another program.
        """
        if len(data) != _SIZE:
            raise OSError("the memory of the process is gone")
        self.data = data
        # Half of the time all that is new is that somebody woke up who waits.
        words = self._unpack(data)
        if words == self._words:
            return False
        self._words = words
        return True

    def take_in(self) -> bool:
        """Take in what was read, and return whether it was given or taken."""
        if len(self._words) != _WORDS:
            self._find_place()
        words = self._words
        last, locked, switches = words[:3]
        self.waiters, self.handing_over = None, 0
        if len(words) == _WORDS:
            if words[3] & 7 == words[4] & 7 == ON_MONOTONIC_CLOCK:
                self.handing_over = words[4] >> 3
                self.waiters = (words[3] >> 3) + self.handing_over
            else:
                self._unpack = GIL_READ.unpack  # It is to be found out anew.
        if last == self.last and switches == self.switches and locked == self._lock:
            return False
        if switches - self.switches > 1:
            self.unseen += switches - self.switches - 1
        self.last, self._lock, self.switches = last, locked, switches
        self.locked = locked == 1
        return True

    def _find_place(self) -> None:
        """Find out where glibc counts those who wait, if one reading tells."""
        words = self._words[3:]
        places = [
            place
            for place in range(len(WAITERS))
            if words[place] & 7 == words[place + 2] & 7 == ON_MONOTONIC_CLOCK
        ]
        if len(places) == 1:
            self._unpack = GIL_READ_AT[places[0]].unpack
            self._words = self._unpack(self.data)

    def account(self, at: int) -> None:
        """Count the time up to a moment as held, if it is held."""
        if at > self.held_from:
            if self.holder is not None:
                self.held += at - self.held_from
            self.held_from = at
