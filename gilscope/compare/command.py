"""An attempt at a whole command: it is watched, but not driven."""

import time

from gilscope.analysis.workers import python_threads, seen_between
from gilscope.compare.attempt import Over, add_run, blind, change, died, moment_of, remark_end
from gilscope.compare.contained import Contained, Refused
from gilscope.compare.footprint import Peak
from gilscope.compare.live import Column, Live
from gilscope.compare.watching import Watching
from gilscope.model.comparison import DONE, RUNNING, UNAVAILABLE


class Command:
    """Runs a command from its start to its end."""

    def __init__(self, live: Live, column: Column, watching: Watching) -> None:
        self.column = column
        self._live = live
        self._watching = watching
        self._contained: Contained | None = None
        self._ending = False

    async def prepare(self) -> None:
        """There is nothing to prepare: a command's start is part of what it takes."""

    async def run_once(self) -> None:
        """Run it once."""
        column = self.column
        try:
            self._contained = await Contained.launch(column.mode.command)
            if self._ending:
                self.end()
        except Refused as refused:
            raise Over(UNAVAILABLE, refused.error) from refused
        column.root = self._contained.pid
        self._watching.watch(column, column.root)
        column.began, column.ended = self._live.clock(), None
        begun = time.time()
        column.start, column.end = moment_of(column, begun), None
        column.round += 1
        change(column, condition=RUNNING)
        async with Peak(column.root) as peak:
            try:
                ended = await self._contained.ended()
            finally:
                column.ended = self._live.clock()
        finished = time.time()
        if ended.status:
            raise died("The command", ended)
        change(column, printed=ended.tail)
        remark_end(column, ended)
        if ended.wall is not None:
            # What it has left behind was waited for.
            finished = min(finished, begun + ended.wall)
            column.ended = column.began + ended.wall
        await self._note(begun, finished, ended.cpu, peak.most)

    def rest(self) -> None:
        """Nothing of a command is there between two runs."""

    async def finish(self) -> None:
        """Note that it is done."""
        change(self.column, condition=DONE)
        self._watching.leave(self.column)

    def end(self) -> None:
        """End it and all that it started."""
        self._ending = True
        if self._contained is not None:
            self._contained.end()

    async def close(self) -> None:
        """The same, and wait until nothing is left of it."""
        if self._contained is not None:
            await self._contained.close()
        self._watching.leave(self.column)

    async def _note(self, begun: float, finished: float, cpu: float, memory: int | None) -> None:
        column = self.column
        assert column.began is not None
        assert column.ended is not None
        start, end = moment_of(column, begun), moment_of(column, finished)
        column.start, column.end = start, end
        threads = []
        told = start is not None and end is not None and await self._watching.reaches(column, end)
        if not told and self._watching.ended is not None:
            blind(column, self._watching.ended)
        elif start is not None and end is not None:
            threads = python_threads(column.session, start, end)
        seen = seen_between(column.session, threads, start or 0, end or 0)
        root = column.session.processes.get(column.root or 0)
        change(
            column,
            version=root.about.python if root else None,
            implementation=root.about.implementation if root else None,
            gil=root.about.gil if root else None,
            fidelity=root.about.fidelity if root else None,
            workers=len(threads),
        )
        add_run(column, column.ended - column.began, cpu, memory, seen)
