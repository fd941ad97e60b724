"""The progress of a comparison without a screen."""

import pytest

from gilscope.cli.compare_progress import Lines, progress
from gilscope.compare.attempt import change
from gilscope.compare.live import Live
from gilscope.model.comparison import (
    DONE,
    FAILED,
    RUNNING,
    STARTING,
    Comparison,
    Mode,
    Outcome,
    Run,
)


def live_of(*kinds, repeat=1):
    outcomes = tuple(Outcome(Mode(kind)) for kind in kinds)
    live = Live(Comparison("primes", "primes", 8, 2, 2, repeat, outcomes=outcomes), lambda: 12.5)
    live.settle("count", 8)
    return live


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "waiting"),
        ({"condition": STARTING}, "starting"),
        ({"condition": RUNNING, "done": 3}, "3/8 tasks, 2.5 s"),
        ({"condition": DONE, "runs": (Run(4.0),)}, "4.00 s"),
        ({"condition": FAILED, "error": "task 1 raised ValueError"}, "failed: task 1 raised"),
        ({"condition": FAILED, "error": "\x1b[2J"}, "failed: \\e[2J"),
    ],
)
def test_how_far_a_mode_is(fields, said):
    live = live_of("threads")
    (column,) = live.columns
    column.began = 10.0
    change(column, **fields)
    assert progress(live, column).startswith(said)


def test_repetitions_are_counted():
    live = live_of("threads", repeat=3)
    (column,) = live.columns
    column.began, column.round = 10.0, 2
    change(column, condition=RUNNING)
    assert progress(live, column).endswith("run 2 of 3")


def test_modes_are_told_once_each_in_their_order(capsys):
    live = live_of("sequential", "threads")
    lines = Lines()
    change(live.columns[1], condition=FAILED, error="no")
    lines.tell(live)
    assert capsys.readouterr().err == ""
    change(live.columns[0], condition=DONE, runs=(Run(2.0),))
    lines.tell(live)
    lines.tell(live)
    assert capsys.readouterr().err == "sequential: 2.00 s\nthreads: failed: no\n"
