"""Catch hogs: holds of the GIL that last longer than a threshold."""

from collections.abc import Iterable

from gilscope.model.events import Call, Hog
from gilscope.probe.gil import Caught, GilReader
from gilscope.probe.thread import SampledThread


class HogWatch:
    """Tells of the hogs of one process, when they are caught and when they have ended.

    Attributes:
        least: microseconds from which on a hold is a hog.
        told: what there is to say, not yet taken.
    """

    def __init__(self, pid: int, least: int) -> None:
        self.least = least
        self.told: list[Hog] = []
        self._pid = pid

    def catch(
        self,
        gil: GilReader,
        holder: SampledThread,
        calls: tuple[Call, ...],
        threads: Iterable[SampledThread],
        now: int,
    ) -> None:
        """A hold has become a hog.

        Args:
            calls: its stack, read while it lasts.
            threads: those of the process.
        """
        gil.hog = Caught(calls, now - gil.since)
        self._tell(gil, holder, threads, now, ended=False)

    def release(
        self, gil: GilReader, holder: SampledThread, threads: Iterable[SampledThread], at: int
    ) -> None:
        """A hold has ended."""
        if gil.hog is not None:
            self._tell(gil, holder, threads, at, ended=True)
            gil.hog = None

    def take(self) -> list[Hog]:
        """Return what there is to say, and forget it."""
        told, self.told = self.told, []
        return told

    def _tell(
        self,
        gil: GilReader,
        holder: SampledThread,
        threads: Iterable[SampledThread],
        at: int,
        *,
        ended: bool,
    ) -> None:
        if gil.hog is None:
            return
        since = gil.since
        # Who began to wait during the hold waits still: nobody else can have had the GIL.
        waited = sum(
            at - max(thread.entered, since)
            for thread in threads
            if thread.letter == "W" and thread.gil is gil and thread.entered < at
        )
        length = max(at - since, self.least)
        self.told.append(
            Hog(at, self._pid, holder.tid, since, length, waited, *gil.hog, ended=ended)
        )
