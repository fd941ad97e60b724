"""The Compare screen: what keys and clicks do, and what becomes of the engine."""

from dataclasses import replace

import pytest

from gilscope.compare.live import Live
from gilscope.model import comparison as c
from gilscope.ui import keys
from gilscope.ui.screens.compare import CompareScreen
from gilscope.ui.screens.compare_pages import ModeScreen, VerdictScreen
from gilscope.ui.screens.help import HelpScreen
from gilscope.ui.shell import Gilscope
from gilscope.ui.widgets.compare.columns import Columns
from gilscope.ui.widgets.footer import KeyHints
from tests.ui import compare_scenes as scenes
from tests.ui.compare_scenes import FakeEngine

SMALL = (80, 24)


def compare_app(live: Live, engines: list[FakeEngine] | None = None) -> Gilscope:
    """Return the interface on a Compare screen; its engine is put into the list."""
    engine = FakeEngine(live)
    if engines is not None:
        engines.append(engine)
    return Gilscope(lambda: CompareScreen(engine))


async def settle(pilot: object) -> CompareScreen:
    """Let the screen come up, and draw it anew; return it."""
    await pilot.pause()  # type: ignore[attr-defined]
    screen = pilot.app.screen  # type: ignore[attr-defined]
    if isinstance(screen, CompareScreen):
        await screen.draw()
    await pilot.pause()  # type: ignore[attr-defined]
    return screen  # type: ignore[no-any-return]


def columns(screen: CompareScreen) -> list[str]:
    return [board.text for board in screen.query_one(Columns).boards]


async def test_each_mode_has_a_column_and_a_row():
    async with compare_app(scenes.finished()).run_test(size=SMALL) as pilot:
        screen = await settle(pilot)
        found = columns(screen)
        assert len(found) == 3
        for label, column in zip(("sequential", "threads", "processes"), found, strict=True):
            assert label in column
            assert label in screen.board("table").text
        assert "primes" in screen.board("header").text
        assert "Processes" in screen.board("verdict").text


async def test_the_running_mode_is_selected_until_the_user_selects_another():
    made = scenes.running()
    async with compare_app(made).run_test(size=SMALL) as pilot:
        screen = await settle(pilot)
        assert screen.scene.selected == 1
        await pilot.press("right")
        assert screen.scene.selected == 2
        await pilot.press("right", "l")
        assert screen.scene.selected == 2
        await pilot.press("left", "h", "h", "h")
        assert screen.scene.selected == 0
        assert columns(screen)[0].startswith("▸")


async def test_columns_that_do_not_fit_scroll_with_the_selection():
    async with compare_app(scenes.six()).run_test(size=SMALL) as pilot:
        screen = await settle(pilot)
        assert "3 more ▸" in screen.board("title").text
        await pilot.press(*["right"] * 5)
        await settle(pilot)
        assert "NOT AVAILABLE" in columns(screen)[-1]
        assert "◂ 3 more" in screen.board("title").text
        assert screen.board("table").text.count("\n") == 6


async def test_escape_ends_the_running_mode_alone():
    engines: list[FakeEngine] = []
    async with compare_app(scenes.running(), engines).run_test(size=SMALL) as pilot:
        screen = await settle(pilot)
        assert "end mode" in screen.query_one(KeyHints).text
        await pilot.press("left", "escape")
        assert engines[0].skipped == [1]
        assert pilot.app.screen is screen
        assert not engines[0].closed


async def test_escape_ends_a_mode_that_only_starts_and_one_that_calibrates():
    made = scenes.live(scenes.SEQUENTIAL, scenes.THREADS)
    engines: list[FakeEngine] = []
    made.phase = "calibrating"
    async with compare_app(made, engines).run_test(size=SMALL) as pilot:
        screen = await settle(pilot)
        assert "calibrating" in screen.board("title").text
        await pilot.press("escape")
        made.phase = None
        column = made.columns[1]
        column.outcome = replace(column.outcome, condition=c.STARTING)
        await settle(pilot)
        await pilot.press("escape")
        assert engines[0].skipped == [0, 1]


async def test_of_modes_that_run_together_escape_ends_the_selected_one():
    made = scenes.live(scenes.SEQUENTIAL, scenes.THREADS, together=True, cores_each=1)
    for column in made.columns:
        scenes.begin(column, 1.0, 2)
    engines: list[FakeEngine] = []
    async with compare_app(made, engines).run_test(size=SMALL) as pilot:
        screen = await settle(pilot)
        assert "TOGETHER" in screen.board("title").text
        await pilot.press("right", "escape")
        assert engines[0].skipped == [1]


async def test_escape_goes_back_when_nothing_runs_and_closes_the_engine():
    engines: list[FakeEngine] = []
    async with compare_app(scenes.running()).run_test(size=SMALL) as pilot:
        below = await settle(pilot)
        engines.append(FakeEngine(scenes.finished()))
        pilot.app.push_screen(CompareScreen(engines[0]))
        await settle(pilot)
        await pilot.press("escape")
        await pilot.pause()
        assert pilot.app.screen is below
        assert engines[0].closed


