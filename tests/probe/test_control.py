"""Control lines: they come from whoever started the probe, and may be anything."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gilscope.model.control import Rate, StackRate, Stop, Unwatch, Watch, decode_control
from gilscope.model.events import BadLine, decode_event, encode

messages = st.one_of(
    st.builds(Watch, st.integers(-(2**63), 2**64 - 1)),
    st.builds(Unwatch, st.integers(-(2**63), 2**64 - 1)),
    st.builds(Rate, st.floats(allow_nan=False, allow_infinity=False)),
    st.builds(StackRate, st.floats(allow_nan=False, allow_infinity=False)),
    st.builds(Stop),
)


@given(messages)
def test_a_message_is_read_as_it_was_written(message):
    assert decode_control(encode(message)) == message


@given(st.binary(max_size=100))
def test_any_line_is_a_message_or_a_bad_line(line):
    for decode in (decode_control, decode_event):
        try:
            decode(line)
        except BadLine:
            continue


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"[]",
        b"{}",
        b'{"type":"stop"',
        b'{"type":"nonsense"}',
        b'{"type":"watch"}',
        b'{"type":"watch","pid":"1"}',
        b'{"type":"watch","pid":1.5}',
        b'{"type":"rate","hertz":1e999}',
        b'{"type":"rate","hertz":NaN}',
        b'{"type":"\xff"}',
        b'{"type":"stop","x":' + b"[" * 100_000,
        b'{"type":"stop","x":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    ],
)
def test_a_line_that_is_no_message_is_a_bad_line(line):
    for decode in (decode_control, decode_event):
        with pytest.raises(BadLine):
            decode(line)


def test_fields_of_a_newer_version_are_passed_over():
    assert decode_control(b'{"type":"stop","new":[1,{"a":null}]}') == Stop()
