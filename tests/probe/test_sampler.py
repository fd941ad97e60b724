"""The sampler's loop, with a clock that the test moves."""

import gc
import itertools
import os
import subprocess
import sys
import time

import pytest

from gilscope.model.events import Frame, Gone, Note, Output, Process, Thread
from gilscope.probe.dumps import FAILURES
from gilscope.probe.launch import Launched
from gilscope.probe.pace import Pace
from gilscope.probe.sampler import Sampler
from gilscope.probe.stacks import DumpedThread, PySpyBroken, PySpyFailed, Stacks
from gilscope.probe.wishes import Wishes
from tests.probe.live import DEADLINE, TARGET, running

FAMILY = "sleep 1000 & sleep 1000 & echo $!; wait"


@pytest.fixture(autouse=True)
def collecting():
    """The sampler's loop puts off the collection of garbage for good."""
    yield
    gc.enable()
    gc.unfreeze()


class Sampling:
    """A sampler whose clock goes on by half a millisecond whenever it is read."""

    def __init__(self, **options):
        self.now = 0
        self.events = []
        self.sampler = Sampler(
            self.events.extend,
            self.clock,
            pace=Pace(1000.0, 1.0, 20_000),
            wishes=Wishes(),
            **{"follow": True, "stacks": Stacks(None, 0.0), **options},
        )

    def clock(self):
        self.now += 500
        return self.now

    def frames(self, count=6):
        """Run for some frames."""
        left = count

        def each_frame():
            nonlocal left
            left -= 1
            if not left and self.sampler.stopping is None:
                self.sampler.stopping = "enough"

        self.sampler.run(each_frame)
        if self.sampler.stopping == "enough":
            self.sampler.stopping = None

    def until(self, done):
        deadline = time.monotonic() + DEADLINE
        while not done():
            assert time.monotonic() < deadline
            self.frames(1)
            if self.sampler.stopping is not None:
                assert done()
                return

    def of(self, kind, pid=None):
        return [e for e in self.events if isinstance(e, kind) and pid in (None, e.pid)]


def frames_of(one):
    return [event for event in one.events if isinstance(event, Frame)]


@pytest.fixture
def sampling():
    """Return a function that makes a sampler; it is closed afterwards."""
    made = []

    def make(**options):
        made.append(Sampling(**options))
        return made[-1]

    yield make
    for one in made:
        one.sampler.close()


@pytest.fixture
def family():
    """A shell with two children, which are ended with it."""
    with subprocess.Popen(["sh", "-c", FAMILY], stdout=subprocess.PIPE, process_group=0) as child:
        child.stdout.readline()
        yield child
        os.killpg(child.pid, 9)


def children(pid):
    with open(f"/proc/{pid}/task/{pid}/children") as file:
        return [int(word) for word in file.read().split()]


def test_a_frame_lists_no_process_and_no_thread_that_was_not_introduced(sampling, family):
    one = sampling()
    one.sampler.watch(family.pid)
    with running(TARGET) as target:
        one.sampler.watch(target.pid)
        one.frames(8)
    one.frames(2)
    known = set()
    for event in one.events:
        if isinstance(event, Process):
            known.add(event.pid)
        elif isinstance(event, Thread):
            assert event.pid in known
            known.add((event.pid, event.tid))
        elif isinstance(event, Frame):
            for process in event.processes:
                assert process.pid in known
                assert {(process.pid, thread.tid) for thread in process.threads} <= known


def test_frames_follow_one_another_without_a_gap(sampling, sleeper):
    one = sampling()
    one.sampler.watch(sleeper.pid)
    one.frames(6)
    frames = frames_of(one)
    assert len(frames) == 6
    for before, after in itertools.pairwise(frames):
        assert after.at - after.span == before.at
        assert after.sampler.samples > 0


def test_children_are_followed_and_told_to_be(sampling, family):
    one = sampling()
    one.sampler.watch(family.pid)
    one.frames(2)
    told = {event.pid: event for event in one.of(Process)}
    assert told.keys() == {family.pid, *children(family.pid)}
    assert all(
        told[pid].followed and told[pid].parent == family.pid for pid in children(family.pid)
    )
    assert not told[family.pid].followed


def test_children_are_left_alone_where_that_is_asked_for(sampling, family):
    one = sampling(follow=False)
    one.sampler.watch(family.pid)
    one.frames(8)
    assert {event.pid for event in one.of(Process)} == {family.pid}


