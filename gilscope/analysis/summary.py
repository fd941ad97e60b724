"""The summary of a session: what `stat --json` prints, field by field; summarise.py fills it.

The names are a contract: fields are added, never renamed or dropped. Shares are fractions of the
time watched; a thread's are fractions of its own life within that, and its states add up to 1.
What is not known is null, never 0.
"""

from dataclasses import dataclass, field

from gilscope.analysis.stretches import Lengths

SCHEMA = 1
"""The version of the contract."""

BLAMED = 10
"""Entries of who kept a thread waiting, and of the functions that did."""

FUNCTIONS = 20
"""Functions listed."""


@dataclass(frozen=True, slots=True)
class SamplerSummary:
    """How well it was looked.

    Attributes:
        fidelity: that of the process that is seen worst (fidelity.worst_seen); each has its own.
        fidelities: how many Python processes are seen at each.
        rate_got, samples: of what is seen at kernel fidelity; where nothing is, those of py-spy for
            the process that is seen worst.
        samples: taken; `lost`: taken too late or contradictory.
        cpu_percent: what sampling took of one core; `stacks_cpu_percent`: what py-spy took.
        bad_lines: lines of the stream that could not be read.
    """

    fidelity: str
    rate_asked: float | None
    rate_got: float | None
    samples: int
    lost: int
    cpu_percent: float | None
    stacks_cpu_percent: float | None
    bad_lines: int
    fidelities: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class GilSummary:
    """What became of a process's GIL; figures add up over several GILs.

    Attributes:
        enabled: false for a free-threaded build that runs without one.
        load: the mean number of threads that held or wanted it.
        unknown: the share of the time in which it could be seen, but no sample tells of it; held
            and load are of the rest.
        hogs: holds of `hog_ms` and more, one still going on at the end included; null where samples
            are too far apart to tell.
    """

    enabled: bool | None
    held: float | None
    load: float | None
    switches_per_s: float | None
    hogs: int | None
    hog_ms: float | None = None
    unknown: float | None = None


@dataclass(frozen=True, slots=True)
class OneGil:
    """What became of one GIL of several.

    Attributes:
        interpreter: id of the (first) interpreter that uses it.
    """

    interpreter: int
    held: float | None
    load: float | None
    switches_per_s: float | None


@dataclass(frozen=True, slots=True)
class HogSummary:
    """One long hold.

    Attributes:
        at: when it began, in seconds since the watch did.
        waited_ms: how long other threads waited for it, all together.
        ended: it was over by the end of the watch; else `length_ms` is how long it had lasted.
        where: the innermost call that it was in; `stack`: all of them, the innermost first.
    """

    tid: int
    thread: str | None
    at: float
    length_ms: float
    waited_ms: float
    ended: bool
    where: str | None
    stack: list[str]


@dataclass(frozen=True, slots=True)
class FunctionSummary:
    """How long one function held the GIL.

    Attributes:
        name: null for the time in which the function is not known; `line`: its first one; `where`:
            all three in short.
        share: of the time watched.
        threads: ids of those that held it, the one that did longest first.
    """

    name: str | None
    file: str | None
    line: int | None
    where: str | None
    held_ms: float
    share: float | None
    threads: list[int]


@dataclass(frozen=True, slots=True)
class BlameSummary:
    """Who held the GIL while a thread waited for it.

    Attributes:
        tid: null for the time in which no holder is known.
        where: the function that it ran, with its first line.
        share: of the time that the thread waited.
    """

    tid: int | None
    thread: str | None
    where: str | None
    waited_ms: float
    share: float


@dataclass(frozen=True, slots=True)
class FunctionBlame:
    """Which function held the GIL while a thread waited for it, in whatever threads.

    Attributes:
        where: the function, with its first line; null for all that are not known.
        share: of the time that the thread waited.
        threads: ids of those that ran it, the one that was waited for longest first.
    """

    where: str | None
    waited_ms: float
    share: float
    threads: list[int]


