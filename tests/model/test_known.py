"""Which parts of a frame are known, and what of its GIL."""

import pytest

from gilscope.model.events import GilSlice, Turn
from gilscope.model.known import known_parts, only_known, time_in


@pytest.mark.parametrize(
    ("threads", "parts"),
    [
        ([], []),
        ([(0, "?100")], []),
        ([(0, "?30H70")], [(30, 100)]),
        ([(0, "?30H20?50"), (40, "W60")], [(30, 100)]),
        ([(0, "I30?70"), (0, "?60H40")], [(0, 30), (60, 100)]),
        ([(0, "H10S10H10?70"), (5, "?95")], [(0, 30)]),
        ([(50, "H1000000")], [(50, 100)]),
    ],
)
def test_what_any_thread_tells_of_is_known(threads, parts):
    assert known_parts(threads, 100) == parts


def test_nobody_held_a_gil_in_time_that_is_not_known():
    gil = GilSlice(0, 80, 3, 1, (Turn(1, 7, 40), Turn(None, None, 20), Turn(2, 8, 40)))
    told = only_known(gil, 50, [(1010, 1020), (1030, 1070)], 1000)
    assert (told.held, told.switches, told.holder) == (50, 3, 1)
    nobody = (None, None)
    assert [(turn.tid, turn.code, turn.length) for turn in told.turns] == [
        (*nobody, 10),
        (1, 7, 10),
        (*nobody, 10),
        (1, 7, 10),
        (None, None, 20),
        (2, 8, 10),
        (*nobody, 30),
    ]
    assert sum(turn.length for turn in told.turns) == 100
    assert time_in([(10, 20), (30, 70)]) == 50
