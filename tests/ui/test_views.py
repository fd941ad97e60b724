"""Small views: figures, holds, status, commands, columns, scrolling."""

import pytest

from gilscope.analysis.holds import Holds
from gilscope.model import events as e
from gilscope.model import records
from gilscope.ui.feed import Reading
from gilscope.ui.views import figures
from gilscope.ui.views.columns import TILE, plan
from gilscope.ui.views.commands import short_command
from gilscope.ui.views.cores import Core, Runners, cores
from gilscope.ui.views.detail import detail
from gilscope.ui.views.header import header
from gilscope.ui.views.look import Look, cell_name
from gilscope.ui.views.printed import last_lines, last_words, printed
from gilscope.ui.views.scroll import scrolled
from gilscope.ui.views.status import statuses
from gilscope.ui.widgets.cores import core_lines
from gilscope.ui.widgets.detail import detail_lines
from gilscope.ui.widgets.header import header_lines
from tests.ui.fakes import PID, fight, frame, session_of, simple


@pytest.mark.parametrize(
    ("command", "short"),
    [
        (("python3", "-u", "/srv/server.py", "--port", "1"), "server.py"),
        (("/usr/bin/python3.12", "-m", "http.server"), "http.server"),
        (("python", "-X", "dev", "-W", "error", "a.py"), "a.py"),
        (("python", "-c", "import x"), "python -c"),
        (("/opt/gunicorn", "app:app"), "gunicorn"),
        (("python",), "python"),
        ((), "?"),
        (("python", "a\x1b[2J.py"), "a\\e[2J.py"),
    ],
)
def test_a_command_is_named_after_what_it_runs(command, short):
    assert short_command(command) == short


@pytest.mark.parametrize(
    ("length", "text"),
    [(740, "740 µs"), (5_100, "5.1 ms"), (164_000, "164 ms"), (2_400_000, "2.4 s")],
)
def test_lengths_of_time_have_about_three_figures(length, text):
    assert figures.span(length) == text


def test_what_is_not_known_is_a_dash_and_not_a_nought():
    assert figures.percent(None) == "-"
    assert figures.load(None) == "-"


@pytest.mark.parametrize("width", range(20, 300))
@pytest.mark.parametrize("wanted", [0, 26, 90])
def test_columns_fill_the_terminal_exactly(width, wanted):
    columns = plan(width, wanted=wanted)
    taken = 2 + columns.name + columns.figures + columns.tiles * TILE + columns.where
    assert taken == width or (width < 30 and taken >= width)


def test_wider_terminals_show_more_columns():
    assert [share.field for share in plan(40).shares] == ["hold"]
    assert [share.field for share in plan(80).shares] == ["hold", "wait"]
    assert len(plan(160).shares) > 6
    assert plan(40).where == 0 < plan(80).where


@pytest.mark.parametrize("enlarged", [False, True])
@pytest.mark.parametrize("width", [80, 100, 120, 160, 200])
def test_the_column_of_names_grows_where_there_is_room_and_lanes_stay(width, enlarged):
    columns = [plan(width, enlarged, wanted) for wanted in (0, 26, 60, 200)]
    assert [each.name for each in columns] == sorted(each.name for each in columns)
    assert columns[-1].lanes >= min(columns[0].lanes, 24)
    assert columns[-1].name < width // 2
    if width >= 160:
        assert columns[1].name >= 26


def test_an_enlarged_timeline_is_wider():
    assert plan(80, enlarged=True).lanes > plan(80).lanes


@pytest.mark.parametrize("count", [1, 2, 4, 8, 16, 64, 128])
@pytest.mark.parametrize("width", [40, 80, 160])
def test_every_core_is_drawn_within_the_width(count, width):
    found = [Core(number, 0.5, ((number % 3, 0.3),)) for number in range(count)]
    lines = core_lines(found, width)
    assert all(sum(len(text) for text, _ in line) <= width for line in lines)
    assert len(lines) <= max(count, 8)


