"""The progress of a comparison without a screen: bars on a terminal, lines elsewhere."""

import asyncio
import sys
from collections.abc import Callable
from typing import Protocol

from gilscope.analysis.labels import labels
from gilscope.cli.plain import console
from gilscope.compare.engine import Engine
from gilscope.compare.live import Column, Live
from gilscope.model.comparison import DONE, RUNNING
from gilscope.model.text import clean, cut

LOOK = 0.2
"""Seconds between two looks at how far it is."""

LABEL = 24
"""Cells of a mode's name."""


class Reporter(Protocol):
    """Tells how far a comparison is."""

    def tell(self, live: Live) -> None:
        """Look at it, and say what is new."""
        ...

    def close(self) -> None:
        """It is over."""
        ...


async def follow(engine: Engine, interrupted: Callable[[], bool], *, quiet: bool) -> None:
    """Run a comparison to its end, or until it is interrupted, and tell on standard error.

    Args:
        quiet: tell nothing unless somebody looks.
    """
    reporter = _reporter(quiet)
    running = asyncio.create_task(engine.run())
    try:
        while not running.done():
            await asyncio.wait([running], timeout=LOOK)
            reporter.tell(engine.live)
            if interrupted():
                break
    finally:
        reporter.close()
        await engine.close()
    await running


def _reporter(quiet: bool) -> Reporter:
    if sys.stderr.isatty():
        return Bars()
    return Silence() if quiet else Lines()


class Silence:
    """Says nothing."""

    def tell(self, live: Live) -> None:
        """Say nothing."""

    def close(self) -> None:
        """Say nothing."""


class Lines:
    """A line for each mode that has ended."""

    def __init__(self) -> None:
        self._told = 0

    def tell(self, live: Live) -> None:
        """Print the modes that have ended since, in their order."""
        names = labels(live.comparison)
        while self._told < len(live.columns) and live.columns[self._told].over:
            print(
                f"{names[self._told]}: {progress(live, live.columns[self._told])}",
                file=sys.stderr,
                flush=True,
            )
            self._told += 1

    def close(self) -> None:
        """There is nothing to put away."""


class Bars:
    """A bar for each mode, drawn in place; gone when it is over."""

    def __init__(self) -> None:
        from rich.progress import BarColumn, Progress, TextColumn

        self._bars = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TextColumn("{task.fields[told]}", markup=False),
            console=console(sys.stderr),
            transient=True,
            auto_refresh=False,
        )
        self._bars.start()

    def tell(self, live: Live) -> None:
        """Draw the bars anew."""
        names = labels(live.comparison)
        for index, column in enumerate(live.columns):
            label = cut(names[index], LABEL)
            if index == len(self._bars.task_ids):
                self._bars.add_task(label, total=None, told="")
            told = progress(live, column)
            if index == 0 and live.phase and not column.over:
                told = live.phase
            self._bars.update(
                self._bars.task_ids[index],
                total=column.tasks or None,
                completed=column.outcome.done,
                told=told,
            )
        self._bars.refresh()

    def close(self) -> None:
        """Take the bars off the terminal."""
        self._bars.stop()


def progress(live: Live, column: Column) -> str:
    """Return in words how far a mode is."""
    outcome = column.outcome
    if outcome.condition == RUNNING:
        elapsed = live.elapsed(column) or 0.0
        tasks = f"{outcome.done}/{column.tasks} tasks, " if column.tasks else ""
        rounds = live.comparison.repeat
        run = f", run {column.round} of {rounds}" if rounds > 1 else ""
        return f"{tasks}{elapsed:.1f} s{run}"
    if outcome.condition == DONE and outcome.wall is not None:
        return f"{outcome.wall:.2f} s"
    if outcome.error is not None:
        return f"{outcome.condition}: {clean(outcome.error)}"
    return outcome.condition
