"""Processes and interpreters in the table: their GILs, what folds, what is said of them."""

import pytest

from gilscope.model import events as e
from gilscope.ui.views.commands import short_command
from gilscope.ui.views.gil import gils
from gilscope.ui.views.header import header
from gilscope.ui.views.look import Look
from gilscope.ui.views.machinery import thread_role
from gilscope.ui.views.marks import Used
from gilscope.ui.views.status import statuses
from gilscope.ui.widgets.gil import gil_lines
from gilscope.ui.widgets.notes import legend
from tests.ui.fakes import PID, fight, scope_app, session_of, settle, simple
from tests.ui.scenes import HELLO, SPAWNED, TRACKER, family, interpreters
from tests.ui.test_rows import names, scene_of


def heading(scene, pid):
    return next(row for row in scene.rows if row.key == ("process", pid, 0))


def test_each_interpreter_with_a_gil_of_its_own_has_a_row_with_its_load():
    scene = scene_of(session_of(interpreters()))
    rows = [row for row in scene.rows if row.key[0] == "interpreter"]
    assert [(row.name, row.where, row.held) for row in rows] == [
        ("interpreter 0", "load 0.2", 0.2),
        ("interpreter 1", "load 2.0", 0.98),
        ("interpreter 2", "load 2.0", 0.98),
    ]
    assert names(scene)[2:4] == ["first-0", "second-0"]
    assert [len(row.members) for row in rows] == [2, 2, 2]


def test_an_interpreter_that_shares_a_gil_says_whose():
    said = [*interpreters(2), e.Thread(0, PID, 77, "guest", False, 9)]
    scene = scene_of(session_of(said))
    row = next(row for row in scene.rows if row.key == ("interpreter", PID, 9))
    assert row.where == "GIL of interpreter 0"


def test_each_gil_has_a_line_with_its_own_figures():
    session = session_of(interpreters())
    lines = [
        "".join(text for text, _ in line)
        for line in gil_lines(gils(session, PID, session.now, 8), 80)
    ]
    assert len(lines) == 3
    assert lines[0].startswith(" GIL interpreter 0  held  20%")
    assert lines[2].endswith("load 2.0 2.0 2.0  340 switches/s")
    assert {len(line) for line in lines} == {80}


def test_gils_that_there_is_no_room_for_are_counted():
    session = session_of(interpreters(12))
    found = gils(session, PID, session.now, 4)
    assert [each.more for each in found] == [0, 0, 0, 8]
    assert "+8 more GILs" in "".join(text for text, _ in gil_lines(found, 120)[3])


def test_a_single_gil_is_not_named_after_an_interpreter():
    session = session_of(family())
    (found,) = gils(session, 100, session.now, 4)
    assert (found.interpreter, found.held) == (None, 0.99)


def test_a_process_without_a_gil_tells_how_many_of_its_threads_run():
    session = session_of(family())
    assert heading(scene_of(session), 200).where == "no GIL, 3.0 run"
    (line,) = gil_lines(gils(session, 200, session.now, 1), 80)
    assert "no GIL" in "".join(text for text, _ in line)


def test_an_unknown_gil_is_said_with_the_reason():
    session = simple(e.ThreadSlice(1, "I", "I1000000"), fidelity="none", reason="It is PyPy.")
    session.processes[PID].held = None
    session.processes[PID].moments.clear()
    (line,) = gil_lines(gils(session, PID, session.now, 1), 80)
    assert "GIL unknown: It is PyPy." in "".join(text for text, _ in line)
    assert heading(scene_of(session), PID).where == "GIL unknown"


def family_without(*gone, at=2_000_000, until=2_100_000):
    """Return the family a short time after some of its processes ended."""
    ended = [e.Gone(at, pid, **known) for pid, known in gone]
    return session_of([*family(), *ended, e.Frame(until, 100_000, e.SamplerSlice(1000.0, 9))])


def test_a_child_that_has_ended_is_shown_as_ended_and_said():
    session = family_without((103, {}))
    scene = scene_of(session)
    rows = [row for row in scene.rows if row.key[1] == 103]
    assert [(row.where, row.letter.strip(), row.held, row.used) for row in rows] == [
        ("ended", "", None, Used()),
        ("ended", "", None, Used()),
        ("ended", "", None, Used()),
    ]
    assert "103 grandchild.py has ended." in [each.text for each in statuses(session, scene.look)]


def test_a_child_that_has_ended_is_listed_for_a_while():
    scene = scene_of(family_without((103, {}), until=9_000_000))
    assert [row.name for row in scene.rows if row.key[1] == 103] == ["103 grandchild.py"]
    later = scene_of(family_without((103, {}), until=11_000_000))
    assert all(row.key[1] != 103 for row in later.rows)
    assert not any("ended" in each.text for each in statuses(later.session, later.look))


