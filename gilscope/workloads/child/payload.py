"""How much has to be sent to a process and back for a task."""

from __future__ import annotations

import io
import pickle

_MOST = 256 << 20
"""Bytes; more than that is not worth the time and the memory to count it."""


class _TooMuch(Exception):
    """It is more than is worth counting."""


class _Counter(io.RawIOBase):
    """A file that keeps only how much is written to it."""

    written = 0

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        length = memoryview(data).nbytes  # type: ignore[arg-type]
        self.written += length
        if self.written > _MOST:
            raise _TooMuch
        return length


def payload(arguments: tuple[object, ...], result: object) -> int | None:
    """Return how many bytes a task's arguments and its result are, pickled.

    None where they cannot be pickled, or are too many to count.
    """
    counter = _Counter()
    try:
        pickle.Pickler(counter).dump(arguments)
        pickle.Pickler(counter).dump(result)
    except BaseException:  # noqa: BLE001  their classes are the user's
        return None
    return counter.written
