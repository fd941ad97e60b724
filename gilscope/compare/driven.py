"""An attempt at a mode whose tasks gilscope drives: the child, and the talk with it."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from gilscope.analysis.results import Results, compare_results
from gilscope.analysis.workers import Seen, seen_between, workers_of
from gilscope.compare.attempt import (
    Over,
    add_run,
    blind,
    change,
    died,
    moment_of,
    remark,
    remark_end,
)
from gilscope.compare.child import Child, ChildEnded
from gilscope.compare.contained import Refused, how_it_ended
from gilscope.compare.footprint import Peak, cpu_of
from gilscope.compare.live import Column, Live
from gilscope.compare.plan import Plan
from gilscope.compare.watching import Watching
from gilscope.model.comparison import DONE, FAILED, RUNNING, UNAVAILABLE
from gilscope.model.text import counted
from gilscope.workloads.reports import (
    Begun,
    Calibrate,
    Calibrated,
    Failed,
    Finished,
    Go,
    Left,
    Load,
    Progress,
    Ready,
    Report,
    Start,
    Started,
    Stop,
    Unavailable,
)

LEAVING = 5.0
"""Seconds that a child has to end its pool in good order."""

DYING = 1.0
"""Seconds in which a child's end is seen after that of its pipe."""

CLOSED = "The process that runs the tasks has closed the pipe to gilscope."

OLDEST = "The work can be run by CPython 3.8 and newer, and by PyPy."


@dataclass(slots=True)
class Task:
    """How much there is to do, the same in all modes, and what the baseline came to.

    Attributes:
        tasks, size: as calibrated or told.
        context: what a work of the catalogue needs from outside.
        results: those of the baseline, once it has run.
    """

    tasks: int
    size: int | None
    context: Mapping[str, str]
    results: Results | None = None


