"""The layout that an interpreter publishes, or says it does."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gilscope.probe.layouts import COOKIE, DEBUG_OFFSETS_SIZE, LAYOUTS, Layout, published_layout

# The first words of _PyRuntime in a 3.13.0 on x86-64.
WORDS = [
    0x7970677562656478,
    0x30D00F0,
    0,
    283320,
    608,
    632,
    194968,
    7272,
    7264,
    7344,
    7400,
    7656,
    7640,
    7648,
    16,
    7752,
    0,
    7768,
    7760,
    304,
    0,
    8,
    16,
    72,
    152,
    160,
    232,
    32,
    80,
    8,
    0,
    56,
    72,
    70,
    208,
    112,
    120,
    128,
    136,
    68,
]
TABLE = struct.pack("<40Q", *WORDS)


def table(**changed):
    words = list(WORDS)
    for place, value in changed.items():
        words[int(place.removeprefix("w"))] = value
    return struct.pack(f"<{len(words)}Q", *words)


def test_the_table_of_a_real_313():
    assert published_layout(TABLE, (3, 13)) == Layout(
        interpreters=632,
        interpreter_id=7272,
        interpreter_next=7264,
        interpreter_threads=7344,
        interpreter_gil=16,
        thread_next=8,
        thread_id=152,
        thread_native_id=160,
        has_gil=True,
    )


def test_a_free_threaded_build_says_so():
    layout = published_layout(table(w2=1), (3, 13))
    assert layout is not None
    assert not layout.has_gil


@pytest.mark.parametrize(
    ("data", "version"),
    [
        (TABLE, (3, 12)),
        (TABLE, (3, 99)),
        (TABLE[:-1], (3, 13)),
        (b"", (3, 13)),
        (b"y" + TABLE[1:], (3, 13)),
        (table(w1=0x030C00F0), (3, 13)),
        (table(w2=2), (3, 13)),
        (table(w5=1 << 21), (3, 13)),
        (table(w25=2**64 - 1), (3, 13)),
    ],
)
def test_a_table_that_makes_no_sense_is_none(data, version):
    assert published_layout(data, version) is None


@given(st.lists(st.integers(0, 2**64 - 1), min_size=40, max_size=40), st.sampled_from([13, 14, 15]))
def test_any_table_gives_a_layout_that_can_be_read_or_none(words, minor):
    words[0] = int.from_bytes(COOKIE, "little")
    words[1] = 3 << 24 | minor << 16
    words[2] %= 2
    layout = published_layout(struct.pack("<40Q", *words), (3, minor))
    assert layout is None or 8 <= layout.thread_size <= 1 << 22


@given(st.binary(max_size=400), st.tuples(st.integers(0, 9), st.integers(0, 99)))
def test_any_bytes_give_a_layout_or_none(data, version):
    published_layout(data, version)


@given(st.binary(max_size=300), st.integers(0, 300))
def test_a_damaged_table_gives_a_layout_or_none(damage, place):
    data = (TABLE[:place] + damage + TABLE[place + len(damage) :])[:DEBUG_OFFSETS_SIZE]
    published_layout(data, (3, 13))


@pytest.mark.parametrize("version", LAYOUTS)
def test_a_thread_state_is_read_no_further_than_needed(version):
    assert 168 <= LAYOUTS[version].thread_size + 16 <= 208
