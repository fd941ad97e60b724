import io
import itertools
from dataclasses import replace

import pytest
from rich.cells import cell_len
from rich.console import Console

from gilscope.analysis.stretches import Lengths
from gilscope.analysis.summarise import UNSEEN
from gilscope.analysis.summary import (
    FunctionBlame,
    FunctionSummary,
    GilSummary,
    HogSummary,
    OneGil,
    ProcessSummary,
    SamplerSummary,
    Summary,
    ThreadSummary,
    Total,
)
from gilscope.cli.summary_sections import milliseconds, shorter
from gilscope.cli.summary_table import percent, percent_within, print_summary
from gilscope.model.states import STATES

SAMPLER = SamplerSummary("kernel", 1000.0, 991.2, 4956, 3, 4.1, 1.9, 0)


TOTAL = Total(3, 2, 14, 1.234, 4.0)

TIDS = itertools.count(100)


def a_thread(name, detail=None, where=None, native=False, cpu=0.3, told=None, **states):
    shares = dict.fromkeys((state.value for state in STATES), 0.0) | states
    fields = {
        "tid": 7,
        "name": name,
        "native": native,
        "interpreter": 0,
        "gone": False,
        "states": shares,
        "cpu": cpu,
        "run_delay": 0.0,
        "hold_ms": Lengths(),
        "wait_ms": Lengths(),
        "detail": detail,
        "where": where,
        "duration": 5.0,
    }
    return ThreadSummary(**(fields | (told or {})))


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
        "gil": GilSummary(True, 0.98, 3.1, 151.2, 2, 50.0),
        "threads": list(threads),
    }
    return ProcessSummary(**(fields | changes))


def printed(*processes, width=80, forgotten=0, sampler=SAMPLER):
    file = io.StringIO()
    console = Console(file=file, width=width, highlight=False, markup=False, emoji=False)
    print_summary(Summary(1, "host", 2, 5.0, sampler, list(processes), forgotten, TOTAL), console)
    return file.getvalue()


def test_a_process_is_told_with_its_fidelity_rate_gil_and_threads():
    text = printed(
        a_process(
            a_thread("reader", detail="recvfrom on socket 127.0.0.1:5432", io=1.0, cpu=0.0),
            a_thread(
                "worker-1",
                where="count_primes (app.py:12)",
                told={"uncertainty": {"hold": 0.004, "wait": 0.0123}},
                hold=0.331,
                wait=0.669,
            ),
        )
    )
    assert [line.rstrip() for line in text.splitlines()] == [
        "4242  python app.py   python 3.12.1   kernel fidelity",
        "  5.0 s at 991 of 1000 samples/s, 3 lost, sampler 4.1% of a core, py-spy 1.9%",
        "  GIL  held 98.0%   load 3.10   151 switches/s   2 holds of 50 ms and more",
        "  thread       hold     wait   io  cpu where",
        "  worker-1 33.1±0.4     67±1    ·   30 count_primes (app.py:12)",
        "  reader          ·        ·  100    · recvfrom on socket 127.0.0.1:5432",
        "",
    ]


def test_for_how_long_the_gil_is_not_known_is_told():
    gil = GilSummary(True, 0.98, 3.1, 151.2, 2, 50.0, unknown=0.0234)
    text = printed(a_process(gil=gil))
    assert "\n       not known for 2.3% of the time; these are of the rest\n" in text
    assert "not known" not in printed(a_process(gil=replace(gil, unknown=0.004)))


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
    assert "kernel fidelity   frozen\n" in printed(a_process(halted="frozen"))
    assert "kernel fidelity   exit code 3\n" in printed(a_process(gone=True, status=3))
    assert "kernel fidelity   ended by signal 9\n" in printed(a_process(gone=True, status=-9))
    assert "kernel fidelity   ended\n" in printed(a_process(gone=True))


@pytest.mark.parametrize(("status", "told"), [(7, " (exit code 7)"), (None, "")])
def test_what_ended_before_anything_was_seen_of_it_is_one_line(status, told):
    text = printed(a_process(implementation=None, gone=True, status=status, reason=UNSEEN))
    assert text.split("\n") == [
        f"4242  python app.py   ended before anything could be seen of it{told}",
        "",
        "",
    ]


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


def an_ended_thread(duration, **states):
    told = {"tid": next(TIDS), "gone": True, "duration": duration}
    return a_thread("brief", cpu=None, told=told, **states)


def test_many_threads_that_ended_soon_are_one_line_behind_the_others():
    brief = [an_ended_thread(0.001, hold=1.0) for _ in range(29)] + [an_ended_thread(0.01, wait=1)]
    text = printed(a_process(*brief, a_thread("MainThread", sleep=1.0, told={"gone": True})))
    assert [line.rstrip() for line in text.splitlines()][3:-1] == [
        "  thread               hold     wait sleep  cpu where",
        "  MainThre…(ended)        ·        ·   100   30",
        "  30 ended               74       26     ·    - threads of 1.3 ms on average",
    ]


