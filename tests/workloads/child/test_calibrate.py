"""Finding the size or the number of tasks, against tasks that take as long as they say."""

import pytest

from gilscope.workloads.child.calibrate import (
    BUDGET,
    LONG_ENOUGH,
    calibrate,
    find_size,
    find_tasks,
    rounded,
)
from gilscope.workloads.child.failures import Failure
from gilscope.workloads.child.load import Work
from gilscope.workloads.reports import Calibrated, Failed, Start, Started
from tests.workloads.child.conversing import conversing


class Machine:
    """A clock that only tasks move: one of a size takes `seconds(size)`."""

    def __init__(self, seconds, first=0.0):
        self.now = 0.0
        self.seconds = seconds
        self.first = first
        self.sizes = []

    def clock(self):
        return self.now

    def task(self, size):
        self.now += self.seconds(size) + (0 if self.sizes else self.first)
        self.sizes.append(size)
        return size

    def once(self, size):
        before = self.now
        self.task(size)
        return self.now - before

    def work(self, **options):
        return Work(
            own=options.pop("own", False),
            task=self.task,
            coroutine=None,
            argument=lambda index, size: (size if size is not None else index,),
            **options,
        )


@pytest.mark.parametrize("target", [0.001, 0.01, 0.1, 0.4, 2.0, 30.0])
@pytest.mark.parametrize(
    ("seconds", "size"),
    [
        (lambda size: 1e-6 * size, 100),
        (lambda size: 1e-9 * size**2, 100),
        (lambda size: 2e-4 + 1e-7 * size, 1000),
        (lambda size: 1e-7 * size**1.5, 10),
    ],
)
def test_a_size_takes_as_long_as_was_asked_for(seconds, size, target):
    machine = Machine(seconds, first=0.02)
    found, each = find_size(machine.once, size, target)
    assert found >= size
    if found > size:
        assert seconds(found) == pytest.approx(target, rel=0.2)
    assert each == pytest.approx(seconds(found), rel=0.2)
    assert machine.now <= BUDGET + 0.5
    assert found == size or found == rounded(found)


def test_a_task_that_is_slow_at_its_smallest_keeps_that_size():
    machine = Machine(lambda size: 3.0)
    assert find_size(machine.once, 7, 0.5) == (7, 3.0)
    assert machine.sizes == [7]


def test_a_task_whose_time_has_nothing_to_do_with_its_size_does_not_grow_for_ever():
    machine = Machine(lambda size: 0.001)
    found, _ = find_size(machine.once, 8, 1.0)
    assert 8 <= found <= 8 << 21
    assert machine.now < BUDGET


@pytest.mark.parametrize(
    ("number", "round_number"),
    [(0.2, 1), (7, 7), (99, 99), (101, 100), (12_345, 12_000), (98_765, 99_000), (995, 1000)],
)
def test_sizes_have_two_digits_that_count(number, round_number):
    assert rounded(number) == round_number


@pytest.mark.parametrize(
    ("each", "seconds", "workers", "tasks"),
    [
        (0.1, 4.0, 4, 40),
        (0.3, 4.0, 4, 12),
        (10.0, 4.0, 4, 4),
        (0.6, 4.0, 4, 8),
        (1e-12, 4.0, 4, 100_000),
        (1e-12, 4.0, 3, 99_999),
        (1.0, 4.0, 200_000, 200_000),
        (0.5, 0.5, 1, 1),
    ],
)
def test_tasks_fill_the_time_and_are_a_multiple_of_the_workers(each, seconds, workers, tasks):
    assert find_tasks(each, seconds, workers) == tasks
    assert tasks % workers == 0


def test_the_number_of_tasks_of_a_work_is_one_that_workers_share():
    machine = Machine(lambda size: 1e-6 * size)
    work = machine.work(calibrates="size", size=100, tasks=24)
    size, tasks, each = calibrate(work, 3.0, None, 5, machine.clock)
    assert tasks == 25
    assert each * tasks == pytest.approx(3.0, rel=0.2)
    size, tasks, _ = calibrate(work, 3.0, 8, 5, machine.clock)
    assert tasks == 8
    assert size == pytest.approx(3.0 / 8 / 1e-6, rel=0.2)


def test_tasks_of_one_size_are_timed_without_the_first():
    machine = Machine(lambda size: 0.01, first=0.2)
    work = machine.work(own=True)
    size, tasks, each = calibrate(work, 2.0, None, 4, machine.clock)
    assert (size, tasks) == (None, 200)
    assert each == pytest.approx(0.01)
    assert machine.sizes[:4] == [0, 0, 1, 2]
    assert machine.now - 0.21 == pytest.approx(LONG_ENOUGH, rel=0.5)


def test_one_call_is_enough_where_it_takes_long():
    machine = Machine(lambda size: 5.0)
    assert calibrate(machine.work(own=True), 2.0, 3, 4, machine.clock) == (None, 3, 5.0)
    assert len(machine.sizes) == 1


def test_a_task_that_fails_is_told_of():
    def fail(size):
        raise ZeroDivisionError("nothing to divide by")

    with pytest.raises(Failure, match="task 0 raised ZeroDivisionError: nothing to divide by"):
        calibrate(Machine(fail).work(own=True), 1.0, None, 2)


@pytest.mark.e2e
def test_a_child_calibrates_and_then_starts(folder):
    from gilscope.workloads.reports import Calibrate

    with conversing(folder) as child:
        child.load("primes", own=False)
        found = child.answer(Calibrate(0.1, None, 2))
        assert isinstance(found, Calibrated)
        assert found.tasks % 2 == 0
        assert found.each > 0
        started = child.answer(Start("sequential", None, 1, found.tasks, found.size))
        assert isinstance(started, Started)
    with conversing(folder) as child:
        child.load("app:boom", (3,))
        report = child.answer(Calibrate(0.1, None, 2))
        assert isinstance(report, Failed)
        assert report.stage == "calibrate"
        assert "ValueError" in report.error
