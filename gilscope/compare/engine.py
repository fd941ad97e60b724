"""Runs a comparison from its first process to its last."""

import asyncio
from collections.abc import Coroutine

from gilscope.compare.attempt import Attempt, Over, change
from gilscope.compare.command import Command
from gilscope.compare.driven import Driven, Task
from gilscope.compare.live import Live
from gilscope.compare.pages import Pages
from gilscope.compare.plan import EVERY, Plan
from gilscope.compare.watching import Begin, Watching
from gilscope.errors import GilscopeError
from gilscope.model.comparison import COMMAND, ENDED, FAILED, SKIPPED, STARTING, TIMED_OUT
from gilscope.stream.launch import ProbeRequest
from gilscope.stream.local import LocalProbe


class Engine:
    """Runs every mode of a plan, and keeps the live picture of it.

    Attributes:
        live: the columns, the baseline first.
    """

    def __init__(self, plan: Plan, begin: Begin = LocalProbe) -> None:
        self.live = Live(plan.comparison())
        self._plan = plan
        self._begin = begin
        self._attempts: list[Attempt] = []
        self._skipped: set[int] = set()
        self._watching: Watching | None = None
        self._pages: Pages | None = None
        self._running: asyncio.Task[None] | None = None
        self._letting_go: asyncio.Task[None] | None = None
        self._closed = False

    async def run(self) -> None:
        """Run all modes to their end; returns early where it is closed, and raises nothing.

        Where nothing at all could be run, `live.error` says why.
        """
        try:
            if not self._closed:
                self._running = asyncio.create_task(self._run())
                await self._running
        except asyncio.CancelledError:
            own = asyncio.current_task()
            if own is not None and own.cancelling():
                raise
        except GilscopeError as error:
            self.live.error, self.live.fix = error.what, error.fix
        finally:
            await self._let_go()
            self.live.phase = None
            self.live.over = True

    def skip(self, column: int) -> None:
        """End a mode alone; the others go on. Does nothing where it has ended already."""
        if self.live.columns[column].over:
            return
        self._skipped.add(column)
        if column < len(self._attempts):
            self._attempts[column].end()

    async def close(self) -> None:
        """End everything, and every process with it. What was found stays."""
        self._closed = True
        if self._running is not None:
            self._running.cancel()
            await asyncio.wait([self._running])
        await self._let_go()

    async def _let_go(self) -> None:
        """End all processes, once, whoever asks for it and is cancelled meanwhile."""
        if self._letting_go is None:
            self._letting_go = asyncio.create_task(self._end_all())
        await asyncio.wait([self._letting_go])

    async def _end_all(self) -> None:
        for column in self.live.columns:
            if not column.over:
                change(column, condition=SKIPPED, error="It was ended before it was done.")
        await asyncio.gather(*(attempt.close() for attempt in self._attempts))
        if self._pages is not None:
            await self._pages.close()
        if self._watching is not None:
            await self._watching.close()

    async def _run(self) -> None:
        plan, live = self._plan, self.live
        live.phase = "starting"
        self._watching = Watching(
            ProbeRequest(rate=plan.rate, budget=plan.budget, stack_rate=0, every=EVERY), self._begin
        )
        context = {}
        if plan.work is not None and plan.work.needs_pages:
            self._pages = await Pages.launch()
            context["url"] = self._pages.url
        task = Task(_tasks(plan), plan.size, context)
        cores = plan.cores_each if plan.together else ((),) * len(plan.modes)
        for column, own in zip(live.columns, cores, strict=True):
            if column.mode.kind == COMMAND:
                self._attempts.append(Command(live, column, self._watching))
            else:
                self._attempts.append(Driven(plan, task, live, column, self._watching, own))
        if not plan.commands:
            await self._calibrate(task)
        await self._watching.begun()
        live.phase = None
        await (self._all_at_once() if plan.together else self._one_after_another())

    async def _calibrate(self, task: Task) -> None:
        """Have the baseline's child find out how much there is to do, where that is not told."""
        first, plan = self._attempts[0], self._plan
        assert isinstance(first, Driven)
        fixed = plan.tasks is not None and (plan.work is None or plan.size is not None)
        if await self._try(0, first.load(), STARTING) and not fixed:
            self.live.phase = "calibrating"
            await self._try(0, self._find_size(first, task), STARTING)
        # Where that went wrong the other modes have something to do all the same.
        task.tasks = task.tasks or plan.workers
        self.live.settle(_title(plan, task), task.tasks)

    async def _find_size(self, first: Driven, task: Task) -> None:
        by_size = task.tasks > 0 and self._plan.work is not None
        found = await first.calibrate(task.tasks if by_size else self._plan.tasks)
        task.tasks = found.tasks
        task.size = found.size if self._plan.size is None else self._plan.size

    async def _one_after_another(self) -> None:
        """Run mode after mode, as often as is asked for: a machine that slows down hits them all.

        A mode's processes are started when its first turn comes, and ended after its last.
        """
        for turn in range(self._plan.repeat):
            for index, attempt in enumerate(self._attempts):
                if turn == 0:
                    await self._try(index, attempt.prepare(), STARTING)
                ran = await self._try(index, attempt.run_once())
                if turn == self._plan.repeat - 1:
                    await self._finish(index, attempt)
                elif ran and len(self._attempts) > 1:
                    attempt.rest()

    async def _all_at_once(self) -> None:
        for index, attempt in enumerate(self._attempts):
            await self._try(index, attempt.prepare(), STARTING)
        for _ in range(self._plan.repeat):
            await asyncio.gather(
                *(
                    self._try(index, attempt.run_once())
                    for index, attempt in enumerate(self._attempts)
                )
            )
        for index, attempt in enumerate(self._attempts):
            await self._finish(index, attempt)

    async def _finish(self, index: int, attempt: Attempt) -> None:
        """End a mode that has run as often as is asked for; nothing can go wrong with it now."""
        if not self.live.columns[index].over:
            await attempt.finish()

    async def _try(
        self, index: int, step: Coroutine[None, None, object], condition: str | None = None
    ) -> bool:
        """Take a step of a mode that is not over; note how the mode ends if it does so in it."""
        column = self.live.columns[index]
        if column.over:
            step.close()
            return False
        try:
            if index in self._skipped:
                raise _skipped()
            if condition is not None:
                change(column, condition=condition)
            async with asyncio.timeout(self._plan.timeout):
                await step
        except TimeoutError:
            over = Over(TIMED_OUT, f"It was ended after {self._plan.timeout:g} s.")
        except Over as ended:
            over = _skipped() if index in self._skipped else ended
        except GilscopeError as error:
            over = Over(FAILED, error.what, error.fix)
        except (OSError, RuntimeError) as error:
            # This process has too many descriptors open, or may not start another thread.
            over = Over(FAILED, f"It cannot be run: {error}.")
        else:
            return True
        finally:
            # One that was never begun would be complained about.
            step.close()
        change(column, condition=over.condition, error=over.error, fix=over.fix)
        if over.printed:
            change(column, printed=over.printed)
        assert over.condition in ENDED
        await self._attempts[index].close()
        return False


def _skipped() -> Over:
    return Over(SKIPPED, "It was ended by hand.")


def _title(plan: Plan, task: Task) -> str:
    """Return what is run, in words, its size included where there is one."""
    if plan.work is None:
        return plan.name
    return plan.work.title if task.size is None else plan.work.titled(task.size, task.tasks)


def _tasks(plan: Plan) -> int:
    """Return how many tasks there are where the plan or the work tells; 0 where it is found out.

    All workers get the same number of those of a work, and each at least two.
    """
    if plan.tasks is not None:
        return plan.tasks
    if plan.work is None or plan.work.tasks is None:
        return 0
    least = max(plan.work.tasks, 2 * plan.workers)
    return -(-least // plan.workers) * plan.workers
