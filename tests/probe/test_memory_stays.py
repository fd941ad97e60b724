"""The probe's own memory stays as it is however long it samples, though nothing is collected.

Much time is made of frames in quick succession: threads are born and end, the GIL changes hands,
holds become hogs, and functions come and go.
"""

import gc
import tracemalloc
import weakref

import pytest

from gilscope.model.events import Call
from gilscope.probe.witness import Purse
from tests.probe.constructed import LOCKED, RUNNING, WAITS, Constructed
from tests.probe.sampled import FIRST, SECOND, STEP, Watching

WARM, FRAMES = 100, 700
SAMPLES = 5
GROWTH = 10_000
"""Bytes: 14 a frame. One leaked thread a frame would be 1 MB."""


class Reader:
    """Tells another function each time it is asked, as far as a witness does."""

    def __init__(self):
        self.asked = 0

    def function(self, state):
        self.asked += 1
        return self.asked % 1000

    def calls(self, state):
        return (Call("function", "app.py", 7),)


def allocated():
    """Return how many bytes the probe's own code has allocated and not let go of."""
    own = tracemalloc.Filter(True, "*/gilscope/probe/*")
    snapshot = tracemalloc.take_snapshot().filter_traces([own])
    return sum(statistic.size for statistic in snapshot.statistics("filename"))


@pytest.fixture
def collects_nothing():
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def live(watching, files, states, number):
    """One frame: the GIL goes to the other thread, and a third one is born and ends."""
    holder, other = (FIRST, SECOND) if number % 2 else (SECOND, FIRST)
    born = SECOND + 1 + number % 50
    files.thread(holder, RUNNING)
    files.thread(other, WAITS)
    files.thread(born, LOCKED)
    files.schedule(holder, number * 1000, 0, number)
    files.gil(states[holder], number * 3)
    for _ in range(SAMPLES):
        watching.now += 10 * STEP
        watching.process.sample(watching.now)
    watching.frame()
    watching.process.gils.hogs.take()
    watching.process.dead.clear()
    watching.process.has_news()
    files.end(born)


@pytest.mark.parametrize("reader", [None, Reader()])
def test_many_frames_leave_the_memory_as_it_was(tmp_path, collects_nothing, reader):
    files = Constructed(tmp_path)
    files.thread(FIRST)
    files.thread(SECOND, WAITS)
    states = dict(zip((FIRST, SECOND), files.states(FIRST, SECOND), strict=True))
    watching = Watching(files)
    watching.process.gils.witness = reader
    tracemalloc.start()
    try:
        for number in range(WARM):
            live(watching, files, states, number)
        before = allocated()
        for number in range(WARM, WARM + FRAMES):
            live(watching, files, states, number)
        after = allocated()
    finally:
        tracemalloc.stop()
        watching.process.close()
    assert after - before < GROWTH


def test_a_purse_remembers_one_number():
    purse = Purse()
    for now in range(0, 10_000_000, 1000):
        purse.spend(now, 1000)
    assert purse.is_open(10_500_000)


def test_a_process_that_is_let_go_of_leaves_nothing(tmp_path, collects_nothing):
    files = Constructed(tmp_path)
    files.thread(FIRST)
    files.thread(SECOND, WAITS)
    first, _ = files.states(FIRST, SECOND)
    files.gil(first, 5)
    watching = Watching(files)
    watching.warm()
    process = watching.process
    left = [weakref.ref(each) for each in (process, process.gils)]
    # Threads and GILs have no room for a weak reference: count who still refers to one.
    thread, gil = process.threads[FIRST], process.gils.readers[0]
    process.close()
    del watching, process
    assert [each() for each in left] == [None, None]
    assert gc.get_referrers(thread) == []
    del thread
    assert gc.get_referrers(gil) == []
