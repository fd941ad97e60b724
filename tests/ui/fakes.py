"""A source that says what a test wants, and sessions of frozen data."""

import asyncio
from collections.abc import AsyncIterator, Iterable

from gilscope.model import events as e
from gilscope.model.control import Control
from gilscope.model.session import Session
from gilscope.ui.feed import Feed
from gilscope.ui.screens.scope import ScopeScreen
from gilscope.ui.shell import Gilscope
from tests.ui import synthetic

PID = synthetic.PID


class FakeSource:
    """Says its events at once, then nothing until it is closed or dies."""

    def __init__(self, events: Iterable[e.Event]) -> None:
        self._events = list(events)
        self._over = asyncio.Event()
        self._ending: str | None = None
        self.sent: list[Control] = []
        self.closed = False

    async def events(self) -> AsyncIterator[e.Event]:
        for event in self._events:
            yield event
        await self._over.wait()

    def send(self, control: Control) -> None:
        self.sent.append(control)

    async def close(self) -> None:
        self.closed = True
        self._over.set()

    def die(self, why: str | None) -> None:
        self._ending = why
        self._over.set()

    @property
    def ending(self) -> str | None:
        return self._ending


def fight(threads: int = 3, frames: int = 40) -> list[e.Event]:
    """Return the events of some seconds of threads that fight for a GIL; always the same."""
    turns = synthetic.Fight(threads, seed=7)
    every = synthetic.EVERY
    said = list(synthetic.introduction(threads))
    said += [turns.frame(number * every) for number in range(1, frames + 1)]
    return said + list(synthetic.details(frames * every, threads))


def session_of(events: Iterable[e.Event]) -> Session:
    session = Session()
    for event in events:
        session.apply(event)
    return session


def simple(
    *slices: e.ThreadSlice, span: int = 1_000_000, fidelity: str = e.KERNEL, **process: object
) -> Session:
    """Return a session of one process and one frame in which these threads did this."""
    introduction: list[e.Event] = [
        e.Hello(1, "0", 1, "host", "Linux", 2, 0.0, 1000.0, 100_000),
        e.Process(0, PID, 1, ("python", "app.py"), "3.12.1", "cpython", fidelity, **process),
    ]
    introduction += [e.Thread(0, PID, piece.tid, f"t{piece.tid}", False, 0) for piece in slices]
    return session_of([*introduction, frame(span, span, *slices)])


def frame(at: int, span: int, *slices: e.ThreadSlice) -> e.Frame:
    gil = e.GilSlice(0, span // 2, 100, None)
    process = e.ProcessSlice(PID, slices, (gil,), 1000)
    return e.Frame(at, span, e.SamplerSlice(1000.0, 1000), (process,), ())


def scope_app(events: Iterable[e.Event], sources: list[FakeSource] | None = None) -> Gilscope:
    """Return the interface on a Scope screen; the sources it began are put into the list."""
    said = list(events)
    begun = [] if sources is None else sources

    def begin() -> FakeSource:
        begun.append(FakeSource(said))
        return begun[-1]

    return Gilscope(lambda: ScopeScreen(Feed(begin, clock=lambda: 0.0)))


async def settle(pilot: object) -> ScopeScreen:
    """Let what was said arrive, and draw it; return the screen."""
    await pilot.pause()  # type: ignore[attr-defined]
    screen = pilot.app.screen  # type: ignore[attr-defined]
    if isinstance(screen, ScopeScreen):
        screen.survey()
        await pilot.pause()  # type: ignore[attr-defined]
    return screen  # type: ignore[no-any-return]