async def test_escape_does_nothing_where_nothing_runs_and_no_screen_is_below():
    engines: list[FakeEngine] = []
    async with compare_app(scenes.finished(), engines).run_test(size=SMALL) as pilot:
        screen = await settle(pilot)
        assert "end mode" not in screen.query_one(KeyHints).text
        await pilot.press("escape")
        assert pilot.app.screen is screen
        assert not engines[0].skipped


async def test_escape_between_two_modes_ends_nothing():
    made = scenes.finished()
    made.over = False
    last = made.columns[-1]
    last.outcome = c.Outcome(last.mode)
    engines: list[FakeEngine] = []
    async with compare_app(scenes.running()).run_test(size=SMALL) as pilot:
        await settle(pilot)
        engines.append(FakeEngine(made))
        screen = CompareScreen(engines[0])
        pilot.app.push_screen(screen)
        await settle(pilot)
        await pilot.press("escape")
        assert pilot.app.screen is screen
        assert not engines[0].skipped
        assert not engines[0].closed


async def test_a_key_goes_back_from_what_still_runs_and_ends_all_of_it():
    engines: list[FakeEngine] = []
    async with compare_app(scenes.finished()).run_test(size=SMALL) as pilot:
        below = await settle(pilot)
        assert "back" not in below.query_one(KeyHints).text
        await pilot.press("b")
        assert pilot.app.screen is below
        engines.append(FakeEngine(scenes.running()))
        pilot.app.push_screen(CompareScreen(engines[0]))
        screen = await settle(pilot)
        assert "b back" in screen.query_one(KeyHints).text
        await pilot.press("b")
        await pilot.pause()
        assert pilot.app.screen is below
        assert engines[0].closed
        assert not engines[0].skipped


async def test_enlarged_lanes_have_the_whole_width_and_escape_puts_them_back():
    engines: list[FakeEngine] = []
    async with compare_app(scenes.running(), engines).run_test(size=SMALL) as pilot:
        screen = await settle(pilot)
        await pilot.press("e")
        await settle(pilot)
        assert len(columns(screen)) == 1
        assert "threads" in columns(screen)[0]
        assert screen.board("table").display is False
        await pilot.press("left")
        await settle(pilot)
        assert "sequential" in columns(screen)[0]
        await pilot.press("escape")
        await settle(pilot)
        assert len(columns(screen)) == 3
        assert not engines[0].skipped


async def test_lanes_scroll_as_far_as_there_are_workers():
    async with compare_app(scenes.crowd(40)).run_test(size=SMALL) as pilot:
        screen = await settle(pilot)
        assert "+ 33 more" in columns(screen)[1]
        await pilot.press("down", "j", "k")
        assert "w-2 " in columns(screen)[1]
        assert "w-1 " not in columns(screen)[1]
        await pilot.press(*["pagedown"] * 8)
        assert "w-40" in columns(screen)[1]
        await pilot.press(*["pageup"] * 8)
        assert "w-1 " in columns(screen)[1]
        await pilot.press("end")
        assert "w-40" in columns(screen)[1]
        await pilot.press("home")
        assert "w-1 " in columns(screen)[1]
        await screen.on_mouse_scroll_down()
        assert "w-1 " not in columns(screen)[1]


async def test_enter_opens_everything_about_a_mode():
    async with compare_app(scenes.six()).run_test(size=SMALL) as pilot:
        screen = await settle(pilot)
        await pilot.press("right", "right", "right", "enter")
        await pilot.pause()
        page = pilot.app.screen
        assert isinstance(page, ModeScreen)
        shown = page.query_one("#text").text
        assert "pool spawn" in shown
        assert "ZeroDivisionError" in shown
        await pilot.press("escape")
        assert pilot.app.screen is screen


@pytest.mark.parametrize("key", ["w", "v"])
async def test_the_verdict_opens_with_all_its_evidence(key):
    async with compare_app(scenes.six()).run_test(size=SMALL) as pilot:
        screen = await settle(pilot)
        assert "w: all of it" in screen.board("verdict").text
        await pilot.press(key)
        await pilot.pause()
        page = pilot.app.screen
        assert isinstance(page, VerdictScreen)
        assert "held the GIL" in page.query_one("#text").text


async def test_the_page_of_a_verdict_that_is_still_to_come_says_so():
    async with compare_app(scenes.running()).run_test(size=SMALL) as pilot:
        await settle(pilot)
        await pilot.press("w")
        await pilot.pause()
        assert "when all modes have ended" in pilot.app.screen.query_one("#text").text


