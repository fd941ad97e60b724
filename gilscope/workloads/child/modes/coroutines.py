"""asyncio: coroutines in the main thread, or a plain function in threads that they wait for."""

from __future__ import annotations

import asyncio
import functools
import itertools
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from gilscope.workloads.child.calls import Call, calls_of
from gilscope.workloads.child.failures import task_failure
from gilscope.workloads.child.modes.gate import Gate
from gilscope.workloads.child.modes.mode import Mode, Worker
from gilscope.workloads.child.modes.threads import gathered
from gilscope.workloads.child.modes.worker import identity
from gilscope.workloads.child.taking import Progress
from gilscope.workloads.child.tasks import run_batch_of_coroutines


class Coroutines(Mode):
    """An event loop, and an executor where there is no coroutine function."""

    def start(self) -> list[Worker]:
        """Start the event loop, and all threads where they are needed."""
        self._loop = asyncio.new_event_loop()
        self.job.set_up_here()
        if self.job.coroutine is not None:
            return [Worker(*identity())]
        self.executor = ThreadPoolExecutor(self.job.workers)
        self._loop.set_default_executor(self.executor)
        self._gate = Gate(threading.Semaphore)
        return gathered(self.executor, self._gate, self.job.workers)

    def function(self) -> Callable[..., Any]:
        """Return what is called for each task."""
        if self.job.coroutine is not None:
            return self.job.coroutine
        return functools.partial(_contained, self.job.task)

    def warm_up(self) -> list[Any]:
        """Run the first task, in each thread where there are any."""
        try:
            if self.executor is None:
                return [self._loop.run_until_complete(self.function()(*self.job.first()))]
            futures = [
                self.executor.submit(self._warm_up, self.job.first())
                for _ in range(self.job.workers)
            ]
            self._gate.open(self.job.workers, lambda: None)
            return [future.result() for future in futures]
        except BaseException as error:
            raise task_failure(error, 0) from error

    def _warm_up(self, arguments: tuple[Any, ...]) -> Any:
        self._gate.wait()
        return self.function()(*arguments)

    def calls(self, arguments: list[tuple[Any, ...]], batch: int) -> list[Call]:
        """Return what each coroutine or each thread does at a time."""
        run = run_batch_of_coroutines if self.job.coroutine is not None else None
        return calls_of(self.function(), arguments, batch, run)

    def run(self, calls: list[Call], progress: Progress) -> list[Any]:
        """Run all tasks, as many at once as there are workers."""
        try:
            return self._loop.run_until_complete(self._all(calls, progress))
        except BaseException:
            if self.executor is not None:
                # What has not begun shall not keep the threads from ending.
                for task in asyncio.all_tasks(self._loop):
                    task.cancel()
                self._loop.run_until_complete(asyncio.sleep(0))
            raise

    async def _all(self, calls: list[Call], progress: Progress) -> list[Any]:
        results: list[Any] = [None] * len(calls)
        done = 0
        gate = asyncio.Semaphore(self.job.workers)
        to_thread = getattr(asyncio, "to_thread", _to_thread)

        async def do(call: Call) -> Any:
            if self.executor is not None:
                return await to_thread(call.function, *call.arguments)
            async with gate:
                return await call.function(*call.arguments)

        async def one(position: int, call: Call) -> None:
            nonlocal done
            try:
                results[position] = await do(call)
            except BaseException as error:
                raise task_failure(error, call.first, done) from error
            done += call.tasks
            if progress.clock() >= progress.due:
                progress.tell(done)

        await asyncio.gather(*[one(position, call) for position, call in enumerate(calls)])
        if calls[0].batch is None:
            return results
        return list(itertools.chain.from_iterable(results))


def _contained(function: Callable[..., Any], *arguments: object) -> Any:
    """Call a function; a future cannot hold a StopIteration, and whoever awaits it would hang."""
    try:
        return function(*arguments)
    except StopIteration as error:
        raise RuntimeError(f"the task raised StopIteration({error.value!r})") from error


async def _to_thread(function: Callable[..., Any], *arguments: object) -> Any:
    """Do what asyncio.to_thread does from Python 3.9 on."""
    call = functools.partial(function, *arguments)
    return await asyncio.get_running_loop().run_in_executor(None, call)
