"""What the verdict says of comparisons as real machines give them."""

import pytest

from gilscope.analysis.verdict import judge
from gilscope.model.comparison import (
    COMMAND,
)
from tests.analysis import compared
from tests.analysis.compared import primes
from tests.analysis.outcomes import a_comparison, cpu_processes, gil_threads, sequential

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
