"""The diet of what is written to the terminal: shorter, and the same picture."""

import re

from hypothesis import given
from hypothesis import strategies as st

from gilscope.ui.driver import Slimmer

RED = "\x1b[38;5;16;48;5;160m"
BLUE = "\x1b[38;5;16;48;5;18m"
BOLD = "\x1b[1;38;5;16;48;5;160m"
RESET = "\x1b[0m"


def test_only_what_differs_between_two_styles_is_sent():
    assert Slimmer().slim(f"{RED}a{RESET}{BLUE}b{RESET}") == f"{RED}a\x1b[48;5;18mb"


def test_a_style_that_stays_is_sent_once():
    assert Slimmer().slim(f"{RED}a{RESET}{RED}b{RESET}") == f"{RED}ab"


def test_the_pen_is_remembered_from_one_write_to_the_next():
    slimmer = Slimmer()
    slimmer.slim(f"{RED}a{RESET}")
    assert slimmer.slim(f"{RED}b{RESET}") == "b"


def test_bold_is_taken_back_by_a_reset():
    assert Slimmer().slim(f"{BOLD}a{RESET}{RED}b{RESET}") == f"{BOLD}a\x1b[0;{RED[2:]}b"


def test_text_without_a_style_is_not_drawn_in_the_one_before():
    assert Slimmer().slim(f"{RED}a{RESET}b") == f"{RED}a\x1b[mb"


def test_a_move_that_another_one_follows_is_left_out():
    assert Slimmer().slim("\x1b[5;9H\n\x1b[6;1Hx") == "\x1b[6;1Hx"


def test_the_last_move_stays():
    assert Slimmer().slim("x\x1b[5;9H\x1b[1;1H") == "x\x1b[1;1H"


def test_the_pen_is_put_down_before_the_screen_is_left():
    slimmer = Slimmer()
    slimmer.slim(f"{RED}a{RESET}")
    assert slimmer.slim("\x1b[?1049l") == "\x1b[0m\x1b[?1049l"


def test_the_pen_stays_through_the_marks_of_a_synchronised_update():
    slimmer = Slimmer()
    slimmer.slim(f"{RED}a{RESET}")
    assert slimmer.slim("\x1b[?2026h") == "\x1b[?2026h"


STYLES = st.sampled_from(["", "1;", "4;"]).flatmap(
    lambda rest: st.tuples(
        st.just(rest),
        st.sampled_from(["31", "38;5;77", "38;2;1;2;3", ""]),
        st.sampled_from(["44", "48;5;18", ""]),
    )
)


def cells(data: str) -> list[tuple[str, frozenset[str]]]:
    """Return each character with how a terminal would draw it."""
    drawn = []
    ink, paper, rest = "", "", frozenset[str]()
    for token in re.findall(r"\x1b\[[\d;]*m|[^\x1b]", data):
        if token[0] != "\x1b":
            drawn.append((token, frozenset({ink, paper, *rest} - {""})))
            continue
        parts = re.findall(r"[34]8;5;\d+|[34]8;2;\d+;\d+;\d+|\d+", token) or ["0"]
        for part in parts:
            if part == "0":
                ink, paper, rest = "", "", frozenset()
            elif part[0] == "3":
                ink = part
            elif part[:2] in ("48", "44"):
                paper = part
            else:
                rest |= {part}
    return drawn


@given(st.lists(st.tuples(STYLES, st.text("abc", min_size=1, max_size=3)), max_size=12))
def test_every_character_is_drawn_as_before(pieces):
    data = ""
    for style, text in pieces:
        parameters = ";".join(part.strip(";") for part in style if part)
        data += f"\x1b[{parameters}m{text}\x1b[0m" if parameters else text
    slim = Slimmer().slim(data)
    assert cells(slim) == cells(data)
    assert len(slim) <= len(data) + 3
