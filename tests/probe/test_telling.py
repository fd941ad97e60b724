"""In which order things are told."""

import pytest

from gilscope.model.events import Gone, Note, Process, Thread
from gilscope.probe.telling import in_order

PID = 900


def born(tid, name="python"):
    return Thread(5, PID, tid, name, False)


@pytest.mark.parametrize(
    ("events", "before", "after"),
    [
        ([born(1), Gone(5, PID, 1)], [born(1)], [Gone(5, PID, 1)]),
        ([Gone(5, PID, 1), born(2)], [born(2)], [Gone(5, PID, 1)]),
        # After an exec, and where the kernel uses an id again.
        ([Gone(5, PID, 1), born(1)], [Gone(5, PID, 1), born(1)], []),
        (
            [born(1), Gone(5, PID, 1), born(1, "new"), Gone(5, PID, 1)],
            [born(1), Gone(5, PID, 1), born(1, "new")],
            [Gone(5, PID, 1)],
        ),
        ([Gone(5, PID), Note(5, "info", "a")], [Note(5, "info", "a")], [Gone(5, PID)]),
        ([Process(5, PID, 1, ("a",)), Gone(5, PID)], [Process(5, PID, 1, ("a",))], [Gone(5, PID)]),
    ],
)
def test_threads_come_before_their_frame_and_leave_after_it(events, before, after):
    assert in_order(events) == (before, after)
