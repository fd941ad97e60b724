"""The Home screen: what it lists, how it filters, what it opens."""

from collections.abc import Sequence

import pytest

from gilscope.model.control import Unwatch, Watch
from gilscope.stream.discover import PythonProcess
from gilscope.ui.feed import Feed
from gilscope.ui.screens.home import HomeScreen
from gilscope.ui.screens.scope import ScopeScreen
from gilscope.ui.shell import Gilscope
from gilscope.ui.views.home import Choice
from gilscope.ui.widgets.footer import KeyHints
from gilscope.workloads.catalogue import DEMONSTRATIONS
from gilscope.workloads.works import WORKS
from tests.ui.fakes import PID, FakeSource, fight


def process(pid: int, *command: str) -> PythonProcess:
    return PythonProcess(pid, 1, "ada", command, command[0], 3, 42.0, 1 << 20, 0.0)


SERVER = process(PID, "python3.12", "/srv/server.py", "--port", "80")
QUEUE = process(77, "python3", "queue_worker.py")


class Fixture:
    """Home on processes that do not exist."""

    def __init__(self, found: Sequence[PythonProcess]) -> None:
        self.sources: list[FakeSource] = []
        self.opened: list[Choice] = []
        self.home = HomeScreen(lambda: list(found), DEMONSTRATIONS, self.learn, self.open)
        self.app = Gilscope(lambda: self.home)

    def learn(self) -> Feed:
        self.sources.append(FakeSource(fight(3, 20)))
        source = self.sources[-1]
        return Feed(lambda: source, clock=lambda: 0.0)

    def open(self, choice: Choice) -> None:
        self.opened.append(choice)
        self.app.push_screen(ScopeScreen(self.learn()))

    @property
    def text(self) -> str:
        return self.home.query_one("#list").text


async def test_processes_are_listed_with_what_is_learnt_of_them():
    fixture = Fixture([SERVER, QUEUE])
    async with fixture.app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        fixture.home.look()
        row = next(line for line in fixture.text.split("\n") if "server.py" in line)
        assert "python 3.12.4" in row
        assert "42" in row
        assert "3.1" in row
        assert "…" in next(line for line in fixture.text.split("\n") if "queue_worker" in line)


async def test_every_process_is_watched_and_left_alone_when_it_is_gone():
    found = [SERVER, QUEUE]
    fixture = Fixture([])
    fixture.home._scan = lambda: found
    async with fixture.app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert fixture.sources[0].sent == [Watch(77), Watch(PID)]
        found = [SERVER]
        fixture.home.look()
        assert fixture.sources[0].sent[-1] == Unwatch(77)


async def test_an_empty_list_explains_itself_and_offers_demonstrations():
    fixture = Fixture([])
    async with fixture.app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert "none is running" in fixture.text
        assert DEMONSTRATIONS[0].title in fixture.text
        await pilot.press("enter")
        assert fixture.opened[0].demonstration == DEMONSTRATIONS[0].name


async def test_what_is_typed_filters_and_enter_opens():
    fixture = Fixture([QUEUE, SERVER])
    async with fixture.app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await pilot.press(*"server.py")
        assert "queue_worker" not in fixture.text
        await pilot.press("enter")
        await pilot.pause()
        assert [choice.pid for choice in fixture.opened] == [PID]


async def test_a_slash_makes_way_for_letters_that_are_keys():
    fixture = Fixture([QUEUE, SERVER])
    async with fixture.app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await pilot.press("slash", *"queue")
        assert "queue_worker" in fixture.text
        assert "server.py" not in fixture.text
        await pilot.press("escape")
        assert "server.py" in fixture.text


async def test_escape_comes_back_from_a_scope_and_the_list_is_alive_again():
    fixture = Fixture([SERVER])
    async with fixture.app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(pilot.app.screen, ScopeScreen)
        assert fixture.sources[0].closed
        await pilot.press("escape")
        await pilot.pause()
        assert pilot.app.screen is fixture.home
        assert fixture.sources[1].closed
        assert not fixture.sources[2].closed


async def test_q_quits_as_long_as_nothing_is_typed():
    fixture = Fixture([SERVER])
    async with fixture.app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await pilot.press("q")
    assert fixture.app.return_code == 0


async def test_the_hints_name_no_letter_as_a_key_while_something_is_typed():
    fixture = Fixture([SERVER])
    async with fixture.app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        hints = fixture.home.query_one(KeyHints)
        assert hints.text.split() == ["Enter", "open", "q", "quit", "?", "help"]
        await pilot.press("s")
        assert hints.text.split() == ["Enter", "open"]
        await pilot.press("escape")
        assert "quit" in hints.text


