"""Which rules there are, and which of their findings say most."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from gilscope.analysis.speed import Order
from gilscope.analysis.verdicts.case import IN_ONE_PROCESS, Case, Finding, Reading
from gilscope.analysis.verdicts.circumstances import (
    compares_interpreters,
    is_faster_in_sequence,
    ran_together,
    starts_slowly,
    take,
)
from gilscope.analysis.verdicts.cores import (
    differs_in_speed,
    fills_the_cores,
    finds_no_core,
    has_one_worker,
    is_kept_off_its_cores,
    more_workers_than_cores,
    sequence_fills_the_cores,
    takes_more_cpu,
)
from gilscope.analysis.verdicts.gil import (
    blocks_the_event_loop,
    computes_in_one_thread,
    keeps_the_gil_in_one_call,
    runs_without_a_gil,
    stays_on_one_core,
    waits_for_the_gil,
)
from gilscope.analysis.verdicts.handing import (
    copies_large_objects,
    hands_over_small_tasks,
    has_too_few_tasks,
)
from gilscope.analysis.verdicts.locks import has_locks_of_its_own, waits_for_a_lock
from gilscope.analysis.verdicts.nature import (
    computes_in_python,
    runs_native_code,
    waits_for_what_it_started,
    waits_outside,
)
from gilscope.analysis.verdicts.trouble import could_not_be_seen, results_differ
from gilscope.model.comparison import COMMAND, SEQUENTIAL

OfMode = Callable[[Case, Reading], Finding | None]
OfAll = Callable[[Case], Finding | None]

LIMITS: tuple[OfMode, ...] = (
    keeps_the_gil_in_one_call,
    waits_for_the_gil,
    computes_in_one_thread,
    blocks_the_event_loop,
    waits_for_a_lock,
    copies_large_objects,
    hands_over_small_tasks,
    has_too_few_tasks,
    finds_no_core,
    is_kept_off_its_cores,
    fills_the_cores,
    takes_more_cpu,
    stays_on_one_core,
)
"""Why a mode is no faster; of two that weigh the same the first is told."""

OTHERS: tuple[OfMode, ...] = (
    runs_without_a_gil,
    has_locks_of_its_own,
    is_faster_in_sequence,
    starts_slowly,
    could_not_be_seen,
)
"""What else is told of a mode that can be compared."""

NATURE: tuple[OfMode, ...] = (
    waits_outside,
    waits_for_what_it_started,
    runs_native_code,
    computes_in_python,
)
"""What the work does; of modes that say the same, the first is told."""

CIRCUMSTANCES: tuple[OfAll, ...] = (
    results_differ,
    take,
    differs_in_speed,
    has_one_worker,
    sequence_fills_the_cores,
    more_workers_than_cores,
    ran_together,
    compares_interpreters,
)
"""What is told of all modes together."""

TWICE: dict[OfMode, OfMode] = {keeps_the_gil_in_one_call: waits_for_the_gil}
"""Rules that tell all that another one tells, and more."""

BACKGROUND = 0.5
"""Part of its weight that what the work does has beside why a mode is no faster."""

EXPLAINS = 0.15
"""Weight from which on a finding explains why a mode is no faster."""

EXPLAINED = (SEQUENTIAL, COMMAND, *IN_ONE_PROCESS)
"""Kinds of which it is told what the work does in them: processes do the same."""

MOST = 5
"""Sentences of evidence, as many as somebody reads; what is left out is the weakest of it."""


@dataclass(frozen=True, slots=True)
class Loss:
    """Modes that are not among the fastest, and why."""

    readings: tuple[Reading, ...]
    why: Finding


def reason(case: Case, reading: Reading) -> tuple[OfMode, Finding] | None:
    """Return why a mode is no faster, by what explains most of it; None where nothing is found."""
    if reading.kind == SEQUENTIAL:
        return None
    found = [(rule, finding) for rule in LIMITS if (finding := rule(case, reading)) is not None]
    most = max(found, key=lambda each: each[1].weight, default=None)
    return most if most is not None and most[1].weight >= EXPLAINS else None


def evidence(case: Case) -> tuple[str, ...]:
    """Return one sentence for each rule that has found something, the strongest first.

    Of several modes that a rule has found something about, the one it explains most of is told.
    """
    found = [finding for rule in CIRCUMSTANCES if (finding := rule(case)) is not None]
    told: dict[OfMode, Finding] = {}
    for reading in case.usable:
        alone = reading.kind == SEQUENTIAL
        rules = OTHERS + ((is_kept_off_its_cores,) if alone else LIMITS)
        rules += NATURE if reading.kind in EXPLAINED else ()
        for rule in rules:
            finding = rule(case, reading)
            if finding is not None and rule in NATURE:
                finding = replace(finding, weight=finding.weight * BACKGROUND)
            known = told.get(rule)
            if finding is None or (known is not None and rule in NATURE):
                continue
            if known is None or finding.weight > known.weight:
                told[rule] = finding
    for fuller, rule in TWICE.items():
        if fuller in told:
            told.pop(rule, None)
    found += told.values()
    found.sort(key=lambda finding: -finding.weight)
    return tuple(finding.evidence for finding in found[:MOST])


def losers(case: Case, leaders: tuple[Reading, ...]) -> list[Loss]:
    """Return the modes that are not among the fastest and why, in their order.

    Those that lose alike and for the same reason are one loss, told by whom it explains most of.
    """
    told: dict[tuple[OfMode, Order], Loss] = {}
    for reading in case.usable:
        if any(reading is each for each in leaders):
            continue
        found = reason(case, reading)
        if found is None:
            continue
        rule, why = found
        key = (rule, case.order(reading))
        known = told.get(key)
        if known is None:
            told[key] = Loss((reading,), why)
        else:
            heaviest = max(known.why, why, key=lambda finding: finding.weight)
            shared = replace(heaviest, clause=heaviest.of_several or heaviest.clause)
            told[key] = Loss((*known.readings, reading), shared)
    return list(told.values())