@dataclass(frozen=True, slots=True)
class ThreadSummary:
    """What a thread did.

    Attributes:
        gone: it ended while it was watched.
        states: the share of each state.
        uncertainty: half the width of each share's 95% interval (uncertainty.py).
        cpu, run_delay: time on a core and time runnable without one, by the kernel's exact
            accounting, as fractions of wall time.
        hold_ms, wait_ms: lengths of the stretches seen whole; null where sampling cannot
            resolve them (stretches.py).
        hold_blocked, hold_starved: of the time it held the GIL, the share in which it was blocked
            in a system call, and in which it had no core: nobody ran Python meanwhile.
        blame: who held the GIL while it waited; `blame_functions`: in which functions. At most
            BLAMED of either, those of the newest two minutes (turns.py).
        duration: seconds it was watched.
        detail: the system call it was blocked in at the end, and on what.
        where: the innermost call of its newest stack.
    """

    tid: int
    name: str | None
    native: bool | None
    interpreter: int | None
    gone: bool
    states: dict[str, float | None]
    cpu: float | None
    run_delay: float | None
    hold_ms: Lengths
    wait_ms: Lengths
    detail: str | None
    where: str | None
    uncertainty: dict[str, float | None] = field(default_factory=dict)
    hold_blocked: float | None = None
    hold_starved: float | None = None
    blame: list[BlameSummary] = field(default_factory=list)
    blame_functions: list[FunctionBlame] = field(default_factory=list)
    duration: float = 0.0


@dataclass(frozen=True, slots=True)
class ProcessSummary:
    """What a process did.

    Attributes:
        depth: how many of its ancestors are watched, too; a process follows its parent.
        fidelity: how well it could be seen; `reason` and `fix` where that is less than "kernel".
        duration: seconds it was watched.
        samples: how often it was sampled, `rate_got` times a second.
        stopped: it was stopped at the end; `halted`: by what: "stopped" (SIGSTOP), "traced" (a
            debugger), "frozen" (its cgroup).
        gone: it ended while it was watched; `status`: its exit code, or minus a signal.
        cpu: cores that its threads used, on average.
        hold_ms, wait_ms: those of all its threads, the ones that are not listed any more, too.
        gils: one for each GIL where there are several.
        hogs: the newest long holds, in the order in which they began.
        functions: those that held the GIL longest, at most FUNCTIONS of them.
        forgotten: threads that ended and are not listed, being older than many others.
    """

    pid: int
    parent: int
    python: str | None
    implementation: str | None
    command: list[str]
    fidelity: str
    reason: str | None
    fix: str | None
    duration: float
    samples: int
    rate_got: float | None
    stopped: bool
    gone: bool
    status: int | None
    gil: GilSummary
    threads: list[ThreadSummary]
    depth: int = 0
    halted: str | None = None
    cpu: float | None = None
    hold_ms: Lengths = field(default_factory=Lengths)
    wait_ms: Lengths = field(default_factory=Lengths)
    gils: list[OneGil] = field(default_factory=list)
    hogs: list[HogSummary] = field(default_factory=list)
    functions: list[FunctionSummary] = field(default_factory=list)
    forgotten: int = 0


@dataclass(frozen=True, slots=True)
class Total:
    """All processes together.

    Attributes:
        processes, threads: how many were seen, those that ended included; `python`: how many of
            the processes are known to run Python.
        cpu: cores in use, on average over the watch.
        gil_load: the mean number of threads that held or wanted the GIL of their process, likewise;
            null where none is known.
    """

    processes: int
    python: int
    threads: int
    cpu: float | None
    gil_load: float | None


@dataclass(frozen=True, slots=True)
class Caution:
    """Something that the sampler could not do, one sentence; `fix`: what would help.

    Attributes:
        pid: the process it is about; null where it is about all of them.
    """

    text: str
    fix: str | None
    pid: int | None


@dataclass(frozen=True, slots=True)
class Summary:
    """All of it.

    Attributes:
        forgotten: processes that ended and are not listed, being older than many others.
        functions: those that held a GIL longest in any process, at most FUNCTIONS of them.
        warnings: each once, in the order in which they came.
    """

    schema: int
    host: str | None
    cores: int | None
    duration: float
    sampler: SamplerSummary
    processes: list[ProcessSummary]
    forgotten: int
    total: Total
    functions: list[FunctionSummary] = field(default_factory=list)
    warnings: list[Caution] = field(default_factory=list)
