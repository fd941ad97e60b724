"""Pictures of the screens on frozen data; after a wanted change: pytest --snapshot-update."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from gilscope.model import events as e
from gilscope.ui.screens.home import HomeScreen
from gilscope.ui.shell import Gilscope
from gilscope.workloads.catalogue import Demonstration
from gilscope.workloads.works import Work
from tests.ui.fakes import PID, fight, scope_app, settle
from tests.ui.scenes import HOGS, family, interpreters
from tests.ui.test_home import QUEUE, SERVER, Fixture

SMALL, LARGE = (80, 24), (160, 50)

ENDED = [*fight(), e.Gone(4_000_000, PID, status=-9), e.Bye(4_000_000, "All have ended.")]
OLD = e.Process(
    0,
    PID,
    1,
    ("python", "app.py"),
    "3.7.1",
    "cpython",
    e.PYSPY,
    "gilscope has no table of CPython 3.7.",
    "Use 3.8 or newer.",
    True,
)
CHILD = [
    e.Process(0, 4300, PID, ("python3.12", "child.py"), "3.12.4", "cpython", e.KERNEL, gil=True),
    e.Thread(0, 4300, 4300, "MainThread", False, 0),
    e.Frame(
        4_100_000,
        100_000,
        e.SamplerSlice(1000.0, 100),
        (
            e.ProcessSlice(
                4300,
                (e.ThreadSlice(4300, "H", "H100000", 99_000),),
                (e.GilSlice(0, 100_000, 0, 4300),),
                100,
            ),
        ),
    ),
]
CORES = e.Frame(
    4_100_000,
    100_000,
    e.SamplerSlice(1000.0, 100),
    (),
    tuple(e.CoreSlice(core, core % 11 * 10_000) for core in range(64)),
)


def seldom(events: list[e.Event]) -> list[e.Event]:
    """Return the events with two samples a second, as py-spy takes them."""
    return [
        replace(
            event,
            processes=tuple(
                replace(piece, samples=int(event.at % 500_000 == 0)) for piece in event.processes
            ),
        )
        if isinstance(event, e.Frame)
        else event
        for event in events
    ]


PICTURES = {
    "scope": (fight(), SMALL, ()),
    "scope_wide": (fight(8), LARGE, ()),
    "scope_narrow": (fight(), (40, 10), ()),
    "enlarged": (fight(), SMALL, ("e",)),
    "several_processes": ([*fight(), *CHILD], SMALL, ()),
    "sixty_four_cores": ([*fight(), CORES], SMALL, ()),
    "paused_in_the_past": (fight(), SMALL, ("h", "h", "h", "h")),
    "target_ended": (ENDED, SMALL, ()),
    "py_spy_fidelity": (
        [OLD if isinstance(it, e.Process) else it for it in seldom(fight())],
        SMALL,
        (),
    ),
    "thread": (fight(), (80, 30), ("down", "enter")),
    "help": (fight(), (80, 60), ("question_mark",)),
    "why": ([*fight(8), *HOGS], SMALL, ("w",)),
    "why_wide": ([*fight(8), *HOGS], LARGE, ("tab", "down")),
    "hog": ([*fight(8), *HOGS], SMALL, ("tab", "end", "enter")),
    "interpreters": (list(interpreters()), SMALL, ()),
    "family": (list(family()), (100, 30), ()),
}


def keys(pressed: tuple[str, ...]) -> Callable[[object], Awaitable[None]]:
    async def run(pilot: object) -> None:
        await settle(pilot)
        for key in pressed:
            await pilot.press(key)  # type: ignore[attr-defined]
        await settle(pilot)

    return run


@pytest.mark.parametrize("name", PICTURES)
def test_a_screen_looks_as_it_did(name, snap_compare):
    said, size, pressed = PICTURES[name]
    assert snap_compare(scope_app(said), terminal_size=size, run_before=keys(pressed))


def test_home_looks_as_it_did(snap_compare):
    fixture = Fixture([SERVER, QUEUE])
    shown = Demonstration("mixed", "a thread of each kind", "Everything at once.", Path("mixed.py"))
    works = (
        Work("primes", "count primes", "", "Threads take turns, processes have a GIL each."),
        Work("zlib", "compress text", "", "C code that lets the GIL go."),
    )
    fixture.home = HomeScreen(lambda: [SERVER, QUEUE], (shown,), fixture.learn, fixture.open, works)
    fixture.app = Gilscope(lambda: fixture.home)

    async def look(pilot: object) -> None:
        await settle(pilot)
        fixture.home.look()
        await pilot.pause()  # type: ignore[attr-defined]

    assert snap_compare(fixture.app, terminal_size=SMALL, run_before=look)
