"""What the rules of a verdict read: the modes of a comparison that can be compared, with names."""

from dataclasses import dataclass
from math import ceil

from gilscope.analysis.labels import labels
from gilscope.analysis.speed import (
    ENOUGH,
    Order,
    at_once,
    cores_used,
    median_of,
    order,
    ratio,
    speedup,
    states_of,
)
from gilscope.analysis.verdicts.words import capital
from gilscope.model.comparison import (
    ASYNCIO,
    COMMAND,
    ENDED,
    INTERPRETERS,
    POOL,
    PROCESSES,
    SEQUENTIAL,
    THREADS,
    Comparison,
    Outcome,
)
from gilscope.model.states import POSITION, State

IN_ONE_PROCESS = (THREADS, ASYNCIO)
"""Kinds whose workers share one interpreter, and so its GIL."""

APART = (PROCESSES, POOL, INTERPRETERS)
"""Kinds whose workers have an interpreter each: what they are given and return is copied."""

ONE_BUSY = (0.7, 1.1)
"""Cores that a sequential run uses which computes in one thread."""

UNSTEADY = 1.1
"""How many times the CPU time of another mode the baseline may take before its speed is doubted: a
shared machine, or one that is still warming up, does the same work more slowly."""

SLACK = 1.02
"""How far a speed-up has to be beyond what the baseline was slowed by."""

LEAST_CPU = 0.2
"""Seconds of CPU time that are worth comparing: some kernels count it in steps of 10 ms."""

BUSY = 0.7
"""Share of a core from which on a sequential run is one that computes."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule has found.

    Attributes:
        clause: why, to stand behind a colon: "1.0 of 2 workers was always waiting for the GIL".
        evidence: one sentence with the figures that it was found by.
        weight: how much of the time it explains, from 0 to 1; beyond that what has to be told
            before all else.
        remedy: one sentence on what to do about it.
        of_several: the clause where it is told of several modes, if their figures differ.
    """

    clause: str
    evidence: str
    weight: float
    remedy: str | None = None
    of_several: str | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """One mode's figures as the rules read them.

    Attributes:
        label: what it is called.
        outcome: what has come of it.
        speed: its speed-up.
        tasks_at_once: how many tasks it may have under way; None for a command.
        states: the eight shares; None where nothing was seen.
    """

    label: str
    outcome: Outcome
    speed: float | None
    tasks_at_once: int | None
    states: tuple[float, ...] | None

    @property
    def kind(self) -> str:
        """Return the way it runs."""
        return self.outcome.mode.kind

    @property
    def subject(self) -> str:
        """Return its name as it begins a sentence; a command stays as it was typed."""
        return self.label if self.kind == COMMAND else capital(self.label)

    @property
    def many(self) -> bool:
        """Whether its name is a plural."""
        return self.kind in (THREADS, PROCESSES, INTERPRETERS)

    @property
    def wall(self) -> float | None:
        """Return the median of its wall times; None where that is no time that can be divided."""
        return median_of(self.outcome, "wall") or None

    @property
    def workers(self) -> int:
        """Return how many run its tasks."""
        return max(1, self.outcome.workers or self.tasks_at_once or 1)

    @property
    def cores_used(self) -> float | None:
        """Return how many cores it kept busy."""
        return cores_used(self.outcome)

    @property
    def sees_gil(self) -> bool:
        """Whether its GIL was seen: where it is not (PyPy) all that runs looks like native code."""
        return self.outcome.gil is not False and median_of(self.outcome, "gil_load") is not None

    @property
    def waiting(self) -> float | None:
        """Return how many of its workers waited for the GIL, on average."""
        told = median_of(self.outcome, "waiting")
        share = self.share(State.WAIT)
        if told is not None:
            return min(told, self.workers)
        return None if share is None else share * self.workers

    def verb(self, many: str, one: str) -> str:
        """Return the form of a verb that goes with its name."""
        return many if self.many else one

    def share(self, *states: State) -> float | None:
        """Return the share of its workers' time in these states together."""
        if self.states is None:
            return None
        return min(1.0, sum(self.states[POSITION[state.letter]] for state in states))


