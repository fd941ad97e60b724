"""Which rows the thread table has, and in what order."""

from dataclasses import replace

from gilscope.analysis.lanes import BLANK
from gilscope.model import events as e
from gilscope.model.session import Session
from gilscope.ui.feed import Feed
from gilscope.ui.scene import Scene
from gilscope.ui.views.look import Look
from gilscope.ui.views.marks import Used
from tests.ui.fakes import PID, FakeSource, fight, frame, session_of, simple


def scene_of(session: Session, **choices: object) -> Scene:
    feed = Feed(lambda: FakeSource([]))
    feed.session = session
    scene = Scene(feed)
    scene.look = replace(Look(), **choices)
    scene.survey()
    return scene


def names(scene: Scene) -> list[str]:
    return [row.name for row in scene.rows]


def test_threads_stand_under_their_process_and_native_ones_in_one_line():
    scene = scene_of(session_of(fight(2)))
    assert names(scene) == [
        "4242 server.py",
        "worker-1",
        "worker-2",
        "reader",
        "blocked",
        "nap",
        "squeeze",
        "▸ 3 native threads",
    ]


def test_native_threads_unfold():
    scene = scene_of(session_of(fight(2)), opened=frozenset({PID}))
    assert names(scene)[-4:] == ["▾ 3 native threads", "openblas", "openblas", "openblas"]


def test_without_the_tree_all_threads_stand_in_one_list():
    scene = scene_of(session_of(fight(2)), shape="list")
    assert len(scene.rows) == 9
    assert not any(row.key[0] == "process" for row in scene.rows)


def test_children_stand_under_their_parent():
    said = [*fight(1), e.Process(0, 9, PID, ("python", "child.py"), followed=True)]
    said.append(e.Process(0, 5, 1, ("python", "other.py")))
    headings = [row for row in scene_of(session_of(said)).rows if row.key[0] == "process"]
    assert [(row.key[1], row.depth) for row in headings] == [(PID, 0), (9, 1), (5, 0)]


def test_threads_of_several_interpreters_stand_under_theirs():
    session = simple(e.ThreadSlice(1, "H", "H1000000"), e.ThreadSlice(2, "W", "W1000000"))
    session.apply(e.Thread(0, PID, 2, "inside", False, 1))
    assert names(scene_of(session))[1:] == ["interpreter 0", "t1", "interpreter 1", "inside"]


def test_the_filter_leaves_the_process_of_a_thread_that_goes_with_it():
    assert names(scene_of(session_of(fight(2)), words=("reader",))) == ["4242 server.py", "reader"]


def test_the_filter_finds_states_by_their_word():
    assert names(scene_of(session_of(fight(2)), words=("sleep",)))[1:] == ["nap"]


def test_a_filter_that_names_a_process_keeps_all_its_threads():
    assert len(scene_of(session_of(fight(2)), words=("server.py",)).rows) == 10


def test_rows_are_ordered_by_hold_when_asked():
    session = simple(
        e.ThreadSlice(1, "H", "H100000W900000"), e.ThreadSlice(2, "W", "H900000W100000")
    )
    assert names(scene_of(session, order="hold"))[1:] == ["t2", "t1"]


def test_shares_count_from_the_reset_on():
    session = simple(e.ThreadSlice(1, "H", "H1000000"))
    scene = scene_of(session)
    scene.count_from_now()
    session.apply(frame(3_000_000, 2_000_000, e.ThreadSlice(1, "W", "H500000W1500000")))
    scene.survey()
    assert scene.rows[1].used.states[:2] == (0.25, 0.75)


def test_cpu_is_told_over_the_last_second():
    session = simple(e.ThreadSlice(1, "H", "H1000000", cpu=900_000))
    scene = scene_of(session)
    scene.survey()
    session.apply(frame(2_000_000, 1_000_000, e.ThreadSlice(1, "H", "H1000000", cpu=250_000)))
    scene.survey()
    assert scene.rows[1].used.cpu == 0.25


def test_cpu_that_is_not_known_stays_unknown():
    assert scene_of(simple(e.ThreadSlice(1, "H", "H1000000"))).rows[1].used.cpu is None


def test_a_paused_view_keeps_its_figures():
    session = simple(e.ThreadSlice(1, "H", "H1000000"))
    scene = scene_of(session)
    scene.look = scene.look.pause(session.now)
    session.apply(frame(2_000_000, 1_000_000, e.ThreadSlice(1, "W", "W1000000")))
    scene.arrange()
    assert scene.rows[1].used.states[0] == 1.0
    assert scene.letters(scene.rows)[1] == "H"


def test_the_cursor_shows_letters_and_shares_of_its_moment():
    session = simple(e.ThreadSlice(1, "H", "H1000000"))
    session.apply(frame(2_000_000, 1_000_000, e.ThreadSlice(1, "W", "W1000000")))
    scene = scene_of(session)
    scene.look = scene.look.move_cursor(-14, session.now)
    scene.arrange()
    assert scene.moment == 600_000
    assert scene.rows[1].letter == "H"
    assert scene.rows[1].used.states[0] == 1.0


