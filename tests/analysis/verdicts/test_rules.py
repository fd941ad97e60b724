"""Each rule on comparisons as real machines give them: where it finds something."""

import pytest

from gilscope.analysis.verdicts import circumstances, cores, gil, handing, locks, nature, trouble
from gilscope.analysis.verdicts.case import case_of
from gilscope.model.comparison import ASYNCIO, FAILED, Mode, Outcome
from tests.analysis import compared
from tests.analysis.compared import primes
from tests.analysis.outcomes import (
    a_comparison,
    an_outcome,
    blind_threads,
    cpu_processes,
    gil_threads,
    sequential,
)


def busy_coroutines():
    """Return coroutines that compute."""
    return an_outcome(ASYNCIO, 4.1, states={"hold": 0.98, "io": 0.02}, cpu=4.1)


def sleepers():
    """Return tasks that sleep, of which the states are known or not."""
    return a_comparison(sequential(cpu=0.02, states={"sleep": 0.99}))


FINDS = [
    (gil.waits_for_the_gil, primes(), 1, "1.0 of 2 workers was always waiting for the GIL"),
    (
        gil.waits_for_the_gil,
        a_comparison(
            sequential(),
            gil_threads(3.0, workers=4, states={"hold": 0.2, "wait": 0.3, "io": 0.5}, waiting=1.2),
        ),
        1,
        "on average 1.2 of 4 workers were waiting for the GIL",
    ),
    (
        gil.waits_for_the_gil,
        compared.commands(),
        0,
        "its threads waited for the GIL 48% of their time",
    ),
    (
        # Nearly all is not all.
        gil.waits_for_the_gil,
        primes(gil_threads(workers=4, waiting=2.8, held=0.97)),
        3,
        "on average 2.8 of 4 workers were waiting for the GIL",
    ),
    (
        # Whether it was held all the time has to be known.
        gil.waits_for_the_gil,
        primes(gil_threads(held=None)),
        3,
        "on average 1.0 of 2 workers was waiting for the GIL",
    ),
    (
        gil.blocks_the_event_loop,
        compared.blocking_coroutines(),
        2,
        "a call in the coroutines blocks the one thread that all of them share",
    ),
    (
        locks.waits_for_a_lock,
        a_comparison(sequential(), gil_threads(workers=4, states={"hold": 0.6, "lock": 0.4})),
        1,
        "on average 1.6 of 4 workers were waiting for a lock",
    ),
    (
        locks.waits_for_a_lock,
        compared.uneven_tasks(),
        1,
        "on average 0.8 of 2 workers were waiting for a lock or for a task",
    ),
    (
        locks.has_locks_of_its_own,
        compared.own_locks(),
        2,
        "if it is right that each process has a lock of its own",
    ),
    (
        cores.finds_no_core,
        a_comparison(
            sequential(), cpu_processes(2.6, cpu=4.05, states={"native": 0.78, "ready": 0.21})
        ),
        1,
        "something else had the cores 21% of the time",
    ),
    (
        cores.is_kept_off_its_cores,
        a_comparison(sequential(4.0, cpu=1.6, states={"hold": 0.6, "io": 0.4})),
        0,
        "it got a core 40% of the time, and could have used it 60%",
    ),
    (
        cores.takes_more_cpu,
        compared.convoy(),
        1,
        "the same work took 2.5 times the CPU time, since the GIL changed hands over 50,000 times "
        "a second",
    ),
    (
        cores.takes_more_cpu,
        a_comparison(
            sequential(states={"native": 0.98}),
            gil_threads(4.0, cpu=6.8, states={"native": 0.9}, waiting=0.0),
            cpu_processes(2.0),
        ),
        1,
        "the same work took 1.7 times the CPU time, which it does not in processes",
    ),
    (
        nature.waits_for_what_it_started,
        compared.programs(),
        0,
        "it waits 96% of the time for programs or threads that it started",
    ),
    (
        gil.keeps_the_gil_in_one_call,
        compared.regex(),
        1,
        "1.0 of 2 workers was always waiting for the GIL, which was kept for 62 ms at a time",
    ),
    (
        gil.computes_in_one_thread,
        primes(busy_coroutines()),
        3,
        "all coroutines share one thread, and it computed 98% of the time",
    ),
    (
        gil.stays_on_one_core,
        a_comparison(sequential(), blind_threads()),
        1,
        "only 1.0 of 2 cores was busy",
    ),
    (gil.runs_without_a_gil, compared.free_threaded(), 3, "there is no GIL to wait for"),
    (
        handing.hands_over_small_tasks,
        compared.tiny(),
        2,
        "a task takes 20 µs, and handing one over costs about 105 µs more",
    ),
    (
        handing.hands_over_small_tasks,
        compared.tiny(batch=10),
        2,
        "a batch of 10 takes 200 µs, and handing one over costs about 1.0 ms more",
    ),
    (
        handing.copies_large_objects,
        compared.large(),
        2,
        "pickling and copying 16 MB for each task costs more than it gains",
    ),
    (
        handing.copies_large_objects,
        compared.zlib(),
        2,
        "9.0 MB are pickled and copied for each task",
    ),
    (
        handing.has_too_few_tasks,
        primes(cores=8, workers=8, tasks=10),
        2,
        "10 tasks cannot keep 8 workers busy",
    ),
    (
        handing.has_too_few_tasks,
        primes(cores=8, workers=8, tasks=1000, batch=500),
        2,
        "1,000 tasks in batches of 500 cannot keep 8 workers busy",
    ),
    (
        locks.waits_for_a_lock,
        compared.locked(),
        1,
        "1.0 of 2 workers was always waiting for a lock",
    ),
    (
        cores.finds_no_core,
        compared.numpy(),
        1,
        "30% of the time a worker that could run found no free core",
    ),
    (
        cores.is_kept_off_its_cores,
        a_comparison(sequential(), cpu_processes(4.0)),
        1,
        "they got 1.0 of the 2.0 cores that they could have used",
    ),
    (cores.fills_the_cores, compared.many_workers(), 2, "all 2 cores were busy"),
    (
        cores.takes_more_cpu,
        compared.memory_bound(),
        1,
        "the same work took 1.6 times the CPU time",
    ),
    (nature.waits_outside, compared.fetch(), 0, "it waits for I/O 97% of the time"),
    (nature.waits_outside, compared.fetch(), 1, "they wait for I/O 97% of the time"),
    (nature.waits_outside, sleepers(), 0, "it sleeps 99% of the time"),
    (
        nature.waits_outside,
        a_comparison(sequential(cpu=0.2, states=None)),
        0,
        "it needs a core only 5% of the time",
    ),
    (
        nature.runs_native_code,
        compared.zlib(),
        1,
        "92% of their time is C code that has released the GIL",
    ),
    (nature.computes_in_python, primes(), 0, "it holds the GIL 99% of the time"),
    (
        circumstances.starts_slowly,
        compared.slow_start(),
        2,
        "with their start-up (900 ms) they win only from about 2.0 s of work on",
    ),
    (
        circumstances.starts_slowly,
        primes(cpu_processes(2.0, startup=1.2)),
        3,
        "with their start-up (1.2 s) they win from about 2.4 s of work on",
    ),
    (circumstances.is_faster_in_sequence, compared.pypy(), 2, "the interpreter alone is faster"),
    (
        trouble.did_not_finish,
        primes(Outcome(Mode("pool"), FAILED, error="It cannot be pickled.")),
        3,
        "failed: it cannot be pickled",
    ),
    (
        trouble.could_not_be_seen,
        a_comparison(sequential(), blind_threads()),
        1,
        "why could not be seen",
    ),
]


