"""Digests: equal for equal values, in any process and any interpreter."""

import array
import collections
import ctypes
import dataclasses
import datetime
import decimal
import enum
import fractions
import json
import os
import re
import subprocess
import sys
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gilscope.workloads.child import payload as module
from gilscope.workloads.child.digest import digest
from gilscope.workloads.child.payload import payload
from gilscope.workloads.child.sameness import Sameness
from tests.workloads.child.conversing import START


@dataclasses.dataclass
class Point:
    x: float
    names: set


class Colour(enum.Enum):
    RED = 1


Pair = collections.namedtuple("Pair", "one other")


class Plain:
    def __init__(self, **fields):
        self.__dict__.update(fields)


class Slotted:
    __slots__ = ("one",)

    def __init__(self, one):
        self.one = one


class Liar:
    def __reduce_ex__(self, protocol):
        raise MemoryError("enough of this")


VALUES = [
    None, True, False, 0, 1, -1, 10**5000, -(10**5000), 1.0, 0.0, -0.0, float("inf"), 1j,
    "", "a", "\udc80", "é", b"", b"a", bytearray(b"a"), (), [], {}, set(), frozenset(),
    (1, 2), [1, 2], (1, 2.0), [1, True], ["1", 2], [[1], 2], [1, [2]], [10**5000, 1], [b"1"],
    {1: 2}, {2: 1}, {"1": 2}, {1, 2}, frozenset({1, 2}), {(1, 2)}, {"a": {"b": [1]}},
    Point(1.0, {"a"}), Point(1.0, {"b"}), Colour.RED, Pair(1, 2), Pair(2, 1),
    Plain(x=1), Plain(x=2), Plain(y=1), Slotted(1), Slotted(2),
    array.array("i", [1, 2]), array.array("l", [1, 2]), memoryview(b"ab"),
    collections.OrderedDict(a=1), collections.Counter("aab"), collections.deque([1, 2]),
    datetime.date(2026, 1, 2), decimal.Decimal("1.0"), decimal.Decimal("1.00"),
    fractions.Fraction(1, 3), re.compile("a"), ValueError("a"), ValueError("b"),
    len, int, Plain, range(3), range(4), slice(1, 2), ctypes.c_int(1), ...,
]  # fmt: skip


def test_different_values_have_different_digests():
    digests = [digest(value) for value in VALUES]
    known = [each for each in digests if each is not None]
    assert len(known) >= len(VALUES) - 1
    assert len(set(known)) == len(known)
    assert all(re.fullmatch("[0-9a-f]{16}", each) for each in known)


@pytest.mark.parametrize(
    "value",
    [
        object().__repr__(),
        "<function f at 0x7f00deadbeef>",
        ["a", "<f at 0x7f00deadbeef>"],
        {"a": ["<f at 0x7f00deadbeef>"]},
        (each for each in ()),
        threading.Lock(),
        ctypes.pointer(ctypes.c_int(1)),
        (ctypes.c_void_p * 2)(1, 2),
        Liar(),
        [Liar()],
        sys,
    ],
)
def test_what_says_nothing_about_being_equal_has_none(value):
    assert digest(value) is None


def test_what_contains_itself_has_none():
    value = []
    value.append(value)
    assert digest(value) is None


def test_order_does_not_matter_where_it_does_not():
    assert digest({1: "a", 2: "b"}) == digest({2: "b", 1: "a"})
    assert digest({"a", "b", "c"}) == digest({"c", "b", "a"})
    assert digest(Plain(x=1, y=2)) == digest(Plain(y=2, x=1))
    assert digest([1, 2]) != digest([2, 1])


def test_who_is_who_does_not_matter():
    one = [1, 2]
    assert digest([one, one]) == digest([[1, 2], [1, 2]])
    assert digest({"a": one, "b": one}) == digest({"a": [1, 2], "b": [1, 2]})


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda children: st.lists(children) | st.dictionaries(st.text(), children),
    max_leaves=20,
)


@given(JSON)
def test_a_copy_has_the_same_digest(value):
    assert digest(value) == digest(json.loads(json.dumps(value)))


ELSEWHERE = f"""
import runpy
runpy.run_path({str(START)!r})
from gilscope.workloads.child import payload as module
from gilscope.workloads.child.digest import digest
value = [1, 10**5000, 1.5, "é", b"a", {{"a", "b", "c"}}, {{"x": (None, True)}}, range(3), 2j]
print(digest(value), digest("\\udc80"), digest({{str(n) for n in range(100)}}))
"""


@pytest.mark.e2e
def test_another_process_comes_to_the_same():
    said = {
        subprocess.run(
            [python, "-c", ELSEWHERE],
            env={**os.environ, "PYTHONHASHSEED": seed},
            stdout=subprocess.PIPE,
            check=True,
        ).stdout
        for seed in "12"
        for python in [sys.executable]
    }
    assert len(said) == 1
    value = [1, 10**5000, 1.5, "é", b"a", {"a", "b", "c"}, {"x": (None, True)}, range(3), 2j]
    assert said.pop().decode().split()[0] == digest(value)


def test_results_that_differ_between_runs_are_dropped_for_good():
    same = Sameness([1, 1])
    one, two, three = digest(1), digest(2), digest(3)
    assert same.of([one, two, three]) == [one, two, three]
    assert same.of([one, three, three]) == [one, None, three]
    assert same.of([one, two, three]) == [one, None, three]


@pytest.mark.parametrize("warm", [[1, 2], [2], [threading.Lock()]])
def test_nothing_is_kept_where_the_first_task_differs(warm):
    assert Sameness(warm).of([digest(1), digest(2)]) == [None, None]


def test_what_is_sent_is_counted_up_to_a_limit(monkeypatch):
    assert payload((b"a" * 1000,), b"b" * 500) in range(1500, 1600)
    assert payload((threading.Lock(),), 1) is None
    assert payload((1,), Liar()) is None
    monkeypatch.setattr(module, "_MOST", 1 << 20)
    assert payload((1,), bytearray(1 << 19)) in range(1 << 19, 1 << 20)
    assert payload((1,), bytearray(1 << 20)) is None
