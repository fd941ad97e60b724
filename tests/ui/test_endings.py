"""The Scope screen when something ends: what is said, what stays, what a command printed."""

import pytest

from gilscope.model import events as e
from gilscope.ui.widgets.footer import KeyHints
from tests.ui.fakes import PID, FakeSource, fight, scope_app, settle
from tests.ui.test_scope import text


async def test_the_output_of_the_command_opens_with_a_key_and_is_harmless():
    said = [*fight(), e.Output(1, "\x1b[31mhello\x1b[0m\n[red]\x1b[2Jbye\n")]
    async with scope_app(said).run_test(size=(80, 24)) as pilot:
        screen = await settle(pilot)
        await pilot.press("o")
        await pilot.pause()
        await pilot.pause()
        assert "hello" in text(screen, "output")
        assert "[red]" in text(screen, "output")
        assert "\x1b" not in text(screen, "output")


FAILED = [*fight(), e.Output(1, "ZeroDivisionError: oops\n"), e.Gone(4_000_000, PID, status=1)]


async def test_the_output_of_a_command_that_failed_opens_by_itself_and_can_be_closed():
    async with scope_app(FAILED).run_test(size=(80, 24)) as pilot:
        screen = await settle(pilot)
        await settle(pilot)
        assert "ZeroDivisionError: oops" in text(screen, "output")
        await pilot.press("o")
        await settle(pilot)
        assert not screen.board("output").display
        await pilot.press("o")
        await settle(pilot)
        assert screen.board("output").display


async def test_a_terminal_too_small_for_a_picture_shows_no_output_either():
    async with scope_app(FAILED).run_test(size=(80, 24)) as pilot:
        screen = await settle(pilot)
        await pilot.resize_terminal(16, 4)
        await pilot.pause()
        assert not screen.board("output").display


@pytest.mark.parametrize("said", [fight(), FAILED[:-2] + FAILED[-1:]])
async def test_no_output_opens_and_no_key_is_offered_where_nothing_was_printed(said):
    async with scope_app(said).run_test(size=(80, 24)) as pilot:
        screen = await settle(pilot)
        assert not screen.board("output").display
        assert "o output" not in screen.query_one(KeyHints).text


async def test_the_last_line_offers_the_output_once_there_is_some():
    said = [*fight(), e.Output(1, "listening\n")]
    async with scope_app(said).run_test(size=(80, 24)) as pilot:
        screen = await settle(pilot)
        assert not screen.board("output").display
        assert "o output" in screen.query_one(KeyHints).text


async def test_the_interface_outlives_its_probe_and_starts_it_again():
    sources: list[FakeSource] = []
    async with scope_app(fight(), sources).run_test(size=(80, 24)) as pilot:
        screen = await settle(pilot)
        sources[0].die("The probe was ended by SIGKILL.")
        await settle(pilot)
        assert "ended by SIGKILL" in text(screen, "status")
        assert "worker-1" in text(screen, "names")
        await pilot.press("R")
        await settle(pilot)
        assert len(sources) == 2
        assert sources[0].closed
        assert "SIGKILL" not in text(screen, "status")
        assert "worker-1" in text(screen, "names")


async def test_the_last_picture_of_a_target_that_ended_stays():
    said = [*fight(), e.Gone(4_000_000, PID, status=3), e.Bye(4_000_000, "All have ended.")]
    async with scope_app(said).run_test(size=(80, 24)) as pilot:
        screen = await settle(pilot)
        assert "exited with status 3" in text(screen, "status")
        assert "worker-1" in text(screen, "names")


async def test_starting_anew_what_has_ended_keeps_the_picture_and_says_that_nothing_is_left():
    sources: list[FakeSource] = []
    said = [*fight(), e.Gone(4_000_000, PID), e.Bye(4_000_000, "every watched process has ended")]
    async with scope_app(said, sources).run_test(size=(80, 24)) as pilot:
        screen = await settle(pilot)
        sources[0].die(None)
        await pilot.press("R")
        await settle(pilot)
        assert len(sources) == 1
        assert "worker-1" in text(screen, "names")
        assert "There is nothing left to watch." in text(screen, "status")


async def test_the_marks_of_a_session_are_forgotten_when_another_one_begins():
    sources: list[FakeSource] = []
    async with scope_app(fight(), sources).run_test(size=(80, 24)) as pilot:
        screen = await settle(pilot)
        sources[0].die("The probe was ended by SIGKILL.")
        await pilot.press("r", "space")  # A paused view as well.
        assert "since 00:04" in text(screen, "names")
        await pilot.press("R")
        await settle(pilot)
        assert "since" not in text(screen, "names")
        assert not screen.scene.look.paused
