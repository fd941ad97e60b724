"""Rules on the GIL: who waits for it, who keeps it, and what is gained where there is none."""

from gilscope.analysis.speed import Order, median_of, ratio
from gilscope.analysis.verdicts.case import IN_ONE_PROCESS, Case, Finding, Reading
from gilscope.analysis.verdicts.words import counted, mean, percent, seconds, times
from gilscope.model.comparison import ASYNCIO, COMMAND, SEQUENTIAL, WITH_METHOD
from gilscope.model.states import State

NOTABLE_WAIT = 0.1
"""Share of the workers' time that has to go to waiting for the GIL to be a reason."""

ALL_THE_TIME = 0.9
"""How much of the GIL has to be held for the wait to be called steady."""

LONG_HOLD = 0.015
"""Seconds that nobody who runs Python code keeps a GIL which others want: three times the 5 ms
after which CPython asks for it."""

ONE_CORE = (0.7, 1.2)
"""Cores that threads use which run one at a time."""

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
    held = median_of(reading.outcome, "gil_held")
    # All but one wait: whoever is not waiting holds it, at any moment.
    steady = waiting >= ALL_THE_TIME * (reading.workers - 1) and (held or 1.0) >= ALL_THE_TIME
    number = f"{mean(waiting)} of {reading.workers} workers"
    verb = "was" if mean(waiting) == "1.0" else "were"
    clause = (
        f"{number} {verb} always waiting for the GIL"
        if steady
        else f"on average {number} {verb} waiting for the GIL"
    )
    load = median_of(reading.outcome, "gil_load")
    at = f", at a GIL load of {mean(load)}" if load is not None else ""
    evidence = (
        f"{reading.subject}: {mean(waiting)} of {counted(reading.workers, 'worker')} waited for "
        f"the GIL on average, {percent(share)} of their time{at}."
    )
    return Finding(clause, evidence, share, _instead(case))


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
        f"{reading.subject}: the GIL changed hands only {mean(switches or 0)} times a second and "
        f"was kept for {seconds(length)} at a time; Python code gives it up after 5 ms, one call "
        "into C code need not.",
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
        _instead(case),
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
        _instead(case),
    )


def runs_without_a_gil(case: Case, reading: Reading) -> Finding | None:
    """Find what threads gain where there is no GIL, and what one thread pays for it."""
    if reading.outcome.gil is not False or reading.kind == SEQUENTIAL or reading.speed is None:
        return None
    alone = case.sequence_of(reading)
    told = f"{reading.subject} {reading.verb('run', 'runs')} without a GIL: {times(reading.speed)}"
    baseline = case.baseline
    if alone is None or baseline is None or alone is baseline:
        return Finding("there is no GIL to wait for", f"{told}.", 0.6)
    gain, cost = ratio(alone.wall, reading.wall), ratio(alone.wall, baseline.wall)
    if gain is not None:
        told += f", and {times(gain)} of {alone.label}"
    if cost is not None and case.order(alone) is Order.SLOWER:
        told += f"; one thread alone takes {times(cost)} as long as {baseline.label}"
    return Finding("there is no GIL to wait for", f"{told}.", 0.6)


def _instead(case: Case) -> str | None:
    """Return what to try, if that is not among what was compared."""
    kinds = {each.kind for each in case.readings}
    free = any(each.outcome.gil is False for each in case.readings)
    if not kinds.isdisjoint(WITH_METHOD):
        return None if free else "Try a free-threaded build."
    return "Try processes." if free else INSTEAD
