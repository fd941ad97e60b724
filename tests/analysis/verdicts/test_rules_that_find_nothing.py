"""Each rule on comparisons as real machines give them: where there is nothing for it to find."""

import pytest

from gilscope.analysis.verdicts import circumstances, cores, gil, handing, locks, nature, trouble
from gilscope.analysis.verdicts.case import case_of
from gilscope.model.comparison import SEQUENTIAL, THREADS, Mode, Outcome
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

FINDS_NOT = [
    # Nobody waits for a GIL that is not there, and what was not seen is not known.
    (gil.waits_for_the_gil, a_comparison(sequential(), gil_threads(gil=False)), 1),
    (gil.waits_for_the_gil, a_comparison(sequential(), blind_threads()), 1),
    (gil.waits_for_the_gil, compared.fetch(), 1),
    # Nobody else wants the GIL of a process: it is held by who has no core.
    (
        gil.waits_for_the_gil,
        primes(cpu_processes(states={"hold": 0.4, "wait": 0.5}, waiting=1.0, load=0.8)),
        3,
    ),
    (gil.blocks_the_event_loop, compared.fetch(), 2),
    (gil.runs_without_a_gil, primes(cpu_processes(gil=False)), 3),
    # Who loses time without spending any waits for a server, or for a core.
    (
        handing.hands_over_small_tasks,
        a_comparison(
            sequential(0.57, cpu=0.23, states={"hold": 0.5, "io": 0.5}),
            cpu_processes(0.58, cpu=0.40),
            tasks=692,
        ),
        1,
    ),
    (nature.waits_outside, compared.programs(), 0),
    (nature.waits_for_what_it_started, compared.fetch(), 0),
    (nature.waits_for_what_it_started, primes(), 0),
    (locks.has_locks_of_its_own, compared.locked(), 2),
    (locks.has_locks_of_its_own, primes(), 2),
    # Who has no task left is not at a lock.
    (
        locks.has_locks_of_its_own,
        a_comparison(*compared.own_locks().outcomes, work="jobs.py:uneven"),
        2,
    ),
    # More workers than cores: some always find none.
    (
        cores.finds_no_core,
        a_comparison(
            sequential(),
            cpu_processes(2.1, workers=4, states={"native": 0.5, "ready": 0.5}),
            workers=4,
        ),
        1,
    ),
    # Whoever hands the GIL over all the time is often about to run.
    (cores.finds_no_core, compared.convoy(), 1),
    (cores.is_kept_off_its_cores, compared.tiny(), 1),
    (
        cores.is_kept_off_its_cores,
        a_comparison(
            sequential(),
            gil_threads(
                workers=4, cpu=3.5, states={"hold": 0.24, "wait": 0.07, "lock": 0.57, "ready": 0.12}
            ),
        ),
        1,
    ),
    (
        cores.is_kept_off_its_cores,
        a_comparison(
            sequential(),
            gil_threads(
                cpu=3.5, states={"hold": 0.45, "wait": 0.31, "native": 0.06, "ready": 0.18}
            ),
        ),
        1,
    ),
    (gil.waits_for_the_gil, primes(), 0),
    # 190 hand-overs a second are what Python code gives.
    (gil.keeps_the_gil_in_one_call, primes(), 1),
    (gil.keeps_the_gil_in_one_call, compared.fetch(), 1),
    (gil.computes_in_one_thread, compared.fetch(), 2),
    (gil.computes_in_one_thread, primes(), 1),
    (gil.stays_on_one_core, primes(), 1),
    (gil.stays_on_one_core, a_comparison(sequential(), blind_threads(gil=False)), 1),
    (gil.stays_on_one_core, a_comparison(sequential(), blind_threads(), cores=1), 1),
    (gil.runs_without_a_gil, primes(), 1),
    # Tasks of half a second are not small, whatever it is that takes so long.
    (handing.hands_over_small_tasks, primes(), 2),
    (handing.hands_over_small_tasks, a_comparison(sequential(), cpu_processes(9.0)), 1),
    (handing.hands_over_small_tasks, compared.large(), 2),
    (handing.copies_large_objects, compared.tiny(), 2),
    (handing.copies_large_objects, compared.large(), 1),
    # A hundred kilobytes do not take three seconds.
    (
        handing.copies_large_objects,
        a_comparison(sequential(), cpu_processes(5.0, payload=100_000)),
        1,
    ),
    (handing.has_too_few_tasks, primes(), 2),
    (handing.has_too_few_tasks, primes(tasks=10), 0),
    (locks.waits_for_a_lock, primes(), 1),
    # Workers that have no task wait in a lock, too.
    (locks.waits_for_a_lock, compared.tiny(), 2),
    (
        locks.waits_for_a_lock,
        a_comparison(
            sequential(),
            an_outcome(THREADS, 2.0, workers=4, states={"native": 0.5, "lock": 0.5}),
            workers=4,
            cores=4,
            tasks=2,
        ),
        1,
    ),
    (cores.finds_no_core, primes(), 2),
    (cores.is_kept_off_its_cores, primes(), 1),
    (cores.is_kept_off_its_cores, primes(), 2),
    (cores.is_kept_off_its_cores, compared.fetch(), 1),
    (cores.fills_the_cores, primes(), 2),
    (cores.fills_the_cores, compared.one_core(), 2),
    (cores.takes_more_cpu, primes(), 2),
    # Waiting costs little, so a little more of it is a large part.
    (cores.takes_more_cpu, compared.fetch(), 3),
    (cores.takes_more_cpu, compared.free_threaded(), 3),
    (nature.waits_outside, primes(), 0),
    # Processes that wait for tasks read a pipe.
    (nature.waits_outside, compared.large(), 2),
    (nature.runs_native_code, primes(), 0),
    # Without a GIL, native is all there is.
    (nature.runs_native_code, compared.free_threaded(), 3),
    # Nor where its GIL cannot be seen: PyPy's threads are on a core, and that is all there is.
    (
        nature.runs_native_code,
        a_comparison(an_outcome(SEQUENTIAL, 1.0, load=None, states={"native": 1.0})),
        0,
    ),
    (nature.computes_in_python, compared.fetch(), 0),
    (circumstances.starts_slowly, primes(), 2),
    (circumstances.starts_slowly, a_comparison(sequential(1.0), gil_threads(startup=3.0)), 1),
    (circumstances.is_faster_in_sequence, compared.free_threaded(), 1),
    (trouble.did_not_finish, primes(), 1),
    (trouble.did_not_finish, primes(Outcome(Mode("pool"))), 3),
    (trouble.could_not_be_seen, primes(), 1),
]


@pytest.mark.parametrize(("rule", "comparison", "number"), FINDS_NOT)
def test_a_rule_finds_nothing_where_there_is_nothing(rule, comparison, number):
    case = case_of(comparison)
    assert rule(case, case.readings[number]) is None
