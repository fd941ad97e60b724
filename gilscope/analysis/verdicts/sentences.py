"""The sentences that a verdict is put together from."""

from collections.abc import Callable, Sequence

from gilscope.analysis.speed import ENOUGH, Order
from gilscope.analysis.verdicts.case import APART, IN_ONE_PROCESS, Case, Reading
from gilscope.analysis.verdicts.choice import MEMORY, STARTUP, WORKERS, Choice, price
from gilscope.analysis.verdicts.circumstances import (
    compares_interpreters,
    ran_together,
    starts_slowly,
)
from gilscope.analysis.verdicts.cores import takes_more_cpu
from gilscope.analysis.verdicts.gil import (
    runs_without_a_gil,
    waits_for_the_gil,
    would_gain_without_a_gil,
)
from gilscope.analysis.verdicts.locks import has_locks_of_its_own
from gilscope.analysis.verdicts.nature import (
    runs_native_code,
    waits_for_what_it_started,
    waits_outside,
)
from gilscope.analysis.verdicts.reasons import Loss, reason
from gilscope.analysis.verdicts.trouble import did_not_finish
from gilscope.analysis.verdicts.words import (
    capital,
    counted,
    exact_times,
    joined,
    seconds,
    size,
    times,
)
from gilscope.model.comparison import SEQUENTIAL

WHY_FAST = (runs_without_a_gil, runs_native_code, waits_outside, waits_for_what_it_started)
"""Rules on why workers of one process can be fast."""

MANY = 4
"""Modes that are told by name."""

LITTLE = 1.25
"""A speed-up up to which little is gained."""

FAR = 0.75
"""Part of what could be had below which a speed-up needs a reason."""

HINT = 1.03
"""A speed-up that more runs may show to be one, where it is not clear."""


def gains(case: Case, readings: Sequence[Reading]) -> str:
    """Return what modes that lose alike gain: "Threads gain nothing (1.0x)"."""
    first = readings[0]
    order = case.order(first)
    # That 0.96x is slower nobody sees who reads 1.0x.
    hidden = order is not Order.NOT_CLEAR and any(map(_looks_equal, readings))
    tell = exact_times if hidden else times
    if len(readings) > 1:
        subject, told = capital(with_speeds(readings, tell=tell)), ""
    else:
        subject, told = first.subject, f" ({tell(first.speed)})" if first.speed is not None else ""
    many = len(readings) > 1 or first.many
    if case.baseline is not None and order is Order.SLOWER:
        return f"{subject} {'are' if many else 'is'} slower than {case.baseline.label}{told}"
    gain = "gain" if many else "gains"
    if order is Order.NOT_CLEAR:
        clear = all((each.speed or 0) < 1 or _looks_equal(each) for each in readings)
        return f"{subject} {gain} nothing{'' if clear else ' that is clear'}{told}"
    little = all((each.speed or 0) < LITTLE for each in readings)
    return f"{subject} {gain} {'little' if little else 'less'}{told}"


def loses(case: Case, loss: Loss) -> str:
    """Return why modes are not among the fastest."""
    if any(each is case.baseline for each in loss.readings):
        # It gains nothing against itself.
        names = capital(joined([each.label for each in loss.readings]))
        return f"{names}: {loss.why.clause}."
    why = loss.why.clause
    # Waiting for each other makes workers no slower than one.
    dearer = [found for each in loss.readings if (found := takes_more_cpu(case, each)) is not None]
    slower = all(case.order(each) is Order.SLOWER for each in loss.readings)
    if slower and len(dearer) == len(loss.readings) == 1 and dearer[0].clause not in why:
        why += f", and {dearer[0].clause}"
    return f"{gains(case, loss.readings)}: {why}."


def wins(case: Case, reading: Reading) -> str:
    """Return how fast the best mode is, on what, and why no faster or why so fast."""
    told = times(reading.speed or 0.0)
    baseline = case.baseline
    if baseline is not None and (case.several_interpreters or baseline.kind != SEQUENTIAL):
        told += f" as fast as {baseline.label}"
    together = ran_together(case)
    if together is not None:
        told += f" ({together.clause})"
    elif reading.kind != SEQUENTIAL:
        told += f" {stage(case, reading)}"
    return f"{reading.subject}: {told}{because(case, reading)}{provided(case, reading)}."


def provided(case: Case, reading: Reading) -> str:
    """Return from how much work on the best mode is it, where its start-up counts."""
    slow = starts_slowly(case, reading)
    if slow is None:
        return ""
    return f"{';' if because(case, reading) else ', but'} {slow.clause}"


def stage(case: Case, reading: Reading) -> str:
    """Return what the speed-up was had with: cores where the work computes, else workers."""
    workers = counted(reading.tasks_at_once or 1, "worker")
    if not case.computes:
        return f"with {workers}"
    if (reading.tasks_at_once or 1) > case.cores:
        return f"with {workers} on {counted(case.cores, 'core')}"
    return f"on {counted(case.cores, 'core')}"