def test_cores_tell_apart_who_ran_there():
    session = session_of(fight(2))
    runners = Runners()
    first, second = cores(session, runners, session.now)
    assert first.runners[0][1] == pytest.approx(0.5)
    assert second.watched == pytest.approx(0.5)
    assert runners.known(PID, PID) == 0
    assert runners.known(PID, 5000) is None


def test_labels_of_threads_that_have_ended_are_used_again():
    session = simple(e.ThreadSlice(1, "H", "H1000000"))
    runners = Runners()

    def run_on_core(at, *tids):
        shares = tuple(e.CoreShare(PID, tid, 1000) for tid in tids)
        core = (e.CoreSlice(0, 1000, shares),)
        session.apply(e.Frame(at, 1_000_000, e.SamplerSlice(1000.0, 1000), (), core))
        cores(session, runners, session.now)

    for number in range(100):
        session.apply(e.Thread(number, PID, 100 + number))
        # So long after one another that the last second has one of them at a time.
        for second in range(11):
            run_on_core((number * 11 + second + 2) * 1_000_000, 1, *([100 + number][second:]))
        session.apply(e.Gone(number, PID, 100 + number))
    assert runners.known(PID, 1) == 0
    assert runners.index(PID, 999) in (1, 2)


def test_what_is_forgotten_of_a_session_is_forgotten_of_its_holds(monkeypatch):
    monkeypatch.setattr(records, "GONE_THREADS", 2)
    session = simple()
    holds = Holds()
    threads = []
    for tid in range(100, 110):
        session.apply(e.Thread(0, PID, tid))
        session.apply(
            frame(session.now + 100_000, 100_000, e.ThreadSlice(tid, "I", "H60000I40000"))
        )
        threads.append(session.processes[PID].threads[tid])
        holds.read(session)
        session.apply(e.Gone(session.now, PID, tid))
    holds.read(session)
    kept = [thread.tid for thread in threads if holds.longest(thread, "H")]
    assert kept == [108, 109]


def test_from_single_glances_of_py_spy_no_hold_is_made():
    session = simple(e.ThreadSlice(1, "?", "?400000H500000?100000"), fidelity=e.PYSPY)
    holds = Holds()
    holds.read(session)
    thread = next(session.threads())
    assert holds.longest(thread, "H") is None
    page = [
        "".join(text for text, _ in line)
        for line in detail_lines(detail(session, thread, holds), 80)
    ]
    assert " longest hold  py-spy cannot tell" in page


def test_the_header_says_why_the_fidelity_is_low():
    session = simple(fidelity=e.PYSPY, reason="No table for 3.7.", fix="Use 3.8.")
    assert header(session).reason == "No table for 3.7. Use 3.8."


def test_the_header_gives_the_rate_of_py_spy_where_py_spy_looks():
    session = simple(fidelity=e.PYSPY)
    session.processes[PID].samples = 2
    view = header(session)
    assert (view.asked, view.got) == (None, 2.0)
    assert "py-spy 2.0 Hz" in "".join(text for text, _ in header_lines(view, 80)[0])


def test_the_header_counts_what_was_lost():
    assert header(session_of(fight())).lost == pytest.approx(1 / 99)


def texts(session, look=None, **reading):
    return [status.text for status in statuses(session, look or Look(), Reading(**reading))]


def test_a_target_that_ended_is_said_with_its_status():
    session = simple()
    session.apply(e.Gone(1, PID, status=-9))
    assert texts(session) == ["4242 app.py was ended by signal 9. The last picture stays."]


def test_a_probe_that_died_is_said_with_the_way_out():
    assert texts(simple(), ended="The probe was ended by SIGKILL.") == [
        "The probe was ended by SIGKILL. The last picture stays: R starts anew."
    ]


def test_a_probe_that_says_nothing_is_missed():
    assert texts(simple(), silence=2.0) == []
    (text,) = texts(simple(), silence=4.2)
    assert text == "Nothing has come from the probe for 4 s: R starts it anew."


