"""What the verdict and its evidence rest on, and what they never say."""

import re

import pytest
from hypothesis import given, settings

from gilscope.analysis.verdict import judge
from gilscope.model.comparison import (
    FAILED,
    RUNNING,
    SKIPPED,
    TIMED_OUT,
    Mode,
    Outcome,
)
from tests.analysis import compared
from tests.analysis.any_comparison import comparisons
from tests.analysis.outcomes import a_comparison, an_outcome, cpu_processes, gil_threads, sequential


def test_a_mode_that_was_kept_off_its_cores_has_not_lost():
    processes = cpu_processes(3.9, cpu=3.9, states={"hold": 0.98})
    verdict = judge(a_comparison(sequential(), gil_threads(), processes))
    assert verdict.best is None
    assert verdict.text == (
        "Not clear: processes were held up, they got 1.0 of the 2.0 cores that they could have "
        "used. Run it again when nothing else runs."
    )


def test_a_mode_that_was_kept_off_its_cores_and_won_all_the_same_has_won():
    processes = cpu_processes(3.0, cpu=4.0, states={"hold": 0.98})
    verdict = judge(a_comparison(sequential(), gil_threads(), processes))
    assert verdict.best == Mode("processes")
    assert "but they got 1.3 of the 2.0 cores that they could have used" in verdict.text


def test_enough_runs_show_that_less_cpu_time_is_no_chance():
    threads = an_outcome("threads", *[3.2] * 5, cpu=3.15, states={"hold": 0.5, "lock": 0.5})
    verdict = judge(a_comparison(sequential(*[4.0] * 5), threads, repeat=5))
    assert verdict.best == Mode("threads")


def test_what_is_clear_only_in_the_second_digit_is_told_to_it():
    slower = gil_threads(*[4.2] * 5)
    verdict = judge(a_comparison(sequential(*[4.0] * 5), slower, cpu_processes(), repeat=5))
    assert verdict.text.startswith("Threads are slower than sequential (0.95x)")


def test_a_run_of_milliseconds_shows_no_difference_of_a_few():
    comparison = a_comparison(sequential(0.066), an_outcome("threads", 0.051), tasks=2)
    assert judge(comparison).best is None


def test_the_evidence_is_what_somebody_reads_and_says_nothing_twice():
    locked = judge(compared.locked()).evidence
    assert len([each for each in locked if "waited for a lock" in each]) == 1
    kept = judge(compared.regex()).evidence
    assert len([each for each in kept if "waited for the GIL" in each]) == 1
    for case in compared.CASES:
        assert len(judge(case()).evidence) <= 5


def test_why_a_mode_gains_nothing_is_told_before_what_the_work_does():
    _, lock, own, nature = judge(compared.own_locks()).evidence
    assert lock.startswith("Threads: 1.0 of 2 workers waited for a lock")
    assert own.startswith("Processes did not wait for the lock")
    assert nature.startswith("Sequential slept")


def test_equals_that_lacked_cores_alike_are_told_as_equals():
    short = {"cpu": 2.9, "states": {"hold": 0.98}}
    verdict = judge(
        a_comparison(
            sequential(),
            gil_threads(),
            cpu_processes(2.1, **short),
            cpu_processes(2.1, kind="pool", **short),
        )
    )
    assert "Not clear which is faster: processes (1.9x) or pool (1.9x)" in verdict.text


def test_several_runs_are_told_with_their_spread_where_there_is_one():
    times = judge(
        a_comparison(sequential(4.0, 4.0, 4.0), cpu_processes(2.0, 2.2, 2.1), repeat=3)
    ).evidence[0]
    assert times == (
        "Sequential took 4.00 s; processes 2.10 s (2.00 to 2.20 s), 1.90x (medians of 3 runs)."
    )


def test_of_many_modes_the_fastest_are_told():
    many = [
        cpu_processes(2.0 + place / 100, kind=Mode("pool", python=str(place))) for place in range(9)
    ]
    verdict = judge(a_comparison(sequential(), *many))
    assert "and 6 others" in verdict.text or "or 6 others" in verdict.text
    assert verdict.evidence[0].endswith("; 3 others slower.")


def test_a_reason_that_explains_little_is_none():
    threads = gil_threads(
        4.8,
        cpu=2.0,
        waiting=0.22,
        load=0.7,
        held=0.4,
        states={"hold": 0.2, "wait": 0.11, "io": 0.69},
    )
    verdict = judge(
        a_comparison(sequential(cpu=1.6, states={"hold": 0.4, "io": 0.6}), threads, work="a:b")
    )
    assert verdict.text == "Nothing is faster than sequential: threads (0.83x). Keep it sequential."


def test_a_faster_mode_that_may_be_chance_is_not_clear():
    verdict = judge(a_comparison(sequential(4.0), gil_threads(3.75)))
    assert verdict.best is None
    assert verdict.text == (
        "Not clear whether anything is faster than sequential: threads 1.1x. Run with --repeat 5 "
        "to be surer."
    )


