"""The one way from a source of events to the session that the screens read."""

import time
from collections.abc import Callable

from gilscope.model.session import Session
from gilscope.stream.source import Source


class Feed:
    """Reads a source into a session, and can start over with a fresh one.

    Attributes:
        session: what has been said so far; a new object after every start.
        ended: one sentence on why the source ended; None while it runs.
        closed: nothing is left of the source.
    """

    def __init__(
        self,
        begin: Callable[[], Source],
        source: Source | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Read `source` if it is given, which was begun before the screen opened."""
        self._begin = begin
        self._clock = clock
        self._heard = clock()
        self._source = source or begin()
        self.session = Session()
        self.ended: str | None = None
        self.closed = False

    @property
    def source(self) -> Source:
        """Where events come from now."""
        return self._source

    async def read(self) -> None:
        """Take in events until the source ends."""
        source, session = self._source, self.session
        async for event in source.events():
            session.apply(event)
            self._heard = self._clock()
        if source is self._source:
            self.ended = source.ending or (session.bye and session.bye.reason) or "The probe ended."

    @property
    def silence(self) -> float:
        """Seconds since the source last said anything; 0 once it has ended."""
        return 0.0 if self.ended is not None else self._clock() - self._heard

    @property
    def failed(self) -> bool:
        """Whether the source ended before it had said anything of a process."""
        return self.ended is not None and not self.session.processes

    async def start_over(self) -> None:
        """End the source and begin another one; `read` has to be called anew."""
        await self._source.close()
        self._source = self._begin()
        self.session = Session()
        self.ended = None
        self._heard = self._clock()

    async def close(self) -> None:
        """End the source and all it started."""
        await self._source.close()
        self.closed = True
