"""From bytes to events: the stream arrives in pieces that know nothing of lines."""

from gilscope.model.events import BadLine, Bye, Event, decode_event

LONGEST_LINE = 16 << 20
"""Bytes after which an unfinished line is given up."""


class EventLines:
    """Puts pieces of a stream together into events.

    Attributes:
        bad: lines that were no event, or were cut off.
        last_bad: what was wrong with the newest of them.
        bye: the stream has said that it ends in good order.
    """

    def __init__(self, longest: int = LONGEST_LINE) -> None:
        self.bad = 0
        self.last_bad: str | None = None
        self.bye = False
        self._longest = longest
        self._pieces: list[bytes] = []
        self._length = 0
        self._skipping = False

    def feed(self, piece: bytes) -> list[Event]:
        """Return the events that the next piece of the stream completes."""
        *ended, rest = piece.split(b"\n")
        events = []
        for end in ended:
            line = b"".join((*self._pieces, end))
            self._pieces.clear()
            self._length = 0
            event = None if self._skipping else self._decode(line)
            self._skipping = False
            if event is not None:
                events.append(event)
        self._keep(rest)
        return events

    def finish(self) -> None:
        """The stream has ended: what is left over is a line that was cut off."""
        if self._length:
            self._complain("the last line was cut off")
        self._pieces.clear()
        self._length = 0

    def _keep(self, rest: bytes) -> None:
        if not rest or self._skipping:
            return
        self._pieces.append(rest)
        self._length += len(rest)
        if self._length > self._longest:
            self._complain(f"a line was longer than {self._longest} bytes")
            self._pieces.clear()
            self._length = 0
            self._skipping = True

    def _decode(self, line: bytes) -> Event | None:
        if not line.strip():
            return None
        try:
            event = decode_event(line)
        except BadLine as error:
            self._complain(str(error))
            return None
        if isinstance(event, Bye):
            self.bye = True
        return event

    def _complain(self, what: str) -> None:
        self.bad += 1
        self.last_bad = what
