"""The Home screen: Python processes and demonstrations; type to filter, Enter watches one."""

from collections.abc import Callable, Sequence
from textwrap import wrap

from textual import events
from textual.app import ComposeResult
from textual.screen import Screen

from gilscope.model.control import Unwatch, Watch
from gilscope.model.session import Session
from gilscope.stream.discover import PythonProcess
from gilscope.ui import keys, theme
from gilscope.ui.feed import Feed
from gilscope.ui.views.home import Choice, choices
from gilscope.ui.views.scroll import scrolled
from gilscope.ui.widgets.board import Board, Line
from gilscope.ui.widgets.choices import (
    INTRODUCTION,
    about_lines,
    choice_line,
    section_line,
    title_line,
    typed_line,
)
from gilscope.ui.widgets.footer import KeyHints
from gilscope.workloads.catalogue import Demonstration

EVERY = 1.0
"""Seconds between two looks at the processes of this machine."""

KEYS = "q?"
"""Letters that are keys as long as nothing has been typed."""

Scan = Callable[[], list[PythonProcess]]
Open = Callable[[Choice], None]


class HomeScreen(Screen[None]):
    """Lists what can be watched.

    One probe at a low rate learns version and GIL load of every process; it is ended while
    another screen is open.
    """

    BINDINGS = keys.HOME
    DEFAULT_CSS = """
    HomeScreen { layout: vertical; overflow: hidden; }
    HomeScreen #list { height: 1fr; }
    HomeScreen #about { height: 2; }
    """

    def __init__(
        self,
        scan: Scan,
        demonstrations: Sequence[Demonstration],
        begin: Callable[[], Feed],
        open: Open,
    ) -> None:
        super().__init__()
        self._scan = scan
        self._demonstrations = demonstrations
        self._begin = begin
        self._open = open
        self._feed: Feed | None = None
        self._watched: set[int] = set()
        self._processes: list[PythonProcess] | None = None
        self._typed = ""
        self._typing = False
        self._selected = ""
        self._offset = 0
        self._places: dict[int, Choice] = {}

    def compose(self) -> ComposeResult:
        """Put the list between what it is and the keys."""
        yield Board(id="head")
        yield Board(id="list")
        yield Board(id="about")
        yield Board(id="typed")
        yield KeyHints([], id="hints")

    def on_mount(self) -> None:
        """Begin to look."""
        self.set_interval(EVERY, self.look)
        self.call_after_refresh(self.draw)

    async def on_screen_resume(self) -> None:
        """Begin to learn about the processes."""
        if self._feed is None:
            self._feed = self._begin()
            self._watched = set()
            self.run_worker(self._feed.read(), group="feed", exclusive=True)
        self.look()

    async def on_screen_suspend(self) -> None:
        """Learn nothing while nobody looks."""
        await self.close()

    async def close(self) -> None:
        """End the probe."""
        feed, self._feed = self._feed, None
        if feed is not None:
            await feed.close()

    def look(self) -> None:
        """See which processes there are now."""
        if self._feed is None:
            return
        self._processes = self._scan()
        there = {process.pid for process in self._processes}
        for pid in sorted(there - self._watched):
            self._feed.source.send(Watch(pid))
        for pid in sorted(self._watched - there):
            self._feed.source.send(Unwatch(pid))
        self._watched = there
        self.draw()

    @property
    def found(self) -> list[Choice]:
        """What can be chosen now."""
        session = self._feed.session if self._feed else Session()
        return choices(self._processes or [], session, self._demonstrations, self._typed)

    def draw(self) -> None:
        """Draw the list."""
        width = self.size.width
        found = self.found
        if self._selected not in [choice.key for choice in found]:
            self._selected = found[0].key if found else ""
        head: list[Line] = [[(" gilscope ", theme.BADGE)]]
        head += [[(f" {part}", theme.PLAIN)] for part in wrap(INTRODUCTION, max(width - 2, 10))]
        self.query_one("#head", Board).styles.height = len(head)
        self.query_one("#head", Board).show(head)
        # While something is typed, letters are letters.
        offered = keys.HOME if self._typing else [*keys.HOME, *keys.EVERYWHERE]
        self.query_one(KeyHints).offer(keys.bindings(offered))
        self.query_one("#typed", Board).show([typed_line(self._typed, found, width)])
        chosen = next((choice for choice in found if self._is_selected(choice)), None)
        self.query_one("#about", Board).show(about_lines(chosen, width))
        self._draw_list(found, width)

    def _draw_list(self, found: Sequence[Choice], width: int) -> None:
        board = self.query_one("#list", Board)
        entries: list[tuple[Choice | None, Line]] = [(None, [])]
        entries.append((None, section_line("Python processes on this machine", width)))
        processes = [choice for choice in found if choice.pid is not None]
        if processes:
            entries.append((None, title_line(width)))
        else:
            entries.append((None, [(f"   {self._no_process()}", theme.FAINT)]))
        entries += [(choice, self._line(choice, width)) for choice in processes]
        rest = [choice for choice in found if choice.pid is None]
        if rest:
            entries += [(None, []), (None, section_line("Demonstrations to launch", width))]
        entries += [(choice, self._line(choice, width)) for choice in rest]
        height = max(board.size.height, 1)
        chosen = [place for place, (choice, _) in enumerate(entries) if self._is_selected(choice)]
        # The headings above the first line come into sight with it.
        place = 0 if chosen and chosen[0] < height else chosen[0] if chosen else 0
        self._offset = scrolled(self._offset, place, len(entries), height)
        shown = entries[self._offset : self._offset + height]
        self._places = {y: choice for y, (choice, _) in enumerate(shown) if choice}
        board.show([line for _, line in shown])

    def _line(self, choice: Choice, width: int) -> Line:
        return choice_line(choice, self._is_selected(choice), width)

    def _is_selected(self, choice: Choice | None) -> bool:
        return choice is not None and choice.key == self._selected

    def _no_process(self) -> str:
        if self._processes is None:
            return "looking ..."
        if self._typed and self._processes:
            return "none goes with what was typed"
        return "none is running; start one, or launch a demonstration below"

    def action_move(self, lines: int) -> None:
        """Select another line."""
        keys_ = [choice.key for choice in self.found]
        if keys_:
            place = keys_.index(self._selected) if self._selected in keys_ else 0
            self._selected = keys_[min(max(place + lines, 0), len(keys_) - 1)]
        self.draw()

    def action_page(self, pages: int) -> None:
        """Select a line a page away."""
        self.action_move(pages * max(self.query_one("#list", Board).size.height - 1, 1))

    def action_open(self) -> None:
        """Watch what is selected."""
        for choice in self.found:
            if choice.key == self._selected:
                self.open(choice)
                return

    def open(self, choice: Choice) -> None:
        """Watch something; what was typed to find it has done its work."""
        self._typed, self._typing = "", False
        self._open(choice)

    def action_back(self) -> None:
        """Forget what was typed."""
        self._typed, self._typing = "", False
        self.draw()

    def on_key(self, event: events.Key) -> None:
        """Take in what is typed; the first letter after "/" or any other that is no key here."""
        letter = event.character if event.is_printable else None
        if event.key == "backspace":
            self._typed = self._typed[:-1]
        elif letter is None or (letter in KEYS and not self._typing):
            return
        elif self._typing or letter != "/":
            self._typed += letter
        self._typing = bool(self._typed) or letter == "/"
        event.stop()
        event.prevent_default()
        self.draw()

    def on_click(self, event: events.Click) -> None:
        """Select the line clicked on; watch it if it was selected."""
        board = self.query_one("#list", Board)
        choice = self._places.get(event.screen_y - board.region.y)
        if event.widget is not board or choice is None:
            return
        again = choice.key == self._selected
        self._selected = choice.key
        if again:
            self.open(choice)
        else:
            self.draw()

    def on_mouse_scroll_down(self) -> None:
        """Go down."""
        self.action_move(1)

    def on_mouse_scroll_up(self) -> None:
        """Go up."""
        self.action_move(-1)
