"""Rules on the GIL: who waits for it, who keeps it, and what is gained where there is none."""

from gilscope.analysis.speed import Order, median_of, order, ratio
from gilscope.analysis.verdicts.case import APART, IN_ONE_PROCESS, Case, Finding, Reading
from gilscope.analysis.verdicts.words import (
    counted,
    mean,
    of_workers,
    percent,
    seconds,
    times,
)
from gilscope.model.comparison import ASYNCIO, COMMAND, THREADS, WITH_METHOD
from gilscope.model.states import State

NOTABLE_WAIT = 0.1
"""Share of the workers' time that has to go to waiting for the GIL to be a reason."""

CROWDED = 1.3
"""GIL load from which on a worker that has a GIL to itself waits for other threads of its own; with
less it is one that holds the GIL and has no core."""

ALL_THE_TIME = 0.9
"""How much of the GIL has to be held for the wait to be called steady."""

LONG_HOLD = 0.015
"""Seconds that nobody who runs Python code keeps a GIL which others want: three times the 5 ms
after which CPython asks for it."""

MANY_SWITCHES = 5_000
"""Hand-overs of the GIL a second that cost a notable part of the time: one takes 5 to 50 µs."""

LOCKED = 0.08
"""Share of the workers' time in locks from which on these would be in the way without a GIL."""

OVERLAPPED = 1.25
"""Speed-up that coroutines which wait without blocking have at least."""

ONE_CORE = (0.7, 1.2)
"""Cores that threads use which run one at a time."""

AWAIT = "Await what blocks, or hand it to asyncio.to_thread."

INSTEAD = "Try processes, or a free-threaded build."


def waits_for_the_gil(case: Case, reading: Reading) -> Finding | None:
    """Find that workers wait for the GIL."""
    share, waiting = reading.share(State.WAIT), reading.waiting
    if reading.outcome.gil is False or share is None or waiting is None:
        return None
    if share < NOTABLE_WAIT:
        return None
    if reading.kind == COMMAND:
        return Finding(
            f"its threads waited for the GIL {percent(share)} of their time",
            f"{reading.subject}: its threads waited for the GIL {percent(share)} of their time.",
            share,
        )
    if reading.workers < 2:
        return None
    load = median_of(reading.outcome, "gil_load")
    if reading.kind in APART and (load or 0.0) < CROWDED:
        return None
    held = median_of(reading.outcome, "gil_held")
    # All but one wait: whoever is not waiting holds it, at any moment.
    all_others = reading.workers - 1.0 if (held or 0.0) >= ALL_THE_TIME else reading.workers
    at = f"; the GIL load was {mean(load)}" if load is not None else ""
    if load is not None and load > reading.workers + 0.1:
        at += ", the main thread counted"
    evidence = (
        f"{reading.subject}: {mean(waiting)} of {counted(reading.workers, 'worker')} waited for "
        f"the GIL on average, {percent(share)} of their time{at}."
    )
    return Finding(
        f"{of_workers(waiting, reading.workers, all_others)} waiting for the GIL",
        evidence,
        share,
        _instead(case, reading),
    )


def keeps_the_gil_in_one_call(case: Case, reading: Reading) -> Finding | None:
    """Find that the GIL is kept far longer than Python code keeps one that others want."""
    waits = waits_for_the_gil(case, reading)
    held = median_of(reading.outcome, "gil_held")
    switches = median_of(reading.outcome, "switches_per_s")
    length = ratio(held, switches)
    if waits is None or reading.kind not in IN_ONE_PROCESS or (reading.waiting or 0) < 0.5:
        return None
    if length is None or length < LONG_HOLD:
        return None
    return Finding(
        f"{waits.clause}, which was kept for {seconds(length)} at a time",
        f"{waits.evidence.removesuffix('.')}. It was kept for {seconds(length)} at a time: Python "
        "code has to give it up after 5 ms, a call into C code only when it is over.",
        waits.weight,
        waits.remedy,
    )


