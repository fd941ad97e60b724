"""What is said between gilscope and the child that runs the work, one JSON object a line.

The child (`child/`) is plain standard library and builds these objects by hand; here they are typed
and checked. It reads requests from one pipe and writes reports to another, never to its standard
output, which belongs to the work. Times are seconds; `at` is seconds since the epoch, so that it
can be laid beside the probe's `Hello.started`.

A conversation: Load -> Ready or Failed. Calibrate -> Calibrated or Failed (in the baseline only;
may be left out). Start -> Started, Unavailable or Failed. Then as often as wanted: Go -> Begun,
Progress..., Finished or Failed. Stop, or the end of the pipe, -> Left, and the child ends.
"""

import json
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

Seconds = Annotated[float, Meta(ge=0, le=1e12)]
Count = Annotated[int, Meta(ge=0, le=1 << 53)]


class Load(Struct, frozen=True, tag="load"):
    """Request: import the work.

    Attributes:
        work: "primes" for a work of the catalogue, "package.module:function" or
            "path/to/file.py:function" for one of the user's own.
        own: it is the user's own.
        arguments: of the user's own, lists of positional arguments that tasks take in turn.
        context: what a work of the catalogue needs from outside, {"url": "http://127.0.0.1:1/"}.
        tracer: process id of the probe, which this process and its workers let read them.
        cores: the cores it may run on; empty for all.
    """

    work: str
    own: bool
    arguments: tuple[tuple[object, ...], ...] = ()
    context: dict[str, str] = {}
    tracer: int | None = None
    cores: tuple[int, ...] = ()


class Calibrate(Struct, frozen=True, tag="calibrate"):
    """Request: find the size (or, without one, the number of tasks) that takes so long in sequence.

    Attributes:
        seconds: how long all tasks shall take.
        tasks: their number, where it is fixed.
        workers: the number of tasks is a multiple of this.
    """

    seconds: float
    tasks: int | None
    workers: int


class Start(Struct, frozen=True, tag="start"):
    """Request: make the tasks' arguments, start the pool, run one task in each worker to warm up.

    Attributes:
        kind: how to run (`model.comparison.KINDS`).
        method: how to start processes; null for the interpreter's default.
        workers: how many.
        tasks: how many tasks.
        size: of each task; null for the user's own.
        batch: tasks handed over at a time.
    """

    kind: str
    method: str | None
    workers: int
    tasks: int
    size: int | None
    batch: int = 1


class Go(Struct, frozen=True, tag="go"):
    """Request: run all tasks once."""


class Stop(Struct, frozen=True, tag="stop"):
    """Request: end the pool and yourself."""


Request = Load | Calibrate | Start | Go | Stop


class Ready(Struct, frozen=True, tag="ready"):
    """The work is imported.

    Attributes:
        pid: of the child.
        version: "3.12.1", with "t" at its end for a free-threaded build.
        implementation: "cpython", "pypy".
        gil: whether a GIL is in force.
        coroutine: the work is a coroutine function, or has a twin that is one.
        cpus: processors that it may run on.
    """

    pid: int
    version: str
    implementation: str
    gil: bool | None
    coroutine: bool
    cpus: int


class Calibrated(Struct, frozen=True, tag="calibrated"):
    """What was found; `each` is how long one task of that size took."""

    size: int | None
    tasks: int
    each: Seconds


class Worker(Struct, frozen=True, array_like=True):
    """Who runs tasks: [process id, thread id]; thread id null where Python cannot tell it."""

    pid: int
    tid: int | None


class Started(Struct, frozen=True, tag="started"):
    """All workers are ready.

    Attributes:
        startup: how long that took, from asking for the pool; the warm-up not counted.
        method: the start method that is used; null where no process is started.
        workers: who they are.
        payload: bytes of one task's argument and result, pickled; null where they cannot be.
    """

    startup: Seconds
    method: str | None
    workers: tuple[Worker, ...]
    payload: Count | None


class Begun(Struct, frozen=True, tag="begun"):
    """The first task is about to be handed over."""

    at: Seconds


class Progress(Struct, frozen=True, tag="progress"):
    """So many tasks are done; said a few times a second at most, and when all are."""

    done: Count


class Finished(Struct, frozen=True, tag="finished"):
    """The last result is there.

    Attributes:
        at: when.
        wall: since the first task was handed over, on a clock that never jumps.
        digests: one for each task's result, equal where the results are; null for one that cannot
            be compared.
        whole: the same for what the work says of all of it together, a shared counter's value.
        aside: seconds on a core that the child itself has used since Go, but not within `wall`: to
            make arguments, and digests.
    """

    at: Seconds
    wall: Seconds
    digests: tuple[str | None, ...]
    whole: str | None = None
    aside: Seconds = 0.0


class Unavailable(Struct, frozen=True, tag="unavailable"):
    """This interpreter cannot run the work in this mode; one sentence each on why, and a way."""

    reason: str
    fix: str | None = None


class Failed(Struct, frozen=True, tag="failed"):
    """It went wrong; the child ends or waits for Stop.

    Attributes:
        stage: "load", "calibrate", "start" or "run".
        error: one sentence.
        fix: one sentence on what to do, where something can be done.
        trace: the traceback, where there is one.
        done: tasks that were done.
    """

    stage: str
    error: str
    fix: str | None = None
    trace: str | None = None
    done: Count = 0


class Left(Struct, frozen=True, tag="left"):
    """The pool has ended, and the child is about to; what the work has left behind."""

    threads: Count = 0
    processes: Count = 0


Report = Ready | Calibrated | Started | Begun | Progress | Finished | Unavailable | Failed | Left

_decoder: msgspec.json.Decoder[Report] = msgspec.json.Decoder(Report)


class BadReport(ValueError):
    """A line that is no report; the message says in what way."""


def encode_request(request: Request) -> bytes:
    """Return a request as one line, its newline included.

    Arguments are whatever Python takes for JSON, and arrive as they are: numbers of any length,
    NaN, halves of surrogate pairs.
    """
    return json.dumps(msgspec.to_builtins(request)).encode() + b"\n"


def decode_report(line: bytes) -> Report:
    """Return the report on one line.

    Raises:
        BadReport: the line is none.
    """
    try:
        return _decoder.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadReport(str(error)) from error
