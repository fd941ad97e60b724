"""The layout of frames that an interpreter publishes, or says it does."""

import dataclasses
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gilscope.probe.frame_layouts import (
    FRAME_LAYOUTS,
    FRAME_OFFSETS_SIZE,
    FrameLayout,
    Lines,
    fields,
    frame_layout,
)
from gilscope.probe.layouts import COOKIE
from tests.probe.test_layouts import WORDS as WORDS_313

# The first words of _PyRuntime in a 3.13.0, a 3.14.8 and a 3.15.0 on x86-64.
WORDS = {
    (3, 13): [
        *WORDS_313,
        *[52, 96, 104, 200, 16, 8, 416, 24, 88, 168, 32, 24, 16, 40, 24, 16, 48, 32, 40, 24, 16],
        *[32, 16, 24, 40, 16, 32, 64, 32, 16, 40, 240, 200, 1],
    ],
    (3, 14): [
        *[0x7970677562656478, 0x30E08F0, 0, 316616, 784, 808, 225864, 7280, 7272, 7344, 7360, 7408],
        *[7688, 7672, 7680, 16, 7784, 0, 7800, 7792, 7992, 0, 832, 0, 8, 16, 72, 152, 160, 232],
        *[32, 88, 8, 0, 56, 80, 74, 64, 0, 216, 112, 120, 128, 136, 68, 52, 96, 104, 208, 0, 16, 8],
        *[416, 24, 88, 168, 40, 32, 16, 40, 24, 16, 200, 24, 40, 32, 48, 32, 40, 24, 16, 32, 16],
        *[24, 40, 16, 32, 64, 32, 16, 40, 264, 192, 160, 24, 72, 67, 0, 8, 24, 304, 8076],
    ],
    (3, 15): [
        *[0x7970677562656478, 0x30F00F0, 0, 346568, 912, 936, 226240, 7272, 7264, 7336, 7352, 7400],
        *[7592, 7576, 7584, 16, 7736, 0, 7752, 7744, 7944, 0, 888, 0, 8, 16, 72, 80, 88, 96, 176],
        *[184, 256, 32, 36, 40, 136, 288, 0, 88, 8, 0, 56, 80, 74, 64, 0, 216, 112, 120, 128, 136],
        *[68, 52, 96, 104, 208, 0, 16, 8, 424, 24, 88, 168, 32, 288, 944, 888, 40, 32, 16, 40, 24],
        *[16, 200, 24, 40, 32, 48, 32, 40, 24, 16, 32, 16, 24, 40, 16, 32, 64, 32, 16, 40, 56],
    ],
}

LAYOUT_313 = FrameLayout(
    lines=Lines.LOCATIONS,
    thread_frame=72,
    frame_previous=8,
    frame_code=0,
    frame_instruction=56,
    frame_owner=70,
    has_entry_frames=True,
    code_name=128,
    code_file=112,
    code_table=136,
    code_first_line=68,
    code_resume=184,
    code_instructions=200,
    text_ascii=40,
    text_data=56,
)
LAYOUT_314 = dataclasses.replace(LAYOUT_313, frame_owner=74, code_resume=192, code_instructions=208)


def table(version, **changed):
    words = (WORDS[version] + [0] * 96)[:96]
    for place, value in changed.items():
        words[int(place.removeprefix("w"))] = value
    return struct.pack("<96Q", *words)


@pytest.mark.parametrize(
    ("version", "layout"),
    [((3, 13), LAYOUT_313), ((3, 14), LAYOUT_314), ((3, 15), LAYOUT_314)],
)
def test_the_tables_of_real_interpreters(version, layout):
    assert frame_layout(version, table(version)) == layout


@pytest.mark.parametrize("version", FRAME_LAYOUTS)
def test_before_313_nothing_is_published(version):
    assert frame_layout(version, b"") is FRAME_LAYOUTS[version]


def test_in_a_free_threaded_build_the_instructions_may_lie_elsewhere():
    layout = frame_layout((3, 14), table((3, 14), w2=1))
    assert layout is not None
    assert layout.code_resume is None
    assert layout.text_kind == 8


@pytest.mark.parametrize(
    ("data", "version"),
    [
        (table((3, 13)), (3, 14)),
        (table((3, 13)), (3, 7)),
        (table((3, 13)), (3, 16)),
        (table((3, 13))[:-1], (3, 13)),
        (b"", (3, 13)),
        (b"y" + table((3, 13))[1:], (3, 13)),
        (table((3, 13), w2=2), (3, 13)),
        (table((3, 13), w23=4096), (3, 13)),
        (table((3, 13), w30=8), (3, 13)),
        (table((3, 13), w43=2**64 - 8), (3, 13)),
        (table((3, 13), w43=8), (3, 13)),
        (table((3, 13), w67=0), (3, 13)),
    ],
)
def test_a_table_that_makes_no_sense_is_none(data, version):
    assert frame_layout(version, data) is None


def is_usable(layout):
    if layout is None:
        return True
    rows = (layout.frame, layout.code, layout.text, layout.bytes)
    return all(start >= 0 and 0 < form.size < 8192 for start, form in map(fields, rows))


@given(st.lists(st.integers(0, 300), min_size=96, max_size=96), st.sampled_from([13, 14, 15]))
def test_any_table_gives_a_layout_that_can_be_used_or_none(words, minor):
    words[:3] = [int.from_bytes(COOKIE, "little"), 3 << 24 | minor << 16, words[2] % 2]
    assert is_usable(frame_layout((3, minor), struct.pack("<96Q", *words)))


@given(st.sampled_from(list(WORDS)), st.integers(2, 95), st.integers(0, 2**64 - 1))
def test_a_damaged_table_gives_a_layout_that_can_be_used_or_none(version, place, word):
    assert is_usable(frame_layout(version, table(version, **{f"w{place}": word})))
    assert is_usable(frame_layout(version, table(version, **{f"w{place}": word % 300})))


@given(st.binary(max_size=FRAME_OFFSETS_SIZE + 8), st.tuples(st.integers(0, 9), st.integers(0, 99)))
def test_any_bytes_give_a_layout_or_none(data, version):
    assert is_usable(frame_layout(version, data))
