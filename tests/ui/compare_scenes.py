"""Made-up comparisons for the Compare screen: their processes, their workers, their ends."""

import asyncio
import random
from collections.abc import Iterator
from dataclasses import replace

from gilscope.analysis.verdict import Verdict
from gilscope.compare.live import Column, Live
from gilscope.model import comparison as c
from gilscope.model import events as e
from tests.ui.synthetic import EVERY

ROOT = 4200
BEGIN = 300_000
"""Microseconds from the begin of a session to that of its run."""

TURN = 5_000
NOW = 100.0


class FakeEngine:
    """Runs nothing: shows what a test has made, and notes what it is asked for."""

    def __init__(self, live: Live) -> None:
        self.live = live
        self.skipped: list[int] = []
        self.closed = False
        self._over = asyncio.Event()

    async def run(self) -> None:
        await self._over.wait()

    def skip(self, column: int) -> None:
        self.skipped.append(column)

    async def close(self) -> None:
        self.closed = True
        self._over.set()


def watched(
    kind: str,
    workers: int,
    seconds: float,
    pid: int = ROOT,
    gil: bool = True,
    letters: str = "HW",
    fidelity: str = e.KERNEL,
) -> tuple[list[e.Event], tuple[tuple[int, int], ...]]:
    """Return what the probe says of a mode that has run so long, and its workers.

    Args:
        letters: what workers do: by turns the first, while the others do the second.
    """
    apart, own_gils = kind in (c.PROCESSES, c.POOL), kind == c.INTERPRETERS
    if kind == c.SEQUENTIAL:
        workers = 1
    ids = tuple(
        (pid + 11 + number, pid + 11 + number) if apart else (pid, pid + number + (workers > 1))
        for number in range(workers)
    )
    said: list[e.Event] = [
        e.Hello(1, "0", 1, "host", "Linux", 2, 0.0, 1000.0, EVERY),
        _process(pid, 1, gil, fidelity),
        e.Thread(0, pid, pid, "MainThread", False, 0),
    ]
    for number, (own, tid) in enumerate(ids, 1):
        if apart:
            said.append(_process(own, pid, gil, fidelity))
        if tid != pid:
            said.append(e.Thread(0, own, tid, "w", False, number if own_gils else 0))
    alone = apart or own_gils or workers == 1 or not gil
    gils = range(len(ids) + 1 if own_gils else 1)
    letters = "HI" if alone and letters == "HW" else letters
    said += frames(ids, pid, alone, seconds, letters, gils)
    return said, ids


def _process(pid: int, parent: int, gil: bool, fidelity: str) -> e.Process:
    why = None if fidelity == e.KERNEL else "This interpreter is not known."
    return e.Process(
        0,
        pid,
        parent,
        ("python", "start.py"),
        "3.12.1",
        "cpython",
        fidelity,
        why,
        gil=gil,
        followed=parent > 1,
    )


def frames(
    ids: tuple[tuple[int, int], ...],
    root: int,
    alone: bool,
    seconds: float,
    letters: str,
    gils: range = range(1),
) -> Iterator[e.Frame]:
    """Yield the frames of a run: all alike, but for the dice."""
    dice = random.Random(len(ids) + root)
    busy, idle = letters[0], letters[-1]
    last = BEGIN + round(seconds * 1e6)
    for at in range(EVERY, last + EVERY, EVERY):
        if at <= BEGIN:
            runs = dict.fromkeys(ids, f"L{EVERY}")
        elif alone:
            runs = {who: _pauses(dice, busy, idle) for who in ids}
        else:
            runs = _turns(dice, ids, busy, idle)
        others = [] if any(tid == root for _, tid in ids) else [(root, root)]
        by_process: dict[int, list[e.ThreadSlice]] = {}
        for who, text in runs.items():
            pid, tid = who
            cpu = EVERY if busy in text and at > BEGIN else 0
            slices = by_process.setdefault(pid, [])
            slices.append(e.ThreadSlice(tid, _last(text), text, cpu))
        for pid, tid in others:
            slices = by_process.setdefault(pid, [])
            slices.append(e.ThreadSlice(tid, "L", f"L{EVERY}", 0))
        pieces = tuple(
            e.ProcessSlice(pid, tuple(slices), _gils(slices, at, gils), 98)
            for pid, slices in by_process.items()
        )
        yield e.Frame(at, EVERY, e.SamplerSlice(1000.0, 98), pieces, _cores(ids, at, alone, busy))


