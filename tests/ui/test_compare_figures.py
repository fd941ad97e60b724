"""Figures, words and the parts of the Compare screen, computed without a screen."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gilscope.model import comparison as c
from gilscope.ui.views.compare import figures, scale
from gilscope.ui.views.compare.layout import BIG, plan
from gilscope.ui.views.compare.words import hint, sentence, what_it_is
from gilscope.ui.widgets.compare.digits import large
from gilscope.ui.widgets.compare.paragraph import paragraph
from tests.ui import compare_scenes as scenes


@settings(deadline=None)
@given(st.integers(0, 10**11), st.integers(1, 300))
def test_a_run_fits_its_lanes_and_fills_most_of_them(length, cells):
    cell = scale.cell_for(length, cells)
    assert scale.cells_of(length, cell, over=True) <= cells
    assert cell * cells * 2 / 3 <= max(length, scale.SHORTEST) + cell * cells // 100 + cells


@settings(deadline=None)
@given(st.integers(0, 10**11), st.integers(1, 300))
def test_the_ruler_is_as_wide_as_the_lanes_and_begins_at_the_run_s_begin(length, cells):
    line = scale.ruler(scale.cell_for(length, cells), cells)
    assert len(line) == cells
    assert line[0] == "╷"


@pytest.mark.parametrize(
    ("at", "said"),
    [
        (0, "0"),
        (200_000, "200ms"),
        (1_500_000, "1.5s"),
        (90_000_000, "90s"),
        (100_000_000, "1m40s"),
        (120_000_000, "2m"),
    ],
)
def test_marks_of_the_ruler_are_short(at, said):
    assert scale.when(at) == said


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0.0, "·"),
        (0.0004, "<.001"),
        (0.0421, "0.042"),
        (4.123, "4.12"),
        (41.23, "41.2"),
        (412.3, "412"),
        (None, "-"),
    ],
)
def test_seconds_have_three_figures(value, said):
    assert figures.seconds(value) == said


@pytest.mark.parametrize(
    ("value", "said"),
    [(0.0042, "4.2 ms"), (0.042, "42 ms"), (4.123, "4.12 s"), (750.0, "12:30"), (None, "-")],
)
def test_how_long_something_took_has_its_unit(value, said):
    assert figures.long(value) == said


def test_how_long_something_has_run_changes_ten_times_a_second_at_most():
    assert [figures.running_for(at) for at in (0.04, 2.63, 75.9)] == ["0.0 s", "2.6 s", "01:15"]


def test_large_figures_have_lines_of_one_length():
    for shown in ("0.98x", "12.4x", "120x", "-"):
        assert len({len(line) for line in large(shown)}) == 1
    assert large("1") == ["▄█ ", " █ ", "▀▀▀"]


def test_a_paragraph_counts_cells_and_says_where_it_ends_too_soon():
    assert paragraph("one two three", 7) == ["one two", "three"]
    assert paragraph("one two three four", 7, 2) == ["one two", "three…"]
    assert paragraph("漢字漢字", 5) == ["漢字", "漢字"]
    assert paragraph("\x1b[31mred", 20) == ["\\e[31mred"]
    assert paragraph("one", 7, 0) == []
    assert paragraph("", 7) == []


@settings(deadline=None)
@given(st.integers(20, 250), st.integers(5, 80), st.integers(1, 12), st.integers(1, 300))
def test_the_parts_of_the_screen_fit_any_terminal(width, height, modes, lanes):
    for verdict in (0, 2, 30):
        for enlarged in (False, True):
            found = plan(width, height, modes, 5, lanes, verdict, enlarged)
            used = 1 + found.title + 1 + found.body + found.table + found.verdict + found.legend + 1
            assert used + found.spare == height
            assert found.fit * found.column + found.fit - 1 <= width
            assert found.lanes >= 1
            assert found.cells >= 1


def test_three_modes_fit_80_cells_and_six_fit_160():
    assert plan(80, 24, 3, 4, 2, 3).fit == 3
    assert plan(160, 50, 6, 4, 2, 3).fit == 6
    assert plan(80, 24, 6, 4, 2, 3).fit == 3


def test_80x24_shows_every_part_of_three_modes():
    found = plan(80, 24, 3, 4, 2, 3)
    assert (found.figure, found.table, found.verdict) == (BIG, 4, 3)
    assert min(found.title, found.progress, found.cores, found.ruler, found.gil, found.legend) == 1


@pytest.mark.parametrize(
    ("value", "shares", "megabytes", "startup"),
    [
        (None, "-", "-", "-"),
        (0.0, "·", "·", "·"),
        (0.0004, "<1%", "<1", "·"),
        (0.5, "50%", "<1", "0.500"),
        (1.0, "100%", "1", "1.00"),
    ],
)
def test_nothing_and_next_to_nothing_look_unlike_each_other(value, shares, megabytes, startup):
    size = value and value * 900_000
    assert figures.share(value) == shares
    assert figures.megabytes(size) == megabytes
    assert figures.startup(value) == startup


@settings(deadline=None)
@given(st.text(max_size=40))
def test_text_from_elsewhere_becomes_a_harmless_sentence(said):
    for made in (sentence(said), hint(said)):
        assert "\n" not in made
        assert "\x1b" not in made


def test_names_of_modules_keep_their_small_letters():
    assert sentence("os.fork is not there") == "os.fork is not there."
    assert sentence("it ended") == "It ended."
    assert sentence(None) == ""


@pytest.mark.parametrize("kind", [*c.KINDS, c.COMMAND])
def test_every_mode_is_explained(kind):
    plan_ = scenes.live(c.Mode(kind)).comparison
    assert what_it_is(c.Mode(kind), plan_) not in ("", kind)
