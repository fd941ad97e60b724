"""What a thread did between two moments."""

import pytest

from gilscope.analysis.lanes import (
    BLANK,
    Run,
    cells_shown,
    column,
    fractions,
    joined_runs,
    letter_of,
    letters_of,
    newest_cell,
    runs_between,
    time_between,
    wanting,
)
from gilscope.model.events import ThreadSlice
from gilscope.model.records import ThreadRecord


def thread_of(*frames: str, span: int = 100) -> ThreadRecord:
    """Return a thread whose frames had these runs; None where it was left out."""
    thread = ThreadRecord(1, 2, 0)
    for index, runs in enumerate(frames):
        start = index * span
        if runs:
            letter = next(part for part in reversed(runs) if not part.isdecimal())
            thread.add(ThreadSlice(2, letter, runs), start, start + span)
        else:
            thread.stay(start, start + span)
    return thread


def test_runs_are_cut_to_the_moments_asked_for():
    thread = thread_of("H60W40", "W100")
    assert list(runs_between(thread, 50, 120)) == [
        Run("H", 50, 60),
        Run("W", 60, 100),
        Run("W", 100, 120),
    ]


def test_equal_neighbours_join_across_frames():
    thread = thread_of("H60W40", "W100", "W10H90")
    assert list(joined_runs(thread, 0, 300)) == [
        Run("H", 0, 60),
        Run("W", 60, 210),
        Run("H", 210, 300),
    ]


def test_a_thread_left_out_of_frames_stayed_in_its_state():
    thread = thread_of("N10I90", "", "")
    assert list(joined_runs(thread, 0, 300)) == [Run("N", 0, 10), Run("I", 10, 300)]


def test_a_thread_born_within_a_frame_is_nowhere_before_its_birth():
    thread = thread_of("H20W20", "W100")
    assert list(joined_runs(thread, 0, 200)) == [Run("H", 60, 80), Run("W", 80, 200)]
    assert letters_of(thread, range(2), 50) == BLANK + "W"


def test_nothing_is_told_of_a_time_before_or_after_the_history():
    thread = thread_of("H100")
    assert list(runs_between(thread, 100, 200)) == []
    assert list(runs_between(thread, -50, 0)) == []
    assert list(runs_between(ThreadRecord(1, 2, 0), 0, 100)) == []


def test_time_is_counted_by_state():
    thread = thread_of("H60W40", "W100")
    assert time_between(thread, 0, 200) == [60, 140, 0, 0, 0, 0, 0, 0]


def test_a_letter_of_a_newer_stream_counts_as_unknown():
    assert time_between(thread_of("X100"), 0, 100)[-1] == 100


def test_fractions_of_no_time_are_not_known():
    assert fractions([0] * 8) is None
    assert fractions([1, 3, 0, 0, 0, 0, 0, 0]) == (0.25, 0.75, 0, 0, 0, 0, 0, 0)


def test_a_cell_shows_the_state_at_its_end_and_not_the_longest_one():
    thread = thread_of("W95H5", "H1W99")
    assert letter_of(thread, 0, 100) == "H"


def test_the_newest_cell_that_ends_with_the_newest_frame_has_a_letter():
    assert letters_of(thread_of("H60W40", "W40H60"), range(2), 100) == "WH"


def test_cells_before_birth_and_after_the_end_are_blank():
    thread = thread_of("H100", "H100")
    thread.gone = 120
    assert letters_of(thread, range(-1, 3), 100) == BLANK + "H" + BLANK + BLANK


@pytest.mark.parametrize(("now", "newest"), [(0, -1), (99, -1), (100, 0), (250, 1)])
def test_a_cell_counts_once_it_has_ended(now, newest):
    assert newest_cell(now, 100) == newest


def test_threads_that_hold_or_want_the_gil_are_counted_at_the_end_of_a_cell():
    threads = [thread_of("H100"), thread_of("W100"), thread_of("I100")]
    assert wanting(threads, 0, 100) == "2"
    assert wanting(threads * 5, 0, 100) == "+"
    assert wanting(threads, 9, 100) == BLANK
    assert wanting([], 0, 100) == BLANK


def test_a_sweep_leaves_one_column_as_gap_ahead_of_the_newest_cell():
    shown = cells_shown(100, 24)
    assert len(shown) == 23
    assert shown[-1] == 100
    gap = column(101, 24)
    assert gap not in {column(number, 24) for number in shown}


def test_a_sweep_begins_with_the_first_cell():
    assert list(cells_shown(2, 24)) == [0, 1, 2]
    assert list(cells_shown(-1, 24)) == []
