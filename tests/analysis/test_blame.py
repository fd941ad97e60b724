"""Who kept a thread waiting."""

from hypothesis import given, settings
from hypothesis import strategies as st

from gilscope.analysis.blame import Blamed, blame
from gilscope.model.events import Thread
from tests.analysis.constructed import PARSE, PID, SPAN, WORK, a_gil, a_session, feed


def blamed(session, tid=2, start=0, end=None):
    process = session.processes[PID]
    return blame(process, process.threads[tid], start, session.now if end is None else end)


def test_who_held_the_gil_while_a_thread_waited_is_told_by_thread_and_function():
    session = a_session()
    feed(
        session,
        {1: "H60000W40000", 2: "W70000H30000", 3: "W60000H10000W30000"},
        a_gil((1, 7, 50_000), (1, 8, 10_000), (3, 7, 10_000), (2, 8, 30_000)),
    )
    assert blamed(session) == [
        Blamed(1, "worker-1", 7, WORK, 50_000),
        Blamed(1, "worker-1", 8, PARSE, 10_000),
        Blamed(3, "worker-3", 7, WORK, 10_000),
    ]
    assert blamed(session, 1) == [
        Blamed(2, "worker-2", 8, PARSE, 30_000),
        Blamed(3, "worker-3", 7, WORK, 10_000),
    ]


def test_only_the_waits_between_the_moments_count():
    session = a_session()
    feed(session, {1: "H100000", 2: "W100000"}, a_gil((1, 7, SPAN)))
    feed(session, {1: "H100000"}, a_gil((1, 7, SPAN)))
    assert blamed(session, start=90_000, end=130_000) == [Blamed(1, "worker-1", 7, WORK, 40_000)]
    assert blamed(session, start=5, end=5) == []


def test_time_without_a_known_holder_is_an_entry_of_its_own():
    session = a_session()
    feed(session, {2: "W100000"}, a_gil((None, None, 30_000), (1, None, 20_000), (99, 7, 50_000)))
    feed(session, {2: "W100000"})  # Functions were not read in this frame.
    assert blamed(session) == [
        Blamed(None, None, None, None, 130_000),
        Blamed(99, None, 7, WORK, 50_000),
        Blamed(1, "worker-1", None, None, 20_000),
    ]


def test_a_thread_is_never_blamed_for_its_own_wait():
    session = a_session()
    feed(session, {2: "W50000H50000"}, a_gil((1, 7, 40_000), (2, 7, 60_000)))
    assert [(each.tid, each.waited) for each in blamed(session)] == [(1, 40_000), (None, 10_000)]


def test_a_thread_waits_for_the_gil_of_its_own_interpreter():
    session = a_session()
    session.apply(Thread(0, PID, 2, "worker-2", False, 5))
    feed(
        session,
        {2: "W100000", 3: "W100000"},
        a_gil((1, 7, SPAN)),
        a_gil((9, 8, SPAN), interpreter=5),
    )
    assert [each.tid for each in blamed(session, 2)] == [9]
    assert [each.tid for each in blamed(session, 3)] == [1]


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from("HWI"), st.integers(1, 8_000)), min_size=1, max_size=12),
    st.lists(
        st.tuples(st.sampled_from([None, 1, 2, 3]), st.sampled_from([None, 7]),
                  st.integers(1, 12_000)),
        max_size=12,
    ),
    st.integers(0, SPAN),
    st.integers(0, SPAN),
)  # fmt: skip
def test_the_parts_add_up_to_the_time_waited(runs, turns, start, end):
    session = a_session()
    feed(session, {2: "".join(f"{letter}{length}" for letter, length in runs)}, a_gil(*turns))
    thread = session.processes[PID].threads[2]
    position = SPAN - sum(length for _, length in runs)
    waited = 0
    for letter, length in runs:
        if letter == "W":
            waited += max(0, min(position + length, end) - max(position, start))
        position += length
    assert sum(each.waited for each in blame(session.processes[PID], thread, start, end)) == waited
