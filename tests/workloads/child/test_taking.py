"""Taking results in order from handles that are ready when a test says so."""

import pytest

from gilscope.workloads.child.calls import Call, calls_of
from gilscope.workloads.child.failures import Failure, describe, trace_of
from gilscope.workloads.child.taking import Handles, Progress, take


class Handle:
    """A handle whose result is there after so many questions."""

    def __init__(self, result=None, error=None, after=0):
        self.result = result
        self.error = error
        self.after = after

    def get(self, seconds):
        if self.after:
            self.after -= 1
            raise TimeoutError
        if self.error is not None:
            raise self.error
        return self.result

    def ready(self):
        return not self.after

    def well(self):
        return self.error is None


def kind(check=lambda done, error: None):
    return Handles(Handle.get, TimeoutError, Handle.ready, Handle.well, check)


def calls(count, batch=1):
    return calls_of(abs, [(number,) for number in range(count)], batch)


@pytest.fixture
def told():
    return []


@pytest.fixture
def progress(told):
    found = Progress(told.append)
    found.due = 0.0
    return found


def test_results_come_in_the_order_of_the_calls(progress, told):
    handles = [Handle(0, after=3), Handle(1), Handle(2, after=1)]
    assert take(calls(3), handles, kind(), progress) == [0, 1, 2]
    assert told
    assert told == sorted(told)


def test_batches_are_laid_end_to_end(progress, told):
    split = calls(5, 2)
    assert [(call.first, call.tasks) for call in split] == [(0, 2), (2, 2), (4, 1)]
    handles = [Handle([0, 1]), Handle([2, 3]), Handle([4])]
    assert take(split, handles, kind(), progress) == [0, 1, 2, 3, 4]
    assert told[0] == 2


def test_a_timeout_that_a_task_raises_is_the_tasks(progress):
    handles = [Handle(0), Handle(error=TimeoutError("mine"), after=2), Handle(2)]
    with pytest.raises(Failure, match="task 1 raised TimeoutError: mine") as caught:
        take(calls(3), handles, kind(), progress)
    assert caught.value.done == 2


def test_those_that_are_done_are_counted_behind_one_that_failed(progress):
    handles = [Handle([0, 1]), Handle(error=ValueError()), Handle([4], after=1), Handle([5])]
    split = [Call(abs, (), 2 * n, 2) for n in range(4)]
    with pytest.raises(Failure, match="task 2 raised ValueError") as caught:
        take(split, handles, kind(), progress)
    assert caught.value.done == 4


def test_a_pool_is_looked_at_while_there_is_no_result(progress):
    def check(done, error):
        if error is None:
            raise Failure("gone", done=done)

    with pytest.raises(Failure, match="gone") as caught:
        take(calls(2), [Handle(0), Handle(1, after=5)], kind(check), progress)
    assert caught.value.done == 1


class Silent(Exception):
    def __str__(self):
        raise ValueError("it does not say")


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (ValueError("a\n  b"), "ValueError: a b"),
        (ValueError(), "ValueError"),
        (Silent(), "Silent"),
    ],
)
def test_an_exception_is_described_on_one_line(error, text):
    assert describe(error) == text


def test_a_description_is_not_long():
    assert len(describe(ValueError("x" * 10_000))) == 300


def test_a_traceback_of_the_driver_alone_stays_whole():
    with pytest.raises(AttributeError) as caught:
        take(calls(1), [Handle()], kind(), None)
    assert "taking.py" in trace_of(caught.value)