def computes_in_one_thread(case: Case, reading: Reading) -> Finding | None:
    """Find that coroutines compute, in the one thread that all of them share."""
    busy = reading.share(State.HOLD, State.NATIVE)
    if reading.kind != ASYNCIO or reading.outcome.workers > 1 or busy is None or busy < 0.5:
        return None
    return Finding(
        f"all coroutines share one thread, and it computed {percent(busy)} of the time",
        f"{reading.subject}: its one thread computed {percent(busy)} of the time; while one "
        "coroutine computes, the others stand still.",
        busy * 0.9,
        _instead(case, reading),
    )


def blocks_the_event_loop(case: Case, reading: Reading) -> Finding | None:
    """Find that coroutines wait one after the other, where threads wait side by side."""
    waits = reading.share(State.IO, State.SLEEP)
    if reading.kind != ASYNCIO or reading.outcome.workers > 1 or waits is None or waits < 0.5:
        return None
    if reading.speed is None or reading.speed > OVERLAPPED:
        return None
    python = reading.outcome.mode.python
    threads = [
        each for each in case.usable if each.kind == THREADS and each.outcome.mode.python == python
    ]
    if not any(order(each.outcome, reading.outcome) is Order.FASTER for each in threads):
        return None
    return Finding(
        "a call in the coroutines blocks the one thread that all of them share",
        f"{reading.subject}: its one thread waited {percent(waits)} of the time, for one task "
        "after the other. While a call blocks (time.sleep, requests) no other coroutine runs: "
        "await it, or hand it to asyncio.to_thread.",
        waits * 0.9,
        AWAIT,
    )


def stays_on_one_core(case: Case, reading: Reading) -> Finding | None:
    """Find, where no states are seen, that workers of one process use one core between them."""
    used = reading.cores_used
    if reading.kind not in IN_ONE_PROCESS or reading.outcome.gil is False:
        return None
    if reading.states is not None or used is None or not ONE_CORE[0] <= used <= ONE_CORE[1]:
        return None
    if case.potential(reading) < 2:
        return None
    clause = (
        f"only {mean(used)} of {case.cores} cores {'was' if mean(used) == '1.0' else 'were'} busy"
    )
    return Finding(
        clause,
        f"{reading.subject} kept {mean(used)} of {case.cores} cores busy, as threads do that "
        "compute one at a time; their states could not be seen.",
        0.3,
        _instead(case, reading),
    )


def runs_without_a_gil(case: Case, reading: Reading) -> Finding | None:
    """Find what threads gain where there is no GIL, and what one thread pays for it."""
    if reading.outcome.gil is not False or reading.kind not in IN_ONE_PROCESS:
        return None
    if reading.speed is None:
        return None
    alone = case.sequence_of(reading)
    baseline = case.baseline
    told = f"{reading.subject} {reading.verb('run', 'runs')} without a GIL: {times(reading.speed)}"
    if baseline is not None:
        told += f" as fast as {baseline.label}"
    if alone is None or baseline is None or alone is baseline:
        return Finding("there is no GIL to wait for", f"{told}.", 0.6)
    gain, cost = ratio(alone.wall, reading.wall), ratio(alone.wall, baseline.wall)
    if gain is not None:
        told += f", {times(gain)} as fast as {alone.label}"
    if cost is not None and case.order(alone) is Order.SLOWER:
        told += f"; one thread alone takes {times(cost)} as long as {baseline.label}"
    return Finding("there is no GIL to wait for", f"{told}.", 0.6)


def would_gain_without_a_gil(case: Case, reading: Reading) -> bool:
    """Whether a free-threaded build is worth a try: nothing else is known to be in the way."""
    free = any(each.outcome.gil is False for each in case.readings)
    return not free and (reading.share(State.LOCK) or 0.0) < LOCKED


def _instead(case: Case, reading: Reading) -> str | None:
    """Return what to try, if that is not among what was compared."""
    kinds = {each.kind for each in case.readings}
    free = not would_gain_without_a_gil(case, reading)
    if not kinds.isdisjoint(WITH_METHOD):
        return None if free else "Try a free-threaded build."
    return "Try processes." if free else INSTEAD
