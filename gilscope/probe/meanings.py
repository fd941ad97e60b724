"""What a blocked thread's system call means, remembered: parsing one takes 10 us."""

from collections.abc import Sequence
from typing import NamedTuple

from gilscope.probe.classify import parse_call, state_in
from gilscope.probe.gil import GilReader
from gilscope.probe.syscalls import HERE, Kind

_RESUMED = frozenset(b"%d" % n for n, kind in HERE.kinds.items() if kind is Kind.RESTART)

_WAIT = f"{HERE.numbers.get('futex', 0)} {{:#x}} 0x189 "
"""How the line of a wait for a GIL at an address begins: with all that decides."""

MOST = 4096
"""System calls with their arguments of which the meaning is remembered."""


class Meaning(NamedTuple):
    """What it means to be blocked in a system call.

    Attributes:
        letter: the state.
        gil: the GIL that is waited for; None where it is something else.
        counted: that GIL counts the thread among its waiters.
    """

    letter: str
    gil: GilReader | None = None
    counted: bool = False


UNKNOWN = Meaning("?")


class Meanings:
    """Reads lines of /proc/PID/task/TID/syscall for a process with certain GILs."""

    def __init__(self) -> None:
        self._gils: Sequence[GilReader] = ()
        self._known: dict[tuple[bytes, ...], Meaning] = {}
        self._waits: dict[bytes, Meaning] = {}
        self._size = 0

    def use(self, gils: Sequence[GilReader]) -> bool:
        """From now on a wait in one of these is a wait for a GIL; return whether any is new."""
        if list(gils) == list(self._gils):
            return False
        self._gils = tuple(gils)
        self._known.clear()
        self._waits.clear()
        self._size = max((len(_WAIT.format(gil.span.start)) for gil in gils), default=0)
        return True

    def of(self, line: bytes) -> Meaning:
        """Return what a line means."""
        # Most are waits for the GIL on the same few words: the beginning tells.
        known = self._waits.get(line[: self._size])
        if known is not None:
            return known
        # The call's number and its first two arguments decide; of a resumed call all of them do.
        key = tuple(line.split(b" ", 3)[:3])
        if key[0] in _RESUMED:
            key = tuple(line.split(b" ", 7)[:7])
        known = self._known.get(key)
        if known is None:
            if len(self._known) >= MOST:
                self._known.clear()
            known = self._known[key] = self._read(line)
        if known.counted and len(b" ".join(key)) < self._size:
            if len(self._waits) >= MOST:
                self._waits.clear()
            self._waits[line[: self._size]] = known
        return known

    def _read(self, line: bytes) -> Meaning:
        call = parse_call(line)
        letter = state_in(call, [gil.span for gil in self._gils])
        if letter != "W" or call is None:
            return Meaning(letter)
        address = call.arguments[0]
        gil = next(g for g in self._gils if g.span.start <= address < g.span.end)
        return Meaning(letter, gil, gil.counts(address))
