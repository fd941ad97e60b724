from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gilscope.model.events import Bye, Note, encode
from gilscope.stream.lines import EventLines

EVENTS = [Note(1, "info", "first"), Note(2, "warning", "zweite \N{SNOWMAN}\n"), Bye(3, "done")]
STREAM = b"".join(map(encode, EVENTS))


@given(st.lists(st.integers(0, len(STREAM)), max_size=8).map(sorted))
def test_a_stream_cut_anywhere_gives_the_same_events(cuts):
    lines = EventLines()
    edges = [0, *cuts, len(STREAM)]
    events = [event for start, end in pairwise(edges) for event in lines.feed(STREAM[start:end])]
    lines.finish()
    assert events == EVENTS
    assert (lines.bad, lines.bye) == (0, True)


@given(st.binary(max_size=200))
def test_garbage_is_counted_and_never_fatal(garbage):
    lines = EventLines()
    lines.feed(garbage + b"\n")
    assert lines.feed(STREAM) == EVENTS


def test_a_bad_line_is_counted_with_what_is_wrong_with_it():
    lines = EventLines()
    assert lines.feed(b'{"type":"nonsense"}\n' + STREAM) == EVENTS
    assert lines.bad == 1
    assert "nonsense" in lines.last_bad


def test_a_line_cut_off_by_the_end_is_counted():
    lines = EventLines()
    assert lines.feed(STREAM[:-5]) == EVENTS[:-1]
    lines.finish()
    assert (lines.bad, lines.bye) == (1, False)


@pytest.mark.parametrize("size", [1, 7, 64])
def test_a_line_without_an_end_is_given_up_and_the_next_one_is_read(size):
    lines = EventLines(longest=100)
    endless = b"x" * 350
    for start in range(0, len(endless), size):
        assert lines.feed(endless[start : start + size]) == []
    assert lines.feed(b"\n" + encode(EVENTS[0])) == EVENTS[:1]
    assert lines.bad == 1
