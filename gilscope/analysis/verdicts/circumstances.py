"""Rules on how the comparison was made: start-up, interpreters, and modes that ran together."""

from gilscope.analysis.speed import Order, known, ratio
from gilscope.analysis.verdicts.case import Case, Finding, Reading
from gilscope.analysis.verdicts.words import (
    counted,
    exact_seconds,
    exact_times,
    percent,
    seconds,
    times,
)
from gilscope.model.comparison import SEQUENTIAL

MANY = 6
"""Modes whose times fit into a sentence: the table has them all."""

SLOW_START = 0.25
"""Share of the sequential run that a start-up has to take to be told."""


def break_even(case: Case, reading: Reading) -> float | None:
    """Return the seconds of sequential work from which on a mode wins, its start-up counted.

    Work of w seconds takes w / s and the start-up at a speed-up of s, so it wins from
    start-up / (1 - 1 / s) on. None where it never does.
    """
    base, startup = case.sequence_of(reading), known(reading.outcome.startup)
    if base is None or base is reading or startup is None:
        return None
    speed = ratio(base.wall, reading.wall)
    return known(startup / (1 - 1 / speed)) if speed is not None and speed > 1 else None


def starts_slowly(case: Case, reading: Reading) -> Finding | None:
    """Find that the start-up, which no speed-up counts, is of the order of the work."""
    base, startup = case.sequence_of(reading), known(reading.outcome.startup)
    enough, part = break_even(case, reading), ratio(startup, base.wall if base else None)
    if base is None or base.wall is None or startup is None or part is None or enough is None:
        return None
    if part < SLOW_START or case.order(reading) is not Order.FASTER:
        return None
    only = "only " if enough > base.wall else ""
    return Finding(
        f"with {reading.verb('their', 'its')} start-up ({seconds(startup)}) "
        f"{reading.verb('they win', 'it wins')} {only}from about {seconds(enough)} of work on",
        f"{reading.subject} took {seconds(startup)} to start, which no speed-up counts; for work "
        f"that takes {seconds(base.wall)} in sequence that is {percent(part)}.",
        min(1.0, part),
    )


def is_faster_in_sequence(case: Case, reading: Reading) -> Finding | None:
    """Find that another interpreter is faster without any workers."""
    baseline = case.in_sequence
    if baseline is None or reading is baseline or reading.kind != SEQUENTIAL:
        return None
    if reading.speed is None or case.order(reading) is not Order.FASTER:
        return None
    return Finding(
        "the interpreter alone is faster",
        f"{reading.subject} is {times(reading.speed)} as fast as {baseline.label}, without any "
        "workers.",
        0.55,
    )


def compares_interpreters(case: Case) -> Finding | None:
    """Find that speed-ups are against another interpreter than that of some modes."""
    pythons = {each.outcome.mode.python for each in case.usable}
    if case.baseline is None or case.commands or len(pythons) < 2:
        return None
    return Finding(
        f"all figures are against {case.baseline.label}",
        f"All speed-ups are against {case.baseline.label}, those of other interpreters, too.",
        0.1,
    )


def ran_together(case: Case) -> Finding | None:
    """Find that the modes ran at the same time, on cores of their own."""
    if not case.comparison.together:
        return None
    each = case.comparison.cores_each
    on = f"on {counted(each, 'core')} each" if each else "on cores of their own"
    return Finding(
        f"all ran at the same time, {on}",
        f"All ran at the same time, {on}: alone, each has the whole machine and other figures.",
        1.5,
    )


def take(case: Case) -> Finding | None:
    """Tell the times of all modes beside that of the baseline: what every verdict rests on."""
    baseline = case.baseline
    if baseline is None or baseline.wall is None or not case.rivals:
        return None
    told = []
    fastest = sorted(case.rivals, key=lambda each: each.wall or 0.0)[:MANY]
    for each in case.rivals:
        if all(each is not one for one in fastest):
            continue
        fast = "" if each.speed is None else f", {exact_times(each.speed)}"
        told.append(f"{each.label} {exact_seconds(each.wall or 0.0)}{_spread(each)}{fast}")
    if len(case.rivals) > MANY:
        told.append(f"{counted(len(case.rivals) - MANY, 'other')} slower")
    runs = case.comparison.repeat
    medians = f" (medians of {runs} runs)" if runs > 1 else ""
    against = f"{exact_seconds(baseline.wall)}{_spread(baseline)}"
    evidence = f"{baseline.subject} took {against}; {'; '.join(told)}{medians}."
    return Finding(against, evidence, 2.0)


def _spread(reading: Reading) -> str:
    """Return between which times the runs were; nothing where there are no two."""
    lowest, highest = map(known, reading.outcome.spread or (None, None))
    if lowest is None or highest is None:
        return ""
    least, most = exact_seconds(lowest), exact_seconds(highest)
    if least == most:
        return ""
    unit = most.rpartition(" ")[2]
    return f" ({least.removesuffix(f' {unit}')} to {most})"