@pytest.mark.parametrize(("rule", "comparison", "number", "clause"), FINDS)
def test_a_rule_finds_what_it_is_named_for(rule, comparison, number, clause):
    case = case_of(comparison)
    found = rule(case, case.readings[number])
    assert found is not None
    assert found.clause == clause


@pytest.mark.parametrize(
    ("rule", "comparison", "clause"),
    [
        (
            trouble.results_differ,
            compared.counter(),
            "processes give other results than sequential: not comparable",
        ),
        (trouble.results_differ, primes(), None),
        (
            cores.sequence_fills_the_cores,
            compared.one_core(),
            "there is 1 core, and sequential already keeps it busy (99%)",
        ),
        (
            cores.sequence_fills_the_cores,
            compared.numpy(),
            "sequential already keeps 1.9 of 2 cores busy",
        ),
        (cores.sequence_fills_the_cores, primes(), None),
        (
            cores.more_workers_than_cores,
            a_comparison(sequential(), gil_threads(workers=8), workers=8),
            "8 workers share 2 cores",
        ),
        # That all cores were busy says the same, and that it was so.
        (cores.more_workers_than_cores, compared.many_workers(), None),
        (
            cores.differs_in_speed,
            compared.slow_at_first(),
            "sequential itself may be 20% faster",
        ),
        (cores.differs_in_speed, primes(), None),
        (cores.differs_in_speed, compared.slow_at_first(repeat=5), None),
        (cores.has_one_worker, primes(), None),
        (
            cores.has_one_worker,
            primes(workers=1),
            "With 1 worker every mode runs one task after the other, as sequential does",
        ),
        (cores.more_workers_than_cores, primes(), None),
        # Waiting workers need no core each.
        (cores.more_workers_than_cores, compared.fetch(), None),
        (
            circumstances.compares_interpreters,
            compared.pypy(),
            "all figures are against sequential 3.12.1",
        ),
        (circumstances.compares_interpreters, primes(), None),
        (
            circumstances.ran_together,
            primes(together=True, cores_each=1),
            "all ran at the same time, on 1 core each",
        ),
        (circumstances.ran_together, primes(), None),
    ],
)
def test_a_rule_on_all_modes_finds_what_it_is_named_for(rule, comparison, clause):
    found = rule(case_of(comparison))
    assert (found and found.clause) == clause


def test_one_thread_of_a_free_threaded_build_is_compared_with_one_that_has_a_gil():
    case = case_of(compared.free_threaded())
    assert gil.runs_without_a_gil(case, case.readings[3]).evidence == (
        "Threads 3.13.5t run without a GIL: 1.5x as fast as sequential 3.12.1, 1.9x as fast as "
        "sequential 3.13.5t; one thread alone takes 1.3x as long as sequential 3.12.1."
    )
