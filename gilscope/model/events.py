"""The stream: everything the probe says, as typed events, one JSON object a line.

This module is the one place where the stream is documented. Every line is an object whose `type`
names one of the structs below. All times are whole microseconds; `at` counts from the moment the
probe wrote `Hello`, on a clock that never jumps. A field that is absent has its default, and
`null` always means that the figure is not known. A reader ignores fields it does not know, so a
new field keeps SCHEMA; a changed meaning raises it. A line with a figure beyond all reason (a
negative time, a number of hundreds of digits) is no event.

The first event is `Hello`. A `Process` is introduced before anything else is said of it, and a
`Thread` before the first `Frame` that lists it; both are said again, whole, when something in them
changes. A `Code` comes before the first `Frame` that gives its number. `Frame`s follow one another
about ten times a second. `Bye` is last, unless the probe was killed.

The other way, on the probe's standard input, go control lines (control.py).
"""

from typing import Annotated

import msgspec
from msgspec import Meta, Struct

SCHEMA = 1
"""The version of the stream; `Hello.schema` carries it."""

Count = Annotated[int, Meta(ge=0, le=1 << 53)]
"""A time in microseconds or a number of things; a stream from elsewhere may say anything at all."""

Number = Annotated[int, Meta(ge=-(1 << 62), le=1 << 62)]
"""An id, a status, a difference: it may be negative, and still fits a machine word."""

KERNEL = "kernel"
PYSPY = "py-spy"
NO_FIDELITY = "none"


class Hello(Struct, frozen=True, omit_defaults=True, tag="hello"):
    """Who speaks, and where.

    Attributes:
        schema: version of the stream (SCHEMA).
        version: version of gilscope.
        probe: process id of the probe.
        host: name of the machine.
        system: kernel name and release, machine: "Linux 6.1.0 x86_64".
        cores: processors that the machine has online.
        started: when the stream began, in seconds since the epoch.
        rate: samples a second asked for.
        every: time from one frame to the next that the probe aims at, in microseconds.
        hog: a hold of at least so many microseconds is a hog.
    """

    schema: Number
    version: str
    probe: Number
    host: str
    system: str
    cores: Count
    started: float
    rate: float
    every: Count
    hog: Count = 50_000


class Process(Struct, frozen=True, omit_defaults=True, tag="process"):
    """A watched process, as far as it is known by now.

    Attributes:
        parent: process id of its parent; the tree is built from it.
        followed: it is watched because its parent is, not because it was asked for.
        command: its arguments, the program first.
        python: version of the interpreter, "3.11.7".
        implementation: "cpython", or null where it is not known to be Python.
        fidelity: "kernel", "py-spy" or "none" (only the kernel's view of its threads).
        reason: why the fidelity is lower than "kernel", one sentence; and `fix`, what would
            raise it, one sentence.
        gil: whether the interpreter has a GIL at all.
        age: how long it had been running at `at`.
    """

    at: Count
    pid: Number
    parent: Number
    command: tuple[str, ...] = ()
    python: str | None = None
    implementation: str | None = None
    fidelity: str = NO_FIDELITY
    reason: str | None = None
    fix: str | None = None
    gil: bool | None = None
    followed: bool = False
    age: Count | None = None


class Thread(Struct, frozen=True, omit_defaults=True, tag="thread"):
    """A thread of a watched process, as far as it is known by now.

    Attributes:
        tid: the kernel's thread id.
        name: what Python calls it; before that is known, the kernel's name for it.
        native: it has no Python thread state: a helper thread of a C library, for instance.
        interpreter: id of the (sub)interpreter it belongs to.
    """

    at: Count
    pid: Number
    tid: Number
    name: str | None = None
    native: bool | None = None
    interpreter: Number | None = None


class Gone(Struct, frozen=True, omit_defaults=True, tag="gone"):
    """A thread (`tid` given) or a whole process is not there any more.

    Attributes:
        how: "exited", or "lost" (it may run on, but it cannot be read any more).
        status: exit status where it can be known: the code, or minus the signal's number.
        text: one sentence, where there is more to say.
    """

    at: Count
    pid: Number
    tid: Number | None = None
    how: str = "exited"
    status: Number | None = None
    text: str | None = None


