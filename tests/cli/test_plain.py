"""How plain commands read a stream: when they have seen enough of it."""

from gilscope.analysis.summarise import cautions
from gilscope.cli.plain import everything_gone, nothing_seen, tell_warnings, watch, watched_for
from gilscope.model.events import PYSPY, Gone, Note
from gilscope.model.session import Session
from tests.analysis.constructed import HELLO, SPAN, a_session, feed
from tests.cli.streams import ANOTHERS, Stream, a_frame, a_process, refused


def test_a_process_that_may_not_be_read_does_not_end_the_watch_before_the_others_have_come():
    stream = Stream([HELLO, *refused(10), a_process(11), a_frame(11), a_frame(11, 2)])
    session = Session()
    watch(stream, session, watched_for(0.2, (10, 11)), seconds=0.2)
    assert session.processes[10].gone.text == ANOTHERS
    assert session.processes[11].span == 2 * SPAN


def test_everything_is_gone_when_all_that_was_asked_for_is():
    session = a_session(10)
    assert not everything_gone(session, (10, 11))
    session.apply(Gone(0, 10))
    assert not everything_gone(session, (10, 11))
    session.apply(a_process(11))
    session.apply(a_process(12, followed=True))
    session.apply(Gone(0, 11))
    assert everything_gone(session, (10, 11))


def test_a_watch_has_lasted_long_enough_whatever_is_there():
    session = a_session(10)
    enough = watched_for(0.1, (10,))
    assert not enough(session)
    feed(session, {}, pid=10)
    assert enough(session)


NO_PYSPY = Note(0, "warning", "Py-spy was not found.", "pip install py-spy")


def test_why_nothing_was_seen_is_what_the_probe_warned_of():
    session = a_session(10, fidelity=PYSPY)
    feed(session, {}, pid=10, samples=0)
    error = nothing_seen(session, None)
    assert error.what == "nothing was seen of process 10, of which only py-spy can tell"
    assert error.fix is not None
    session.apply(NO_PYSPY)
    error = nothing_seen(session, None)
    assert error.what.endswith("only py-spy can tell: py-spy was not found")
    assert error.fix == "pip install py-spy"


def test_each_warning_is_said_once(capsys):
    session = a_session(10)
    for note in (NO_PYSPY, Note(0, "info", "All is well."), NO_PYSPY):
        session.apply(note)
    tell_warnings(cautions(session))
    out, err = capsys.readouterr()
    assert (out, err) == ("", "gilscope: Py-spy was not found\n  pip install py-spy\n")