async def test_a_filter_that_finds_nothing_says_so_once_and_offers_nothing_to_open():
    fixture = Fixture([SERVER])
    async with fixture.app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await pilot.press(*"xyzzy")
        assert fixture.text == " nothing goes with what was typed: Esc forgets it"
        hints = fixture.home.query_one(KeyHints)
        assert "open" not in hints.text
        await pilot.press("enter")
        assert not fixture.opened
        await pilot.press("escape")
        assert "server.py" in fixture.text
        assert "Enter open" in hints.text


async def test_arrows_and_clicks_move_the_selection():
    fixture = Fixture([SERVER, QUEUE])
    async with fixture.app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await pilot.press("down", "down", "down", "up", "up")
        await pilot.click("#list", offset=(5, 2))
        assert not fixture.opened
        await pilot.press("down", "enter")
        await pilot.pause()
        assert fixture.opened[0].pid == 77


async def test_home_and_end_select_the_first_line_and_the_last():
    fixture = Fixture([SERVER, QUEUE])
    async with fixture.app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await pilot.press("end", "enter")
        await pilot.pause()
        assert fixture.opened[-1].work == WORKS[-1].name
        await pilot.press("escape")
        await pilot.pause()
        await pilot.press("home", "enter")
        await pilot.pause()
        assert fixture.opened[-1].pid == PID


async def test_works_to_compare_are_listed_and_opened():
    fixture = Fixture([SERVER])
    async with fixture.app.run_test(size=(80, 40)) as pilot:
        await pilot.pause()
        for work in WORKS:
            assert f" {work.name} " in fixture.text
            assert work.title in fixture.text
        await pilot.press(*"primes", "enter")
        await pilot.pause()
        assert [choice.work for choice in fixture.opened] == ["primes"]


@pytest.mark.parametrize("name", [work.name for work in WORKS if work.name != "mixed"])
async def test_the_name_of_a_work_selects_it_wherever_else_the_word_stands(name):
    script = process(5, "python3", "/srv/job.py", f"--{name}")
    fixture = Fixture([script])
    async with fixture.app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await pilot.press(*name)
        assert "job.py" in fixture.text
        await pilot.press("enter")
        await pilot.pause()
        assert fixture.opened[0].work == name


async def test_what_is_selected_stays_so_while_what_is_typed_names_nothing():
    fixture = Fixture([SERVER, QUEUE])
    async with fixture.app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await pilot.press("down", *"ada")
        await pilot.press("enter")
        await pilot.pause()
        assert fixture.opened[0].pid == 77


@pytest.mark.parametrize("size", [(80, 24), (40, 12), (20, 5)])
async def test_every_choice_comes_into_sight_at_any_size(size):
    fixture = Fixture([SERVER, QUEUE])
    names = ["server", "queue", *(each.name for each in (*DEMONSTRATIONS, *WORKS))]
    async with fixture.app.run_test(size=size) as pilot:
        await pilot.pause()
        for moves in (names, [*reversed(names)]):
            for name in moves:
                lines = fixture.text.split("\n")
                assert len(lines) <= fixture.home.query_one("#list").size.height
                (selected,) = [line for line in lines if "▸" in line]
                assert name in selected
                await pilot.press("down" if moves is names else "up")
        assert "Python processes" in fixture.text


async def test_what_is_out_of_sight_is_counted():
    fixture = Fixture([SERVER, QUEUE])
    async with fixture.app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        typed = fixture.home.query_one("#typed")
        assert "▾" in typed.text
        assert "▴" not in typed.text
        await pilot.press(*["down"] * 30)
        assert "▴" in typed.text
        assert "▾" not in typed.text
        await pilot.resize_terminal(80, 50)
        await pilot.pause()
        assert "more" not in typed.text


async def test_a_smaller_terminal_drops_what_matters_less():
    fixture = Fixture([SERVER])
    async with fixture.app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert "interpreter lock" in fixture.home.query_one("#head").text
        assert "python 3.12.4" in fixture.text
        await pilot.resize_terminal(40, 12)
        await pilot.pause()
        assert "interpreter lock" not in fixture.home.query_one("#head").text
        assert "--port 80" in fixture.home.query_one("#about").text
        assert "server.py" in fixture.text
        await pilot.resize_terminal(20, 5)
        await pilot.pause()
        assert not fixture.home.query_one("#about").display
        assert "4242" in fixture.text
