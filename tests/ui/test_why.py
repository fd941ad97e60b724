"""The panel that says why threads wait, and the pages it leads to."""

from dataclasses import replace

import pytest

from gilscope.model import events as e
from gilscope.model.session import Session
from gilscope.ui.screens.hog import HogScreen
from gilscope.ui.screens.scope import ScopeScreen
from gilscope.ui.views.hogs import MINDED, hog_detail, hogs
from gilscope.ui.views.look import Look
from gilscope.ui.views.why import Why, holders_of, why
from gilscope.ui.widgets.board import Board
from gilscope.ui.widgets.hog import hog_page
from gilscope.ui.widgets.why import hog_lines, holder_lines, wait_lines
from gilscope.ui.widgets.why_panel import WhyPanel, room_for, shares
from tests.ui.fakes import PID, fight, frame, scope_app, session_of, settle, simple
from tests.ui.scenes import HOGS, MATCH, family, hog, interpreters
from tests.ui.test_rows import scene_of


def why_of(session: Session, tid: int = PID, pid: int = PID, look: Look | None = None) -> Why:
    process = session.processes[pid]
    return why(session, process, process.threads[tid], look or Look())


def simple_events(*runs: str) -> list[e.Event]:
    """Return a process of one second whose threads, numbered from 1, had these runs."""
    slices = [e.ThreadSlice(tid, told[0], told) for tid, told in enumerate(runs, 1)]
    return [
        e.Hello(1, "0", 1, "host", "Linux", 2, 0.0, 1000.0, 100_000),
        e.Process(0, PID, 1, ("python", "a.py"), "3.12.1", "cpython", e.KERNEL, gil=True),
        *(e.Thread(0, PID, piece.tid, f"t{piece.tid}", False, 0) for piece in slices),
        frame(1_000_000, 1_000_000, *slices),
    ]


def plain(lines) -> list[str]:
    return ["".join(text for text, _ in line) for line in lines]


def panel(screen: ScopeScreen) -> str:
    return screen.query_one(WhyPanel).text


def test_functions_are_listed_by_how_long_they_held_the_gil_with_their_threads():
    found = why_of(session_of(fight()))
    assert found.window == "last 4 s"
    assert [each.where for each in found.holders] == [
        "count_primes app.py:12",
        "Reader.parse_line reader.py:340",
    ]
    assert sum(each.share for each in found.holders) == pytest.approx(1.0)
    assert set(found.holders[0].threads) == {"worker-1", "worker-2", "worker-3"}


def test_the_thread_s_wait_is_told_with_whom_it_was_for():
    found = why_of(session_of(fight()))
    assert found.name == "worker-1"
    assert found.waited.startswith("waited 2.6 s of the last 4 s, for:")
    assert {each.whom.partition(" in ")[0] for each in found.parts} == {"worker-2", "worker-3"}
    assert sum(each.length for each in found.parts) == pytest.approx(2_600_000, rel=0.02)


def test_after_a_reset_it_counts_from_there():
    found = why_of(session_of(fight()), look=Look(since=3_000_000))
    assert found.window == "since 00:03"
    assert sum(each.length for each in found.parts) < 1_000_000


def test_at_a_past_moment_it_tells_the_time_before_it():
    session = session_of([*fight(), *HOGS])
    look = Look(frozen=session.now, cursor=19)
    found = why_of(session, look=look)
    assert found.window == "2 s before"
    assert sum(each.length for each in found.parts) < 2_000_000
    assert [each.since for each in found.hogs] == [1_900_000, 1_100_000]


def test_hogs_come_newest_first_and_one_that_goes_on_grows():
    session = session_of([*fight(), *HOGS])
    found = hogs(session, session.now)
    assert [each.since for each in found] == [3_400_000, 2_300_000, 1_900_000, 1_100_000]
    assert (found[0].open, found[0].length) == (True, 600_000)
    assert found[3].where == "match rules.py:88"
    assert found[2].where == "compile re/__init__.py:177"


