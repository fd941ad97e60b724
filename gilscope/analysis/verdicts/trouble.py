"""Rules on modes that cannot be compared: wrong results, failures, and what could not be seen."""

from gilscope.analysis.speed import Order
from gilscope.analysis.verdicts.case import IN_ONE_PROCESS, Case, Finding, Reading
from gilscope.analysis.verdicts.words import capital, joined
from gilscope.analysis.verdicts.words import clause as as_clause
from gilscope.model.comparison import DONE, ENDED, FAILED, SKIPPED, TIMED_OUT, UNAVAILABLE
from gilscope.model.text import clean

HOW = {
    FAILED: ("failed", "failed"),
    UNAVAILABLE: ("are not available", "is not available"),
    SKIPPED: ("were skipped", "was skipped"),
    TIMED_OUT: ("ran out of time", "ran out of time"),
}
"""How it is said that several did not end well, and that one did not."""

BEFORE_ALL = 3.0
"""Weight of what has to be told before anything else."""


def results_differ(case: Case) -> Finding | None:
    """Find modes whose results are not those of the baseline."""
    wrong = [each for each in case.readings if each.outcome.equal is False]
    if not wrong or not case.readings:
        return None
    first = case.readings[0].label
    subject = joined([each.label for each in wrong])
    verb = "give" if len(wrong) > 1 or wrong[0].many else "gives"
    clause = f"{subject} {verb} other results than {first}: not comparable"
    why = {as_clause(each.outcome.unequal): None for each in wrong if each.outcome.unequal}
    evidence = f"{capital(subject)} {verb} other results than {first}"
    evidence += f": {'; '.join(why)}." if why else ", so no speed-up is told."
    return Finding(clause, evidence, BEFORE_ALL)


def did_not_finish(case: Case, reading: Reading) -> Finding | None:
    """Find that a mode ended without a result that can be compared."""
    condition = reading.outcome.condition
    if condition not in ENDED:
        return None
    if condition == DONE:
        if reading.wall is not None:
            return None
        return Finding("no time was measured", f"{reading.subject}: no time was measured.", 0.04)
    plain = clean(condition)
    how = reading.verb(*HOW.get(condition, (plain, plain)))
    error = reading.outcome.error
    told = f"{how}: {as_clause(error)}" if error else how
    return Finding(told, f"{reading.subject} {told}.", 0.04)


def could_not_be_seen(case: Case, reading: Reading) -> Finding | None:
    """Find that a mode gained nothing and nobody could see why."""
    if reading.states is not None or reading.kind not in IN_ONE_PROCESS:
        return None
    if case.order(reading) is Order.FASTER or reading is case.baseline:
        return None
    fidelity = reading.outcome.fidelity
    told = f" (fidelity {clean(fidelity)})" if fidelity else ""
    return Finding(
        "why could not be seen",
        f"{reading.subject}: the states of its workers could not be seen{told}.",
        0.05,
    )