def _last(runs: str) -> str:
    return next(letter for letter in reversed(runs) if not letter.isdecimal())


def _pauses(dice: random.Random, busy: str, idle: str) -> str:
    """A worker that nobody keeps from working, with a pause now and then."""
    pause = dice.randrange(2_000, 9_000) if busy != idle and dice.random() < 0.3 else 0
    return f"{busy}{EVERY - pause}" + (f"{idle}{pause}{busy}0" if pause else "")


def _turns(
    dice: random.Random, ids: tuple[tuple[int, int], ...], busy: str, idle: str
) -> dict[tuple[int, int], str]:
    runs: dict[tuple[int, int], list[str]] = {who: [] for who in ids}
    for _ in range(EVERY // TURN):
        holder = dice.choice(ids)
        for who in ids:
            runs[who].append(f"{busy if who == holder else idle}{TURN}")
    return {who: "".join(each) for who, each in runs.items()}


def _gils(slices: list[e.ThreadSlice], at: int, gils: range) -> tuple[e.GilSlice, ...]:
    """Return the process's one GIL, or one for each interpreter, of which the main one rests."""
    held = EVERY if at > BEGIN else 0
    if len(gils) > 1:
        return tuple(e.GilSlice(number, held if number else 0, 0, None) for number in gils)
    several = sum("H" in piece.runs for piece in slices) > 1
    return (e.GilSlice(0, held, 18 if several else 0, None),)


def _cores(
    ids: tuple[tuple[int, int], ...], at: int, alone: bool, busy: str
) -> tuple[e.CoreSlice, ...]:
    if at <= BEGIN or busy not in "HN":
        return tuple(e.CoreSlice(core, 4_000) for core in range(2))
    ran = []
    for core in range(2):
        here = [who for index, who in enumerate(ids) if index % 2 == core]
        part = EVERY // max(len(here), 1) if alone else EVERY // len(ids)
        ran.append(tuple(e.CoreShare(pid, tid, part) for pid, tid in here))
    return tuple(
        e.CoreSlice(core, min(sum(each.ran for each in shares) + 6_000, EVERY), shares)
        for core, shares in enumerate(ran)
    )


def live(*modes: c.Mode, **plan: object) -> Live:
    """Return a comparison of these modes that has not begun."""
    about: dict[str, object] = {
        "work": "primes",
        "title": "count the primes below 60,000",
        "tasks": 8,
        "workers": 2,
        "cores": 2,
        **plan,
    }
    found = c.Comparison(outcomes=tuple(map(c.Outcome, modes)), **about)  # type: ignore[arg-type]
    made = Live(found, lambda: NOW)
    made.settle(found.title, found.tasks)
    return made


def begin(column: Column, seconds: float, done: int, workers: int = 2, **how: object) -> Column:
    """Have a mode run for so long by now."""
    kind = column.mode.kind
    said, ids = watched(kind, workers, seconds, **how)  # type: ignore[arg-type]
    for event in said:
        column.session.apply(event)
    column.workers, column.root = ids, int(str(how.get("pid", ROOT)))
    column.round, column.began = 1, NOW - seconds
    column.start = BEGIN
    column.outcome = _with(
        column,
        condition=c.RUNNING,
        version="3.12.1",
        implementation="cpython",
        gil=how.get("gil", True),
        workers=len(ids),
        launch=0.048,
        startup=0.031 if len(ids) > 1 else 0.0,
        payload=412,
        done=done,
    )
    return column


def finish(
    column: Column,
    seconds: float,
    run: c.Run,
    runs: tuple[c.Run, ...] = (),
    workers: int = 2,
    how: dict[str, object] | None = None,
    **outcome: object,
) -> Column:
    """Have a mode end well after so long."""
    begin(column, seconds, column.tasks, workers, **(how or {}))
    column.ended = NOW
    column.end = BEGIN + round(seconds * 1e6)
    column.round = max(len(runs), 1)
    column.outcome = _with(
        column, **{"condition": c.DONE, "equal": True, "runs": runs or (run,), **outcome}
    )
    return column


def stop(
    column: Column, condition: str, error: str, fix: str | None = None, **more: object
) -> None:
    """Have a mode come to a bad end."""
    if column.began is not None:
        column.ended = NOW
    column.outcome = _with(column, condition=condition, error=error, fix=fix, **more)


def _with(column: Column, **fields: object) -> c.Outcome:
    return replace(column.outcome, **fields)  # type: ignore[arg-type]


SEQUENTIAL, THREADS, PROCESSES = (c.Mode(kind) for kind in (c.SEQUENTIAL, c.THREADS, c.PROCESSES))


def shares(**states: float) -> tuple[float, ...]:
    """Return the eight shares, those not named 0."""
    words = ("hold", "wait", "native", "io", "lock", "sleep", "ready", "unknown")
    return tuple(states.get(word, 0.0) for word in words)


ONE = c.Run(4.12, 4.09, 12_400_000, shares(hold=0.99, io=0.01), 0.0, 1.0, 0.99, 4.0, 1)
FIGHT = c.Run(
    4.20, 4.16, 13_100_000, shares(hold=0.49, wait=0.50, io=0.01), 1.0, 1.98, 0.99, 184.0, 1
)
APART = c.Run(
    2.19, 4.21, 38_200_000, shares(hold=0.97, io=0.02, ready=0.01), 0.0, 0.98, 0.97, 11.0, 2
)
"""What primes come to on two cores."""


def judge(comparison: c.Comparison) -> Verdict:
    """Return the same verdict on everything: pictures are not about its rules."""
    return Verdict(
        PROCESSES,
        "Threads gain nothing (1.0x): 1.0 of 2 workers was always waiting for the GIL. Processes: "
        "1.9x on 2 cores. Use processes, or a free-threaded build.",
        (
            "Threads took 4.20 s, sequential 4.12 s: 0.98x.",
            "Processes took 2.19 s, sequential 4.12 s: 1.88x.",
            "Threads: 1.0 of 2 workers waited for the GIL on average, 50% of their time, at a GIL "
            "load of 2.0.",
            "Sequential held the GIL 99% of the time.",
        ),
    )


def running() -> Live:
    """Return three modes, of which the second runs."""
    made = live(SEQUENTIAL, THREADS, PROCESSES)
    finish(made.columns[0], 4.12, ONE)
    begin(made.columns[1], 2.6, 5)
    return made


def finished() -> Live:
    """Return three modes that have ended."""
    made = live(SEQUENTIAL, THREADS, PROCESSES)
    finish(made.columns[0], 4.12, ONE)
    finish(made.columns[1], 4.20, FIGHT)
    finish(made.columns[2], 2.19, APART, method="fork")
    made.over = True
    return made


def six() -> Live:
    """Return six modes, some of which came to no good end."""
    made = live(
        SEQUENTIAL,
        THREADS,
        PROCESSES,
        c.Mode(c.POOL, "spawn"),
        c.Mode(c.ASYNCIO),
        c.Mode(c.INTERPRETERS),
        workers=4,
        cores=4,
        repeat=3,
    )
    one, two, three, four, five, six_ = made.columns

    four_apart = replace(APART, wall=1.23, cpu=4.3, memory=71_000_000, switches_per_s=None, gils=4)

    def thrice(run: c.Run) -> tuple[c.Run, ...]:
        return tuple(replace(run, wall=run.wall * factor) for factor in (1.0, 0.985, 1.02))

    finish(one, 4.12, ONE, thrice(ONE))
    finish(two, 4.20, FIGHT, thrice(FIGHT), 4)
    finish(three, 1.23, APART, thrice(four_apart), 4, method="fork")
    begin(four, 0.9, 3, 4)
    trace = (
        'Traceback (most recent call last):\n  File "app/jobs.py", line 12, in resize\n'
        "ZeroDivisionError: division by zero\n"
    )
    stop(four, c.FAILED, "task 4 raised ZeroDivisionError: division by zero in resize",
         "run it in sequence with --modes sequential to see where", printed=trace)  # fmt: skip
    finish(five, 4.31, ONE, thrice(ONE), equal=False,
           unequal="another result than the baseline's in task 3 of 8")  # fmt: skip
    stop(six_, c.UNAVAILABLE, "CPython 3.12 has no InterpreterPoolExecutor: it came with 3.14",
         "name a newer interpreter: --modes interpreters@python3.14")  # fmt: skip
    made.over = True
    return made


def crowd(workers: int = 200) -> Live:
    """Return modes with more workers than any terminal has lines."""
    made = live(SEQUENTIAL, THREADS, PROCESSES, workers=workers, tasks=800)
    finish(made.columns[0], 4.12, ONE)
    begin(made.columns[1], 2.6, 480, workers)
    return made