class ThreadSlice(Struct, frozen=True, omit_defaults=True):
    """What one thread did during one frame.

    Attributes:
        state: letter of the state it was in at the end of the frame (states.py).
        runs: the frame as runs, letter and microseconds: "H5120W94880". They add up to the
            frame's span, less what lay before the thread's birth. A run begins and ends half-way
            between two samples. Neighbours of one letter are two stretches, with something in
            between that was too short for a sample; the first run goes on with the last one of
            the frame before if its letter is the same, unless `fresh`.
        cpu: time on a core, exact, from the kernel; null where it cannot be read.
        delay: time runnable without a core, exact, from the kernel.
        fresh: the first run is a stretch of its own.
        hold_blocked: of the time it held the GIL, how long it was blocked in a system call.
        hold_starved: of the time it held the GIL, how long it had no core.
    """

    tid: Number
    state: str
    runs: str
    cpu: Count | None = None
    delay: Count | None = None
    fresh: bool = False
    hold_blocked: Count = 0
    hold_starved: Count = 0


class Turn(Struct, frozen=True, array_like=True):
    """A piece of a frame in which one thread held a GIL in one function: [tid, code, microseconds].

    Attributes:
        tid: the holder; null while the GIL was free, or its holder not known.
        code: number of the innermost Python function that it ran (`Code.code`); null where that
            is not known.
        length: how long, in microseconds.
    """

    tid: Number | None
    code: Number | None
    length: Count


class GilSlice(Struct, frozen=True, omit_defaults=True):
    """What became of one GIL during one frame.

    Attributes:
        interpreter: id of the (first) interpreter that uses this GIL.
        held: time it was held by any thread.
        switches: hand-overs from one thread to another, exact, from the interpreter's counter.
        holder: thread id of the holder at the end of the frame; null when it was free.
        turns: who held it and in which function, in order, from the frame's start to its end;
            empty where functions are not read. A hold too short to be sampled is not among them.
        unseen: how many switches were to a thread that could not be told: so many holds, and
            waits before them, are in no thread's runs.
    """

    interpreter: Number
    held: Count
    switches: Number | None = None
    holder: Number | None = None
    turns: tuple[Turn, ...] = ()
    unseen: Count = 0


class ProcessSlice(Struct, frozen=True, omit_defaults=True):
    """What one process did during one frame.

    Attributes:
        threads: one slice for each thread that did anything in the frame. A thread that is left
            out stayed all the time in the state it had at the end of the frame before, and used
            no time on a core.
        gils: one for each GIL; empty where the GIL cannot be seen.
        samples: how often the process was sampled in the frame.
        stopped: its threads could not run at the end of the frame.
        halted: by what: "stopped" (a signal), "traced" (a debugger), "frozen" (its cgroup).
    """

    pid: Number
    threads: tuple[ThreadSlice, ...] = ()
    gils: tuple[GilSlice, ...] = ()
    samples: Count = 0
    stopped: bool = False
    halted: str | None = None


class CoreShare(Struct, frozen=True, omit_defaults=True):
    """Time that one watched thread ran on one core in a frame, estimated from where it was seen."""

    pid: Number
    tid: Number
    ran: Count


class CoreSlice(Struct, frozen=True, omit_defaults=True):
    """One core during one frame.

    Attributes:
        core: its number.
        busy: time it ran anything at all (the kernel counts this in steps of 10 ms).
        watched: the watched threads that ran there.
    """

    core: Number
    busy: Count
    watched: tuple[CoreShare, ...] = ()


class SamplerSlice(Struct, frozen=True, omit_defaults=True):
    """The probe itself during one frame.

    Attributes:
        rate: samples a second that are asked for now, lowered where the sampling costs too much.
        samples: samples taken.
        lost: samples that came to nothing: taken too late to keep the rate, or contradictory.
        cpu: time on a core that the sampling took.
        stacks_cpu: time on a core that py-spy took for names and stacks.
    """

    rate: float
    samples: Count
    lost: Count = 0
    cpu: Count = 0
    stacks_cpu: Count = 0


