import re

import pytest
from hypothesis import given, settings

from gilscope.analysis.verdict import judge
from gilscope.model.comparison import (
    COMMAND,
    FAILED,
    RUNNING,
    SKIPPED,
    TIMED_OUT,
    Mode,
    Outcome,
)
from tests.analysis import compared
from tests.analysis.any_comparison import comparisons
from tests.analysis.compared import (
    a_comparison,
    an_outcome,
    cpu_processes,
    gil_threads,
    primes,
    sequential,
)

GIL = "1.0 of 2 workers was always waiting for the GIL"


@pytest.mark.parametrize(
    ("comparison", "best", "text"),
    [
        pytest.param(
            compared.primes(),
            "processes",
            f"Threads gain nothing (1.0x): {GIL}. Processes: 1.9x on 2 cores. Use processes, or a "
            "free-threaded build.",
            id="Python code",
        ),
        pytest.param(
            compared.four_cores(),
            "interpreters",
            "Threads gain nothing (1.0x): 3.0 of 4 workers were always waiting for the GIL. "
            "Processes (3.7x) and interpreters (3.6x) are equally fast. Use interpreters: they "
            "take less memory, 40 MB against 52 MB.",
            id="four cores",
        ),
        pytest.param(
            compared.zlib(),
            "threads",
            "Processes gain less (1.5x): 9.0 MB are pickled and copied for each task. Threads: "
            "1.9x on 2 cores, since 92% of their time is C code that has released the GIL. Use "
            "threads.",
            id="native code",
        ),
        pytest.param(
            compared.fetch(),
            None,
            "In sequence it waits for I/O 97% of the time. Threads (7.6x), asyncio (7.5x) and "
            "processes (7.4x) are equally fast. Use either threads or asyncio: they "
            "take less memory, 27 MB and 28 MB against 160 MB.",
            id="I/O",
        ),
        pytest.param(
            compared.tiny(),
            "sequential",
            "Threads (0.53x) and processes (0.17x) are slower than sequential: a task takes 20 µs, "
            "and handing one over costs up to 105 µs more. Hand over 200 tasks at a time (--batch "
            "200).",
            id="small tasks",
        ),
        pytest.param(
            compared.large(),
            "sequential",
            f"Threads gain nothing (1.0x): {GIL}. Processes are slower than sequential (0.42x): "
            "pickling and copying 16 MB for each task costs more than it gains. Pass fewer bytes: "
            "a file's name, a range, a sum in place of the data.",
            id="large objects",
        ),
        pytest.param(
            compared.locked(),
            "sequential",
            "Threads (1.0x) and processes (1.0x) gain nothing: 1.0 of 2 workers was always waiting "
            "for a lock. Hold the lock for shorter: no way to run the tasks helps before that.",
            id="a lock",
        ),
        pytest.param(
            compared.regex(),
            "sequential",
            f"Threads gain nothing (1.0x): {GIL}, which was kept for 62 ms at a time. Try "
            "processes, or a free-threaded build.",
            id="C code that keeps the GIL",
        ),
        pytest.param(
            compared.one_core(),
            "sequential",
            "Nothing helps: there is 1 core, and sequential already keeps it busy (99%). Keep it "
            "sequential.",
            id="one core",
        ),
        pytest.param(
            compared.numpy(),
            "sequential",
            "Nothing helps: sequential already keeps 1.9 of 2 cores busy. Keep it sequential.",
            id="a library with threads of its own",
        ),
        pytest.param(
            compared.many_workers(),
            "processes",
            "Threads gain nothing (1.0x): 7.0 of 8 workers were always waiting for the GIL. "
            "Processes: 1.9x with 8 workers on 2 cores. Use processes, or a free-threaded build.",
            id="more workers than cores",
        ),
        pytest.param(
            compared.memory_bound(),
            "threads",
            "Threads: 1.2x on 2 cores, but the same work took 1.6 times the CPU time. Use threads.",
            id="cores that wait for memory",
        ),
        pytest.param(
            compared.slow_start(),
            "processes",
            f"Threads gain nothing (1.0x): {GIL}. Processes spawn: 1.8x on 2 cores, but with their "
            "start-up (900 ms) they win only from about 2.0 s of work on. Use processes spawn, or "
            "a free-threaded build.",
            id="slow start",
        ),
        pytest.param(
            compared.free_threaded(),
            "threads",
            f"Threads 3.12.1 gain nothing (1.0x): {GIL}. Threads 3.13.5t: 1.5x as fast as "
            "sequential 3.12.1 on 2 cores, since there is no GIL to wait for. Use threads 3.13.5t.",
            id="a free-threaded build",
        ),
        pytest.param(
            compared.pypy(),
            "sequential",
            f"Threads 3.12.1 gain nothing (1.0x): {GIL}. Sequential pypy 3.10.14 (5.0x) and "
            "threads pypy 3.10.14 (4.9x) are equally fast; all figures are against sequential "
            "3.12.1. Use sequential pypy 3.10.14: no workers are needed.",
            id="a faster interpreter",
        ),
        pytest.param(
            compared.counter(),
            "sequential",
            "counter: processes give other results than sequential: not comparable. Threads gain "
            f"nothing (1.0x): {GIL}. Try a free-threaded build.",
            id="wrong results",
        ),
        pytest.param(
            compared.pools(),
            None,
            f"Threads gain nothing (1.0x): {GIL}. Not clear which is faster: processes (1.9x) or "
            "pool (1.9x). Run with --repeat 5 to be surer.",
            id="not clear",
        ),
        pytest.param(
            compared.pools(2.0, 2.1, 2.2, 2.1, 2.1, repeat=5),
            None,
            f"Threads gain nothing (1.0x): {GIL}. Not clear which is faster: processes (1.9x) or "
            "pool (1.9x). Their times overlap in 5 runs: use any.",
            id="not clear after five runs",
        ),
        pytest.param(
            compared.commands(),
            COMMAND,
            "python b.py is 2.0x as fast as python a.py: 2.10 s against 4.20 s. python a.py: its "
            "threads waited for the GIL 48% of their time.",
            id="commands",
        ),
        pytest.param(
            compared.commands(4.2, 4.1),
            None,
            "Not clear which is faster: python b.py (1.0x) or python a.py (1.0x). Run with "
            "--repeat 5 to be surer.",
            id="commands that are as fast",
        ),
        pytest.param(
            compared.slow_at_first(),
            None,
            "Not clear whether anything is faster than sequential: threads 1.2x, but sequential "
            "itself may be 20% faster. Run with --repeat 5 to be surer.",
            id="a machine that was slower at first",
        ),
        pytest.param(
            compared.slow_at_first(4.0, cpu_processes(1.7, cpu=3.3)),
            "processes",
            f"Threads gain nothing that is clear (1.2x): {GIL}. Processes: 2.4x on 2 cores. Use "
            "processes, or a free-threaded build.",
            id="threads that only seem to gain",
        ),
        pytest.param(
            compared.own_locks(),
            "processes",
            "Threads gain nothing (1.0x): 1.0 of 2 workers was always waiting for a lock. "
            "Processes: 2.0x with 2 workers. Use processes, if it is right that each process has a "
            "lock of its own.",
            id="a lock of each process",
        ),
        pytest.param(
            compared.uneven_tasks(),
            "threads",
            "Threads: 1.2x on 2 cores, but on average 0.8 of 2 workers were waiting for a lock or "
            "for a task. Use threads.",
            id="tasks that are not equal",
        ),
        pytest.param(
            compared.blocking_coroutines(),
            "threads",
            "Asyncio gains nothing (1.0x): a call in the coroutines blocks the one thread that all "
            "of them share. Threads: 2.0x with 2 workers, since they sleep 98% of the time. Use "
            "threads.",
            id="coroutines that block",
        ),
        pytest.param(
            compared.programs(),
            "threads",
            "Threads: 1.9x on 2 cores, since they wait 96% of the time for programs or threads "
            "that they started. Use threads.",
            id="programs",
        ),
        pytest.param(
            compared.convoy(),
            "sequential",
            "Threads are slower than sequential (0.50x): the same work took 2.5 times the CPU "
            "time, since the GIL changed hands over 50,000 times a second. Keep it sequential.",
            id="a GIL that is passed to and fro",
        ),
        pytest.param(
            primes(workers=1),
            "sequential",
            "With 1 worker every mode runs one task after the other, as sequential does. Give them "
            "more: --workers 2.",
            id="one worker",
        ),
        pytest.param(
            a_comparison(sequential(3.0), gil_threads(3.9, cpu=3.9)),
            "sequential",
            f"Threads are slower than sequential (0.77x): {GIL}, and the same work took 1.3 times "
            "the CPU time. Try processes, or a free-threaded build.",
            id="waiting that does not explain all of it",
        ),
    ],
)
def test_the_verdict_says_what_is_best_and_why(comparison, best, text):
    verdict = judge(comparison)
    assert verdict.text == text
    assert (verdict.best and verdict.best.kind) == best


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
        f"Threads: {GIL}. Processes: 1.9x as fast as threads with 2 workers. Use processes, or a "
        "free-threaded build."
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
