"""The stream comes from elsewhere: what is beyond all reason in it is no event."""

import pytest

from gilscope.model.events import BadLine, Process, Thread, ThreadSlice, decode_event
from gilscope.model.records import ThreadRecord
from gilscope.model.runs import read_runs
from gilscope.model.session import Session

HUGE = "9" * 400
ENDLESS = "9" * 5000

FRAME = (
    '{"type":"frame","at":%(at)s,"span":%(span)s,"sampler":{"rate":1000,"samples":%(samples)s},'
    '"processes":[{"pid":1,"threads":[{"tid":2,"state":"H","runs":"%(runs)s","cpu":%(cpu)s}]}],'
    '"cores":[{"core":0,"busy":%(busy)s}]}'
)
FIGURES = {"at": 10, "span": 10, "samples": 1, "runs": "H10", "cpu": 10, "busy": 10}


def frame(**figures: object) -> bytes:
    return (FRAME % (FIGURES | figures)).encode()


def test_the_frame_of_these_tests_is_an_event():
    assert decode_event(frame()).at == 10


@pytest.mark.parametrize("figure", ["at", "span", "samples", "cpu", "busy"])
@pytest.mark.parametrize("value", ["-1", HUGE, ENDLESS, "1e300"])
def test_a_figure_beyond_reason_is_no_event(figure, value):
    with pytest.raises(BadLine):
        decode_event(frame(**{figure: value}))


@pytest.mark.parametrize(
    "line",
    [
        f'{{"type":"gone","at":1,"pid":1,"status":{HUGE}}}',
        f'{{"type":"thread","at":1,"pid":1,"tid":{HUGE}}}',
        f'{{"type":"process","at":1,"pid":{HUGE},"parent":1}}',
        f'{{"type":"hello","schema":1,"version":"1","probe":1,"host":"h","system":"s","cores":{HUGE},'
        '"started":1,"rate":1,"every":1}',
    ],
)
def test_an_id_or_a_status_beyond_reason_is_no_event(line):
    with pytest.raises(BadLine):
        decode_event(line.encode())


def test_a_status_may_be_negative():
    assert decode_event(b'{"type":"gone","at":1,"pid":1,"status":-9}').status == -9


@pytest.mark.parametrize("runs", [f"H{ENDLESS}", f"H10W{ENDLESS}", "H\u0661\u0662"])
def test_runs_beyond_reason_are_survived(runs):
    session = Session()
    session.apply(Process(0, 1, 1))
    session.apply(Thread(0, 1, 2))
    session.apply(decode_event(frame(runs=runs)))
    assert all(length < 10**16 for _, length in read_runs(runs))


def test_a_state_that_is_no_letter_is_unknown():
    thread = ThreadRecord(1, 2, 0)
    thread.add(ThreadSlice(2, "\x1b[2J", "H10"), 0, 10)
    assert thread.state == "?"
