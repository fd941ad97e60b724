"""What each core did, and who ran there."""

from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gilscope.model.events import ProcessSlice, ThreadSlice
from gilscope.probe.cores import Cores, parse_busy

STAT = """\
cpu  123594 0 10604 519343 568 0 371 101 0 0
cpu0 58405 0 4564 263867 55 0 175 40 0 0
cpu1 65188 0 6039 255475 513 0 195 60 0 0
intr 1777176 0 0 0
ctxt 4123268
"""
TICK = 10_000


def test_busy_is_all_that_is_work_and_neither_idle_nor_waiting_for_io():
    assert parse_busy(STAT) == {
        0: (58405 + 4564 + 175 + 40) * TICK,
        1: (65188 + 6039 + 195 + 60) * TICK,
    }


def test_an_old_kernel_that_prints_fewer_fields_is_read_too():
    assert parse_busy("cpu  1 2 3 4\ncpu0 1 2 3 4\n") == {0: 6 * TICK}


def test_cores_that_are_offline_leave_a_gap():
    assert list(parse_busy("cpu  9 9 9 9\ncpu0 1 1 1 1\ncpu7 1 1 1 1\n")) == [0, 7]


@given(st.text(max_size=200))
def test_any_text_is_read_without_an_error(text):
    parse_busy(text)


@given(st.lists(st.text("cpu0123456789 x-\n", max_size=30)))
def test_lines_that_are_nearly_right_are_read_or_left_out(lines):
    parse_busy("".join(f"cpu{line}\n" for line in lines))


def test_a_threads_exact_time_is_shared_among_the_cores_it_was_seen_on():
    cores = Cores()
    where = iter([0, 0, 1, None, 0])
    thread = SimpleNamespace(tid=7, core=lambda: next(where))
    for _ in range(5):
        cores.see(5, [thread])
    frame = ProcessSlice(5, (ThreadSlice(7, "H", "H100", cpu=80), ThreadSlice(8, "N", "N1", 9)))

    def shares():
        return [
            (core.core, share.pid, share.tid, share.ran)
            for core in cores.end_frame([frame])
            for share in core.watched
        ]

    assert shares() == [(0, 5, 7, 60), (1, 5, 7, 20)]
    # Where it was not seen in a frame, it was most likely where it was in the one before.
    assert shares() == [(0, 5, 7, 60), (1, 5, 7, 20)]
    where = iter([1])
    cores.see(5, [thread])
    assert shares() == [(1, 5, 7, 80)]


@pytest.mark.parametrize("cpu", [0, None])
def test_a_thread_without_time_on_a_core_has_no_share(cpu):
    cores = Cores()
    cores.see(5, [SimpleNamespace(tid=7, core=lambda: 0)])
    frame = ProcessSlice(5, (ThreadSlice(7, "I", "I100", cpu=cpu),))
    slices = cores.end_frame([frame])
    assert all(core.watched == () for core in slices)
    assert all(core.busy >= 0 for core in slices)
