"""What every source of events looks like to those who read it."""

from collections.abc import AsyncIterator
from typing import Protocol

from gilscope.model.control import Control
from gilscope.model.events import Event


class Source(Protocol):
    """A running stream of events, read asynchronously."""

    def events(self) -> AsyncIterator[Event]:
        """Yield events until the stream ends, in good order or not."""
        ...

    def send(self, control: Control) -> None:
        """Pass a control message on; does nothing once the stream has ended."""
        ...

    async def close(self) -> None:
        """End the stream and everything it started. May be called more than once."""
        ...

    @property
    def ending(self) -> str | None:
        """One sentence on why the stream ended without `Bye`; None while all is well."""
        ...
