"""A comparison: the same work run several ways, and what came of each. Pure data.

Times are seconds and sizes bytes, unless an attribute says otherwise; None is "not known".
"""

from dataclasses import dataclass
from statistics import median

SEQUENTIAL = "sequential"
THREADS = "threads"
PROCESSES = "processes"
POOL = "pool"
ASYNCIO = "asyncio"
INTERPRETERS = "interpreters"
COMMAND = "command"

KINDS = (SEQUENTIAL, THREADS, PROCESSES, POOL, ASYNCIO, INTERPRETERS)
"""The ways to run a function, in the order in which they are shown; a command is none of them."""

METHODS = ("fork", "spawn", "forkserver")
"""The ways to start a process, as multiprocessing calls them."""

WITH_METHOD = (PROCESSES, POOL)
"""The kinds that start processes by one of METHODS."""

WAITING = "waiting"
STARTING = "starting"
RUNNING = "running"
DONE = "done"
FAILED = "failed"
UNAVAILABLE = "unavailable"
SKIPPED = "skipped"
TIMED_OUT = "timed out"

ENDED = (DONE, FAILED, UNAVAILABLE, SKIPPED, TIMED_OUT)
"""The conditions in which nothing more will come of a mode."""


@dataclass(frozen=True, slots=True)
class Mode:
    """One way to run the work.

    Attributes:
        kind: one of KINDS, or COMMAND.
        method: of METHODS, where the user chose one; None leaves the interpreter its default.
        python: path of the interpreter that runs it; None is the one that runs all the others.
        command: the command line of a COMMAND.
    """

    kind: str
    method: str | None = None
    python: str | None = None
    command: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Run:
    """All tasks, run once in one mode.

    Attributes:
        wall: from handing the first task over to having the last result.
        cpu: time on a core of the whole process tree meanwhile.
        memory: peak of the whole tree's proportional set size (pages that processes share are
            counted once), sampled several times a second.
        states: the eight shares, in the order of STATES, mean over the workers; None where nothing
            was seen of them.
        waiting: how many of the workers waited for the GIL, on average over time.
        gil_load: mean load of the GILs that the workers need: one a process, or one an interpreter.
        gil_held: share of the time that a GIL was held, likewise.
        switches_per_s: hand-overs a second, of these GILs together.
        gils: how many of them were seen.
    """

    wall: float
    cpu: float | None = None
    memory: int | None = None
    states: tuple[float, ...] | None = None
    waiting: float | None = None
    gil_load: float | None = None
    gil_held: float | None = None
    switches_per_s: float | None = None
    gils: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What has come of one mode by now.

    Attributes:
        mode: which.
        condition: WAITING to ENDED.
        version: of the interpreter, "3.12.1" (with "t" at its end for a free-threaded build).
        implementation: "cpython", "pypy".
        gil: whether the interpreter runs with a GIL.
        fidelity: of what was seen of it: "kernel", "py-spy" or "none".
        method: the start method that was used, where it is one of processes.
        workers: how many ran tasks.
        launch: from starting its interpreter to its being ready, the function imported.
        startup: from asking for the pool to all its workers being ready; 0 where there is none.
        runs: each repetition, in order. The last may be missing where it did not end well.
        done: how many tasks of the newest run are done.
        equal: whether all results are those of the baseline; None where that cannot be told.
        unequal: one sentence on what differs, or on why it cannot be told.
        payload: bytes of one task's argument and result, pickled; None where they cannot be.
        error: one sentence on why it failed or is not available.
        fix: one sentence on what to do about it.
        printed: the end of what it printed.
        remarks: sentences on what else happened: threads left behind, megabytes printed.
    """

    mode: Mode
    condition: str = WAITING
    version: str | None = None
    implementation: str | None = None
    gil: bool | None = None
    fidelity: str | None = None
    method: str | None = None
    workers: int = 0
    launch: float | None = None
    startup: float | None = None
    runs: tuple[Run, ...] = ()
    done: int = 0
    equal: bool | None = None
    unequal: str | None = None
    payload: int | None = None
    error: str | None = None
    fix: str | None = None
    printed: str = ""
    remarks: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether it ran to its end and its results are not wrong."""
        return self.condition == DONE and self.equal is not False

    @property
    def wall(self) -> float | None:
        """Median of the runs' wall times."""
        return median(run.wall for run in self.runs) if self.runs else None

    @property
    def spread(self) -> tuple[float, float] | None:
        """Shortest and longest wall time of the runs; None without two of them."""
        walls = [run.wall for run in self.runs]
        return (min(walls), max(walls)) if len(walls) > 1 else None


@dataclass(frozen=True, slots=True)
class Comparison:
    """The same work run several ways.

    Attributes:
        work: the name of the work, "primes" or "app.jobs:resize"; of commands, "commands".
        title: what is run, in words, sizes included: "count the primes below 60000".
        tasks: how many tasks each mode runs; 0 for commands.
        workers: how many may run at once; 0 for commands.
        cores: processors that the comparison could use.
        repeat: runs of each mode.
        together: the modes ran at the same time, on `cores_each` cores each.
        outcomes: one for each mode, the baseline first.
        batch: tasks that are handed over at a time.
    """

    work: str
    title: str
    tasks: int
    workers: int
    cores: int
    repeat: int = 1
    together: bool = False
    cores_each: int | None = None
    outcomes: tuple[Outcome, ...] = ()
    batch: int = 1

    @property
    def baseline(self) -> Outcome | None:
        """What the others are measured against: the first outcome."""
        return self.outcomes[0] if self.outcomes else None