def test_of_several_children_that_ended_the_newest_is_named_and_helpers_are_not():
    session = family_without((102, {}), (101, {}), (103, {"status": -9}))
    session.processes[103].gone = e.Gone(2_050_000, 103, status=-9)
    (said,) = [each for each in statuses(session, Look()) if "103" in each.text]
    assert said.text == "103 grandchild.py was ended by signal 9 (and 1 other process too)."
    assert said.weight == "warning"


def test_a_child_of_a_short_life_ends_without_a_word():
    session = family_without()
    session.apply(e.Process(2_000_000, 9, 100, ("cc", "a.c"), followed=True))
    session.apply(e.Gone(2_100_000, 9))
    assert not any("ended" in each.text for each in statuses(session, Look()))


NOT_FOUND = "no CPython was found in it"


async def test_a_reason_that_the_header_gives_is_not_given_again():
    said = [e.Process(0, PID, 1, ("sleep", "9"), reason=NOT_FOUND), *fight()[2:]]
    async with scope_app([HELLO, *said]).run_test(size=(80, 24)) as pilot:
        screen = await settle(pilot)
        screen.scene.session.processes[PID].moments.clear()
        screen.survey()
        assert NOT_FOUND in screen.board("header").text
        assert screen.board("gil").text == " GIL unknown"
        assert NOT_FOUND not in screen.board("gil").text


def become(at, *command, **about):
    return e.Process(at, PID, 1, command, **about)


def test_a_process_that_has_become_another_program_is_said_and_stays_said():
    session = session_of([*fight(), become(4_000_000, "sleep", "100", reason=NOT_FOUND)])
    (said,) = statuses(session, Look())
    assert said.text == "4242 server.py has become sleep."
    assert header(session).reason == f"it was server.py until 00:04; {NOT_FOUND}"
    session.apply(e.Frame(40_000_000, 100_000, e.SamplerSlice(1000.0, 10)))
    assert statuses(session, Look()) == []
    assert "it was server.py" in header(session).reason


@pytest.mark.parametrize(
    "event",
    [
        become(4_000_000, "gunicorn: worker", python="3.12.4", implementation="cpython"),
        become(4_000_000, "x", python="3.12.4", implementation="cpython", fidelity=e.KERNEL),
    ],
)
def test_a_process_that_calls_itself_otherwise_is_still_the_same(event):
    assert statuses(session_of([*fight(), event]), Look()) == []


def test_a_shell_that_becomes_python_is_what_was_meant_to_be_watched():
    known = [event for event in fight() if isinstance(event, e.Process)]
    session = session_of([HELLO, become(0, "bash", "python3", reason=NOT_FOUND), *known])
    assert statuses(session, Look()) == []


def test_a_child_becomes_what_it_was_started_for_without_a_word():
    child = e.Process(0, 9, PID, ("python", "a.py"), "3.12.4", "cpython", followed=True)
    program = e.Process(200_000, 9, PID, ("ls",), followed=True)
    assert statuses(session_of([*fight(), child, program]), Look()) == []


def test_a_program_that_starts_itself_anew_is_said_so():
    anew = become(4_000_000, "python", "server.py", reason="its interpreter is starting up")
    (said,) = statuses(session_of([*fight(), anew]), Look())
    assert said.text == "4242 server.py has started itself anew."


@pytest.mark.parametrize(
    ("halted", "where", "sentence"),
    [
        ("stopped", "stopped", "4242 is stopped (SIGSTOP)."),
        ("traced", "halted by a debugger", "4242 is halted by a debugger."),
        ("frozen", "frozen (cgroup)", "4242 is frozen (by its cgroup)."),
        (None, "stopped", "4242 is stopped (SIGSTOP or a debugger)."),
    ],
)
def test_what_keeps_a_process_from_running_is_said(halted, where, sentence):
    session = simple(e.ThreadSlice(1, "H", "H1000000"))
    process = e.ProcessSlice(PID, (), (), 10, True, halted)
    session.apply(e.Frame(1_100_000, 100_000, e.SamplerSlice(1000.0, 10), (process,)))
    scene = scene_of(session)
    assert heading(scene, PID).where == where
    assert statuses(session, scene.look)[0].text == sentence


