"""Comparisons as they come out on real machines, written in a few words."""

from gilscope.model.comparison import (
    ASYNCIO,
    COMMAND,
    INTERPRETERS,
    POOL,
    PROCESSES,
    SEQUENTIAL,
    THREADS,
    Comparison,
    Mode,
    Outcome,
)
from tests.analysis.outcomes import (
    MB,
    a_comparison,
    an_outcome,
    cpu_processes,
    gil_threads,
    sequential,
)


def primes(*more: Outcome, **fields: object) -> Comparison:
    """Return the comparison that shows the GIL on two cores."""
    return a_comparison(sequential(), gil_threads(), cpu_processes(), *more, **fields)


def zlib() -> Comparison:
    """Return work that is C code without the GIL; in processes the data has to be copied."""
    native = {"native": 0.92, "hold": 0.05}
    return a_comparison(
        sequential(4.0, states=native, held=0.05),
        an_outcome(THREADS, 2.08, cpu=4.0, mb=30, load=0.1, states=native, waiting=0.02),
        an_outcome(
            PROCESSES, 2.6, cpu=4.9, mb=80, load=0.1, states=native, waiting=0.0, payload=9 * MB
        ),
        work="zlib",
        tasks=40,
    )


def fetch() -> Comparison:
    """Return work that waits for a server."""
    io = {"io": 0.97, "hold": 0.03}
    alone = sequential(4.0, cpu=0.12, states=io, load=0.03, held=0.03)
    fields = {"states": io, "load": 0.2, "held": 0.2, "waiting": 0.02}
    return a_comparison(
        alone,
        an_outcome(THREADS, 0.526, workers=8, cpu=0.2, mb=27, startup=0.002, **fields),
        an_outcome(
            ASYNCIO, 0.533, cpu=0.18, mb=28, **(fields | {"states": {"io": 0.7, "hold": 0.3}})
        ),
        an_outcome(PROCESSES, 0.54, workers=8, cpu=0.3, mb=160, startup=0.12, **fields),
        work="fetch",
        tasks=80,
        workers=8,
    )


def tiny(batch: int = 1) -> Comparison:
    """Return tasks that take 20 µs each."""
    return a_comparison(
        sequential(0.4),
        gil_threads(0.75, cpu=0.8, states={"hold": 0.5, "wait": 0.2, "lock": 0.3}, waiting=0.4),
        cpu_processes(2.3, cpu=3.5, states={"hold": 0.3, "io": 0.3, "lock": 0.4}),
        work="tiny",
        tasks=20_000,
        batch=batch,
    )


def large() -> Comparison:
    """Return tasks whose arguments are eight million bytes."""
    return a_comparison(
        sequential(1.0),
        gil_threads(1.02, cpu=1.0),
        cpu_processes(2.4, cpu=3.0, payload=16 * MB, states={"hold": 0.4, "io": 0.6}),
        work="large",
        tasks=40,
    )


def locked() -> Comparison:
    """Return work all of which is done under one lock."""
    states = {"hold": 0.5, "lock": 0.5}
    return a_comparison(
        sequential(),
        gil_threads(4.05, states=states, waiting=0.02, load=1.0),
        cpu_processes(4.2, states=states, cpu=4.1),
        work="lock",
    )


def regex() -> Comparison:
    """Return work that keeps the GIL in C for 60 ms at a time."""
    return a_comparison(sequential(), gil_threads(4.02, switches=16.0), work="regex")


def one_core() -> Comparison:
    """Return work that computes, where there is one core for it."""
    return a_comparison(
        sequential(),
        gil_threads(4.05),
        cpu_processes(4.1, states={"hold": 1.0}, cpu=4.05),
        cores=1,
    )


def free_threaded() -> Comparison:
    """Return 3.12 beside a free-threaded build, whose one thread is slower."""
    python = "/opt/python3.13t/bin/python3.13t"
    free = {"version": "3.13.5t", "gil": False, "load": None, "held": None, "waiting": None}
    hold = {"states": {"native": 0.98}}
    return a_comparison(
        sequential(),
        an_outcome(Mode(SEQUENTIAL, python=python), 5.2, cpu=5.2, **free, **hold),
        gil_threads(),
        an_outcome(Mode(THREADS, python=python), 2.7, cpu=5.3, mb=40, **free, **hold),
    )


def pypy() -> Comparison:
    """Return CPython beside PyPy, of which no states are seen."""
    python = "/opt/pypy3.10/bin/pypy3"
    fields = {"version": "3.10.14", "implementation": "pypy", "fidelity": "none", "load": None}
    return a_comparison(
        sequential(),
        gil_threads(),
        an_outcome(Mode(SEQUENTIAL, python=python), 0.8, cpu=0.79, mb=90, **fields),
        an_outcome(Mode(THREADS, python=python), 0.82, cpu=0.81, mb=92, **fields),
    )


def counter() -> Comparison:
    """Return processes that each count for themselves."""
    return a_comparison(
        sequential(),
        gil_threads(4.1),
        cpu_processes(2.1, equal=False, unequal="The counter is 0 in place of 8000."),
        work="counter",
    )


def slow_start() -> Comparison:
    """Return work that is over before spawned processes have started."""
    return a_comparison(
        sequential(1.0),
        gil_threads(1.02, cpu=1.0),
        cpu_processes(0.55, kind=Mode(PROCESSES, "spawn"), startup=0.9, method="spawn", cpu=1.0),
    )