def test_a_child_that_is_not_to_be_watched_any_more_is_not_taken_up_again(sampling, family):
    one = sampling()
    one.sampler.watch(family.pid)
    one.frames(2)
    child = children(family.pid)[0]
    one.sampler.unwatch(child)
    one.frames(12)
    assert [event.how for event in one.of(Gone, child)] == ["lost"]
    assert len(one.of(Process, child)) == 1
    one.sampler.watch(child)
    one.frames(2)
    assert len(one.of(Process, child)) == 2


def test_a_child_that_ends_and_is_not_reaped_is_told_once(sampling):
    script = (
        "import subprocess, sys; subprocess.Popen(['sleep', '1000']); print(1); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-uc", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as parent:
        try:
            parent.stdout.readline()
            (child,) = children(parent.pid)
            one = sampling()
            one.sampler.watch(parent.pid)
            one.frames(6)
            os.kill(child, 9)
            one.until(lambda: one.of(Gone, child))
            one.frames(12)
            assert [g.how for g in one.of(Gone, child) if g.tid is None] == ["exited"]
            assert len(one.of(Process, child)) == 1
        finally:
            parent.kill()


def test_a_process_that_is_not_there_is_said_so(sampling):
    one = sampling()
    for pid in (1 << 22, 0, -7, 10**300, 10**4200):
        one.sampler.watch(pid)
    notes = one.of(Note)
    assert len(notes) == 5
    assert all(note.text.startswith("There is no process") for note in notes)
    one.sampler.unwatch(1 << 22)


def test_the_end_of_everything_watched_is_the_end(sampling, sleeper):
    one = sampling()
    one.sampler.watch(sleeper.pid)
    one.frames(2)
    assert one.sampler.stopping is None
    sleeper.kill()
    sleeper.wait()
    one.until(lambda: one.sampler.stopping is not None)
    assert one.sampler.stopping == "every watched process has ended"


def test_a_probe_that_waits_to_be_told_goes_on_with_nothing_to_watch(sampling):
    one = sampling()
    one.sampler.keep_waiting = True
    one.frames(5)
    assert one.sampler.stopping is None


def test_what_a_command_prints_and_how_it_ends_is_told(sampling):
    one = sampling()
    one.sampler.launched = Launched(("sh", "-c", "echo here; exit 7"), None)
    pid = one.sampler.launched.pid
    one.sampler.watch(pid)
    one.until(lambda: one.sampler.stopping is not None)
    assert "".join(event.text for event in one.events if isinstance(event, Output)) == "here\n"
    ends = [event for event in one.of(Gone, pid) if event.tid is None]
    assert [event.status for event in ends] == [7]


def test_closing_ends_what_was_launched_and_its_youngest_children_and_tells_their_last_words(
    sampling,
):
    script = "trap 'echo bye; exit 3' TERM; sleep 1000 & echo ready; while :; do wait; done"
    one = sampling(follow=False)
    one.sampler.launched = Launched(("sh", "-c", script), None)
    pid = one.sampler.launched.pid
    one.sampler.watch(pid)
    one.until(lambda: [event for event in one.events if isinstance(event, Output)])
    (child,) = children(pid)
    one.sampler.close()
    assert not os.path.exists(f"/proc/{pid}")
    deadline = time.monotonic() + DEADLINE
    while os.path.exists(f"/proc/{child}") and time.monotonic() < deadline:
        with open(f"/proc/{child}/stat") as file:
            if ") Z" in file.read():
                break
    else:
        assert not os.path.exists(f"/proc/{child}")
    text = "".join(event.text for event in one.events if isinstance(event, Output))
    assert text == "ready\nbye\n"


def test_closing_leaves_what_was_only_watched_alone(sampling, family):
    one = sampling()
    one.sampler.launched = Launched(("sleep", "1000"), None)
    one.sampler.watch(one.sampler.launched.pid)
    one.sampler.watch(family.pid)
    one.frames(8)
    born = children(family.pid)
    assert set(born) <= {event.pid for event in one.of(Process)}
    one.sampler.close()
    assert not os.path.exists(f"/proc/{one.sampler.launched.pid}")
    assert children(family.pid) == born
    assert family.poll() is None


def costs(one, monkeypatch, gap, spent_in_it):
    """Let a sampler that spends a twentieth of its time make a pause after every tenth frame.

    Return what it is told that sampling costs, as shares of one core.

    Args:
        gap: how long the pause is, in microseconds, and how much of it is spent on a core.
    """
    spent = frames = 0
    told = []

    def clock():
        nonlocal spent
        spent += 25
        one.now += 500
        return one.now

    def each_frame():
        nonlocal spent, frames
        frames += 1
        if not frames % 10:
            one.now += gap
            spent += spent_in_it
        if frames == 300:
            one.sampler.stopping = "enough"

    monkeypatch.setattr(one.sampler, "_clock", clock)
    monkeypatch.setattr("gilscope.probe.sampler.time.process_time_ns", lambda: spent * 1000)
    monkeypatch.setattr(Pace, "adapt", lambda _, sampling, frames: told.append(sampling + frames))
    one.sampler.keep_waiting = True
    one.sampler.run(each_frame)
    return told


def test_time_in_which_the_sampler_was_stopped_does_not_make_it_look_cheap(sampling, monkeypatch):
    told = costs(sampling(), monkeypatch, 20_000_000, 0)
    assert len(told) >= 5
    assert min(told) == pytest.approx(0.05, rel=0.1)


def test_time_that_the_sampler_itself_took_counts_however_long_it_was(sampling, monkeypatch):
    told = costs(sampling(), monkeypatch, 200_000, 200_000)
    assert len(told) >= 5
    assert min(told) > 0.3


class Answers(Stacks):
    """A py-spy that has an answer at once, or none."""

    def __init__(self, answer):
        super().__init__("py-spy", 10.0)
        self.answer = answer
        self.answered = 0

    def poll(self, now, new, known):
        wanting = [*new, *known]
        self.answered += bool(wanting)
        return (wanting[0], self.answer) if wanting else None


def test_the_name_that_py_spy_tells_is_the_last_one_told(sampling):
    with running(TARGET) as target:
        tids = map(int, os.listdir(f"/proc/{target.pid}/task"))
        names = [DumpedThread(0, True, False, [], "worker", tid) for tid in tids]
        one = sampling(stacks=Answers(names))
        one.sampler.watch(target.pid)
        one.until(lambda: one.of(Thread, target.pid))
        told = {thread.tid: thread.name for thread in one.of(Thread, target.pid)}
    assert set(told.values()) == {"worker"}


@pytest.mark.parametrize(
    ("failure", "at_once"),
    [
        (PySpyBroken("py-spy gave no answer in 5 s"), True),
        (PySpyFailed("the memory was torn"), False),
    ],
)
def test_a_py_spy_that_does_not_work_is_told_of_at_once(sampling, failure, at_once):
    with running(TARGET) as target:
        one = sampling(stacks=Answers(failure))
        one.sampler.watch(target.pid)
        one.until(lambda: one.sampler.stacks.answered >= 1)
        assert one.sampler.stacks.answered < FAILURES
        notes = [note.text for note in one.of(Note)]
    assert bool(notes) is at_once
    assert all(f"{failure}" in note for note in notes)


def test_samples_that_were_missed_are_counted(sampling, sleeper, monkeypatch):
    one = sampling()
    one.sampler.watch(sleeper.pid)
    seen, learnt = [], []
    monkeypatch.setattr(one.sampler.watched[sleeper.pid], "sample", seen.append)
    monkeypatch.setattr(one.sampler._waits, "learn", lambda *figures: learnt.append(figures))
    moments = itertools.chain(
        range(1_000_000, 1_004_000, 1_000), [1_013_000], itertools.count(1_014_000, 1_000)
    )
    monkeypatch.setattr(one.sampler, "_clock", moments.__next__)
    one.frames(1)
    assert {1_003_000, 1_013_000} <= set(seen)
    (frame,) = frames_of(one)
    assert frame.sampler.lost == pytest.approx(9, abs=2)
    assert frame.sampler.samples == len(seen)
    # The time without a core is not to be made up for.
    ((period, elapsed, samples),) = learnt
    assert samples == len(seen) - 1
    assert elapsed == pytest.approx(samples * period, abs=2 * period)


def test_a_sampler_that_is_too_slow_all_the_time_says_so(sampling, sleeper, monkeypatch):
    one = sampling()
    one.sampler.watch(sleeper.pid)
    monkeypatch.setattr(one.sampler, "_clock", itertools.count(1_000_000, 1_800).__next__)
    one.frames(5)
    taken = sum(frame.sampler.samples for frame in frames_of(one))
    lost = sum(frame.sampler.lost for frame in frames_of(one))
    assert lost / taken == pytest.approx(0.9, abs=0.15)  # Ending a frame takes time, too.
