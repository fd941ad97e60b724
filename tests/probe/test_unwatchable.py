"""Which error it is that nothing could be watched, from what the probe says."""

import pytest

from gilscope.errors import GilscopeError, NotPermitted, NotThere
from gilscope.model.events import Frame, Gone, Note, ProcessSlice, SamplerSlice
from gilscope.probe.unwatchable import Unwatchable
from gilscope.probe.watched import PERMIT

SAMPLER = SamplerSlice(1000.0, 100)
MISSING = Note(0, "error", "There is no process 5.", None, 5)
FORBIDDEN = Note(0, "error", "Process 6 may not be read.", PERMIT, 6)
LOST = Gone(0, 7, how="lost", text="It cannot be read: Too many open files.")
BLIND = Note(0, "error", "Process 7 cannot be watched: no accounts.", "sysctl", 7)


def error_of(pids, *events):
    unwatchable = Unwatchable(pids)
    for event in events:
        unwatchable.hear([event])
    return unwatchable.error()


@pytest.mark.parametrize(
    ("events", "kind", "what"),
    [
        ([MISSING], NotThere, "there is no process 5"),
        ([FORBIDDEN], NotPermitted, "process 6 may not be read"),
        ([Gone(0, 6, how="lost"), FORBIDDEN], NotPermitted, "process 6 may not be read"),
        (
            [MISSING, FORBIDDEN],
            NotPermitted,
            "there is no process 5, process 6 may not be read",
        ),
        ([Gone(0, 5)], NotThere, "process 5 has ended"),
        ([LOST], GilscopeError, "process 7 cannot be watched: it cannot be read: Too many open"),
        ([LOST, BLIND], GilscopeError, "process 7 cannot be watched: no accounts"),
    ],
)
def test_the_error_tells_why_each_cannot_be_watched(events, kind, what):
    error = error_of(list(dict.fromkeys(event.pid for event in events)), *events)
    assert type(error) is kind
    assert error.what.startswith(what)
    assert error.fix


@pytest.mark.parametrize(
    ("pids", "events"),
    [
        ([], [MISSING]),
        ([5, 8], [MISSING]),
        ([5, 8], [Frame(1, 1, SAMPLER, (ProcessSlice(8, ()),)), MISSING, Gone(2, 8)]),
        ([8], [Frame(1, 1, SAMPLER, ()), Note(0, "warning", "py-spy failed.", None, 8)]),
        ([8], [Gone(1, 8, 9)]),
    ],
)
def test_it_is_no_error_where_something_was_or_may_still_be_watched(pids, events):
    assert error_of(pids, *events) is None
