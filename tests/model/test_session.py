"""The session: what it makes of events, and what it forgets."""

import pytest

from gilscope.analysis.functions import held_by_function
from gilscope.analysis.lanes import joined_runs
from gilscope.analysis.load import gil_load, held_share, switch_rate
from gilscope.model import records
from gilscope.model import session as model
from gilscope.model.events import (
    Blocked,
    Call,
    Code,
    Frame,
    GilSlice,
    Gone,
    Hog,
    Output,
    Process,
    ProcessSlice,
    SamplerSlice,
    Stack,
    Stacks,
    Thread,
    ThreadSlice,
    Turn,
)
from gilscope.model.records import FORGOTTEN, ProcessRecord, state_at
from gilscope.model.session import Session
from gilscope.model.states import POSITION

PID = 10
SPAN = 100_000


def frame(number: int, *threads: ThreadSlice, held: int | None = None) -> Frame:
    """Return the frame of that number, each SPAN long."""
    gils = () if held is None else (GilSlice(0, held, 3, None),)
    pieces = (ProcessSlice(PID, threads, gils, samples=100),)
    return Frame((number + 1) * SPAN, SPAN, SamplerSlice(1000, 100), pieces)


def session_of(*tids: int) -> Session:
    session = Session()
    session.apply(Process(0, PID, 1, ("python",), fidelity="kernel", gil=True))
    for tid in tids:
        session.apply(Thread(0, PID, tid, f"thread-{tid}", native=False))
    return session


def process_of(session: Session) -> ProcessRecord:
    return session.processes[PID]


def test_runs_add_up_to_shares_and_to_the_time_that_threads_wanted_the_gil():
    session = session_of(10, 11)
    session.apply(
        frame(
            0,
            ThreadSlice(10, "W", "H60000W40000", 61_000, 500),
            ThreadSlice(11, "H", "W60000H40000", 40_000),
            held=SPAN,
        )
    )
    first, second = process_of(session).threads.values()
    assert first.spent[POSITION["H"]] == 60_000
    assert second.spent[POSITION["W"]] == 60_000
    assert (first.cpu, first.delay, second.delay) == (61_000, 500, None)
    assert process_of(session).wanted == 2 * SPAN
    assert process_of(session).held == SPAN


def test_a_thread_that_a_frame_leaves_out_stayed_as_it_was():
    session = session_of(10)
    session.apply(frame(0, ThreadSlice(10, "S", "I50000S50000")))
    for number in range(1, 4):
        session.apply(frame(number))
    (thread,) = process_of(session).threads.values()
    assert thread.spent[POSITION["S"]] == 50_000 + 3 * SPAN
    assert len(thread.history) == 2
    assert state_at(thread, 25_000) == "I"
    assert state_at(thread, 75_000) == "S"
    assert state_at(thread, 4 * SPAN) == "S"
    assert state_at(thread, 4 * SPAN + 1) is None


def test_a_quiet_waiter_goes_on_wanting_the_gil():
    session = session_of(10)
    session.apply(frame(0, ThreadSlice(10, "W", f"W{SPAN}"), held=0))
    session.apply(frame(1, held=0))
    assert process_of(session).wanted == 2 * SPAN


def test_the_gil_counts_only_while_it_is_seen():
    session = session_of(10)
    session.apply(frame(0, ThreadSlice(10, "?", f"?{SPAN}")))
    session.apply(frame(1, ThreadSlice(10, "H", f"H{SPAN}"), held=SPAN))
    process = process_of(session)
    assert (process.span, process.seen, process.held) == (2 * SPAN, SPAN, SPAN)


def test_events_about_strangers_are_left_aside():
    session = session_of(10)
    session.apply(Thread(0, 99, 99))
    session.apply(Gone(0, 99))
    session.apply(Gone(0, PID, 77))
    session.apply(Blocked(0, PID, 77, "sleep"))
    session.apply(Stacks(0, 99, (Stack(99, ()),)))
    session.apply(frame(0, ThreadSlice(77, "H", f"H{SPAN}")))
    assert list(session.processes) == [PID]
    assert list(process_of(session).threads) == [10]


def test_names_stacks_and_calls_belong_to_their_thread():
    session = session_of(10)
    session.apply(Thread(5, PID, 10, "renamed", native=True, interpreter=2))
    session.apply(Blocked(5, PID, 10, "sleep"))
    session.apply(Stacks(7, PID, (Stack(10, (Call("nap", "a.py", 3),)),)))
    (thread,) = process_of(session).threads.values()
    assert (thread.name, thread.native, thread.interpreter) == ("renamed", True, 2)
    assert (thread.blocked, thread.calls[0].name, thread.calls_at) == ("sleep", "nap", 7)