class Frame(Struct, frozen=True, omit_defaults=True, tag="frame"):
    """Everything that was sampled between `at - span` and `at`."""

    at: Count
    span: Count
    sampler: SamplerSlice
    processes: tuple[ProcessSlice, ...] = ()
    cores: tuple[CoreSlice, ...] = ()


class Call(Struct, frozen=True, omit_defaults=True):
    """One level of a stack: a function's name, its file, and the line it is at."""

    name: str
    file: str
    line: Number = 0


class Stack(Struct, frozen=True, omit_defaults=True):
    """The stack of one thread, the innermost call first."""

    tid: Number
    calls: tuple[Call, ...] = ()


class Stacks(Struct, frozen=True, omit_defaults=True, tag="stacks"):
    """Stacks of threads of a process, read at about `at` without stopping it.

    A thread that is left out is where it was, or its stack could not be read.
    """

    at: Count
    pid: Number
    stacks: tuple[Stack, ...] = ()


class Code(Struct, frozen=True, omit_defaults=True, tag="code"):
    """A function that was seen to hold a GIL.

    Attributes:
        code: its number within the process, used in `Turn`; one number stays one function.
        call: its name and file, and its first line.
    """

    at: Count
    pid: Number
    code: Number
    call: Call


class Hog(Struct, frozen=True, omit_defaults=True, tag="hog"):
    """A hold of `Hello.hog` or longer: said once when it is caught, and again when it has ended.

    Attributes:
        since: when the hold began; with `pid` and `tid` it names the hog.
        length: how long it had lasted by `at`, in microseconds.
        waited: how long other threads had waited for it by then, all together; 0 of a hold that
            nobody minded.
        calls: the thread's stack, the innermost call first, read `read` microseconds after the hold
            began and while it lasted; empty where it could not be read.
        ended: it is over, and `length` is its whole length.
    """

    at: Count
    pid: Number
    tid: Number
    since: Count
    length: Count
    waited: Count = 0
    calls: tuple[Call, ...] = ()
    read: Count | None = None
    ended: bool = False


class Blocked(Struct, frozen=True, omit_defaults=True, tag="blocked"):
    """The system call a thread is blocked in and what it is on; `text` null once it runs again.

    Attributes:
        text: "recvfrom on socket 127.0.0.1:40010 to 127.0.0.1:5432".
    """

    at: Count
    pid: Number
    tid: Number
    text: str | None = None


class Output(Struct, frozen=True, omit_defaults=True, tag="output"):
    """Text that a launched command printed, as it came; may hold terminal escapes."""

    at: Count
    text: str


class Note(Struct, frozen=True, omit_defaults=True, tag="note"):
    """Something the user should know: one sentence of what is so, one (`fix`) of what to do.

    Attributes:
        level: "info", "warning" or "error".
        pid: the process it is about.
    """

    at: Count
    level: str
    text: str
    fix: str | None = None
    pid: Number | None = None


class Bye(Struct, frozen=True, omit_defaults=True, tag="bye"):
    """The stream ends here, in good order; `reason` is one sentence."""

    at: Count
    reason: str


Event = (
    Hello | Process | Thread | Gone | Frame | Stacks | Code | Hog | Blocked | Output | Note | Bye
)

_event_decoder: msgspec.json.Decoder[Event] = msgspec.json.Decoder(Event)
_encoder = msgspec.json.Encoder()


class BadLine(ValueError):
    """A line that is not one of the events above; the message says in what way."""


def encode(message: Struct) -> bytes:
    """Return an event or a control message (control.py) as one line, its newline included."""
    return _encoder.encode(message) + b"\n"


def decode_event(line: bytes) -> Event:
    """Return the event on one line of the stream.

    Raises:
        BadLine: the line is not an event.
    """
    try:
        return _event_decoder.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadLine(str(error)) from error