def test_helpers_of_python_s_own_machinery_are_called_so():
    scene = scene_of(session_of(family()))
    by_name = {row.name: row for row in scene.rows}
    assert by_name["101 resource tracker"].where == "helper, load 1.0"
    assert by_name["QueueFeederThread"].where == "helper: feeds a multiprocessing queue"
    assert by_name["Thread-2 (_handle_tasks)"].where == "helper: hands tasks to a pool's workers"
    helpers = {row.name for row in scene.rows if row.helper}
    assert helpers == {"101 resource tracker", "QueueFeederThread", "Thread-2 (_handle_tasks)"}


def test_code_of_the_library_after_c_is_named_and_other_code_is_not():
    assert short_command(TRACKER) == "resource tracker"
    assert short_command(SPAWNED) == "mp worker"
    assert short_command(("python", "-c", "import x")) == "python -c"
    assert short_command(("python", "-c")) == "python -c"


def test_a_function_of_the_same_name_elsewhere_makes_no_helper():
    session = simple(e.ThreadSlice(1, "H", "H1000000"))
    thread = session.processes[PID].threads[1]
    thread.calls = (e.Call("_handle_tasks", "/srv/pool.py", 1), e.Call("run", "/srv/a.py", 1))
    assert thread_role(thread) is None
    thread.calls = (e.Call("run", "/usr/lib/python3.11/concurrent/futures/process.py", 1),)
    assert thread_role(thread) == "manages a process pool"


def test_a_closed_process_stands_for_all_below_it():
    session = session_of(family())
    scene = scene_of(session, turned=frozenset({100}))
    assert [row.key[1] for row in scene.rows if row.key[0] == "process"] == [100, 200, 300]
    closed = heading(scene, 100)
    assert closed.name == "100 +3 server.py"
    assert closed.where == "load 4.0, 9 thr"
    assert closed.held == pytest.approx(4 * 0.99)
    assert closed.closed
    assert len(closed.members) == 9
    assert all(row.key[1] != 102 for row in scene.rows)


def test_a_closed_child_takes_its_own_children_with_it():
    scene = scene_of(session_of(family()), turned=frozenset({102}))
    assert [row.key[1] for row in scene.rows if row.key[0] == "process"] == [
        100, 101, 102, 200, 300,
    ]  # fmt: skip


def test_processes_alone_are_a_line_each_and_one_may_be_opened():
    session = session_of(family())
    scene = scene_of(session, shape="processes")
    assert [row.depth for row in scene.rows] == [0, 1, 1, 2, 0, 0]
    assert heading(scene, 103).where == "load 1.0, 2 thr"
    opened = scene_of(session, shape="processes", turned=frozenset({103}))
    assert [row.name for row in opened.rows if row.thread] == ["MainThread", "worker-1"]


def test_what_is_looked_for_is_found_in_a_closed_process():
    scene = scene_of(session_of(family()), turned=frozenset({100}), words=("feeder",))
    assert names(scene) == ["102 mp worker", "QueueFeederThread"]


def test_threads_that_run_without_a_gil_are_found_as_running():
    scene = scene_of(session_of(family()), words=("running",))
    assert {row.key[1] for row in scene.rows} == {200}


def test_the_selection_goes_to_the_process_that_its_row_folded_into():
    scene = scene_of(session_of(family()))
    scene.select(3)
    assert scene.selected_row.name == "worker-2"
    scene.look = scene.look.turn(100)
    scene.arrange()
    assert scene.selected_row.key == ("process", 100, 0)


def test_the_legend_calls_native_running_where_there_is_no_gil():
    words = "".join(text for text, _ in legend(80, False))
    assert "running" in words
    assert "native" not in words
    assert "native" in "".join(text for text, _ in legend(80, True))


async def test_enter_closes_a_process_and_opens_it_again():
    async with scope_app(family()).run_test(size=(100, 40)) as pilot:
        screen = await settle(pilot)
        await pilot.press("home", "enter")
        assert screen.scene.rows[0].closed
        lane = screen.query("#lanes Board").first().text.split("\n")[1]
        assert set(lane.strip()) == {"4"}
        await pilot.press("enter")
        assert not screen.scene.rows[0].closed


async def test_the_tree_key_goes_on_to_processes_alone_where_there_are_several():
    async with scope_app(family()).run_test(size=(100, 40)) as pilot:
        screen = await settle(pilot)
        await pilot.press("t", "t")
        assert screen.scene.look.shape == "processes"
        assert len(screen.scene.rows) == 6
        await pilot.press("t")
        assert screen.scene.look.shape == "tree"


async def test_several_gils_have_their_lines_on_screen():
    async with scope_app(interpreters()).run_test(size=(80, 24)) as pilot:
        screen = await settle(pilot)
        assert len(screen.board("gil").text.split("\n")) == 3
        assert screen.board("gil").size.height == 3
