"""How well what is watched can be seen, all in all."""

from gilscope.analysis.fidelity import unanswered
from gilscope.model.events import PYSPY, Gone, Process
from tests.analysis.constructed import a_session, feed


def test_nothing_is_seen_where_only_py_spy_could_tell_and_told_nothing():
    session = a_session(10, 11, fidelity=PYSPY)
    assert unanswered(session) is None
    feed(session, {}, pid=10, samples=0)
    assert unanswered(session).about.pid == 10
    session.apply(Gone(0, 10))
    assert unanswered(session).about.pid == 10
    feed(session, {}, pid=11, samples=1)
    assert unanswered(session) is None


def test_what_the_kernel_tells_of_another_process_is_something():
    session = a_session(10, fidelity=PYSPY)
    session.apply(Process(0, 12, 10, ("sh",), followed=True))
    feed(session, {}, pid=10, samples=0)
    feed(session, {}, pid=12, samples=0)
    assert unanswered(session) is None
