"""How long each hold and each wait of a thread lasted, counted as the stream tells of them."""

from collections.abc import Iterable

from gilscope.model.histogram import Histogram

NOT_KNOWN = "?"


class Tally:
    """Lengths of holds and waits that were seen whole.

    What was going on when it was first seen, or is going on still, or has unknown time before or
    behind it, is not among them.

    Attributes:
        holds, waits: the lengths.
        unsampled: how many waits were followed by anything but a hold. Each ended in one that was
            too short to be sampled.
        watched: time since anything was known of it; `unknown`: of that, how long nothing was.
    """

    __slots__ = ("holds", "unknown", "unsampled", "waits", "watched")

    def __init__(self) -> None:
        self.holds = Histogram()
        self.waits = Histogram()
        self.unsampled = 0
        self.watched = 0
        self.unknown = 0

    def merge(self, other: "Tally") -> None:
        """Count all that another one has counted."""
        self.holds.merge(other.holds)
        self.waits.merge(other.waits)
        self.unsampled += other.unsampled
        self.watched += other.watched
        self.unknown += other.unknown


class Follower:
    """Follows one thread from frame to frame, and counts its stretches as they end.

    Attributes:
        tally: what was counted.
    """

    __slots__ = ("_length", "_letter", "_whole", "tally")

    def __init__(self) -> None:
        self.tally = Tally()
        self._letter = NOT_KNOWN
        self._length = 0
        self._whole = False

    def add(self, runs: Iterable[tuple[str, int]], fresh: bool = False) -> None:
        """Take in a frame's runs; see events.ThreadSlice for which of them go on with another."""
        first = not fresh
        for letter, length in runs:
            if first and letter == self._letter:
                self._length += length
            else:
                self._end(letter)
                self._whole = self._letter != NOT_KNOWN
                self._letter, self._length = letter, length
            first = False
            self._count(length)

    def stay(self, length: int) -> None:
        """It stayed in its state for so long."""
        self._length += length
        self._count(length)

    def _count(self, length: int) -> None:
        if self._letter != NOT_KNOWN:
            self.tally.watched += length
        elif self.tally.watched:
            self.tally.watched += length
            self.tally.unknown += length

    def _end(self, following: str) -> None:
        if following == NOT_KNOWN or self._letter not in "HW":
            return
        hold = self._letter == "H"
        if self._whole:
            (self.tally.holds if hold else self.tally.waits).add(self._length)
        self.tally.unsampled += not hold and following != "H"