def because(case: Case, reading: Reading) -> str:
    """Return why the best mode is so fast, or what keeps it from being faster."""
    why = reason(case, reading)
    most = case.potential(reading) if case.computes else reading.tasks_at_once or 1
    if why is not None and (reading.speed or most) < FAR * most:
        return f", but {why[1].clause}"
    if reading.kind in IN_ONE_PROCESS:
        for rule in WHY_FAST:
            found = rule(case, reading)
            if found is not None:
                return f", since {found.clause}"
    return ""


def advice(case: Case, best: Reading) -> str:
    """Return what to use."""
    told = f"Use {best.label}"
    own_locks = has_locks_of_its_own(case, best)
    if own_locks is not None:
        return f"{told}, {own_locks.clause}."
    waits = any(
        waits_for_the_gil(case, each) is not None and would_gain_without_a_gil(case, each)
        for each in case.usable
        if each.kind in IN_ONE_PROCESS
    )
    if best.kind in APART and waits:
        told += ", or a free-threaded build"
    return f"{told}."


def about_the_work(case: Case) -> str | None:
    """Return what the work is, where that explains why several modes are as fast."""
    base = case.in_sequence
    if base is None:
        return None
    found = (
        waits_outside(case, base)
        or waits_for_what_it_started(case, base)
        or runs_native_code(case, base)
    )
    return None if found is None else f"In sequence {found.clause}."


def with_speeds(
    readings: Sequence[Reading], word: str = "and", tell: Callable[[float], str] = times
) -> str:
    """Return modes with their speed-ups: "threads (7.6x) and asyncio (7.5x)"."""
    told = [
        f"{each.label} ({tell(each.speed)})" if each.speed is not None else each.label
        for each in readings
    ]
    if len(told) > MANY:
        told[MANY - 1 :] = [counted(len(told) - MANY + 1, "other")]
    return joined(told, word)


def are_equal(case: Case, choice: Choice) -> str:
    """Return that the fastest are not told apart by their times."""
    return f"{capital(with_speeds(choice.leaders))} are equally fast{measure(case)}."


def measure(case: Case) -> str:
    """Return what all speed-ups are against, where that is not plain."""
    found = compares_interpreters(case)
    return "" if found is None else f"; {found.clause}"


def cheaper(choice: Choice) -> str:
    """Return which of the equals to use: those that take less."""
    names, number = joined([each.label for each in choice.left], "or"), len(choice.left)
    several = number > 1
    use = f"Use {'either ' if number == 2 else 'any of ' if several else ''}{names}"
    if choice.by == WORKERS:
        return f"{use}: no workers are needed."
    by = choice.by or MEMORY
    dearer = [each for each in choice.leaders if all(each is not one for one in choice.left)]
    what = "less memory" if by == MEMORY else "less time to start"
    takes = "they take" if several or choice.left[0].many else "it takes"
    ours, theirs = _prices(choice.left, by), _prices(dearer, by)
    return f"{use}: {takes} {what}, {ours} against {theirs}."


def not_clear(case: Case, left: Sequence[Reading]) -> list[str]:
    """Return that several are left which nothing tells apart."""
    told = [f"Not clear which is faster: {with_speeds(left, 'or')}{measure(case)}."]
    return [*told, surer(case) or f"Their times overlap in {case.comparison.repeat} runs: use any."]


def surer(case: Case) -> str | None:
    """Return the advice to measure more often, unless that has been done."""
    if case.comparison.repeat >= ENOUGH:
        return None
    return f"Run with --repeat {ENOUGH} to be surer."


def no_verdict(case: Case) -> str | None:
    """Return why nothing can be compared; None where it can."""
    if not case.readings:
        return "No verdict: nothing was run."
    first = case.readings[0]
    if case.baseline is None:
        if first in case.pending:
            return f"No verdict yet: {first.label} has not finished."
        found = did_not_finish(case, first)
        how = found.clause if found is not None else "gave wrong results"
        told = f"No verdict: {first.label}, which the others are measured against, {how}."
        fastest = min(case.usable, key=lambda each: each.wall or 0.0, default=None)
        if fastest is not None:
            told += f" Fastest of the others: {fastest.label}, {seconds(fastest.wall or 0.0)}."
        return told
    if case.rivals:
        return None
    if case.pending:
        return f"No verdict yet: only {first.label} has finished."
    if len(case.readings) == 1:
        return f"No verdict: only {first.label} was run, and there is nothing to compare it with."
    failed = [
        f"{each.label} {found.clause}"
        for each in case.readings[1:]
        if (found := did_not_finish(case, each)) is not None
    ]
    told = f"No verdict: only {first.label} finished with results that can be compared"
    return f"{told}; {failed[0]}." if failed else f"{told}."


def _looks_equal(reading: Reading) -> bool:
    return reading.speed is not None and times(reading.speed) == "1.0x"


def _prices(readings: Sequence[Reading], by: str) -> str:
    told = [
        seconds(cost) if by == STARTUP else size(cost)
        for each in readings
        if (cost := price(each, by)) is not None
    ]
    return joined(list(dict.fromkeys(told)))
