"""Makes screenshots/ from real runs of the demonstrations: python -m tests.screenshots [FOLDER].

Needs cairosvg, and a monospaced font with box-drawing characters (fonts-dejavu) to make PNG files.
"""

import asyncio
import re
import sys
from pathlib import Path

import cairosvg

from gilscope.stream.launch import ProbeRequest
from gilscope.stream.local import LocalProbe
from gilscope.ui.feed import Feed
from gilscope.ui.screens.scope import ScopeScreen
from gilscope.ui.shell import Gilscope
from gilscope.workloads.catalogue import find

SMALL, LARGE = (80, 24), (160, 50)
WARM_UP = 8.0
"""Seconds that a run is watched before its picture is taken."""


async def scope(name: str, size: tuple[int, int], keys: tuple[str, ...]) -> str:
    """Return the picture of a demonstration after some keys."""
    demonstration = find(name)
    assert demonstration is not None
    request = ProbeRequest(command=demonstration.command(), rate=1000.0)
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


def save(svg: str, path: Path) -> None:
    """Write a picture as PNG."""
    # Fonts from the net are not for a script that must work without it.
    local = re.sub(r"@font-face \{.*?\}", "", svg, flags=re.DOTALL)
    local = local.replace("Fira Code", "DejaVu Sans Mono")
    cairosvg.svg2png(bytestring=local.encode(), write_to=str(path), scale=1.5)


PICTURES = {
    "scope-80x24": ("mixed", SMALL, ()),
    "scope-160x50": ("mixed", LARGE, ()),
    "thread-80x24": ("mixed", SMALL, ("down", "down", "enter")),
    "help-80x24": ("mixed", SMALL, ("question_mark",)),
    "past-80x24": ("mixed", SMALL, ("h", "h", "h", "h", "h", "h")),
    "web-160x50": ("web", LARGE, ()),
}


def main() -> None:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "screenshots")
    wanted = sys.argv[2:] or list(PICTURES)
    for name in wanted:
        save(asyncio.run(scope(*PICTURES[name])), folder / f"{name}.png")


if __name__ == "__main__":
    main()
