"""Runs of modes as they come out on real machines, written in a few words."""

from gilscope.model.comparison import (
    ASYNCIO,
    COMMAND,
    DONE,
    PROCESSES,
    SEQUENTIAL,
    THREADS,
    Comparison,
    Mode,
    Outcome,
    Run,
)
from gilscope.model.states import STATES

MB = 1_000_000


def shares(**states: float) -> tuple[float, ...]:
    """Return the eight shares; what is left over is unknown."""
    told = dict.fromkeys((state.value for state in STATES), 0.0) | states
    told["unknown"] += max(0.0, 1.0 - sum(told.values()))
    return tuple(told.values())


def a_run(wall: float = 4.0, **fields: object) -> Run:
    """Return a run of so many seconds."""
    return Run(wall, **fields)


def an_outcome(
    mode: Mode | str,
    *walls: float,
    workers: int | None = None,
    cpu: float | None = None,
    mb: float | None = 25,
    load: float | None = 1.0,
    held: float | None = None,
    waiting: float | None = None,
    switches: float | None = None,
    states: dict[str, float] | None = None,
    **fields: object,
) -> Outcome:
    """Return an outcome; `cpu` is that of each run, `mb` its peak memory."""
    mode = Mode(mode) if isinstance(mode, str) else mode
    runs = tuple(
        Run(
            wall,
            cpu=cpu,
            memory=None if mb is None else int(mb * MB),
            states=None if states is None else shares(**states),
            waiting=waiting,
            gil_load=load,
            gil_held=held,
            switches_per_s=switches,
        )
        for wall in walls
    )
    if workers is None:
        workers = 0 if mode.kind == COMMAND else 1 if mode.kind in (SEQUENTIAL, ASYNCIO) else 2
    told = {
        "condition": DONE,
        "version": "3.12.1",
        "implementation": "cpython",
        "gil": True,
        "fidelity": "kernel",
        "workers": workers,
        "launch": 0.08,
        "startup": 0.0,
        "runs": runs,
        "done": 8,
        "equal": None if mode.kind == COMMAND else True,
        "payload": 60,
    }
    return Outcome(mode, **(told | fields))


def a_comparison(*outcomes: Outcome, work: str = "primes", **fields: object) -> Comparison:
    """Return a comparison of two workers on two cores."""
    told = {"title": "count primes", "tasks": 8, "workers": 2, "cores": 2}
    return Comparison(work, **(told | fields), outcomes=outcomes)


def sequential(*walls: float, cpu: float | None = None, **fields: object) -> Outcome:
    """Return a sequential run that computes all the time."""
    walls = walls or (4.0,)
    told = {"states": {"hold": 0.99}, "held": 1.0, "switches": 0.2}
    return an_outcome(
        SEQUENTIAL, *walls, cpu=walls[0] * 0.99 if cpu is None else cpu, **(told | fields)
    )


def gil_threads(*walls: float, workers: int = 2, **fields: object) -> Outcome:
    """Return threads that take turns at the GIL."""
    walls = walls or (4.1,)
    wait = (workers - 1) / workers
    told = {
        "cpu": 4.05,
        "mb": 26,
        "load": float(workers),
        "held": 0.995,
        "waiting": workers - 1.0,
        "switches": 190.0,
        "states": {"hold": 1 - wait, "wait": wait},
        "startup": 0.0005,
    }
    return an_outcome(THREADS, *walls, workers=workers, **(told | fields))


def cpu_processes(*walls: float, kind: Mode | str = PROCESSES, **fields: object) -> Outcome:
    """Return processes that compute side by side."""
    walls = walls or (2.1,)
    told = {
        "cpu": 4.05,
        "mb": 52,
        "waiting": 0.0,
        "held": 0.97,
        "states": {"hold": 0.95, "ready": 0.05},
        "startup": 0.03,
        "method": "fork",
    }
    return an_outcome(kind, *walls, **(told | fields))


def blind_threads(**fields: object) -> Outcome:
    """Return threads of which no states are seen."""
    return an_outcome(THREADS, 4.1, cpu=4.1, states=None, load=None, **fields)
