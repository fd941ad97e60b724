"""What is to be compared: the work, the ways to run it, and how much of it."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from gilscope.compare.ways import modes_of
from gilscope.model.comparison import COMMAND, Comparison, Mode, Outcome
from gilscope.workloads.works import Work

SECONDS = 4.0
"""How long the baseline takes, where that is not told."""

RATE = 1000.0
"""Samples a second."""

BUDGET = 3.0
"""Percent of a core for the sampling, less than elsewhere: where every core has a worker it takes
from them what it uses."""

EVERY = 200
"""Milliseconds from one frame of the probe to the next, more than elsewhere: at ten a second they
would take half of the budget."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What the user asked for.

    Attributes:
        work: the work of the catalogue; None for the user's own, and for commands.
        target: "package.module:function" or "file.py:function"; None for the others.
        arguments: lists of positional arguments that its tasks take in turn.
        modes: the ways to run, the baseline first.
        python: the interpreter of the modes that name none.
        tasks: how many; None where calibrating tells.
        workers: how many tasks may run at once.
        size: of a task of the catalogue; None where calibrating tells.
        seconds: how long the baseline shall take.
        repeat: runs of each mode.
        batch: tasks handed over at a time.
        timeout: seconds after which a mode is ended; None for never.
        together: the modes run at the same time.
        cores: the numbers of the processors that may be used.
        rate, budget: samples a second, and percent of a core that they may take.
    """

    work: Work | None
    target: str | None
    modes: tuple[Mode, ...]
    python: str
    workers: int
    cores: tuple[int, ...]
    arguments: tuple[tuple[object, ...], ...] = ()
    tasks: int | None = None
    size: int | None = None
    seconds: float = SECONDS
    repeat: int = 1
    batch: int = 1
    timeout: float | None = None
    together: bool = False
    rate: float = RATE
    budget: float = BUDGET

    @property
    def name(self) -> str:
        """What the work is called."""
        if self.work is not None:
            return self.work.name
        return self.target or "commands"

    @property
    def commands(self) -> bool:
        """Whether whole commands are compared."""
        return any(mode.kind == COMMAND for mode in self.modes)

    @property
    def cores_each(self) -> tuple[tuple[int, ...], ...]:
        """The cores of each mode where all run together: disjoint, as many for each."""
        count = len(self.cores) // len(self.modes)
        return tuple(
            self.cores[index * count : (index + 1) * count] for index in range(len(self.modes))
        )

    def comparison(self) -> Comparison:
        """Return the comparison as it stands before anything has run."""
        return Comparison(
            work=self.name,
            title=self.work.title if self.work else self.name,
            tasks=self.tasks or 0,
            workers=0 if self.commands else self.workers,
            cores=len(self.cores),
            repeat=self.repeat,
            together=self.together,
            cores_each=len(self.cores_each[0]) if self.together else None,
            outcomes=tuple(Outcome(mode) for mode in self.modes),
            batch=self.batch,
        )


def usual_plan(work: Work) -> Plan:
    """Return the plan for a work of the catalogue of which nothing else is told."""
    cores = usable_cores()
    return Plan(
        work=work,
        target=None,
        modes=modes_of(None, (), coroutine=work.has_coroutine),
        python=sys.executable,
        workers=usual_workers(cores),
        cores=cores,
    )


def usual_workers(cores: tuple[int, ...]) -> int:
    """Return how many tasks may run at once where that is not told; it takes two to compare."""
    return max(len(cores), 2)


def own_python(environment: Mapping[str, str] = os.environ) -> str:
    """Return the interpreter that runs the user's own work: that of the active environment."""
    active = environment.get("VIRTUAL_ENV")
    if active:
        python = Path(active) / "bin" / "python"
        if python.exists():
            return str(python)
    return sys.executable


def usable_cores() -> tuple[int, ...]:
    """Return the numbers of the processors that this process may use.

    A container that is allowed the time of two processors is taken to have two of them.
    """
    if not hasattr(os, "sched_getaffinity"):
        return tuple(range(os.cpu_count() or 1))
    cores = tuple(sorted(os.sched_getaffinity(0)))
    quota = _quota(Path("/proc/self/cgroup"), Path("/sys/fs/cgroup"))
    return cores if quota is None else cores[: max(quota, 1)]


def _quota(groups: Path, root: Path) -> int | None:
    """Return how many processors' time this process's cgroup (version 2) is allowed, rounded."""
    try:
        name = next(
            line.partition("::")[2] for line in groups.read_text().splitlines() if "::" in line
        )
        quota, period = (root / name.lstrip("/") / "cpu.max").read_text().split()
        return None if quota == "max" else round(int(quota) / int(period))
    except (OSError, ValueError, StopIteration, ZeroDivisionError):
        return None  # Another version of cgroups, or none: nothing is limited that can be told.