def test_a_hold_that_nobody_waited_for_is_no_trouble():
    alone = [
        *simple_events("H1000000", "I1000000"),
        hog(100_000, 400_000, 1, waited=0),
        hog(500_000, 90_000, 1, waited=MINDED - 1),
        hog(600_000, 100_000, 1, waited=0, ended=False),
    ]
    session = session_of(alone)
    assert hogs(session, session.now) == []
    sentence = "3 holds lasted 50 ms or longer, but nobody waited long for them"
    assert why_of(session, 1).no_hogs == sentence
    session.apply(frame(1_100_000, 100_000, e.ThreadSlice(2, "W", "W100000")))
    assert [line.open for line in hogs(session, session.now)] == [True]


def test_functions_that_hardly_held_the_gil_are_not_listed():
    said = [
        *simple_events("I1000000", "I1000000"),
        e.Code(0, PID, 1, e.Call("f", "a.py", 1)),
        e.Frame(
            1_100_000,
            100_000,
            e.SamplerSlice(1000.0, 100),
            (e.ProcessSlice(PID, (), (e.GilSlice(0, 400, 1, 1, (e.Turn(1, 1, 400),)),), 100),),
        ),
    ]
    found = why_of(session_of(said), 1)
    assert found.holders == ()
    assert found.no_holders == "hardly held at all in the last 1 s"


def test_a_hog_whose_thread_has_gone_goes_on_no_longer():
    session = session_of([*fight(), *HOGS, e.Gone(4_000_000, PID, PID + 1)])
    newest = hogs(session, session.now)[0]
    assert (newest.open, newest.length) == (False, 4_000_000 - newest.since)


def test_a_hog_that_went_on_at_a_past_moment_is_said_to():
    session = session_of([*fight(), *HOGS])
    newest = hogs(session, 1_200_000)[0]
    assert (newest.since, newest.length, newest.open) == (1_100_000, 164_000, True)
    assert hogs(session, 1_100_000) == []


def test_the_page_about_a_hog_tells_its_stack_and_who_waited():
    session = session_of([*fight(), *HOGS])
    detail = hog_detail(session, (PID, PID + 1, 1_100_000))
    assert detail.calls == MATCH
    assert {name for name, _ in detail.waited} >= {"worker-1", "worker-3"}
    page = "\n".join(plain(hog_page(detail, 50_000, 80)))
    assert "held the GIL for 164 ms" in page
    assert "read 52 ms after it began" in page
    assert "A hog is a hold of 50 ms or longer" in page


def test_a_hog_that_is_forgotten_has_a_page_that_says_so():
    assert "forgotten" in plain(hog_page(None, 50_000, 80))[0]


def test_what_there_is_nothing_of_is_explained():
    found = why_of(simple(e.ThreadSlice(1, "I", "I1000000"), gil=True), 1)
    assert found.no_holders == "in which functions it is held is not known (yet)"
    assert found.waited == "has not waited for the GIL in the last 1 s"
    assert found.no_hogs == "no hold has lasted 50 ms yet"


def test_a_wait_for_nobody_known_is_not_blamed_on_anybody():
    found = why_of(simple(e.ThreadSlice(1, "W", "W1000000"), gil=True), 1)
    assert found.waited == "waited 1.0 s of the last 1 s; for whom is not known"
    assert found.parts == ()


def test_without_a_gil_nobody_waits_and_nobody_holds():
    session = session_of(family())
    found = why_of(session, 200, 200)
    assert found.waited == "nobody waits: this build has no GIL"
    assert found.no_holders == "this build has no GIL to hold"
    assert found.no_hogs == "none: this build has no GIL to hold"


def test_py_spy_alone_tells_neither_waits_nor_holds():
    session = simple(
        e.ThreadSlice(1, "H", "H1000000"), fidelity=e.PYSPY, reason="It is old.", gil=True
    )
    found = why_of(session, 1)
    assert found.no_holders == "cannot be seen here: It is old."
    assert found.waited == "waiting cannot be seen here"
    assert found.no_hogs == "holds cannot be measured here"


def test_a_native_thread_never_waits():
    session = session_of(fight())
    assert why_of(session, 5000).waited == "a native thread: it never needs the GIL"


def test_names_and_functions_of_the_target_cannot_obey_the_terminal():
    said = [
        *fight(),
        e.Thread(0, PID, PID + 1, "a\x1b[2J[red]", False, 0),
        e.Code(0, PID, 1, e.Call("f\n\x1b]0;t\x07", "/srv/\x1b[31m.py", 1)),
        hog(3_000_000, 100_000, calls=(e.Call("\x1b[2J", "[b]", 1),)),
    ]
    found = why_of(session_of(said))
    lines = [
        *holder_lines(found, 60, 9), *wait_lines(found, 60, 9),
        *hog_lines(found.hogs, found, None, 60, 9),
    ]  # fmt: skip
    assert not any("\x1b" in line or "\n" in line for line in plain(lines))
    assert "a\\e[2J[red]" in "\n".join(plain(lines))


