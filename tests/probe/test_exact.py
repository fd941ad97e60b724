"""The exact measurement that the figures are held against: what it makes of events."""

import pytest

from tests.benchmarks.exact import AT_ONCE, Hit, follow

US = 1000


def hits(*told):
    return [Hit(at * US, tid, what) for at, tid, what in told]


def test_holds_and_waits_are_from_event_to_event():
    window = follow(
        hits(
            (0, 1, "asks"), (10, 1, "has"), (60, 1, "gives"), (61, 1, "given"),
            (500, 1, "asks"), (500, 1, "has"), (600, 1, "gives"), (600, 1, "given"),
        )
    )  # fmt: skip
    one = window.threads[1]
    assert (one.holds, one.held) == ([50 * US, 100 * US], 150 * US)
    assert (one.waits, one.waited, one.leaving) == ([10 * US, 0], 10 * US, 1 * US)
    assert window.share(one.held) == 0.25


def test_who_was_waiting_when_it_began_holds_from_when_the_one_before_let_go():
    window = follow(
        hits(
            (0, 1, "has"), (400, 1, "gives"), (410, 1, "given"), (411, 1, "asks"),
            (800, 2, "gives"), (805, 2, "given"), (810, 1, "has"), (1000, 1, "gives"),
        )
    )  # fmt: skip
    one, two = window.threads[1], window.threads[2]
    assert (two.held, two.waited) == (400 * US, 400 * US)
    assert one.held + two.held == 990 * US


@pytest.mark.parametrize(("pause", "waits"), [(AT_ONCE - 1, True), (AT_ONCE, False)])
def test_who_asks_for_it_at_once_was_made_to_let_it_go(pause, waits):
    given = 100 * US
    ask = Hit(given + pause, 1, "asks")
    window = follow([Hit(0, 1, "has"), Hit(40 * US, 1, "gives"), Hit(given, 1, "given"), ask])
    one = window.threads[1]
    assert (one.waited, one.leaving) == ((60 * US, 0) if waits else (0, 60 * US))


def test_what_goes_on_at_the_end_counts_up_to_it():
    window = follow(hits((0, 1, "asks"), (100, 2, "has"), (300, 2, "gives")))
    assert window.threads[1].waited == 300 * US
    assert window.threads[2].held == 200 * US
    assert window.threads[2].waited == 100 * US


def test_no_event_is_no_window():
    with pytest.raises(ValueError, match="no thread"):
        follow([])