def test_a_command_that_ended_can_be_run_again():
    session = simple()
    session.apply(e.Gone(1, PID, status=0))
    assert texts(session, launches=True) == ["4242 app.py exited with status 0. R runs it again."]


def test_why_a_probe_ended_is_a_sentence_of_its_own():
    (text,) = texts(simple(), ended="its standard input was closed")
    assert text == "Its standard input was closed. The last picture stays: R starts anew."


def test_where_nothing_was_seen_no_picture_is_said_to_stay():
    ended = "every watched process has ended"
    assert texts(session_of([]), ended=ended) == ["Every watched process has ended."]


def test_why_nothing_could_be_watched_is_said_once_with_the_way_out():
    refused = "Process 7 may not be read."
    session = session_of(
        [e.Note(1, "error", refused, "Run gilscope as root.", 7), e.Bye(2, refused)]
    )
    assert texts(session, ended=refused) == [f"{refused} Run gilscope as root."]
    assert "nothing was watched" in header(session).what
    assert "waiting for the first sample" in header(session_of([])).what


def test_a_new_start_in_vain_says_that_nothing_is_left():
    session = simple()
    session.apply(e.Gone(1, PID))
    assert texts(session, ended="every watched process has ended", nothing_left=True) == [
        "There is nothing left to watch.",
        "4242 app.py has ended. The last picture stays.",
    ]


def test_notes_are_shown_for_a_while():
    session = simple()
    session.apply(e.Note(900_000, "warning", "py-spy is missing.", "pip install py-spy"))
    assert texts(session) == ["py-spy is missing. pip install py-spy"]
    session.apply(frame(60_000_000, 59_000_000))
    assert texts(session) == []


def test_pause_is_said_first():
    session = simple()
    session.apply(e.Gone(1, PID))
    assert texts(session, Look().pause(session.now))[0].startswith("PAUSED")


def test_zooming_keeps_the_cursor_at_its_moment():
    look = Look().move_cursor(-10, 10_000_000)
    before = look.moment(10_000_000)
    assert look.zoom(-1).moment(10_000_000) == before
    assert cell_name(look.zoom(-1).cell) == "50 ms"
    assert cell_name(look.zoom(9).cell) == "1 s"


def test_the_cursor_stays_between_the_first_cell_and_the_newest():
    assert Look().move_cursor(5, 1_000_000).cursor == 9
    assert Look().move_cursor(-50, 1_000_000).cursor == 0


@pytest.mark.parametrize(
    ("offset", "selected", "expected"), [(0, 4, 0), (0, 5, 1), (9, 3, 3), (99, 99, 95), (0, -1, 0)]
)
def test_the_selected_line_is_in_sight(offset, selected, expected):
    assert scrolled(offset, selected, 100, 5) == expected


def test_output_is_shown_as_a_terminal_would_leave_it():
    assert printed("10%\r50%\r100%\r") == "100%"
    assert printed("\x1b[1;31mred\x1b[0m \x1b]0;title\x07") == "red \\e]0;title\\x07"


@pytest.mark.parametrize(
    ("status", "left"), [(1, ["two", "three"]), (-9, ["two", "three"]), (0, []), (None, [])]
)
def test_only_a_command_that_failed_leaves_its_last_lines_behind(monkeypatch, status, left):
    monkeypatch.setattr("gilscope.ui.views.printed.LAST_WORDS", 2)
    said = [e.Output(1, "one\ntwo\n\x1b[1mth"), e.Output(2, "ree\x1b[0m\r\n\n")]
    session = session_of([*fight(1), *said, e.Gone(4_000_000, PID, status=status)])
    assert last_words(session) == left


def test_lines_of_the_output_are_the_newest_and_none_is_empty():
    said = [e.Output(1, "one\n\ntwo\n"), e.Output(2, "three")]
    assert last_lines(said, 2) == ["two", "three"]
    assert last_lines(said, 0) == []