@pytest.mark.parametrize("width", [20, 40, 64, 80, 120])
def test_no_line_is_wider_than_its_part(width):
    found = why_of(session_of([*fight(8), *HOGS]))
    for lines in (
        holder_lines(found, width, 5),
        wait_lines(found, width, 5),
        hog_lines(found.hogs, found, found.hogs[0].key, width, 5),
    ):
        assert all(len(line) <= max(width, 38) for line in plain(lines))


def test_waits_that_there_is_no_room_for_are_summed_up():
    found = why_of(session_of(fight(8)))
    lines = plain(wait_lines(found, 60, 4))
    assert len(lines) == 4
    assert lines[-1].endswith(f"{len(found.parts) - 2} others")


def test_of_very_many_threads_only_some_are_named():
    found = why_of(session_of(fight(100, 60)))
    assert len(found.parts) == 41
    whole = sum(each.length for each in found.parts)
    assert whole == pytest.approx(6_000_000, rel=0.03)
    assert len(found.holders[0].threads) == 20
    assert found.holders[0].others > 50
    assert plain(wait_lines(found, 60, 5))[-1].endswith(" others")


@pytest.mark.parametrize(
    ("needs", "lines", "given"),
    [((2, 9, 1), 7, [2, 4, 1]), ((9, 9, 9), 7, [2, 3, 2]), ((1, 1, 1), 7, [1, 1, 1])],
)
def test_lines_go_to_the_parts_that_need_them(needs, lines, given):
    assert shares(needs, lines) == given