class Driven:
    """Runs the tasks in one mode, by a child."""

    def __init__(
        self,
        plan: Plan,
        task: Task,
        live: Live,
        column: Column,
        watching: Watching,
        cores: tuple[int, ...] = (),
    ) -> None:
        self.column = column
        self._plan = plan
        self._task = task
        self._live = live
        self._watching = watching
        self._cores = cores
        self._child: Child | None = None
        self._ending = False
        self._baseline = column is live.columns[0]
        self._results: list[Results] = []

    async def load(self) -> Ready:
        """Start the interpreter and have it import the work; raises Over."""
        mode, plan = self.column.mode, self._plan
        python = mode.python or plan.python
        began = self._live.clock()
        try:
            self._child = await Child.launch(python)
            if self._ending:
                self.end()
        except Refused as refused:
            raise Over(UNAVAILABLE, f"{python} cannot be run: {refused.error}") from refused
        self.column.root = self._child.contained.pid
        ready = await self._ask(
            Load(
                work=plan.name,
                own=plan.work is None,
                arguments=plan.arguments,
                context=dict(self._task.context),
                tracer=self._watching.pid,
                cores=self._cores,
            )
        )
        if not isinstance(ready, Ready):
            raise _senseless(ready)
        change(
            self.column,
            version=ready.version,
            implementation=ready.implementation,
            gil=ready.gil,
            launch=self._live.clock() - began,
        )
        return ready

    async def calibrate(self, tasks: int | None) -> Calibrated:
        """Find how much work takes the time that was asked for; raises Over."""
        plan = self._plan
        found = await self._ask(Calibrate(plan.seconds, tasks, plan.workers))
        if not isinstance(found, Calibrated):
            raise _senseless(found)
        return found

    async def prepare(self) -> None:
        """Start the pool, and have the probe see its workers."""
        column, mode, plan = self.column, self.column.mode, self._plan
        if self._child is None:
            await self.load()
        assert self._child is not None
        started = await self._ask(
            Start(
                mode.kind,
                mode.method,
                plan.workers,
                self._task.tasks,
                self._task.size,
                plan.batch,
            )
        )
        if not isinstance(started, Started):
            raise _senseless(started)
        # Where Python cannot tell the id of a thread, it is the first one of its process.
        column.workers = tuple((who.pid, who.tid or who.pid) for who in started.workers)
        change(
            column,
            startup=started.startup,
            method=started.method,
            workers=len(started.workers),
            payload=started.payload,
        )
        self._watching.watch(column, self._child.contained.pid)

    async def run_once(self) -> None:
        """Run all tasks once."""
        column, child = self.column, self._child
        assert child is not None
        root = child.contained.pid
        self._watching.go_on(column)
        await self._watching.sees(column, lambda: self._ending)
        used = await asyncio.to_thread(cpu_of, root)
        async with Peak(root) as peak:
            begun = await self._ask(Go())
            if not isinstance(begun, Begun):
                raise _senseless(begun)
            column.began, column.ended = self._live.clock(), None
            column.start, column.end = moment_of(column, begun.at), None
            column.round += 1
            change(column, condition=RUNNING, done=0)
            try:
                finished = await self._progress(peak)
            finally:
                column.ended = column.ended or self._live.clock()
        change(column, done=column.tasks)
        used = await asyncio.to_thread(cpu_of, root) - used - finished.aside
        column.end = moment_of(column, finished.at)
        await self._note(finished, max(used, 0.0), peak.most)

    def rest(self) -> None:
        """Have the probe leave its processes alone until the next run."""
        self._watching.rest(self.column)

    async def finish(self) -> None:
        """Stop the child, and note what it left behind."""
        child, column = self._child, self.column
        if child is None:
            return
        left, gone = Left(), False
        try:
            async with asyncio.timeout(LEAVING):
                answer = await child.ask(Stop())
                left = answer if isinstance(answer, Left) else left
                await child.contained.ended()
        except TimeoutError:
            pass  # It hangs in its pool's end; the keeper sees to it.
        except ChildEnded:
            gone = not self._ending
        ended = await child.close()
        if left.threads:
            remark(column, f"left {counted(left.threads, 'thread')} behind")
        if gone:
            remark(column, f"{how_it_ended(ended)} after the last run")
        remark_end(column, ended, left.processes)
        self._compare()  # Where all run together, the baseline may have been the last to end.
        change(column, condition=DONE, printed=ended.tail)
        self._watching.leave(column)

    def end(self) -> None:
        """End the child and all that it started."""
        self._ending = True
        if self._child is not None:
            self._child.contained.end()

    async def close(self) -> None:
        """The same, and wait until nothing is left of it."""
        if self._child is not None:
            ended = await self._child.close()
            if not self.column.outcome.printed:
                change(self.column, printed=ended.tail)
        self._watching.leave(self.column)

    async def _progress(self, peak: Peak) -> Finished:
        column = self.column
        while True:
            report = await self._hear()
            if isinstance(report, Finished):
                return report
            if not isinstance(report, Progress):
                raise _senseless(report)
            change(column, done=min(report.done, column.tasks))
            if report.done >= column.tasks:
                # What the child does now, to compare the results, is no part of the run.
                column.ended = self._live.clock()
                await peak.stop()
                await peak.look()

    async def _note(self, finished: Finished, cpu: float, memory: int | None) -> None:
        column = self.column
        start, end, watching = column.start, column.end, self._watching
        told = start is not None and end is not None and await watching.reaches(column, end)
        seen = Seen()
        if not told and watching.ended is not None:
            blind(column, watching.ended)
        elif start is not None and end is not None:
            threads = workers_of(column.session, column.workers)
            seen = seen_between(column.session, threads, start, end)
        process = column.session.processes.get(column.workers[0][0]) if column.workers else None
        change(column, fidelity=process.about.fidelity if process else None)
        add_run(column, finished.wall, cpu, memory, seen)
        self._results.append(Results(finished.digests, finished.whole))
        if self._baseline and self._task.results is None:
            self._task.results = self._results[0]
        self._compare()

    def _compare(self) -> None:
        """Hold the results of the runs so far against the baseline's, as far as there are any."""
        told = [compare_results(self._task.results, results) for results in self._results]
        for verdict in (False, None, True):
            for equal, unequal in told:
                if equal is verdict:
                    change(self.column, equal=equal, unequal=unequal)
                    return

    async def _ask(self, request: Load | Calibrate | Start | Go) -> Report:
        assert self._child is not None
        try:
            await self._child.say(request)
        except ChildEnded:
            raise await self._death() from None
        return await self._hear()

    async def _hear(self) -> Report:
        assert self._child is not None
        try:
            report = await self._child.hear()
        except ChildEnded:
            raise await self._death() from None
        if isinstance(report, Unavailable):
            raise Over(UNAVAILABLE, report.reason, report.fix)
        if isinstance(report, Failed):
            if report.stage == "run":
                change(self.column, done=report.done)
            raise Over(FAILED, report.error, report.fix, report.trace or "")
        return report

    async def _death(self) -> Over:
        """Return the end of a mode whose child has ended: an old interpreter does so at once."""
        assert self._child is not None
        contained = self._child.contained
        await asyncio.wait([contained.ending], timeout=DYING)
        closed = not contained.over and not self._ending
        ended = await self._child.close()
        if closed:
            return Over(FAILED, CLOSED, "A task must not close what it has not opened.", ended.tail)
        if self.column.outcome.version is None:
            over = died("The interpreter", ended)
            return Over(UNAVAILABLE, over.error, OLDEST, over.printed)
        return died("The process that runs the tasks", ended)


def _senseless(report: Report) -> Over:
    return Over(FAILED, f"The child said {type(report).__name__} out of turn.")
