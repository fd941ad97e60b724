"""The Scope screen: what keys and clicks do."""

import re

import pytest

from gilscope.model import events as e
from gilscope.ui.keys import scope_hints, shown_keys
from gilscope.ui.screens.help import HelpScreen
from gilscope.ui.screens.scope import ScopeScreen
from gilscope.ui.screens.thread import ThreadScreen
from gilscope.ui.shell import Gilscope
from gilscope.ui.widgets.filter import FilterLine
from gilscope.ui.widgets.footer import KeyHints
from gilscope.ui.widgets.timeline import Timeline
from tests.ui.fakes import PID, fight, scope_app, settle


def text(screen: ScopeScreen, board: str) -> str:
    return screen.board(board).text


async def test_threads_appear_with_letter_name_share_and_place():
    async with scope_app(fight()).run_test(size=(80, 24)) as pilot:
        screen = await settle(pilot)
        names = text(screen, "names").split("\n")
        row = next(index for index, name in enumerate(names) if "reader" in name)
        assert text(screen, "letters").split("\n")[row] == "I"
        assert "recvfrom on socket" in text(screen, "where").split("\n")[row]
        assert "4242 server.py" in text(screen, "header")
        assert "kernel" in text(screen, "header")
        assert "held  98%" in text(screen, "gil")


async def test_every_column_of_the_timeline_has_one_holder():
    async with scope_app(fight(3)).run_test(size=(80, 24)) as pilot:
        screen = await settle(pilot)
        lanes = "".join
        tiles = [tile.text.split("\n") for tile in screen.query_one(Timeline).children]
        workers = [lanes(tile[row] for tile in tiles) for row in (2, 3, 4)]
        columns = ["".join(column) for column in zip(*workers, strict=True)]
        assert sorted(set(map("".join, map(sorted, columns)))) == ["   ", "HWW"]


async def test_pause_stops_the_view_and_not_the_session():
    async with scope_app(fight()).run_test(size=(80, 24)) as pilot:
        screen = await settle(pilot)
        await pilot.press("space")
        assert "PAUSED" in text(screen, "status")
        before = text(screen, "figures")
        screen.scene.session.apply(e.Frame(9_000_000, 100_000, e.SamplerSlice(1000.0, 100)))
        screen.survey()
        assert text(screen, "figures") == before
        assert "00:09" in text(screen, "header")
        await pilot.press("space")
        assert "PAUSED" not in text(screen, "status")


async def test_the_cursor_reads_a_past_moment_and_escape_leaves_it():
    async with scope_app(fight()).run_test(size=(80, 24)) as pilot:
        screen = await settle(pilot)
        await pilot.press("left", "h", "h")
        assert "AGO" in text(screen, "status")
        assert screen.scene.moment == 3_700_000
        await pilot.press("right")
        assert screen.scene.moment == 3_800_000
        await pilot.press("escape")
        assert screen.scene.look.frozen is None


async def test_the_cursor_goes_further_back_than_the_screen_is_wide():
    async with scope_app(fight()).run_test(size=(80, 24)) as pilot:
        screen = await settle(pilot)
        await pilot.press("H", "H", "H")
        assert screen.scene.moment == 1_000_000
        title = "".join(tile.text.split("\n")[0] for tile in screen.query_one(Timeline).children)
        assert "▼" in title


async def test_the_filter_takes_effect_as_it_is_typed_and_escape_forgets_it():
    async with scope_app(fight()).run_test(size=(80, 24)) as pilot:
        screen = await settle(pilot)
        await pilot.press("slash", *"nap")
        await pilot.pause()
        assert len(screen.scene.rows) == 2
        await pilot.press("enter")
        await pilot.pause()
        assert not screen.query(FilterLine)
        assert len(screen.scene.rows) == 2
        await pilot.press("escape")
        assert len(screen.scene.rows) > 2


async def test_sort_goes_through_the_orders():
    async with scope_app(fight()).run_test(size=(80, 24)) as pilot:
        screen = await settle(pilot)
        await pilot.press("s")
        assert screen.scene.look.order == "hold"
        holds = [row.used.states[0] for row in screen.scene.rows if row.used.states]
        assert holds == sorted(holds, reverse=True)


async def test_a_title_clicked_on_orders_by_it():
    async with scope_app(fight()).run_test(size=(80, 24)) as pilot:
        screen = await settle(pilot)
        await pilot.click("#figures", offset=(8, 0))
        assert screen.scene.look.order == "wait"