def test_a_few_threads_that_ended_have_a_line_each_behind_those_that_are_there():
    brief = [an_ended_thread(0.001, hold=1.0) for _ in range(5)]
    text = printed(a_process(*brief, a_thread("MainThread", sleep=1.0)))
    names = [line.split()[0] for line in text.splitlines()[4:-1]]
    assert names == ["MainThread", *["brief"] * 5]


def test_a_thread_that_has_ended_but_lasted_has_a_line_of_its_own():
    lasting = [an_ended_thread(2.0, hold=1.0) for _ in range(12)]
    brief = [an_ended_thread(0.5, hold=1.0) for _ in range(12)]
    text = printed(a_process(*lasting, *brief))
    assert text.count("brief (ended)") == 12
    assert "  12 ended" in text


def test_threads_that_are_not_remembered_are_counted():
    text = printed(a_process(an_ended_thread(0.001, hold=1.0), forgotten=1200))
    assert "  1 ended" in text
    assert "  1200 threads that ended earlier left out" in text


def test_a_native_thread_that_works_has_a_line_of_its_own():
    assert "blas" in printed(a_process(a_thread("blas", native=True, cpu=0.9, native_=0.9)))


def test_processes_that_ended_too_long_ago_to_be_listed_are_counted():
    assert "7 that ended earlier are left out" in printed(a_process(), forgotten=7)


def test_fidelities_that_differ_are_told_of_each_and_of_all():
    mixed = replace(SAMPLER, fidelities={"kernel": 1, "py-spy": 1})
    one, other = a_process(), a_process(fidelity="py-spy", rate_got=2.0)
    text = printed(one, other, sampler=mixed)
    assert "python 3.12.1   kernel fidelity" in text
    assert "python 3.12.1   py-spy fidelity" in text
    assert "in all: 3 processes, 14 threads, 1 at kernel and 1 at py-spy fidelity, 1.23" in text
    same = replace(SAMPLER, fidelities={"kernel": 2})
    assert "in all: 3 processes, 14 threads, 1.23" in printed(one, one, sampler=same)


def test_processes_that_are_not_python_are_one_line():
    shell = a_process(command=("/bin/sh", "-c", "x"), implementation=None)
    text = printed(shell, a_process(a_thread("worker", hold=1.0)), shell)
    assert "2 other processes, not known to be Python: sh" in text
    assert "4242  sh -c x" in printed(shell)


@pytest.mark.parametrize(
    ("share", "text"),
    [(None, "-"), (0.0, "·"), (0.0049, "<1"), (0.005, "1"), (0.333, "33"), (1.0, "100")],
)
def test_a_percentage_tells_nothing_from_little_from_not_known(share, text):
    assert percent(share) == text


@pytest.mark.parametrize(
    ("share", "half_width", "text"),
    [
        (None, 0.01, "-"),
        (0.0, 0.01, "·"),
        (0.5, None, "50"),
        (0.331, 0.0042, "33.1±0.4"),
        (0.331, 0.0002, "33.1±0.1"),
        (0.9991, 0.004, "99.9±0.4"),
        (0.331, 0.0123, "33±1"),
        (0.331, 0.0999, "33±10"),
        (0.003, 0.004, "<1"),
    ],
)
def test_a_share_is_told_as_exactly_as_it_is_known(share, half_width, text):
    assert percent_within(share, half_width) == text


def test_a_process_stands_below_its_parent_and_all_are_summed_up():
    text = printed(a_process(), a_process(pid=4243, depth=1), a_process(pid=4244, depth=2))
    assert "\n└ 4243  python app.py" in text
    assert "\n  └ 4244  python app.py" in text
    assert "in all: 3 processes, 14 threads, 1.23 cores in use, GIL loads 4.00\n" in text
    assert "in all" not in printed(a_process())


def test_several_gils_have_a_line_each():
    gils = [OneGil(0, 0.9, 2.0, 100.0), OneGil(3, 0.08, 0.1, None)]
    text = printed(a_process(gils=gils))
    assert "  2 GILs  held 98.0%   load 3.10   151 switches/s" in text
    assert "    of interpreter 0  held 90.0%   load 2.00   100 switches/s\n" in text
    assert "    of interpreter 3  held 8.0%   load 0.10\n" in text


def test_one_long_hold_is_one_hold():
    process = a_process(gil=GilSummary(True, 0.98, 3.1, 151.2, 1, 100.0))
    assert "   1 hold of 100 ms and more" in printed(process)


def test_a_build_without_a_gil_is_said_to_have_none():
    process = a_process(gil=GilSummary(False, None, None, None, None))
    assert "  GIL  none in this interpreter" in printed(process)


def test_how_long_holds_and_waits_lasted_is_a_table_where_it_is_known():
    echo = a_thread("echo", told={"wait_ms": Lengths(5.1, 15.0, 31.25, 980)}, wait=0.7)
    worker = a_thread("worker", told={"hold_ms": Lengths(None, None, 120.4, None)}, hold=0.9)
    text = printed(a_process(echo, worker, a_thread("idle"), wait_ms=Lengths(5.1, 15, 31.25, 980)))
    assert [line.rstrip() for line in text.splitlines()[-6:-1]] == [
        "",
        "  lengths in ms   holds   p50   p99   max   waits   p50   p99   max",
        "  worker              -     -     -   120       -     -     -     -",
        "  echo                -     -     -     -     980   5.1  15.0  31.2",
        "  all threads         -     -     -     -     980   5.1  15.0  31.2",
    ]
    assert "lengths" not in printed(a_process(a_thread("idle")))