@dataclass(frozen=True, slots=True)
class Case:
    """A comparison as the rules read it.

    Attributes:
        readings: all modes, in their order.
        usable: those that ran to their end with results that are not wrong.
        cores: how many each mode could use.
    """

    comparison: Comparison
    readings: tuple[Reading, ...]
    usable: tuple[Reading, ...]
    cores: int

    @property
    def baseline(self) -> Reading | None:
        """Return what the others are measured against, if it can be."""
        return next((each for each in self.usable if each is self.readings[0]), None)

    @property
    def rivals(self) -> tuple[Reading, ...]:
        """Return the usable ones that are measured against the baseline."""
        return tuple(each for each in self.usable if each is not self.readings[0])

    @property
    def pending(self) -> tuple[Reading, ...]:
        """Return those of which something may still come."""
        return tuple(each for each in self.readings if each.outcome.condition not in ENDED)

    @property
    def commands(self) -> bool:
        """Whether whole commands are compared."""
        return any(each.kind == COMMAND for each in self.readings)

    @property
    def several_interpreters(self) -> bool:
        """Whether not all modes are run by the same interpreter."""
        return len({each.outcome.mode.python for each in self.readings}) > 1

    @property
    def computes(self) -> bool:
        """Whether the work keeps a core busy when it runs in sequence."""
        return self.in_sequence is not None and (self.in_sequence.cores_used or 0) >= BUSY

    @property
    def in_sequence(self) -> Reading | None:
        """Return the baseline, if it runs one task after the other."""
        baseline = self.baseline
        return baseline if baseline is not None and baseline.kind == SEQUENTIAL else None

    def sequence_of(self, reading: Reading) -> Reading | None:
        """Return the mode that runs one task after the other in the same interpreter."""
        return next(
            (
                each
                for each in self.usable
                if each.kind == SEQUENTIAL
                and each.outcome.mode.python == reading.outcome.mode.python
            ),
            None,
        )

    def order(self, reading: Reading) -> Order:
        """Return what a mode is against the baseline."""
        baseline = self.baseline
        if baseline is None:
            return Order.NOT_CLEAR
        found = order(reading.outcome, baseline.outcome)
        # It is no gain of a mode that the machine was slower when the baseline ran.
        if found is Order.FASTER and (reading.speed or 0.0) <= self.slowness * SLACK:
            return Order.NOT_CLEAR
        return found

    @property
    def steadier(self) -> Reading | None:
        """Return the mode that does the work in clearly less CPU time than the baseline, if any.

        None as well after enough runs: then it is no chance.
        """
        base = self.in_sequence
        if base is None or self.comparison.repeat >= ENOUGH:
            return None
        if not ONE_BUSY[0] <= (base.cores_used or 0.0) <= ONE_BUSY[1]:
            return None
        others = [
            (cpu, place)
            for place, each in enumerate(self.usable)
            if each.outcome.mode.python == base.outcome.mode.python
            and (cpu := median_of(each.outcome, "cpu")) is not None
        ]
        least, place = min(others, default=(0.0, 0))
        multiple = ratio(median_of(base.outcome, "cpu"), least)
        if least < LEAST_CPU or multiple is None or multiple < UNSTEADY:
            return None
        return self.usable[place]

    @property
    def slowness(self) -> float:
        """Return how many times as long the baseline may have taken as it should have."""
        base, other = self.in_sequence, self.steadier
        if base is None or other is None:
            return 1.0
        multiple = ratio(median_of(base.outcome, "cpu"), median_of(other.outcome, "cpu"))
        return max(1.0, multiple or 1.0)

    def potential(self, reading: Reading) -> int:
        """Return the speed-up that work which computes could have with this many workers."""
        return max(1, min(reading.tasks_at_once or 1, self.cores))

    @property
    def handovers(self) -> int:
        """Return how many times tasks are handed over in a run."""
        return ceil(self.comparison.tasks / max(1, self.comparison.batch))

    def task_time(self) -> float | None:
        """Return how long one task takes in sequence."""
        base = self.in_sequence
        return None if base is None else ratio(base.wall, self.comparison.tasks)


def case_of(comparison: Comparison) -> Case:
    """Return a comparison as the rules read it."""
    readings = tuple(
        Reading(
            label,
            outcome,
            speedup(outcome, comparison),
            at_once(outcome, comparison),
            states_of(outcome),
        )
        for label, outcome in zip(labels(comparison), comparison.outcomes, strict=True)
    )
    usable = tuple(each for each in readings if each.outcome.ok and each.wall is not None)
    each = comparison.cores_each if comparison.together else None
    return Case(comparison, readings, usable, max(1, each or comparison.cores))