def pools(*walls: float, repeat: int = 1) -> Comparison:
    """Return two ways that are the same in all that counts."""
    return a_comparison(
        sequential(*[4.0] * repeat),
        gil_threads(*[4.1] * repeat),
        cpu_processes(*(walls or (2.1,))),
        cpu_processes(*(walls or (2.12,)), kind=POOL),
        repeat=repeat,
    )


def four_cores() -> Comparison:
    """Return four workers on four cores."""
    return a_comparison(
        sequential(12.0),
        gil_threads(12.1, workers=4, cpu=12.2),
        cpu_processes(3.24, workers=4, cpu=12.2),
        an_outcome(INTERPRETERS, 3.3, workers=4, cpu=12.3, mb=40, states={"hold": 0.97}),
        workers=4,
        cores=4,
    )


def many_workers() -> Comparison:
    """Return eight workers on two cores."""
    return a_comparison(
        sequential(),
        gil_threads(4.2, workers=8),
        cpu_processes(2.1, workers=8, states={"hold": 0.97}, mb=140),
        workers=8,
    )


def memory_bound() -> Comparison:
    """Return work for which the cores wait for memory."""
    return a_comparison(
        sequential(4.0),
        an_outcome(THREADS, 3.2, cpu=6.3, states={"native": 0.97}, waiting=0.0, load=0.1),
        work="hash",
    )


def numpy() -> Comparison:
    """Return a library whose sequential run computes in threads of its own."""
    return a_comparison(
        sequential(4.0, cpu=7.8, states={"native": 0.98}),
        an_outcome(THREADS, 4.1, cpu=8.0, states={"native": 0.7, "ready": 0.3}),
        work="matrix",
    )


def commands(*walls: float) -> Comparison:
    """Return whole commands."""
    first, second = walls or (4.2, 2.1)
    return a_comparison(
        an_outcome(
            Mode(COMMAND, command=("python", "a.py")),
            first,
            states={"hold": 0.5, "wait": 0.48},
            cpu=first,
        ),
        an_outcome(
            Mode(COMMAND, command=("python", "b.py")), second, states={"hold": 0.98}, cpu=4.2
        ),
        work="commands",
        tasks=0,
        workers=0,
    )


def slow_at_first(wall: float = 4.0, *more: Outcome, **fields: object) -> Comparison:
    """Return threads that did the same work in less CPU time, as on a machine that warms up."""
    return a_comparison(
        sequential(wall), gil_threads(wall / 1.25, cpu=wall / 1.27), *more, **fields
    )


def own_locks() -> Comparison:
    """Return work under a lock that every process has another one of."""
    return a_comparison(
        sequential(4.0, cpu=0.04, states={"sleep": 0.98}, load=0.01, held=0.01),
        gil_threads(4.05, cpu=0.06, load=0.02, waiting=0.0, states={"sleep": 0.5, "lock": 0.5}),
        cpu_processes(2.05, cpu=0.06, states={"sleep": 0.98}),
        work="jobs.py:locked",
        tasks=60,
    )


def uneven_tasks() -> Comparison:
    """Return a function of one's own that is given one long task and many short ones."""
    return a_comparison(
        sequential(4.0, states={"native": 0.98}),
        an_outcome(THREADS, 3.2, cpu=4.0, states={"native": 0.62, "lock": 0.38}, load=0.1),
        work="jobs.py:uneven",
    )


def blocking_coroutines() -> Comparison:
    """Return coroutines that call time.sleep."""
    sleep = {"sleep": 0.98}
    return a_comparison(
        sequential(4.0, cpu=0.04, states=sleep, load=0.01, held=0.01),
        an_outcome(THREADS, 2.02, cpu=0.05, mb=18, states=sleep, load=0.02),
        an_outcome(ASYNCIO, 3.98, cpu=0.04, mb=18, states=sleep, load=0.01),
        work="jobs.py:blocking",
        tasks=38,
    )


def programs() -> Comparison:
    """Return tasks that start a program each and wait for it."""
    io = {"io": 0.96, "hold": 0.02}
    return a_comparison(
        sequential(4.0, cpu=3.9, states=io, load=0.02, held=0.02),
        an_outcome(THREADS, 2.1, cpu=3.9, mb=24, states=io, load=0.04),
        work="jobs.py:program",
    )


def convoy() -> Comparison:
    """Return C code that lets the GIL go and takes it back for every row."""
    return a_comparison(
        sequential(1.4, states={"native": 0.68, "hold": 0.32}, held=0.32),
        gil_threads(
            2.8,
            cpu=3.4,
            load=0.67,
            held=0.36,
            waiting=0.3,
            switches=71_746.0,
            states={"hold": 0.18, "wait": 0.16, "native": 0.44, "ready": 0.22},
        ),
        work="jobs.py:sql",
        tasks=114,
    )


CASES = (
    primes,
    zlib,
    fetch,
    tiny,
    large,
    locked,
    regex,
    one_core,
    free_threaded,
    pypy,
    counter,
    slow_start,
    pools,
    four_cores,
    many_workers,
    memory_bound,
    numpy,
    commands,
    slow_at_first,
    own_locks,
    uneven_tasks,
    blocking_coroutines,
    programs,
    convoy,
)