@pytest.mark.parametrize("height", [6, 24, 36, 50, 200])
@pytest.mark.parametrize("width", [40, 80, 120, 300])
def test_the_panel_takes_a_third_of_the_screen_at_most(width, height):
    room = room_for(width, height)
    assert room.height <= max(height // 3, 4)
    assert sum(room.columns) == width


def test_functions_of_one_thread_are_shares_of_its_life():
    session = session_of(fight())
    process = session.processes[PID]
    found = holders_of(process, process.threads[PID])
    assert sum(each.share for each in found) == pytest.approx(1 / 3, abs=0.1)


async def test_the_key_shows_the_panel_and_puts_it_away():
    async with scope_app([*fight(), *HOGS]).run_test(size=(80, 24)) as pilot:
        screen = await settle(pilot)
        assert not screen.query_one(WhyPanel).display
        await pilot.press("w")
        await settle(pilot)
        assert "count_primes app.py:12" in panel(screen)
        assert "of the last 4 s, for:" in panel(screen)
        assert "match rules.py:88" in panel(screen)
        await pilot.press("w")
        await settle(pilot)
        assert not screen.query_one(WhyPanel).display


async def test_the_panel_is_there_by_itself_where_there_is_room():
    async with scope_app(fight()).run_test(size=(160, 50)) as pilot:
        screen = await settle(pilot)
        assert f"why {screen.scene.why.name} waited" in panel(screen)
        await pilot.resize_terminal(80, 24)
        await settle(pilot)
        assert not screen.query_one(WhyPanel).display


async def test_the_panel_makes_room_for_threads_unless_it_was_asked_for():
    async with scope_app(fight(40)).run_test(size=(160, 50)) as pilot:
        screen = await settle(pilot)
        await settle(pilot)
        assert not screen.query_one(WhyPanel).display
        await pilot.press("w")
        await settle(pilot)
        assert screen.query_one(WhyPanel).display


async def test_the_panel_tells_of_the_selected_thread_and_of_the_one_that_waits_most():
    async with scope_app(fight()).run_test(size=(80, 24)) as pilot:
        screen = await settle(pilot)
        await pilot.press("w", "down")
        assert "worker-2" in panel(screen)
        await pilot.press("up", "up")
        assert screen.scene.selected_row.key[0] == "process"
        waits = {row.name: row.used.states[1] for row in screen.scene.rows if row.used.states}
        assert waits[screen.scene.why.name] * 2 >= max(waits.values())


@pytest.mark.parametrize("size", [(80, 24), (160, 50)])
async def test_a_hog_is_chosen_with_keys_and_opened(size):
    async with scope_app([*fight(), *HOGS]).run_test(size=size) as pilot:
        screen = await settle(pilot)
        await pilot.press("tab")
        await settle(pilot)
        assert screen.scene.hog == (PID, PID + 1, 3_400_000)
        await pilot.press("down", "down", "down", "down")
        assert screen.scene.hog == (PID, PID + 1, 1_100_000)
        assert "164 ms" in panel(screen)
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(pilot.app.screen, HogScreen)
        await pilot.press("escape")
        await pilot.press("escape")
        assert isinstance(pilot.app.screen, ScopeScreen)
        assert screen.scene.hog is None
        await pilot.press("down")
        assert screen.scene.selected_row.name == "worker-2"


async def test_a_hog_clicked_on_twice_opens():
    async with scope_app([*fight(), *HOGS]).run_test(size=(160, 50)) as pilot:
        screen = await settle(pilot)
        await pilot.click("#why-hogs", offset=(5, 2))
        assert screen.scene.hog == (PID, PID, 2_300_000)
        await pilot.click("#why-hogs", offset=(5, 2))
        await pilot.pause()
        assert isinstance(pilot.app.screen, HogScreen)


async def test_without_hogs_the_key_for_them_only_opens_the_panel():
    async with scope_app(fight()).run_test(size=(80, 24)) as pilot:
        screen = await settle(pilot)
        await pilot.press("tab")
        await settle(pilot)
        assert "no hold has lasted 50 ms yet" in panel(screen)
        assert screen.scene.hog is None


@pytest.mark.parametrize("size", [(20, 5), (40, 10), (80, 12), (119, 30), (300, 80)])
async def test_the_panel_fits_every_size(size):
    async with scope_app([*fight(), *HOGS]).run_test(size=size) as pilot:
        screen = await settle(pilot)
        await pilot.press("w")
        await settle(pilot)
        assert screen.query_one("#table").size.height >= 1


async def test_a_frozen_view_keeps_its_panel():
    async with scope_app(fight()).run_test(size=(80, 24)) as pilot:
        screen = await settle(pilot)
        await pilot.press("w", "space")
        before = panel(screen)
        for event in fight(3, 60)[-40:]:
            if isinstance(event, e.Frame) and event.at > 4_000_000:
                screen.scene.session.apply(event)
        screen.survey()
        assert screen.scene.session.now == 6_000_000
        assert panel(screen) == before


def test_each_gil_of_several_has_its_own_waits():
    session = session_of(interpreters())
    assert why_of(session, PID + 2).parts[0].whom == "second-1 in count_primes app.py:12"
    assert why_of(session, PID, look=replace(Look())).parts == ()


def test_the_thread_that_is_explained_stays_while_it_waits_half_as_much_as_any():
    session = simple(e.ThreadSlice(1, "W", "W900000I100000"), e.ThreadSlice(2, "W", "W1000000"))
    scene = scene_of(session)
    assert scene.explain().name == "t1"
    for at, first, second, name in (
        (2_000_000, "W900000I100000", "W1000000", "t1"),
        (3_000_000, "W400000I600000", "W1000000", "t2"),
        (4_000_000, "I1000000", "I1000000", "t2"),
    ):
        slices = e.ThreadSlice(1, "W", first), e.ThreadSlice(2, "W", second)
        session.apply(frame(at, 1_000_000, *slices))
        scene.survey()
        assert scene.explain().name == name
    session.apply(e.Gone(4_000_000, PID, 2))
    session.apply(frame(7_000_000, 3_000_000, e.ThreadSlice(1, "I", "I3000000")))
    scene.survey()
    assert scene.explain().name == "t1"


async def test_resizing_a_paused_view_draws_every_cell_anew():
    async with scope_app(fight()).run_test(size=(80, 24)) as pilot:
        screen = await settle(pilot)
        await pilot.press("left", "left")
        await pilot.resize_terminal(160, 50)
        await settle(pilot)
        tiles = [tile.text.split("\n") for tile in screen.query("#lanes Board").results(Board)]
        assert "".join(tile[0] for tile in tiles).count("▼") == 1
        assert "".join(tile[2] for tile in tiles).count(" ") < 25
