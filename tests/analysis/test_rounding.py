"""Figures as summaries give them."""

from math import isclose

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gilscope.analysis.rounding import exact_shares, where
from gilscope.model.events import Call


@given(st.lists(st.integers(0, 10**9), min_size=8, max_size=8))
def test_shares_add_up_to_one_to_the_last_decimal(parts):
    shares = exact_shares(parts)
    if sum(parts):
        assert sum(round(share * 10_000) for share in shares) == 10_000
        for part, share in zip(parts, shares, strict=True):
            assert isclose(share, part / sum(parts), abs_tol=1e-4)
    else:
        assert shares == [None] * 8


@pytest.mark.parametrize(
    ("calls", "text"),
    [
        ((), None),
        ((Call("f", "/a/b.py", 3), Call("main", "/a/b.py", 9)), "f (b.py:3)"),
        ((Call("read", "C:\\lib\\io.py", 3),), "read (io.py:3)"),
        ((Call("compress", "zlib.so"),), "compress (zlib.so)"),
    ],
)
def test_where_is_the_innermost_call(calls, text):
    assert where(calls) == text
