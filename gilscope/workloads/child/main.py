"""The conversation with gilscope: what is asked for, what is done, what is told."""

from __future__ import annotations

import contextlib
import os
import sys
import time
import warnings
from typing import Any

from gilscope.workloads.child import machine
from gilscope.workloads.child.calibrate import calibrate
from gilscope.workloads.child.channel import Channel
from gilscope.workloads.child.digest import digest
from gilscope.workloads.child.failures import (
    Failure,
    Impossible,
    describe,
    refuse_coroutines,
    stumble,
    trace_of,
)
from gilscope.workloads.child.leftovers import Leftovers
from gilscope.workloads.child.load import Work, load
from gilscope.workloads.child.modes.mode import Job, Mode, Worker, of_kind, patiently
from gilscope.workloads.child.payload import payload
from gilscope.workloads.child.sameness import Sameness
from gilscope.workloads.child.taking import Progress

_STAGES = {"go": "run"}
_LAST_WORDS = 1.0
"""Seconds that what is printed has to get out at the end."""


def main(control: int, report: int) -> None:
    """Do what is asked for until the end is asked for, then end this process at once."""
    # With arguments of its own the work would find those of this script.
    del sys.argv[1:]
    warnings.filterwarnings("ignore", r".*multi-threaded.*fork", DeprecationWarning)
    channel = Channel(control, report)
    conversation = Conversation(channel)
    for request in channel.requests():
        if request["type"] == "stop":
            break
        conversation.answer(request)
    conversation.end()


class Conversation:
    """What has been asked for by now, and what became of it."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._tracer: int | None = None
        self._work: Work
        self._mode: Mode | None = None
        self._request: dict[str, Any]
        self._arguments: list[tuple[Any, ...]]
        self._sameness: Sameness | None
        self._leftovers = Leftovers()
        self._idle = False

    def answer(self, request: dict[str, Any]) -> None:
        """Do what is asked for, and tell what came of it."""
        kind = request["type"]
        do = {
            "load": self._load,
            "calibrate": self._calibrate,
            "start": self._start_mode,
            "go": self._go,
        }[kind]
        try:
            do(request)
        except Impossible as impossible:
            self._channel.report("unavailable", reason=impossible.reason, fix=impossible.fix)
        except Exception as error:  # noqa: BLE001  told of, whatever it is
            failure = error if isinstance(error, Failure) else stumble(error)
            self._channel.report(
                "failed",
                stage=failure.stage or _STAGES.get(kind, kind),
                error=failure.error,
                fix=failure.fix,
                trace=failure.trace,
                done=failure.done,
            )

    def _load(self, request: dict[str, Any]) -> None:
        self._tracer = request.get("tracer")
        machine.let_read(self._tracer)
        machine.keep_to(request.get("cores", []))
        self._work = load(request)
        self._leftovers.forgive()
        self._channel.report(
            "ready",
            pid=os.getpid(),
            version=machine.version(),
            implementation=sys.implementation.name,
            gil=machine.gil(),
            coroutine=self._work.coroutine is not None,
            cpus=machine.cpus(),
        )

    def _calibrate(self, request: dict[str, Any]) -> None:
        missing = self._work.missing and self._work.missing()
        if missing:
            raise Failure(missing)
        size, tasks, each = calibrate(
            self._work, request["seconds"], request["tasks"], request["workers"]
        )
        self._channel.report("calibrated", size=size, tasks=tasks, each=each)

    def _start_mode(self, request: dict[str, Any]) -> None:
        work, size = self._work, request["size"]
        missing = work.missing and work.missing()
        if missing:
            raise Impossible(missing)
        self._request = request
        self._arguments = self._fresh_arguments()
        job = Job(
            task=work.task,
            coroutine=work.coroutine,
            first=lambda: work.arguments((0,), size)[0],
            workers=request["workers"],
            method=request["method"],
            setup=work.setup,
            set_up_here=work.set_up_here,
            tracer=self._tracer,
        )
        mode = self._mode = of_kind(request["kind"], job)
        workers, startup = self._start_pool(mode)
        results = mode.warm_up()
        refuse_coroutines(results)
        self._sameness = Sameness(results) if work.own else None
        self._channel.report(
            "started",
            startup=startup,
            method=mode.method,
            workers=workers,
            payload=payload(self._arguments[0], results[0]),
        )

    def _start_pool(self, mode: Mode) -> tuple[list[Worker], float]:
        began = time.perf_counter()
        try:
            workers = mode.start()
        except (Failure, Impossible):
            raise
        except Exception as error:
            # The system has no more processes or threads, or the interpreter's pool is broken.
            raise Failure(
                f"The workers cannot be started: {describe(error)}.", trace=trace_of(error)
            ) from error
        finally:
            self._leftovers.forgive()
        return workers, time.perf_counter() - began

    def _fresh_arguments(self) -> list[tuple[Any, ...]]:
        return self._work.arguments(range(self._request["tasks"]), self._request["size"])

    def _go(self, request: dict[str, Any]) -> None:
        work, mode = self._work, self._mode
        assert mode is not None
        used = time.process_time()
        if work.own:
            # The run before may have changed them.
            self._arguments = self._fresh_arguments()
        self._idle = False
        calls = mode.calls(self._arguments, self._request["batch"])
        if work.reset is not None:
            work.reset()
        self._channel.report("begun", at=time.time())
        progress = Progress(lambda done: self._channel.report("progress", done=done))
        used = time.process_time() - used
        began = time.perf_counter()
        results = mode.run(calls, progress)
        wall = time.perf_counter() - began
        at = time.time()
        used -= time.process_time()
        self._idle = True
        # Now, before digests take memory of their own.
        progress.tell(len(results))
        digests = [digest(result) for result in results]
        self._channel.report(
            "finished",
            at=at,
            wall=wall,
            digests=self._sameness.of(digests) if self._sameness else digests,
            whole=digest(work.whole()) if work.whole is not None else None,
            aside=max(0.0, used + time.process_time()),
        )

    def end(self) -> None:
        """End the pool, tell what the work leaves behind, and end this process."""
        mode = self._mode
        threads, processes = self._leftovers.count(mode.processes() if mode else set())
        if mode is not None:
            elsewhere: list[int] = []
            if self._idle:
                patiently(lambda: elsewhere.append(mode.threads_left()))
            patiently(mode.stop)
            threads += sum(elsewhere)
        self._channel.report("left", threads=threads, processes=processes)
        patiently(_last_words, _LAST_WORDS)
        os._exit(0)


def _last_words() -> None:
    """Let out what is printed, and let multiprocessing remove its files."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError, AttributeError):
            stream.flush()
    util: Any = sys.modules.get("multiprocessing.util")
    if util is not None:
        util._run_finalizers()
