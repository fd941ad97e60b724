"""What `gilscope dump` says of a moment, on constructed sessions."""

import io

import pytest
from rich.cells import cell_len
from rich.console import Console

from gilscope.analysis.summarise import summarise
from gilscope.cli.dump import moments, print_moments
from gilscope.model.events import Gone, Thread
from tests.analysis.constructed import PID, a_session, feed


def moments_of(session):
    (process,) = summarise(session).processes
    return moments(process, session.processes[PID])


def printed(session):
    file = io.StringIO()
    print_moments(moments_of(session), Console(file=file, width=80, markup=False, emoji=False))
    return [line for line in file.getvalue().splitlines() if line and not line.startswith(" ")]


def named(tid, name):
    session = a_session()
    session.apply(Thread(0, PID, tid, name, False, 0))
    feed(session, {tid: "S100000"})
    return session


def test_the_main_thread_comes_first_and_the_others_by_their_ids():
    session = a_session()
    for tid in (9, PID, 5):
        session.apply(Thread(0, PID, tid, "late", False, 0))
    feed(session, dict.fromkeys((9, 3, PID, 2, 5, 1), "S100000"))
    assert [each.thread.tid for each in moments_of(session)] == [PID, 1, 2, 3, 5, 9]


def test_a_thread_that_has_ended_is_left_out_unless_the_process_has():
    session = a_session()
    feed(session, dict.fromkeys((1, 2, 3), "S100000"))
    session.apply(Gone(session.now, PID, 2))
    assert [each.thread.tid for each in moments_of(session)] == [1, 3]
    session.apply(Gone(session.now, PID))
    assert [each.thread.tid for each in moments_of(session)] == [1, 2, 3]


@pytest.mark.parametrize("letter", ["a", "\N{GRINNING FACE}", "\u0434"])
def test_a_thread_with_a_name_without_end_takes_one_line(letter):
    *_, line = printed(named(7, letter * 4000))
    assert cell_len(line) <= 80
    assert "…" in line
    assert "  7  sleep  sleep 100%" in line


def test_long_names_that_differ_at_their_ends_are_told_apart():
    name = "ThreadPoolExecutor-of-the-service-that-reads-0_"
    lines = {tid: printed(named(tid, f"{name}{tid}"))[-1].split("  ")[0] for tid in (11, 12)}
    assert lines[11] == "S ThreadPoolExecutor-o…ice-that-reads-0_11"
    assert lines[12] == "S ThreadPoolExecutor-o…ice-that-reads-0_12"