def test_where_a_thread_was_in_the_past_is_not_made_up():
    session = simple(e.ThreadSlice(1, "H", "H1000000"))
    session.apply(e.Stacks(1, PID, (e.Stack(1, (e.Call("f", "a.py", 3),)),)))
    scene = scene_of(session)
    assert scene.rows[1].where == "f a.py:3"
    scene.look = scene.look.move_cursor(-2, session.now)
    scene.arrange()
    assert scene.rows[1].where == ""


def test_a_thread_that_ended_lingers_and_then_goes():
    session = simple(e.ThreadSlice(1, "H", "H1000000"), e.ThreadSlice(2, "S", "S1000000"))
    session.apply(e.Gone(1_000_000, PID, 2))
    session.apply(frame(2_000_000, 1_000_000))
    assert scene_of(session).rows[2].where == "ended"
    session.apply(frame(4_000_000, 2_000_000))
    assert names(scene_of(session))[1:] == ["t1", "▸ 1 ended thread"]


def brief(count: int, every: int = 10_000) -> Session:
    """Return a session in which a thread ended every so many microseconds, up to now."""
    session = simple(e.ThreadSlice(1, "H", "H1000000"))
    for number in range(count):
        at = 1_000_000 + number * every
        session.apply(e.Thread(at, PID, 100 + number, f"brief-{number}", False, 0))
        session.apply(e.Gone(at, PID, 100 + number))
    session.apply(frame(1_000_000 + count * every, count * every))
    return session


def test_many_threads_that_ended_are_one_line_whenever_they_did():
    assert names(scene_of(brief(12)))[1:] == ["t1", "▸ 12 ended threads"]


def test_the_few_threads_that_ended_just_now_stay_and_the_others_are_one_line():
    scene = scene_of(brief(12, every=1_000_000))
    assert names(scene)[1:] == ["t1", "brief-10", "brief-11", "▸ 10 ended threads"]


def test_ended_threads_that_are_forgotten_are_counted_too():
    assert names(scene_of(brief(450)))[1:] == ["t1", "▸ 450 ended threads"]


def test_ended_threads_unfold_the_newest_first_and_have_no_figures():
    scene = scene_of(brief(12), recalled=frozenset({PID}))
    assert names(scene)[2:5] == ["▾ 12 ended threads", "brief-11", "brief-10"]
    assert len(scene.rows) == 15
    row = scene.rows[3]
    assert (row.where, row.letter, row.used, row.over) == ("ended", BLANK, Used(), True)
    assert row.depth == scene.rows[2].depth + 1


def test_in_the_past_a_thread_that_has_ended_since_is_where_it_was():
    scene = scene_of(brief(12))
    scene.look = scene.look.move_cursor(-2, scene.session.now)
    scene.arrange()
    assert "▸ 12 ended threads" not in names(scene)


def test_ended_threads_do_not_get_into_the_way_of_the_filter_or_the_list():
    assert names(scene_of(brief(12), words=("t1",)))[1:] == ["t1"]
    assert names(scene_of(brief(12), shape="list")) == ["t1"]


def test_the_last_picture_of_a_process_that_ended_stays():
    session = simple(e.ThreadSlice(1, "H", "H1000000"))
    session.apply(e.Gone(1_000_000, PID, 1))
    session.apply(e.Gone(1_000_000, PID, status=3))
    rows = scene_of(session).rows
    assert [row.where for row in rows] == ["ended", ""]
    assert rows[1].letter == "H"


def test_the_load_is_not_told_where_waiting_cannot_be_seen():
    session = simple(e.ThreadSlice(1, "H", "H1000000"), fidelity=e.PYSPY)
    heading = scene_of(session).rows[0]
    assert heading.load is None
    assert heading.held == 0.5


def test_the_selection_stays_on_its_thread_when_rows_move():
    session = simple(
        e.ThreadSlice(1, "H", "H100000W900000"), e.ThreadSlice(2, "W", "H900000W100000")
    )
    scene = scene_of(session)
    scene.select(2)
    scene.look = replace(scene.look, order="hold")
    scene.arrange()
    assert scene.selected_row.name == "t2"
    assert scene.position == 1


def test_the_first_thread_is_selected_until_the_user_selects_another_row():
    session = simple()
    scene = scene_of(session)
    assert scene.selected_row.key[0] == "process"
    session.apply(e.Thread(0, PID, 1, "t1", False, 0))
    scene.survey()
    assert scene.selected_row.name == "t1"
    scene.select(0)
    scene.survey()
    assert scene.selected_row.key[0] == "process"


def test_names_from_the_target_cannot_obey_the_terminal():
    session = simple(e.ThreadSlice(1, "H", "H1000000"))
    session.apply(e.Thread(0, PID, 1, "a\nb\x1b[2J[red]"))
    assert names(scene_of(session))[1] == "a\\nb\\e[2J[red]"
