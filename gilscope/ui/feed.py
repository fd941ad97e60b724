"""The one way from a source of events to the session that the screens read."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from gilscope.model.session import Session
from gilscope.stream.source import Source


@dataclass(frozen=True, slots=True)
class Reading:
    """How it stands with the source.

    Attributes:
        ended: why it ended, in a few words or a sentence; None while it runs.
        silence: seconds since it last said anything; 0 once it has ended.
        launches: it launches a command, and so does one that starts anew.
        starting: it was started anew, and has said nothing of a process yet.
        nothing_left: it was to start anew, and there is nothing left to watch.
    """

    ended: str | None = None
    silence: float = 0.0
    launches: bool = False
    starting: bool = False
    nothing_left: bool = False


class Feed:
    """Reads a source into a session, and can start over with a fresh one.

    Attributes:
        session: what has been said so far. Another object after a new start, as soon as that has
            something to show: until then, and if it never has, the last picture stays.
        ended: why the source ended, in a few words or a sentence; None while it runs.
        closed: nothing is left of the source.
    """

    def __init__(
        self,
        begin: Callable[[], Source],
        source: Source | None = None,
        clock: Callable[[], float] = time.monotonic,
        *,
        launches: bool = False,
    ) -> None:
        """Read `source` if it is given, which was begun before the screen opened.

        Args:
            launches: `begin` launches a command.
        """
        self._begin = begin
        self._clock = clock
        self._heard = clock()
        self._source = source or begin()
        self._launches = launches
        self._nothing_left = False
        self.session = self._next = Session()
        self.ended: str | None = None
        self.closed = False

    @property
    def source(self) -> Source:
        """Where events come from now."""
        return self._source

    async def read(self) -> None:
        """Take in events until the source ends."""
        source, session = self._source, self._next
        async for event in source.events():
            session.apply(event)
            self._heard = self._clock()
            if session.processes and source is self._source:
                self.session = session
        if source is self._source:
            self.ended = source.ending or (session.bye and session.bye.reason) or "The probe ended."
            # One that ends in good order and has seen no process has looked in vain.
            self._nothing_left = session is not self.session and source.ending is None

    @property
    def reading(self) -> Reading:
        """How it stands with the source."""
        return Reading(
            ended=self.ended,
            silence=self.silence,
            launches=self._launches,
            starting=self._next is not self.session and self.ended is None,
            nothing_left=self._nothing_left,
        )

    @property
    def silence(self) -> float:
        """Seconds since the source last said anything; 0 once it has ended."""
        return 0.0 if self.ended is not None else self._clock() - self._heard

    @property
    def failed(self) -> bool:
        """Whether the source ended before it had said anything of a process."""
        return self.ended is not None and not self.session.processes

    async def start_over(self) -> bool:
        """End the source and begin another one; `read` has to be called anew.

        Returns:
            Whether that was done: what has ended is not there to be watched again, and another
            process may have its number by now.
        """
        if not self._launches and self._all_ended():
            self._nothing_left = True
            return False
        await self._source.close()
        self._source = self._begin()
        self._next = Session()
        self.ended = None
        self._nothing_left = False
        self._heard = self._clock()
        return True

    def _all_ended(self) -> bool:
        asked = [each for each in self.session.processes.values() if not each.about.followed]
        return bool(asked) and all(each.gone and each.gone.how == "exited" for each in asked)

    async def close(self) -> None:
        """End the source and all it started."""
        await self._source.close()
        self.closed = True
