"""The verdict on a comparison, in words: which mode is the best, and why.

It reads only what was measured. The rules are in `verdicts/`; here their findings become one to
three sentences, the most telling ones, and all of them together the evidence.
"""

from dataclasses import dataclass

from gilscope.analysis.speed import ratio
from gilscope.analysis.verdicts.case import APART, Case, Reading, case_of
from gilscope.analysis.verdicts.choice import Choice, choose
from gilscope.analysis.verdicts.cores import (
    differs_in_speed,
    has_one_worker,
    is_kept_off_its_cores,
    may_be_faster,
    sequence_fills_the_cores,
)
from gilscope.analysis.verdicts.gil import AWAIT
from gilscope.analysis.verdicts.reasons import evidence, losers
from gilscope.analysis.verdicts.sentences import (
    HINT,
    about_the_work,
    advice,
    are_equal,
    cheaper,
    loses,
    no_verdict,
    not_clear,
    surer,
    wins,
    with_speeds,
)
from gilscope.analysis.verdicts.trouble import results_differ
from gilscope.analysis.verdicts.words import exact_seconds, joined, times
from gilscope.model.comparison import Comparison, Mode
from gilscope.model.text import clean


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a comparison says.

    Attributes:
        best: the mode to use; None where it is not clear, or not known yet.
        text: one to three sentences, after one on results that are wrong.
        evidence: one sentence with figures for each rule that has found something, the strongest
            first.
    """

    best: Mode | None
    text: str
    evidence: tuple[str, ...]


Told = tuple[Reading | None, list[str]]


def judge(comparison: Comparison) -> Verdict:
    """Return the verdict on a comparison, finished or not."""
    case = case_of(comparison)
    best, told = _judged(case)
    wrong = results_differ(case)
    if wrong is not None:
        told = [f"{clean(comparison.work)}: {wrong.clause}.", *told]
    return Verdict(None if best is None else best.outcome.mode, " ".join(told), evidence(case))


def _judged(case: Case) -> Told:
    nothing = no_verdict(case)
    choice = choose(case)
    if nothing is not None or choice is None:
        return None, [nothing or "No verdict: nothing was measured."]
    best, told = _of_commands(case, choice) if case.commands else _of_modes(case, choice)
    if case.pending:
        # What has not finished may be better still.
        return None, [f"So far: {told[0]}", *told[1:]]
    return best, told


def _of_modes(case: Case, choice: Choice) -> Told:
    baseline = case.baseline
    held_up = _held_up(case, choice)
    if held_up is not None:
        return None, held_up
    lone = has_one_worker(case)
    if baseline is not None and lone is not None and not case.several_interpreters:
        return baseline, [f"{lone.clause}.", lone.remedy or ""]
    leads = any(each is baseline for each in choice.leaders)
    # One that is no sequence is a way like the others, and may be as good as one of them.
    if baseline is not None and leads and (baseline is case.in_sequence or choice.alone):
        return _nothing_gained(case, baseline, choice)
    lost = losers(case, choice.leaders)
    told = [loses(case, loss) for loss in lost[:1]]
    if choice.alone:
        best = choice.leaders[0]
        return best, [*told, wins(case, best), advice(case, best)]
    nature = about_the_work(case)
    if nature is not None:
        # What the work does explains the others; not that coroutines stand in their own way.
        told = [loses(case, loss) for loss in lost if loss.why.remedy == AWAIT][:1] or [nature]
    if choice.by is None:
        return choice.best, [*told, *not_clear(case, choice.left)]
    return choice.best, [*told, are_equal(case, choice), cheaper(choice)]


def _held_up(case: Case, choice: Choice) -> list[str] | None:
    """Tell that something else had the cores of the baseline, or of a mode that lost for it."""
    baseline, alone = case.baseline, case.in_sequence
    disturbed = is_kept_off_its_cores(case, alone) if alone is not None else None
    if alone is not None and disturbed is not None:
        # Every speed-up is a multiple of its time.
        unclear = f"Not clear: {alone.label} was held up, {disturbed.clause}."
        return [unclear, disturbed.remedy or ""]
    winners = choice.leaders
    if baseline is not None and any(each is baseline for each in winners):
        # To be no faster than the baseline is to lose.
        winners = (baseline,)
    losing = [each for each in case.usable if all(each is not one for one in winners)]
    for each in losing:
        found = may_be_faster(case, each, winners[0])
        if found is not None:
            return [f"Not clear: {found.clause}.", found.remedy or ""]
    return None


def _nothing_gained(case: Case, baseline: Reading, choice: Choice) -> Told:
    """Tell that no mode is clearly faster than the baseline, and why the others are not."""
    full = sequence_fills_the_cores(case)
    if full is not None:
        return baseline, [f"Nothing helps: {full.clause}.", f"Keep it {baseline.label}."]
    told = losers(case, (baseline,))
    fastest = max(case.rivals, key=lambda each: each.speed or 0.0)
    if choice.leaders[0] is not baseline and (fastest.speed or 0.0) >= HINT and surer(case):
        unclear = f"Not clear whether anything is faster than {baseline.label}"
        uneven = differs_in_speed(case)
        doubt = "" if uneven is None else f", but {uneven.clause}"
        return None, [
            f"{unclear}: {fastest.label} {times(fastest.speed or 0.0)}{doubt}.",
            surer(case) or "",
        ]
    if not told:
        speeds = with_speeds(case.rivals)
        return baseline, [f"Nothing is faster than {baseline.label}: {speeds}.", _keep(baseline)]
    # What is to be done about processes says more than that they could be tried instead.
    told_of = sorted(told, key=lambda loss: all(each.kind not in APART for each in loss.readings))
    remedies = [loss.why.remedy for loss in told_of if loss.why.remedy]
    if baseline is not case.in_sequence:
        # Workers it has already, and of them the best.
        remedies = []
    sentences = [loses(case, loss) for loss in told[:2]]
    explained = [each.label for loss in told for each in loss.readings]
    if any(each.label not in explained for each in case.rivals):
        speeds = with_speeds(case.rivals)
        sentences = [f"Nothing is faster than {baseline.label}: {speeds}.", *sentences[:1]]
    return baseline, [*sentences, remedies[0] if remedies else _keep(baseline)]


def _keep(baseline: Reading) -> str:
    return f"Keep it {baseline.label}." if baseline.tasks_at_once == 1 else f"Use {baseline.label}."


def _of_commands(case: Case, choice: Choice) -> Told:
    if not choice.alone:
        if choice.by is not None:
            return choice.best, [are_equal(case, choice), cheaper(choice)]
        return choice.best, not_clear(case, choice.left)
    best, told = choice.leaders[0], []
    others = [each for each in case.usable if each is not best]
    if len(others) == 1:
        (other,) = others
        multiple = ratio(other.wall, best.wall) or 1.0
        walls = f"{exact_seconds(best.wall or 0.0)} against {exact_seconds(other.wall or 0.0)}"
        told.append(f"{best.subject} is {times(multiple)} as fast as {other.label}: {walls}.")
    else:
        walls = joined([f"{each.label} {exact_seconds(each.wall or 0.0)}" for each in others])
        told.append(f"{best.subject} is the fastest: {exact_seconds(best.wall or 0.0)}; {walls}.")
    told += [
        f"{joined([each.label for each in loss.readings])}: {loss.why.clause}."
        for loss in losers(case, (best,))[:1]
    ]
    return best, told
