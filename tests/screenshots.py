"""Makes screenshots/ from real runs: python -m tests.screenshots [FOLDER [NAME...]].

Needs cairosvg, and a monospaced font with box-drawing characters (fonts-dejavu) to make PNG files.
"""

import asyncio
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import cairosvg

from gilscope.compare.engine import Engine
from gilscope.compare.plan import usual_plan
from gilscope.stream.discover import Discovery, PythonProcess
from gilscope.stream.launch import ProbeRequest
from gilscope.stream.local import LocalProbe
from gilscope.ui.feed import Feed
from gilscope.ui.screens.compare import CompareScreen
from gilscope.ui.screens.home import HomeScreen
from gilscope.ui.screens.scope import ScopeScreen
from gilscope.ui.shell import Gilscope
from gilscope.workloads.catalogue import DEMONSTRATIONS, Demonstration, find
from gilscope.workloads.works import find as find_work

SMALL, LARGE = (80, 24), (160, 50)
WARM_UP = 8.0
"""Seconds that a run is watched before its picture is taken."""


LAST_LOOK = 1.0
"""Seconds in which the picture of an ended comparison comes to rest."""


def command_of(demonstration: Demonstration) -> tuple[str, ...]:
    """Return how a demonstration is started where pictures show no folders of this checkout."""
    folder = Path(tempfile.gettempdir()) / "demo"
    folder.mkdir(exist_ok=True)
    script = Path(shutil.copy(demonstration.script, folder))
    python = shutil.which("python3", path="/usr/bin:/usr/local/bin") or sys.executable
    return (python, str(script))


async def scope(name: str, size: tuple[int, int], keys: tuple[str, ...]) -> str:
    """Return the picture of a demonstration after some keys."""
    demonstration = find(name)
    assert demonstration is not None
    request = ProbeRequest(command=command_of(demonstration), rate=1000.0)
    feed = Feed(lambda: LocalProbe(request))
    app = Gilscope(lambda: ScopeScreen(feed, demonstration.title))
    try:
        async with app.run_test(size=size) as pilot:
            await asyncio.sleep(WARM_UP)
            for key in keys:
                await pilot.press(key)
                await asyncio.sleep(0.3)
            return app.export_screenshot(title="gilscope")
    finally:
        await feed.close()


async def home(size: tuple[int, int]) -> str:
    """Return the picture of Home beside running demonstrations."""
    running = [
        subprocess.Popen(command_of(demonstration), stdout=subprocess.DEVNULL)
        for demonstration in DEMONSTRATIONS
    ]
    pids = {process.pid for process in running}
    discovery = Discovery()
    probe = LocalProbe(ProbeRequest(rate=100.0, stack_rate=0, children=False))

    def scan() -> list[PythonProcess]:
        return [process for process in discovery.scan() if process.pid in pids]

    screen = HomeScreen(scan, DEMONSTRATIONS, lambda: Feed(lambda: probe), lambda choice: None)
    app = Gilscope(lambda: screen)
    try:
        async with app.run_test(size=size):
            await asyncio.sleep(WARM_UP)
            return app.export_screenshot(title="gilscope")
    finally:
        await probe.close()
        for process in running:
            process.kill()


async def comparison(name: str, workers: int, size: tuple[int, int]) -> str:
    """Return the picture of a work of the catalogue that has been run in the usual modes."""
    work = find_work(name)
    assert work is not None
    engine = Engine(replace(usual_plan(work), workers=workers))
    app = Gilscope(lambda: CompareScreen(engine))
    try:
        async with app.run_test(size=size):
            while not engine.live.over:
                await asyncio.sleep(0.5)
            await asyncio.sleep(LAST_LOOK)
            return app.export_screenshot(title="gilscope")
    finally:
        await engine.close()


def save(svg: str, path: Path) -> None:
    """Write a picture as PNG."""
    # Fonts from the net are not for a script that must work without it.
    local = re.sub(r"@font-face \{.*?\}", "", svg, flags=re.DOTALL)
    local = local.replace("Fira Code", "DejaVu Sans Mono")
    local = local.replace("font-size: 20px", f"font-size: {DEJAVU_SIZE}px")
    cairosvg.svg2png(bytestring=local.encode(), write_to=str(path), scale=SCALE)


DEJAVU_SIZE = 20 * 0.61 / 0.602
"""Textual's pictures count on letters 0.61 times as wide as they are high; DejaVu's are 0.602."""

SCALE = 20 / 12.2
"""Makes a letter 20 pixels wide: Cairo places letters on whole pixels, and 18.3 would drift."""

HOME = "home-80x24"

PICTURES = {
    "scope": ("mixed", (120, 22), ()),
    "scope-80x24": ("mixed", SMALL, ()),
    "scope-160x50": ("mixed", LARGE, ()),
    "why-80x24": ("mixed", SMALL, ("w",)),
    "thread-80x24": ("mixed", SMALL, ("down", "down", "enter")),
    "help-80x24": ("mixed", SMALL, ("question_mark",)),
    "past-80x24": ("mixed", SMALL, ("h", "h", "h", "h", "h", "h")),
    "web-160x50": ("web", LARGE, ()),
}

COMPARISONS = {
    "compare-primes": ("primes", 2, (100, 30)),
    "compare-fetch": ("fetch", 4, (110, 30)),
    "compare-zlib": ("zlib", 2, (100, 30)),
    "compare-primes-80x24": ("primes", 2, SMALL),
}
"""Name of the work, workers, size of the terminal."""


async def picture(name: str) -> str:
    """Return a picture by its name."""
    if name == HOME:
        return await home(SMALL)
    if name in COMPARISONS:
        return await comparison(*COMPARISONS[name])
    return await scope(*PICTURES[name])


def main() -> None:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "screenshots")
    wanted = sys.argv[2:] or [HOME, *PICTURES, *COMPARISONS]
    for name in wanted:
        save(asyncio.run(picture(name)), folder / f"{name}.png")


if __name__ == "__main__":
    main()
