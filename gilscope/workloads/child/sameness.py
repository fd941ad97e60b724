"""Whether the user's own function gives the same results each time it is asked."""

from __future__ import annotations

from gilscope.workloads.child.digest import digest


class Sameness:
    """Remembers what tasks have returned, and drops what cannot be compared.

    Args:
        warm: results of the first task, from each worker that has warmed up with it.
    """

    def __init__(self, warm: list[object]) -> None:
        self._first = {digest(result) for result in warm}
        self._before: list[str | None] | None = None

    def of(self, digests: list[str | None]) -> list[str | None]:
        """Return the digests of a run, None for those of results that differ from time to time.

        Where the first task's does, all are: a time, a random number, a process id are in them.
        """
        if self._first != {digests[0]}:
            digests = [None] * len(digests)
        before = digests if self._before is None else self._before
        self._before = [now if now == then else None for now, then in zip(digests, before)]
        return self._before
