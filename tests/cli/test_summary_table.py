import io

import pytest
from rich.cells import cell_len
from rich.console import Console

from gilscope.analysis.stretches import Lengths
from gilscope.analysis.summary import (
    GilSummary,
    ProcessSummary,
    SamplerSummary,
    Summary,
    ThreadSummary,
)
from gilscope.cli.summary_table import percent, print_summary
from gilscope.model.states import STATES

SAMPLER = SamplerSummary("kernel", 1000.0, 991.2, 4956, 3, 4.1, 1.9, 0)


def a_thread(name, detail=None, where=None, native=False, cpu=0.3, **states):
    shares = dict.fromkeys((state.value for state in STATES), 0.0) | states
    return ThreadSummary(
        7, name, native, 0, False, shares, cpu, 0.0, Lengths(), Lengths(), detail, where
    )


def a_process(*threads, command=("python", "app.py"), implementation="cpython", **changes):
    fields = {
        "pid": 4242,
        "parent": 1,
        "python": "3.12.1" if implementation else None,
        "implementation": implementation,
        "command": list(command),
        "fidelity": "kernel",
        "reason": None,
        "fix": None,
        "duration": 5.0,
        "samples": 4956,
        "rate_got": 991.2,
        "stopped": False,
        "gone": False,
        "status": None,
        "gil": GilSummary(True, 0.98, 3.1, 151.2, 2),
        "threads": list(threads),
    }
    return ProcessSummary(**(fields | changes))


def printed(*processes, width=80, forgotten=0):
    file = io.StringIO()
    console = Console(file=file, width=width, highlight=False, markup=False, emoji=False)
    print_summary(Summary(1, "host", 2, 5.0, SAMPLER, list(processes), forgotten), console)
    return file.getvalue()


def test_a_process_is_told_with_its_fidelity_rate_gil_and_threads():
    text = printed(
        a_process(
            a_thread("reader", detail="recvfrom on socket 127.0.0.1:5432", io=1.0, cpu=0.0),
            a_thread("worker-1", where="count_primes (app.py:12)", hold=0.331, wait=0.669),
        )
    )
    assert [line.rstrip() for line in text.splitlines()] == [
        "4242  python app.py   cpython 3.12.1   kernel fidelity",
        "  5.0 s at 991 of 1000 samples/s, 3 lost, sampler 4.1% of a core, py-spy 1.9%",
        "  GIL  held 98.0%   load 3.10   151 switches/s   2 holds of 50 ms and more",
        "  thread   hold wait native   io lock sleep  cpu where",
        "  worker-1   33   67      ·    ·    ·     ·   30 count_primes (app.py:12)",
        "  reader      ·    ·      ·  100    ·     ·    · recvfrom on socket 127.0.0.1:5…",
        "",
    ]


def test_names_from_a_target_cannot_inject_anything():
    text = printed(
        a_process(
            a_thread("\x1b[2Jx\ny", detail="[red]x[/]", hold=1.0),
            a_thread("🐍" * 1000, where="\x9b31m\u202e", hold=0.5),
            command=("python\x1b]0;title\x07", "x\ny"),
        )
    )
    assert "\x1b" not in text
    assert "\x9b" not in text
    assert "\u202e" not in text
    assert "[red]x[/]" in text
    assert all(cell_len(line) <= 80 for line in text.splitlines())


def test_how_a_process_ended_or_that_it_is_stopped_is_told():
    assert "kernel fidelity   stopped\n" in printed(a_process(stopped=True))
    assert "kernel fidelity   exit code 3\n" in printed(a_process(gone=True, status=3))
    assert "kernel fidelity   ended by signal 9\n" in printed(a_process(gone=True, status=-9))
    assert "kernel fidelity   ended\n" in printed(a_process(gone=True))


def test_why_the_fidelity_is_lower_is_told():
    text = printed(
        a_process(
            fidelity="py-spy",
            rate_got=2.02,
            reason="CPython 3.13.0 is a free-threaded build",
            fix="use another",
            gil=GilSummary(True, None, None, None, None),
        )
    )
    assert "py-spy fidelity" in text
    assert "5.0 s at 2.0 samples/s by py-spy, 3 lost" in text
    assert "  CPython 3.13.0 is a free-threaded build\n  use another\n  GIL  cannot be seen" in text


def test_idle_native_threads_are_one_line():
    quiet = [a_thread(f"pool-{i}", native=True, cpu=0.0, lock=1.0) for i in range(12)]
    text = printed(a_process(a_thread("worker", hold=1.0), *quiet))
    assert "pool" not in text
    assert "  12 native threads without Python, idle" in text


def test_a_native_thread_that_works_has_a_line_of_its_own():
    assert "blas" in printed(a_process(a_thread("blas", native=True, cpu=0.9, native_=0.9)))


def test_processes_that_ended_too_long_ago_to_be_listed_are_counted():
    assert "7 that ended earlier are left out" in printed(a_process(), forgotten=7)


def test_processes_that_are_not_python_are_one_line():
    shell = a_process(command=("/bin/sh", "-c", "x"), implementation=None)
    text = printed(shell, a_process(a_thread("worker", hold=1.0)), shell)
    assert "2 other processes, not known to be Python: sh" in text
    assert "/bin/sh" in printed(shell)


@pytest.mark.parametrize(
    ("share", "text"),
    [(None, "-"), (0.0, "·"), (0.0049, "<1"), (0.005, "1"), (0.333, "33"), (1.0, "100")],
)
def test_a_percentage_tells_nothing_from_little_from_not_known(share, text):
    assert percent(share) == text
