"""A probe on this machine, in two forms: for plain commands, and for the interface."""

import asyncio
import select
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from types import TracebackType
from typing import Self

from gilscope.model.control import Control
from gilscope.model.events import Event
from gilscope.stream.launch import ProbeChild, ProbeRequest, Program, probe_program
from gilscope.stream.lines import EventLines

PATIENCE = 2.0
"""Seconds that the probe has to end after it was asked to, and again after SIGTERM."""

LOOK = 0.5
"""Seconds after which a silent probe is looked at: something else may hold its pipe open."""

DRAIN = 64
"""Pieces of an ending probe's output that are thrown away between two such looks."""

STEP = 0.02
"""Seconds between two looks at a probe that is about to end."""


class _Probe:
    """What both forms share."""

    def __init__(self, request: ProbeRequest, program: Program) -> None:
        self._child = ProbeChild(request, program)
        self._lines = EventLines()
        self._closed = False
        self._ending: str | None = None

    @property
    def pid(self) -> int:
        """Process id of the probe."""
        return self._child.pid

    @property
    def ending(self) -> str | None:
        """One sentence on why the stream ended without `Bye`; None while all is well."""
        return self._ending

    @property
    def bad_lines(self) -> int:
        """Lines that were no event, or were cut off."""
        return self._lines.bad

    def send(self, control: Control) -> None:
        """Pass a control message on; does nothing once the stream has ended."""
        if not self._closed:
            self._child.send(control)

    def _drain(self) -> None:
        # A probe that blocks in a write cannot read that it shall end.
        for _ in range(DRAIN):
            if not self._child.read():
                break
        self._child.listen()

    def _ended(self) -> None:
        self._lines.finish()
        self._child.listen()
        if not self._lines.bye and not self._closed:
            self._ending = self._child.cause_of_death()


class ProbeProcess(_Probe):
    """A probe for plain commands: read with a deadline, and gone when the `with` block ends."""

    def __init__(
        self,
        request: ProbeRequest,
        *,
        program: Program = probe_program,
        clock: Callable[[], float] = time.monotonic,
        patience: float = PATIENCE,
    ) -> None:
        super().__init__(request, program)
        self._clock = clock
        self._patience = patience
        self._poll = select.poll()
        self._poll.register(self._child.output, select.POLLIN)
        self._poll.register(self._child.errors, select.POLLIN)
        self._open = True
        self._pending: deque[Event] = deque()

    @property
    def ended(self) -> bool:
        """Whether the stream has ended."""
        return not self._open and not self._pending

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def events(self, deadline: float | None = None) -> Iterator[Event]:
        """Yield events until the stream ends or the clock shows `deadline`.

        May be called again, to read on: after a deadline, or where the loop over it was left. What
        has come by the deadline is yielded.
        """
        yield from self._taken()
        while self._open:
            left = LOOK if deadline is None else min(LOOK, deadline - self._clock())
            ready = self._poll.poll(max(0.0, left) * 1000)
            quiet = not ready and not self._child.running()
            for fd, _ in ready:
                if fd == self._child.errors and not self._child.listen():
                    self._poll.unregister(fd)
            piece = self._child.read()
            if piece:
                self._pending.extend(self._lines.feed(piece))
                yield from self._taken()
            elif piece == b"" or quiet:
                self._open = False
                self._wait(self._patience)
                self._ended()
            if deadline is not None and self._clock() >= deadline:
                return

    def _taken(self) -> Iterator[Event]:
        while self._pending:
            yield self._pending.popleft()

    def close(self) -> None:
        """End the probe and all it started; leaves no process behind."""
        if self._closed:
            return
        self._closed = True
        self._open = False
        self._child.hang_up()
        for insist in (self._child.terminate, self._child.kill):
            if self._wait(self._patience):
                break
            insist()
        self._child.reap()

    def _wait(self, patience: float) -> bool:
        """Wait for the probe to end, for so many seconds; return whether it has."""
        end = self._clock() + patience
        while self._child.running():
            if self._clock() >= end:
                return False
            self._drain()
            time.sleep(STEP)
        return True


class LocalProbe(_Probe):
    """A probe for the interface: a `Source`. It is started at once, and read when the loop runs."""

    def __init__(
        self,
        request: ProbeRequest,
        *,
        program: Program = probe_program,
        patience: float = PATIENCE,
    ) -> None:
        super().__init__(request, program)
        self._patience = patience
        self._ready = asyncio.Event()

    async def events(self) -> AsyncIterator[Event]:
        """Yield events until the stream ends, in good order or not."""
        loop = asyncio.get_running_loop()
        loop.add_reader(self._child.errors, self._listen)
        try:
            while not self._closed:
                readable = await self._readable()
                if self._closed:
                    return
                piece = self._child.read()
                if piece:
                    for event in self._lines.feed(piece):
                        yield event
                elif piece == b"" or not (readable or self._child.running()):
                    break
            await self._wait()
            if not self._closed:
                self._ended()
        finally:
            if not self._closed:
                loop.remove_reader(self._child.errors)

    async def close(self) -> None:
        """End the probe and all it started; leaves no process behind."""
        if self._closed:
            return
        self._closed = True
        self._ready.set()
        loop = asyncio.get_running_loop()
        loop.remove_reader(self._child.output)
        loop.remove_reader(self._child.errors)
        self._child.hang_up()
        for insist in (self._child.terminate, self._child.kill):
            if await self._wait():
                break
            insist()
        self._child.reap()

    async def _wait(self) -> bool:
        """Wait for the probe to end, as long as patience lasts; return whether it has."""
        loop = asyncio.get_running_loop()
        end = loop.time() + self._patience
        while self._child.running():
            if loop.time() >= end:
                return False
            if self._closed:
                self._drain()
            await asyncio.sleep(STEP)
        return True

    async def _readable(self) -> bool:
        """Wait until its output can be read, LOOK seconds at most; return whether it can."""
        loop = asyncio.get_running_loop()
        self._ready.clear()
        loop.add_reader(self._child.output, self._ready.set)
        try:
            async with asyncio.timeout(LOOK):
                await self._ready.wait()
        except TimeoutError:
            return False
        finally:
            # After close() the number may belong to another pipe already.
            if not self._closed:
                loop.remove_reader(self._child.output)
        return True

    def _listen(self) -> None:
        if not self._child.listen():
            asyncio.get_running_loop().remove_reader(self._child.errors)