def test_against_a_baseline_that_was_held_up_nothing_is_clear():
    verdict = judge(a_comparison(sequential(4.0, cpu=2.4), gil_threads(2.4, cpu=2.4)))
    assert verdict.best is None
    assert verdict.text == (
        "Not clear: sequential was held up, it got a core 60% of the time, and could have used it "
        "99%. Run it again when nothing else runs."
    )


def test_enough_runs_make_the_same_difference_clear():
    verdict = judge(a_comparison(sequential(*[4.0] * 5), gil_threads(*[3.75] * 5), repeat=5))
    assert verdict.best == Mode("threads")


def test_a_mode_whose_reason_nobody_could_see_is_told_all_the_same():
    blind = an_outcome("threads", 4.1, states=None, fidelity="none", gil=None)
    verdict = judge(a_comparison(sequential(states=None), blind))
    assert verdict.text == "Nothing is faster than sequential: threads (1.0x). Keep it sequential."
    assert "Threads: the states of its workers could not be seen (fidelity none)." in (
        verdict.evidence
    )


def test_modes_that_ran_together_are_judged_by_the_cores_that_each_had():
    verdict = judge(compared.primes(together=True, cores_each=1, cores=3))
    assert "Processes: 1.9x (all ran at the same time, on 1 core each)" in verdict.text


def test_a_baseline_of_workers_is_named_where_it_loses_and_where_others_are_measured():
    verdict = judge(a_comparison(gil_threads(4.0), cpu_processes(2.1)))
    assert verdict.text == (
        "Threads: 1.0 of 2 workers was always waiting for the GIL. Processes: 1.9x as fast as "
        "threads with 2 workers. Use processes, or a free-threaded build."
    )


def test_a_baseline_of_workers_that_is_fastest_is_the_best():
    verdict = judge(a_comparison(*compared.zlib().outcomes[1:], tasks=40))
    assert verdict.best == Mode("threads")
    assert verdict.text == "Nothing is faster than threads: processes (0.80x). Use threads."


FAILED_THREADS = Outcome(Mode("threads"), FAILED, error="Python ran out of threads.")


@pytest.mark.parametrize(
    ("outcomes", "text"),
    [
        ((), "No verdict: nothing was run."),
        (
            (sequential(),),
            "No verdict: only sequential was run, and there is nothing to compare it with.",
        ),
        (
            (sequential(), Outcome(Mode("threads"), RUNNING)),
            "No verdict yet: only sequential has finished.",
        ),
        (
            (Outcome(Mode("sequential"), RUNNING), Outcome(Mode("threads"))),
            "No verdict yet: sequential has not finished.",
        ),
        (
            (sequential(), FAILED_THREADS),
            "No verdict: only sequential finished with results that can be compared; threads "
            "failed: Python ran out of threads.",
        ),
        (
            (Outcome(Mode("sequential"), TIMED_OUT), cpu_processes(2.1, equal=None)),
            "No verdict: sequential, which the others are measured against, ran out of time. "
            "Fastest of the others: processes, 2.1 s.",
        ),
        (
            (sequential(), Outcome(Mode("threads"), SKIPPED)),
            "No verdict: only sequential finished with results that can be compared; threads "
            "were skipped.",
        ),
    ],
)
def test_without_two_modes_there_is_no_verdict_and_it_says_why(outcomes, text):
    verdict = judge(a_comparison(*outcomes))
    assert verdict.text == text
    assert verdict.best is None


def test_what_still_runs_may_be_better():
    verdict = judge(compared.primes(Outcome(Mode("pool"), RUNNING)))
    assert verdict.best is None
    assert verdict.text.startswith("So far: Threads gain nothing")


def test_wrong_results_come_first_in_the_evidence_and_then_the_times():
    evidence = judge(compared.counter()).evidence
    assert evidence[0] == (
        "Processes give other results than sequential: the counter is 0 in place of 8000."
    )
    assert evidence[1] == "Sequential took 4.00 s; threads 4.10 s, 0.98x."
    assert evidence[2].startswith("Threads: 1.0 of 2 workers waited for the GIL on average, 50%")


@pytest.mark.parametrize("case", compared.CASES)
def test_every_sentence_of_the_evidence_has_figures_and_ends(case):
    evidence = judge(case()).evidence
    assert evidence
    for sentence in evidence:
        assert sentence.endswith(".")
        assert re.search(r"\d", sentence)


def test_nothing_from_a_target_reaches_the_text_unescaped():
    wrong = cpu_processes(equal=False, unequal="\x1b[2J differs")
    verdict = judge(a_comparison(sequential(), wrong, gil_threads(), work="\x1b[31m"))
    assert "\x1b" not in verdict.text + "".join(verdict.evidence)


@settings(max_examples=150, deadline=None)
@given(comparisons())
def test_no_comparison_breaks_the_verdict_or_makes_it_praise_what_failed(comparison):
    verdict = judge(comparison)
    assert verdict.text
    assert verdict.best is None or any(
        each.ok for each in comparison.outcomes if each.mode == verdict.best
    )
    for sentence in (verdict.text, *verdict.evidence):
        assert sentence.isprintable()
        assert not re.search(r"\b(nan|inf|None)\b", sentence), sentence
