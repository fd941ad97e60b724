"""How often what length came up, in bounded memory however long a session lasts."""

from math import ceil

FINE = 5
"""Binary digits of a length that are kept behind the first one: buckets are at most 3% wide."""


class Histogram:
    """Counts lengths, in microseconds, in buckets that grow with them.

    A length is told to within 1.6%, one below 64 us and the longest of all exactly.

    Attributes:
        count: how many there are.
        longest: the longest; 0 while there are none.
    """

    __slots__ = ("_buckets", "count", "longest")

    def __init__(self) -> None:
        self.count = 0
        self.longest = 0
        self._buckets: dict[int, int] = {}

    def add(self, length: int) -> None:
        """Count a length."""
        key = _key(length)
        self._buckets[key] = self._buckets.get(key, 0) + 1
        self.count += 1
        self.longest = max(self.longest, length)

    def merge(self, other: "Histogram") -> None:
        """Count all that another one has counted."""
        for key, count in other._buckets.items():
            self._buckets[key] = self._buckets.get(key, 0) + count
        self.count += other.count
        self.longest = max(self.longest, other.longest)

    def shorter_than(self, limit: float) -> int:
        """Return how many are shorter than a limit, by the middle of their bucket."""
        return sum(count for key, count in self._buckets.items() if _middle(key) < limit)

    def percentile(self, percent: float, unseen: int = 0) -> int | None:
        """Return the length that so many percent do not exceed; None where it is not known.

        Args:
            unseen: how many more there are, of lengths that are not known but below all others.
        """
        rank = max(1, ceil((self.count + unseen) * percent / 100)) - unseen
        if rank <= 0 or not self.count:
            return None
        if rank >= self.count:
            return self.longest
        for key in sorted(self._buckets):
            rank -= self._buckets[key]
            if rank <= 0:
                return min(_middle(key), self.longest)
        return self.longest


def _key(length: int) -> int:
    """Return the number of a length's bucket; they are numbered in order."""
    shift = max(length.bit_length() - FINE - 1, 0)
    return (shift << FINE) + (length >> shift)


def _middle(key: int) -> int:
    """Return the length in the middle of a bucket."""
    shift = max((key >> FINE) - 1, 0)
    least = (key - (shift << FINE)) << shift
    return least + ((1 << shift) >> 1)
