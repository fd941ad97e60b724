"""The Home screen: what can be watched or compared; type to filter, Enter opens it."""

from collections.abc import Callable, Sequence

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.screen import Screen

from gilscope.model.control import Unwatch, Watch
from gilscope.model.session import Session
from gilscope.stream.discover import PythonProcess
from gilscope.ui import keys
from gilscope.ui.feed import Feed
from gilscope.ui.views.home import Choice, choices, meant
from gilscope.ui.views.scroll import scrolled
from gilscope.ui.widgets.board import Board
from gilscope.ui.widgets.choices import (
    Entry,
    about_lines,
    head_lines,
    list_lines,
    room_in,
    typed_line,
)
from gilscope.ui.widgets.footer import KeyHints
from gilscope.workloads.catalogue import Demonstration
from gilscope.workloads.works import WORKS, Work

EVERY = 1.0
"""Seconds between two looks at the processes of this machine."""

BELOW = 2
"""Lines below the list that are always there: what was typed, and the keys."""

KEYS = "q?"
"""Letters that are keys as long as nothing has been typed."""

Scan = Callable[[], list[PythonProcess]]
Open = Callable[[Choice], None]


class HomeScreen(Screen[None]):
    """Lists what can be watched, and what can be compared.

    One probe at a low rate learns version and GIL load of every process; it is ended while
    another screen is open.
    """

    BINDINGS = keys.HOME
    DEFAULT_CSS = """
    HomeScreen { layout: vertical; overflow: hidden; }
    HomeScreen #list { height: 1fr; }
    """

    def __init__(
        self,
        scan: Scan,
        demonstrations: Sequence[Demonstration],
        begin: Callable[[], Feed],
        open: Open,
        works: Sequence[Work] = WORKS,
    ) -> None:
        super().__init__()
        self._scan = scan
        self._demonstrations = demonstrations
        self._works = works
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
        return choices(
            self._processes or [], session, self._demonstrations, self._works, self._typed
        )

    def on_resize(self) -> None:
        """Share the new size among the parts."""
        self.draw()

    def draw(self) -> None:
        """Draw the list."""
        width, height = self.size
        found = self.found
        if self._selected not in [choice.key for choice in found]:
            self._selected = found[0].key if found else ""
        room = room_in(height)
        head = head_lines(room, width)
        board = self.query_one("#head", Board)
        board.display = bool(head)
        board.styles.height = max(len(head), 1)
        board.show(head)
        self.query_one(KeyHints).offer(self._offered(bool(found)))
        chosen = next((choice for choice in found if choice.key == self._selected), None)
        about = self.query_one("#about", Board)
        about.display = room.about > 0
        about.styles.height = max(room.about, 1)
        about.show(about_lines(chosen, room, width))
        nothing = self._no_process() if found else self._nothing()
        entries = list_lines(found, self._selected, nothing, room, width)
        self._draw_list(entries, width, max(height - len(head) - room.about - BELOW, 1))

    def _offered(self, found: bool) -> list[Binding]:
        """Return the keys that do something now."""
        here = keys.bindings(keys.HOME)
        if not found:
            here = [binding for binding in here if binding.action != "open"]
        # While something is typed, letters are letters.
        return here if self._typing else [*here, *keys.bindings(keys.EVERYWHERE)]

    def _draw_list(self, entries: Sequence[Entry], width: int, height: int) -> None:
        places = [place for place, (choice, _) in enumerate(entries) if choice]
        chosen = next((place for place in places if self._is_selected(entries[place][0])), 0)
        top = chosen
        while top > 0 and entries[top - 1][0] is None:
            top -= 1
        # Headings right above what is selected come into sight with it.
        for place in (top, chosen):
            self._offset = scrolled(self._offset, place, len(entries), height)
        end = self._offset + height
        shown = entries[self._offset : end]
        self._places = {y: choice for y, (choice, _) in enumerate(shown) if choice}
        self.query_one("#list", Board).show([line for _, line in shown])
        above = sum(place < self._offset for place in places)
        below = sum(place >= end for place in places)
        line = typed_line(self._typed, len(places), above, below, width)
        self.query_one("#typed", Board).show([line])

    def _is_selected(self, choice: Choice | None) -> bool:
        return choice is not None and choice.key == self._selected

    def _no_process(self) -> str:
        if self._processes is None:
            return "looking ..."
        if self._typed and self._processes:
            return "none goes with what was typed"
        return "none is running; start one, or choose from below"

    def _nothing(self) -> str:
        if self._typed:
            return "nothing goes with what was typed: Esc forgets it"
        return self._no_process()

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

    def action_end(self, direction: int) -> None:
        """Select the first line, or the last one."""
        self.action_move(direction * len(self.found))

    def action_open(self) -> None:
        """Open what is selected."""
        for choice in self.found:
            if choice.key == self._selected:
                self.open(choice)
                return

    def open(self, choice: Choice) -> None:
        """Open something; what was typed to find it has done its work."""
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
        named = meant(self.found, self._typed)
        self._selected = named.key if named else self._selected
        self.draw()

    def on_click(self, event: events.Click) -> None:
        """Select the line clicked on; open it if it was selected."""
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
