"""Catch hogs: holds of the GIL that last longer than a threshold."""

from collections.abc import Iterable

from gilscope.model.events import Hog
from gilscope.probe.gil import Caught, GilReader
from gilscope.probe.thread import SampledThread
from gilscope.probe.witness import Witness


class HogWatch:
    """Tells of the hogs of one process, when they are caught and when they have ended.

    Attributes:
        least: microseconds from which on a hold is a hog.
        told: what there is to say, not yet taken.
    """

    def __init__(self, pid: int, least: int, witness: Witness | None) -> None:
        self.least = least
        self.told: list[Hog] = []
        self._pid = pid
        self._witness = witness

    def catch(
        self, gil: GilReader, holder: SampledThread, threads: Iterable[SampledThread], now: int
    ) -> None:
        """A hold has become a hog: note what it is at while it lasts."""
        calls = self._witness.calls(gil.last) if self._witness else ()
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