async def test_tree_enlarge_zoom_and_refresh_keys():
    async with scope_app(fight()).run_test(size=(80, 24)) as pilot:
        screen = await settle(pilot)
        cells = screen.query_one(Timeline).cells
        await pilot.press("t", "e", "z", "plus")
        await pilot.pause()
        assert screen.scene.look.shape == "list"
        assert screen.query_one(Timeline).cells > cells
        assert screen.scene.look.cell == 50_000
        assert screen.rate == 10
        await pilot.press("minus", "Z", "e", "t")
        await pilot.pause()
        assert screen.query_one(Timeline).cells == cells
        assert screen.rate == 4


async def test_figures_since_the_reset_are_titled_so_until_the_window_key():
    async with scope_app(fight()).run_test(size=(80, 24)) as pilot:
        screen = await settle(pilot)
        await pilot.press("r")
        assert "% since 00:04" in text(screen, "names")
        await pilot.press("a")
        assert "since" not in text(screen, "names")


async def test_enter_opens_a_thread_with_its_stack_and_escape_closes_it():
    async with scope_app(fight()).run_test(size=(80, 30)) as pilot:
        await settle(pilot)
        await pilot.press("enter")
        await pilot.pause()
        page = pilot.app.screen
        assert isinstance(page, ThreadScreen)
        shown = page.query_one("#text").text
        assert "count_primes" in shown
        assert "longest wait" in shown
        await pilot.press("escape")
        assert isinstance(pilot.app.screen, ScopeScreen)


async def test_enter_unfolds_native_threads():
    async with scope_app(fight()).run_test(size=(80, 24)) as pilot:
        screen = await settle(pilot)
        await pilot.press("end", "enter")
        assert "openblas" in text(screen, "names")


async def test_enter_unfolds_ended_threads():
    gone = [e.Gone(1_000_000, PID, PID + each) for each in range(2)]
    async with scope_app([*fight()[:25], *gone, *fight()[25:]]).run_test(size=(80, 24)) as pilot:
        screen = await settle(pilot)
        await pilot.press("end")
        assert "▸ 2 ended" in text(screen, "names")
        assert "worker-1" not in text(screen, "names")
        await pilot.press("enter")
        assert "worker-1" in text(screen, "names")
        await pilot.press("enter")
        assert "worker-1" not in text(screen, "names")


async def test_a_row_clicked_on_is_selected_and_the_wheel_moves_the_selection():
    async with scope_app(fight()).run_test(size=(80, 24)) as pilot:
        screen = await settle(pilot)
        await pilot.click("#names", offset=(5, 4))
        assert screen.scene.selected_row.name == "worker-3"
        screen.on_mouse_scroll_down()
        assert screen.scene.selected_row.name == "nap"


async def test_a_key_clicked_on_in_the_last_line_does_what_it_says():
    async with scope_app(fight()).run_test(size=(80, 24)) as pilot:
        screen = await settle(pilot)
        place = screen.query_one(KeyHints).text.index("pause")
        await pilot.click("#hints", offset=(place, 0))
        assert screen.scene.look.paused


CLICKED = [binding for binding in scope_hints(True) if binding.tooltip]


@pytest.mark.parametrize("binding", CLICKED, ids=lambda binding: binding.id)
async def test_every_key_of_the_last_line_can_be_clicked_on(binding, monkeypatch):
    done = []
    for owner in (Gilscope, ScopeScreen):
        name = f"action_{binding.action}"
        if hasattr(owner, name):
            monkeypatch.setattr(owner, name, lambda _, name=name: done.append(name))
    async with scope_app([*fight(), e.Output(1, "hello")]).run_test(size=(160, 24)) as pilot:
        screen = await settle(pilot)
        place = screen.query_one(KeyHints).text.index(f"{shown_keys(binding)} {binding.tooltip}")
        for offset in (0, len(shown_keys(binding)) + 1):
            await pilot.click("#hints", offset=(place + offset, 0))
    assert done == [f"action_{binding.action}"] * 2


async def test_a_click_on_quit_quits():
    app = scope_app(fight())
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await settle(pilot)
        await pilot.click("#hints", offset=(screen.query_one(KeyHints).text.index("quit"), 0))
        await pilot.pause()
        assert app._exit


async def test_help_explains_every_state():
    async with scope_app(fight()).run_test(size=(80, 60)) as pilot:
        await pilot.press("question_mark")
        await pilot.pause()
        assert isinstance(pilot.app.screen, HelpScreen)
        shown = pilot.app.screen.query_one("#text").text
        for word in ("hold", "wait", "native", "io", "lock", "sleep", "ready", "unknown"):
            assert word in shown
        await pilot.press("escape")
        assert isinstance(pilot.app.screen, ScopeScreen)