def test_who_waited_is_told_for_which_functions():
    blame = [
        FunctionBlame("count.<locals>.prime (app.py:12)", 600.0, 0.6, [7, 8, 9]),
        FunctionBlame(None, 300.0, 0.3, [7]),
        FunctionBlame("rare (app.py:90)", 10.0, 0.01, [9]),
    ]
    waiter = a_thread("waiter", told={"tid": 1, "blame_functions": blame}, wait=0.5)
    text = printed(a_process(waiter, a_thread("worker", hold=1.0)))
    assert (
        "  waited for\n  waiter 60% prime in worker, 8 and 1 more; 30% ? in worker\n"
        in "\n".join(line.rstrip() for line in text.splitlines())
    )


def test_functions_that_held_the_gil_are_told_with_their_threads():
    functions = [
        FunctionSummary("count", "/srv/app.py", 12, "count (app.py:12)", 3400.0, 0.68, [7]),
        FunctionSummary(None, None, None, None, 300.0, 0.06, [7]),
        FunctionSummary("rare", "/srv/app.py", 90, "rare (app.py:90)", 1.0, 0.0002, [7]),
    ]
    text = printed(a_process(a_thread("worker", hold=1.0), functions=functions))
    assert "   68% count (app.py:12)" in text
    assert "    6% functions that are not known" in text
    assert "rare" not in text


def test_the_longest_hogs_are_told_longest_first():
    hogs = [
        HogSummary(7, "rules", 3.14159, 164.4, 300.0, True, "match (rules.py:88)", []),
        HogSummary(9, None, 4.5, 512.0, 0.0, False, None, []),
    ]
    text = printed(a_process(a_thread("rules", hold=1.0), hogs=hogs))
    lines = [line.rstrip() for line in text.splitlines()]
    assert lines[-3:-1] == [
        "        512+ ms   4.50 s 9",
        "         164 ms   3.14 s rules  match (rules.py:88)",
    ]


def test_a_thread_that_holds_the_gil_off_its_core_is_told():
    text = printed(
        a_process(
            a_thread("stuck", told={"hold_blocked": 0.93, "hold_starved": 0.2}, hold=0.5),
            a_thread("fine", told={"hold_blocked": 0.0, "hold_starved": 0.04}, hold=0.4),
            a_thread("seldom", told={"hold_blocked": 1.0}, hold=0.001),
        )
    )
    told = "  stuck held the GIL, 93% of it blocked in a system call, 20% of it without a core"
    assert told[:79] in text
    assert "fine held" not in text
    assert "seldom held" not in text


def test_what_is_below_the_threads_fits_the_width_and_injects_nothing():
    evil = "\x1b[2J\u202e🐍" * 40
    thread = a_thread(
        evil,
        told={
            "hold_ms": Lengths(1.0, 2.0, 3.0, 10**9),
            "blame_functions": [FunctionBlame(f"{evil} (x)", 1.0, 1.0, [7])],
            "hold_blocked": 1.0,
        },
        wait=1.0,
        hold=1.0,
    )
    functions = [FunctionSummary(evil, evil, 1, f"{evil} ({evil}:1)", 1.0, 1.0, [7])]
    hogs = [HogSummary(7, evil, 1.0, 99.0, 0.0, True, evil, [])]
    for width in (60, 80, 200):
        text = printed(a_process(thread, functions=functions, hogs=hogs), width=width)
        assert "\x1b" not in text
        assert "\u202e" not in text
        assert all(cell_len(line) <= width for line in text.splitlines())


@pytest.mark.parametrize(
    ("value", "text"), [(None, "-"), (0.04, "0.0"), (12.34, "12.3"), (1234.5, "1234")]
)
def test_milliseconds_have_few_digits(value, text):
    assert milliseconds(value) == text


def test_a_place_loses_what_its_function_is_nested_in_before_its_line():
    where = "Server.run.<locals>.handle (server.py:88)"
    assert shorter(where, 41) == where
    assert shorter(where, 40) == "handle (server.py:88)"
    assert shorter(where, 10) == "handle (s…"
    assert shorter("plain", 4) == "pla…"


@pytest.mark.parametrize(
    ("width", "shown"), [(80, "ThreadPo…tor-0_"), (160, "ThreadPoolExecutor-0_")]
)
def test_names_of_threads_take_the_room_there_is_and_keep_their_ends(width, shown):
    pool = [a_thread(f"ThreadPoolExecutor-0_{number}", hold=0.5, wait=0.5) for number in range(2)]
    text = printed(a_process(*pool), width=width)
    for number in range(2):
        assert f"{shown}{number}" in text
