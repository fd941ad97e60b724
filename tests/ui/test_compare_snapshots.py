"""Pictures of the Compare screen on frozen data; after a wanted change: --snapshot-update."""

from collections.abc import Awaitable, Callable

import pytest

from gilscope.ui.screens.compare import CompareScreen
from gilscope.ui.shell import Gilscope
from tests.ui import compare_scenes as scenes
from tests.ui.test_compare import SMALL, settle

LARGE = (160, 50)

PICTURES = {
    "running": (scenes.running, SMALL, ()),
    "finished": (scenes.finished, SMALL, ()),
    "six_modes": (scenes.six, LARGE, ()),
    "many_workers": (scenes.crowd, SMALL, ()),
    "enlarged": (scenes.finished, SMALL, ("right", "e")),
    "mode": (scenes.six, (80, 30), ("right", "right", "right", "enter")),
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
    made, size, pressed = PICTURES[name]
    screen = CompareScreen(scenes.FakeEngine(made()), scenes.judge)
    app = Gilscope(lambda: screen)
    assert snap_compare(app, terminal_size=size, run_before=keys(pressed))