@pytest.mark.parametrize(("first", "last"), [("home", "end"), ("g", "G")])
async def test_help_goes_to_its_first_line_and_its_last(first, last):
    async with scope_app(fight()).run_test(size=(80, 24)) as pilot:
        await pilot.press("question_mark")
        await pilot.pause()
        shown = pilot.app.screen.query_one("#text")
        top = shown.text
        await pilot.press(last)
        assert "turn the wheel." in shown.text
        await pilot.press("up", first)
        assert shown.text == top


async def test_more_rows_than_fit_scroll_together():
    async with scope_app(fight(40)).run_test(size=(80, 24)) as pilot:
        screen = await settle(pilot)
        assert "worker-40" not in text(screen, "names")
        await pilot.press("end", "up", "up", "up", "up", "up")
        assert "worker-40" in text(screen, "names")
        rows = len(text(screen, "names").split("\n"))
        assert all(
            len(text(screen, id).split("\n")) == rows for id in ("letters", "figures", "where")
        )


async def test_a_low_fidelity_is_explained_in_a_line_of_its_own():
    process = e.Process(
        0, PID, 1, ("python", "a.py"), "3.7.1", "cpython", e.PYSPY, "It is old.", "Use 3.8.", True
    )
    async with scope_app([*fight(), process]).run_test(size=(80, 24)) as pilot:
        screen = await settle(pilot)
        await settle(pilot)
        assert "It is old. Use 3.8." in text(screen, "header")


@pytest.mark.parametrize("size", [(40, 10), (20, 5), (300, 70), (80, 6)])
async def test_every_size_shows_threads(size):
    async with scope_app(fight()).run_test(size=size) as pilot:
        screen = await settle(pilot)
        assert re.search("wor.*-1", text(screen, "names"))


async def test_a_terminal_too_small_says_so_and_recovers():
    async with scope_app(fight()).run_test(size=(80, 24)) as pilot:
        screen = await settle(pilot)
        await pilot.resize_terminal(16, 4)
        await pilot.pause()
        assert screen.board("small").display
        assert not screen.query_one("#table").display
        await pilot.resize_terminal(100, 30)
        await settle(pilot)
        assert screen.query_one("#table").display
        assert "worker-1" in text(screen, "names")


async def test_names_of_the_target_are_drawn_and_not_obeyed():
    said = [*fight(1), e.Thread(0, PID, PID, "x\n\x1b[2J[red]" + "😀" * 1000)]
    async with scope_app(said).run_test(size=(80, 24)) as pilot:
        screen = await settle(pilot)
        assert "x\\n\\e[2J" in text(screen, "names")


def pool(prefix: str, threads: int = 3) -> list[e.Event]:
    named = [e.Thread(0, PID, PID + each, f"{prefix}{each}", False, 0) for each in range(threads)]
    return [*fight(threads), *named]


@pytest.mark.parametrize("size", [(160, 50), (120, 30), (100, 30)])
async def test_long_names_have_the_room_that_there_is(size):
    async with scope_app(pool("ThreadPoolExecutor-0_")).run_test(size=size) as pilot:
        screen = await settle(pilot)
        await settle(pilot)
        for number in range(3):
            assert f"ThreadPoolExecutor-0_{number}" in text(screen, "names")
        await pilot.press("e")
        await settle(pilot)
        assert screen.board("names").size.width == screen.plan.name


@pytest.mark.parametrize("size", [(80, 24), (40, 12), (24, 10)])
async def test_of_a_name_that_is_cut_the_end_stays(size):
    async with scope_app(pool("ThreadPoolExecutor-0_")).run_test(size=size) as pilot:
        screen = await settle(pilot)
        for number in range(3):
            assert re.search(f"T.*….*{number}", text(screen, "names"))


async def test_ctrl_c_ends_with_its_exit_status():
    app = scope_app(fight())
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("ctrl+c")
    assert app.return_value == 130


async def test_the_palette_does_what_the_keys_do():
    async with scope_app(fight()).run_test(size=(80, 24)) as pilot:
        screen = await settle(pilot)
        await pilot.press("p")
        await pilot.pause()
        assert type(pilot.app.screen).__name__ == "CommandPalette"
        await pilot.press("escape")
        await pilot.pause()
        offered = {each.title: each for each in pilot.app.get_system_commands(screen)}
        await offered["Pause the view; sampling goes on"].callback()
        assert screen.scene.look.paused
        await offered["Help: states, figures and keys"].callback()
        await pilot.pause()
        assert isinstance(pilot.app.screen, HelpScreen)