def test_the_end_of_a_process_is_the_end_of_its_threads():
    session = session_of(10, 11)
    session.apply(Gone(5, PID, 11))
    session.apply(Gone(9, PID, status=3))
    process = process_of(session)
    assert {tid: thread.gone for tid, thread in process.threads.items()} == {10: 9, 11: 5}
    assert process.gone is not None
    assert process.gone.status == 3


def test_of_many_ended_threads_only_the_newest_are_remembered(monkeypatch):
    monkeypatch.setattr(records, "GONE_THREADS", 3)
    session = session_of(10, *range(20, 30))
    for tid in range(20, 30):
        session.apply(Gone(tid, PID, tid))
    process = process_of(session)
    assert list(process.threads) == [10, 27, 28, 29]
    assert (process.ended, process.forgotten) == (3, 7)


def test_a_thread_id_that_is_used_again_is_another_thread():
    session = session_of(10, 11)
    session.apply(frame(0, ThreadSlice(11, "H", f"H{SPAN}")))
    session.apply(Gone(SPAN, PID, 11))
    session.apply(Thread(SPAN, PID, 11, "later"))
    thread = process_of(session).threads[11]
    assert (thread.name, thread.gone, thread.watched) == ("later", None, 0)
    assert process_of(session).ended == 0


@pytest.mark.parametrize(("threads", "remembered"), [(1, 12), (2, 6), (40, 5)])
def test_the_more_threads_the_less_is_remembered_of_each(monkeypatch, threads, remembered):
    monkeypatch.setattr(records, "STRETCHES", 12)
    monkeypatch.setattr(records, "LEAST_STRETCHES", 5)
    tids = range(10, 10 + threads)
    session = session_of(*tids)
    for number in range(20):
        session.apply(frame(number, *(ThreadSlice(tid, "H", f"H{SPAN}") for tid in tids)))
    assert {len(thread.history) for thread in process_of(session).threads.values()} == {remembered}
    assert process_of(session).threads[10].spent[POSITION["H"]] == 20 * SPAN


def test_of_many_followed_processes_only_the_newest_to_end_are_remembered(monkeypatch):
    monkeypatch.setattr(model, "GONE_PROCESSES", {True: 2, False: 5})
    session = session_of(10)
    session.apply(Gone(0, PID, status=3))
    for pid in (20, 21, 22, 23):
        session.apply(Process(0, pid, PID, followed=True))
    for pid in (23, 20, 21):
        session.apply(Gone(1, pid))
    assert list(session.processes) == [PID, 20, 21, 22]
    assert session.forgotten == 1


def test_a_process_id_that_is_used_again_is_another_process(monkeypatch):
    monkeypatch.setattr(model, "GONE_PROCESSES", {True: 1, False: 1})
    session = session_of(10)
    for pid in (20, 21):
        session.apply(Process(0, pid, PID, followed=True))
    session.apply(Gone(1, 20))
    session.apply(Process(2, 20, PID, followed=True))
    session.apply(Gone(3, 21))
    assert list(session.processes) == [PID, 20, 21]
    assert session.processes[20].gone is None


def test_only_the_end_of_what_a_command_prints_is_remembered(monkeypatch):
    monkeypatch.setattr(model, "OUTPUT", 10)
    monkeypatch.setattr(model, "PIECES", 3)
    session = Session()
    for text in ("first", "second", "third"):
        session.apply(Output(0, text))
    assert [event.text for event in session.output] == ["third"]
    session.apply(Output(0, "0123456789end"))
    assert [event.text for event in session.output] == ["3456789end"]
    for letter in "abcde":
        session.apply(Output(0, letter))
    assert [event.text for event in session.output] == ["c", "d", "e"]


def test_two_runs_of_one_letter_are_two_stretches():
    session = session_of(11)
    session.apply(frame(0, ThreadSlice(11, "W", "W50000W50000")))
    session.apply(frame(1, ThreadSlice(11, "W", "W100000")))
    session.apply(frame(2, ThreadSlice(11, "W", "W100000", fresh=True)))
    (thread,) = session.threads()
    lengths = [run.end - run.start for run in joined_runs(thread, 0, session.now)]
    assert lengths == [50_000, 150_000, 100_000]


