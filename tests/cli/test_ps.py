"""The rows of `gilscope ps`: what is known of a process from both sides."""

from gilscope.cli.plain import watch
from gilscope.cli.ps import looked_for, row
from gilscope.model.events import Bye, Note
from gilscope.model.session import Session
from gilscope.stream.discover import PythonProcess
from tests.cli.streams import ANOTHERS, PERMIT, Stream, a_process, refused


def found(pid):
    return PythonProcess(pid, 1, "root", ("python", "app.py"), None, 1, None, 1, 0.0)


def test_a_process_that_may_not_be_read_is_told_with_why_and_what_would_help():
    session = Session()
    notes = {}
    stream = Stream([*refused(10), Bye(0, "every watched process has ended")])
    watch(
        stream,
        session,
        looked_for(1),
        seconds=1,
        also=lambda event: notes.update({event.pid: event}) if isinstance(event, Note) else None,
    )
    told = row(found(10), session, notes[10])
    assert (told.fidelity, told.load, told.held) == ("none", None, None)
    assert (told.reason, told.fix) == (ANOTHERS, PERMIT)


def test_a_process_that_was_not_there_any_more_is_told_by_its_note():
    told = row(found(10), Session(), Note(0, "error", "There is no process 10.", None, 10))
    assert (told.fidelity, told.reason, told.fix) == (None, "There is no process 10.", None)


def test_a_process_that_is_seen_has_nothing_to_explain():
    session = Session()
    session.apply(a_process(10))
    told = row(found(10), session)
    assert (told.python, told.reason, told.fix) == ("3.12.1", None, None)
