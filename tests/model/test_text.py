import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from gilscope.model.text import LONGEST, clean, cut, cut_middle, cut_start, pad

# Any text at all, and text rich in what makes trouble.
TROUBLE = st.text(
    st.sampled_from("ab \t\n\r\x1b\x07\x7f\x9b\u202e\u200d\ufe0f\u0301\ud800\u2028表👩🏽🇩[]\\")
    | st.characters()
)


@given(TROUBLE)
def test_clean_text_holds_nothing_that_a_terminal_obeys(text):
    shown = clean(text)
    shown.encode()
    assert not any(
        unicodedata.category(character) in {"Cc", "Cf", "Cs", "Zl", "Zp"} for character in shown
    )


@given(TROUBLE)
def test_cleaning_twice_changes_nothing(text):
    assert clean(clean(text)) == clean(text)


@given(TROUBLE, st.integers(-1, 30))
def test_a_cut_text_fits_its_width(text, width):
    assert cell_len(cut(text, width)) <= max(0, width)
    assert cell_len(cut_start(text, width)) <= max(0, width)
    assert cell_len(cut_middle(text, width)) <= max(0, width)


@given(TROUBLE, st.integers(0, 30))
def test_a_padded_text_fills_its_width_exactly(text, width):
    assert cell_len(pad(text, width)) == width


@given(st.text(st.characters(codec="ascii", exclude_categories=["Cc"])))
def test_plain_text_stays_as_it_is(text):
    assert clean(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("worker-1", "worker-1"),
        ("Größe 表 мир", "Größe 表 мир"),
        ("[red]not markup here[/]", "[red]not markup here[/]"),
        ("two\nlines\r", "two\\nlines\\r"),
        ("\x1b[2Jgone", "\\e[2Jgone"),
        ("\x9b31m", "\\x9b31m"),
        ("\x07\x00\x7f", "\\x07\\x00\\x7f"),
        ("abc\u202edcba", "abc\\u202edcba"),
        ("a\ud83d", "a\\ud83d"),
        ("\U000e0041", "\\U000e0041"),
        ("tab\there", "tab here"),
        ("👩‍👩‍👧", "👩👩👧"),
        ("👍🏽 🇩🇪 ❤️", "👍 DE ❤"),
        ("e\u0301\u0301\u0301\u0301\u0301", "é\u0301\u0301"),
        ("\u0301x", "x"),
        ("ㅤ", "\\u3164"),
    ],
)
def test_what_is_shown(text, shown):
    assert clean(text) == shown


def test_four_thousand_emoji_end_in_an_ellipsis():
    shown = clean("🐍" * (LONGEST + 1))
    assert len(shown) == LONGEST + 1
    assert shown.endswith("🐍…")


@pytest.mark.parametrize(
    ("width", "shown"),
    [(0, ""), (1, "…"), (2, "…"), (3, "表…"), (5, "表表…"), (6, "表表表")],
)
def test_a_wide_letter_is_never_cut_in_half(width, shown):
    assert cut("表表表", width) == shown


@pytest.mark.parametrize(
    ("width", "shown"),
    [(0, ""), (1, "…"), (7, "….py:12"), (10, "…job.py:12"), (16, "/srv/a/job.py:12")],
)
def test_the_end_of_a_file_name_stays(width, shown):
    assert cut_start("/srv/a/job.py:12", width) == shown


@pytest.mark.parametrize(
    ("width", "shown"),
    [
        (0, ""),
        (1, "…"),
        (2, "T…"),
        (3, "T…1"),
        (15, "ThreadP…tor-0_1"),
        (22, "ThreadPoolExecutor-0_1"),
    ],
)
def test_both_ends_of_a_name_stay(width, shown):
    assert cut_middle("ThreadPoolExecutor-0_1", width) == shown


def test_a_wide_letter_in_the_middle_is_never_cut_in_half():
    assert [cut_middle("表表表表", width) for width in (4, 5, 6, 7)] == [
        "表…", "表…表", "表…表", "表表…表",
    ]  # fmt: skip