def test_of_several_gils_each_has_its_own_account():
    session = session_of(11)
    session.apply(Thread(0, PID, 12, "guest", native=False, interpreter=1))
    session.apply(Thread(0, PID, 13, "sharer", native=False, interpreter=7))
    slices = (
        ThreadSlice(11, "H", f"H{SPAN}"),
        ThreadSlice(12, "H", f"H{SPAN}"),
        ThreadSlice(13, "W", f"W{SPAN}"),
    )
    gils = (GilSlice(0, SPAN, 1, 11), GilSlice(1, SPAN, 2, 12))
    piece = ProcessSlice(PID, slices, gils, 100)
    session.apply(Frame(SPAN, SPAN, SamplerSlice(1000, 100), (piece,)))
    process = session.processes[PID]
    assert (process.wanted, process.held, process.switches) == (3 * SPAN, 2 * SPAN, 3)
    assert {i: (gil.wanted, gil.switches) for i, gil in process.gils.items()} == {
        0: (2 * SPAN, 1),
        1: (SPAN, 2),
    }


def test_functions_that_held_the_gil_are_added_up():
    session = session_of(11, 12)
    session.apply(Code(0, PID, 1, Call("work", "app.py", 3)))
    turns = (Turn(11, 1, 30_000), Turn(None, None, 20_000), Turn(12, None, 50_000))
    for number in range(2):
        piece = ProcessSlice(PID, (), (GilSlice(0, 80_000, 2, 12, turns),), 100)
        session.apply(Frame((number + 1) * SPAN, SPAN, SamplerSlice(1000, 100), (piece,)))
    process = session.processes[PID]
    assert process.held_in == {(11, 1): 60_000, (12, None): 100_000}
    assert process.codes[1].name == "work"
    assert [holding.end for holding in process.holdings] == [SPAN, 2 * SPAN]


def test_a_hog_is_told_twice_and_counted_once():
    session = session_of(11)
    session.apply(Hog(90_000, PID, 11, 30_000, 60_000, 0, (Call("match", "re.py"),), 51_000))
    assert session.processes[PID].hogs == 0
    session.apply(
        Hog(200_000, PID, 11, 30_000, 164_000, 0, (Call("match", "re.py"),), 51_000, True)
    )
    assert session.processes[PID].hogs == 1
    (hog,) = session.hogs.values()
    assert (hog.length, hog.ended) == (164_000, True)


@pytest.mark.parametrize("tid", [11, None])
def test_a_hog_ends_with_its_thread_and_goes_on_until_then(tid):
    session = session_of(11, 12)
    session.apply(Hog(90_000, PID, 11, 30_000, 60_000))
    session.apply(Frame(5 * SPAN, SPAN, SamplerSlice(1000, 100), ()))
    session.apply(Gone(5 * SPAN, PID, 12))
    (hog,) = session.hogs.values()
    assert session.hog_length(hog) == 5 * SPAN - 30_000
    session.apply(Gone(6 * SPAN, PID, tid))
    session.apply(Frame(9 * SPAN, 3 * SPAN, SamplerSlice(1000, 100), ()))
    (hog,) = session.hogs.values()
    assert (session.hog_length(hog), hog.ended) == (6 * SPAN - 30_000, True)
    assert session.processes[PID].hogs == 1


def test_time_without_samples_is_no_time_in_which_the_gil_was_free():
    session = session_of(11)
    slices = (ThreadSlice(11, "H", "H60000?40000"),)
    for number in range(2):
        piece = ProcessSlice(PID, slices, (GilSlice(0, 60_000, 2, 11),), 60)
        session.apply(Frame((number + 1) * SPAN, SPAN, SamplerSlice(1000, 60), (piece,)))
    process = session.processes[PID]
    assert held_share(process, 1) == gil_load(process, 1) == 1.0
    assert switch_rate(process, 1) == 20.0


def test_functions_of_forgotten_threads_are_put_together(monkeypatch):
    monkeypatch.setattr(records, "GONE_THREADS", 1)
    session = session_of()
    process = session.processes[PID]
    process._pairs = 10
    for number in range(50):
        tid = 100 + number
        session.apply(Thread(0, PID, tid, "short", native=False))
        turns = (Turn(tid, number % 2, SPAN),)
        piece = ProcessSlice(PID, (), (GilSlice(0, SPAN, 1, tid, turns),), 100)
        session.apply(Frame((number + 1) * SPAN, SPAN, SamplerSlice(1000, 100), (piece,)))
        session.apply(Gone((number + 1) * SPAN, PID, tid))
        process._pairs = 10
    assert len(process.held_in) <= 12
    assert sum(process.held_in.values()) == 50 * SPAN
    held = held_by_function(process)
    assert sum(function.held for function in held) == 50 * SPAN
    assert all(FORGOTTEN not in function.tids for function in held)
