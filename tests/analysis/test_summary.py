import json
from unittest.mock import ANY

from gilscope.analysis.load import gil_loads
from gilscope.analysis.stretches import Lengths
from gilscope.analysis.summarise import summarise
from gilscope.cli.plain import print_json
from gilscope.model.events import (
    KERNEL,
    PYSPY,
    Blocked,
    Call,
    Frame,
    GilSlice,
    Gone,
    Hello,
    Process,
    ProcessSlice,
    SamplerSlice,
    Stack,
    Stacks,
    Thread,
    ThreadSlice,
)
from gilscope.model.session import Session

PID = 4242
SPAN = 100_000
HELLO = Hello(1, "0.1.0", 99, "host", "Linux 6 x86_64", 2, 0.0, 1000.0, SPAN)


def session_of(frames, fidelity=KERNEL, held=SPAN, switches=15, samples=100):
    """Return a session of frames, each a dict of thread id to runs."""
    session = Session()
    session.apply(HELLO)
    session.apply(Process(0, PID, 1, ("python", "app.py"), "3.12.1", "cpython", fidelity, gil=True))
    tids = {tid for frame in frames for tid in frame}
    for tid in sorted(tids):
        session.apply(Thread(0, PID, tid, f"worker-{tid}", False, 0))
    gils = () if held is None else (GilSlice(0, held, switches),)
    for number, runs in enumerate(frames, 1):
        threads = tuple(
            ThreadSlice(tid, told[-1], told[:-1], cpu=SPAN // 2, delay=SPAN // 100)
            for tid, told in runs.items()
        )
        session.apply(
            Frame(
                number * SPAN,
                SPAN,
                SamplerSlice(1000.0, samples, 1, cpu=4_000),
                (ProcessSlice(PID, threads, gils, samples),),
            )
        )
    return session


def the_process(session):
    (process,) = summarise(session).processes
    return process


def test_held_and_load_are_of_the_time_of_which_samples_tell():
    # What the probe counts as held reaches back to where it began to look.
    session = session_of([{1: "?20000H80000H"}, {1: "?20000H30000S50000S"}], held=90_000)
    gil = the_process(session).gil
    assert (gil.held, gil.load, gil.unknown) == (0.6875, 0.6875, 0.2)
    assert gil.switches_per_s == 150.0


def test_the_load_is_never_less_than_the_share_held():
    # A thread too brief to be sampled held the GIL, as only its own word tells.
    gil = the_process(session_of([{1: "W100000W"}, {1: "S100000S"}])).gil
    assert (gil.held, gil.load, gil.unknown) == (1.0, 1.5, 0.0)


def test_what_is_not_known_of_the_gil_is_told():
    gil = the_process(session_of([{1: "H100000H"}] * 3 + [{1: "?100000?"}], held=50_000)).gil
    assert (gil.held, gil.unknown) == (0.5, 0.25)


def test_before_its_first_thread_was_seen_nothing_was_to_be_known_of_a_gil():
    gil = the_process(session_of([{1: "?10000H30000H"}], held=40_000)).gil
    assert (gil.held, gil.load, gil.unknown) == (1.0, 1.0, 0.25)


def test_the_json_has_every_field_of_the_contract(capsys):
    session = session_of([{1: "H60000W40000W"}])
    session.apply(Stacks(SPAN, PID, (Stack(1, (Call("count_primes", "/srv/app.py", 12),)),)))
    session.apply(Blocked(SPAN, PID, 1, "recvfrom on socket 127.0.0.1:5432"))
    print_json(summarise(session))
    told = json.loads(capsys.readouterr().out)
    assert told["schema"] == 1
    assert {"host", "cores", "duration", "sampler", "processes"} <= set(told)
    for name, value in {
        "fidelity": "kernel",
        "rate_asked": 1000.0,
        "rate_got": 1000.0,
        "samples": 100,
        "lost": 1,
        "cpu_percent": 4.0,
    }.items():
        assert told["sampler"][name] == value
    (process,) = told["processes"]
    assert process["pid"] == PID
    assert process["parent"] == 1
    assert process["python"] == "3.12.1"
    assert process["implementation"] == "cpython"
    assert process["command"] == ["python", "app.py"]
    assert process["gil"] == {
        "enabled": True,
        "held": 1.0,
        "load": 1.4,
        "switches_per_s": 150.0,
        "hogs": 0,
        "hog_ms": 50.0,
        "unknown": 0.0,
    }
    (thread,) = process["threads"]
    assert thread == {
        "tid": 1,
        "name": "worker-1",
        "native": False,
        "interpreter": 0,
        "gone": False,
        "states": {
            "hold": 0.6,
            "wait": 0.4,
            "native": 0.0,
            "io": 0.0,
            "lock": 0.0,
            "sleep": 0.0,
            "ready": 0.0,
            "unknown": 0.0,
        },
        "cpu": 0.5,
        "run_delay": 0.01,
        "hold_ms": {"p50": None, "p99": None, "max": None, "count": 0},
        "wait_ms": {"p50": None, "p99": None, "max": None, "count": 0},
        "detail": "recvfrom on socket 127.0.0.1:5432",
        "where": "count_primes (app.py:12)",
        "uncertainty": ANY,
        "hold_blocked": 0.0,
        "hold_starved": 0.0,
        "blame": [],
        "blame_functions": [],
        "duration": 0.1,
    }


def test_json_is_ascii_so_that_no_terminal_obeys_a_name(capsys):
    print_json({"name": "\x9b31m\u202e\x1b[2J\ud800"})
    assert capsys.readouterr().out.isascii()


def test_a_hold_across_frames_is_one_hold():
    process = the_process(
        session_of([{1: "W50000H50000H"}, {1: "H30000W70000W"}, {1: "W10000H90000H"}], switches=0)
    )
    (thread,) = process.threads
    assert thread.hold_ms == Lengths(80.0, 80.0, 80.0, 1)
    assert thread.wait_ms == Lengths(80.0, 80.0, 80.0, 1)


def test_what_was_going_on_at_either_end_of_the_watch_is_not_counted():
    process = the_process(session_of([{1: "H70000W20000H10000H"}]))
    (thread,) = process.threads
    assert thread.hold_ms.count == 0
    assert thread.wait_ms.count == 1


def test_where_the_gil_cannot_be_seen_its_figures_are_null():
    session = session_of([{1: "H60000?40000?"}], fidelity=PYSPY, held=None)
    summary = summarise(session)
    (process,) = summary.processes
    assert summary.sampler.fidelity == PYSPY
    assert (process.gil.held, process.gil.load, process.gil.switches_per_s) == (None, None, None)
    assert process.gil.hogs is None
    assert process.threads[0].hold_ms == Lengths()
    assert gil_loads(session.processes[PID]) == (None, None, None)


def test_the_rate_at_py_spy_fidelity_is_that_of_py_spy():
    session = session_of([{1: "?100000?"}] * 10, fidelity=PYSPY)
    session.processes[PID].samples = 2
    sampler = summarise(session).sampler
    assert (sampler.samples, sampler.rate_got) == (2, 2.0)


def test_the_rate_is_that_of_what_is_seen_at_kernel_fidelity_if_anything_is():
    session = session_of([{1: "H100000H"}] * 10)
    session.apply(Process(0, 8, 1, ("python",), "2.7.18", "cpython", PYSPY))
    told = summarise(session)
    assert (told.sampler.fidelity, told.sampler.fidelities) == (PYSPY, {KERNEL: 1, PYSPY: 1})
    assert (told.sampler.samples, told.sampler.rate_got) == (1000, 1000.0)
    assert [process.fidelity for process in told.processes] == [KERNEL, PYSPY]


def test_the_fidelity_is_that_of_the_python_processes_that_were_asked_for():
    session = session_of([{1: "H100000H"}])
    session.apply(Process(0, 7, PID, ("ls",), followed=True))
    assert summarise(session).sampler.fidelity == KERNEL
    session.apply(Process(0, 8, 1, ("python",), "3.7.1", "cpython", PYSPY))
    assert summarise(session).sampler.fidelity == PYSPY
    session.apply(Gone(0, 8))
    assert summarise(session).sampler.fidelity == KERNEL


def test_of_a_shell_that_starts_python_the_fidelity_is_that_of_python():
    session = Session()
    session.apply(Process(0, 7, 1, ("sh",)))
    assert summarise(session).sampler.fidelity == "none"
    session.apply(
        Process(0, 8, 7, ("python",), "3.12.1", "cpython", KERNEL, gil=False, followed=True)
    )
    summary = summarise(session)
    assert summary.sampler.fidelity == KERNEL
    assert [process.gil.enabled for process in summary.processes] == [None, False]


def test_a_thread_that_ended_is_listed_with_shares_of_its_own_life():
    session = session_of([{1: "H100000H", 2: "S50000S"}])
    session.apply(Gone(SPAN // 2, PID, 2))
    gone = the_process(session).threads[1]
    assert gone.gone
    assert gone.states["sleep"] == 1.0


def test_nothing_seen_is_nothing_known():
    summary = summarise(Session())
    assert summary.sampler.rate_got is None
    assert summary.sampler.fidelity == "none"
    assert summary.processes == []