async def test_help_explains_the_comparison_first():
    async with compare_app(scenes.running()).run_test(size=(80, 60)) as pilot:
        await settle(pilot)
        await pilot.press("question_mark")
        await pilot.pause()
        assert isinstance(pilot.app.screen, HelpScreen)
        shown = pilot.app.screen.query_one("#text").text
        assert "speed-up" in shown
        assert "Keys: Compare" in shown


async def test_a_click_selects_a_mode_and_another_opens_it():
    async with compare_app(scenes.finished()).run_test(size=SMALL) as pilot:
        screen = await settle(pilot)
        await pilot.click(screen.query_one(Columns).boards[2], offset=(5, 3))
        assert screen.scene.selected == 2
        await pilot.click("#table", offset=(5, 2))
        assert screen.scene.selected == 1
        await pilot.click("#table", offset=(5, 0))
        assert screen.scene.selected == 1
        await pilot.click(screen.query_one(Columns).boards[1], offset=(5, 3))
        assert isinstance(pilot.app.screen, ModeScreen)


async def test_the_refresh_keys_change_how_often_it_is_drawn():
    async with compare_app(scenes.running()).run_test(size=SMALL) as pilot:
        screen = await settle(pilot)
        await pilot.press("plus")
        assert screen.rate == 10
        await pilot.press("minus", "minus")
        assert screen.rate == 2


async def test_columns_fill_in_as_modes_end():
    made = scenes.running()
    async with compare_app(made).run_test(size=SMALL) as pilot:
        screen = await settle(pilot)
        assert screen.board("verdict").display is False
        scenes.finish(made.columns[1], 4.20, scenes.FIGHT)
        scenes.finish(made.columns[2], 2.19, scenes.APART)
        made.over = True
        await settle(pilot)
        assert "1.88x" in screen.board("table").text
        assert screen.board("verdict").display
        assert "finished" in screen.board("title").text


async def test_a_column_that_stands_still_is_not_drawn_again():
    made = scenes.running()
    async with compare_app(made).run_test(size=SMALL) as pilot:
        screen = await settle(pilot)
        assert screen.plan is not None
        cell = screen.scene.cell(screen.plan)
        first = screen.scene.view(0, screen.plan, cell)
        assert screen.scene.view(0, screen.plan, cell) is first
        assert screen.scene.view(1, screen.plan, cell) is not screen.scene.view(
            1, screen.plan, cell
        )


async def test_nothing_could_be_run_is_said_with_what_to_do():
    made = scenes.live(scenes.SEQUENTIAL)
    made.error, made.fix = "there is no module app.jobs", "run it where app is, or name its file"
    scenes.stop(made.columns[0], c.SKIPPED, "it was ended before it was done")
    made.over = True
    async with compare_app(made).run_test(size=SMALL) as pilot:
        screen = await settle(pilot)
        assert "There is no module app.jobs." in screen.board("verdict").text
        assert "or name its file" in screen.board("verdict").text
        assert "nothing could be run" in screen.board("title").text


async def test_a_terminal_that_is_too_small_says_so():
    async with compare_app(scenes.running()).run_test(size=(19, 4)) as pilot:
        screen = await settle(pilot)
        assert screen.board("small").text == "too small: 20x5"[:19]
        await pilot.resize_terminal(20, 5)
        await settle(pilot)
        assert "threads" in columns(screen)[0]
        await pilot.resize_terminal(80, 24)
        await settle(pilot)
        assert screen.board("table").display
        await pilot.resize_terminal(19, 4)
        await settle(pilot)
        shown = [child.id for child in screen.children if child.display]
        assert shown == ["small"]
        await pilot.resize_terminal(80, 24)
        await settle(pilot)
        assert "threads" in screen.board("table").text
        assert screen.board("table").display


async def test_what_a_target_says_cannot_colour_the_screen():
    made = scenes.live(scenes.SEQUENTIAL, work="\x1b[31m[red]work", title="\x1b[2J[b]all")
    scenes.stop(made.columns[0], c.FAILED, "\x1b]0;x\x07 failed [blink]")
    made.over = True
    async with compare_app(made).run_test(size=SMALL) as pilot:
        screen = await settle(pilot)
        boards = [*columns(screen), *(screen.board(id).text for id in ("header", "title", "table"))]
        assert not any("\x1b" in shown or "\x07" in shown for shown in boards)
        assert "[red]work" in screen.board("header").text


def test_every_key_has_an_action_and_means_one_thing():
    found = keys.bindings([*keys.EVERYWHERE, *keys.COMPARE])
    for binding in keys.bindings(keys.COMPARE):
        assert hasattr(CompareScreen, f"action_{binding.action.partition('(')[0]}"), binding
    pressed = [key for binding in found for key in binding.key.split(",")]
    assert len(pressed) == len(set(pressed))
    ids = [
        binding.id
        for found in (keys.EVERYWHERE, keys.SCOPE, keys.HOME, keys.PAGE, keys.COMPARE)
        for binding in keys.bindings(found)
    ]
    assert len(ids) == len(set(ids))
