"""How the Scope screen is drawn: which board shows what, and when it is drawn anew."""

import time

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal

from gilscope.ui import keys, theme
from gilscope.ui.feed import Feed
from gilscope.ui.scene import Scene
from gilscope.ui.screens.drawn import Drawn
from gilscope.ui.views.columns import LETTER, Plan, plan
from gilscope.ui.views.cores import cores
from gilscope.ui.views.gil import gils
from gilscope.ui.views.header import header
from gilscope.ui.views.hogs import hogs
from gilscope.ui.views.printed import has_failed, has_printed
from gilscope.ui.views.status import statuses
from gilscope.ui.views.words import any_gil
from gilscope.ui.widgets.board import Board
from gilscope.ui.widgets.cores import core_lines
from gilscope.ui.widgets.footer import KeyHints
from gilscope.ui.widgets.gil import gil_lines
from gilscope.ui.widgets.header import header_lines
from gilscope.ui.widgets.notes import hog_lines, output_lines, status_line
from gilscope.ui.widgets.table import (
    figure_lines,
    letter_lines,
    name_lines,
    wanted_width,
    where_lines,
)
from gilscope.ui.widgets.timeline import Timeline
from gilscope.ui.widgets.why_panel import WhyPanel, room_for

SPACIOUS = 100, 36
"""The smallest terminal on which the panel that says why is shown without being asked for."""

SURVEY = 0.95
"""Seconds between two surveys: figures change about once a second."""

FIRST = 0.3
"""The same before anything is known, so that the first rows are there at once."""


class ScopePicture(Drawn):
    """Draws one session, several times a second, and answers no key."""

    DEFAULT_CSS = """
    ScopePicture #table { height: 1fr; }
    ScopePicture #table > Board { height: 1fr; }
    ScopePicture #letters { margin-left: 1; }
    ScopePicture #output { display: none; }
    ScopePicture #why { display: none; }
    """

    def __init__(self, feed: Feed, title: str | None = None, why: bool | None = None) -> None:
        """Show a feed.

        Args:
            why: whether the panel that says why is shown; None where there is room.
        """
        super().__init__()
        self.scene = Scene(feed)
        self.plan: Plan = plan(80)
        self.output_chosen: bool | None = None
        self.why_chosen = why
        self._crowded = False
        self._wanted = 0
        self._title = title
        self._surveyed = 0.0

    def compose(self) -> ComposeResult:
        """Put the boards where they belong."""
        yield Board(id="small")
        yield Board(id="header")
        yield Board(id="gil")
        yield Board(id="cores")
        with Horizontal(id="table"):
            yield Board(id="letters")
            yield Board(id="names")
            yield Board(id="figures")
            yield Timeline(id="lanes")
            yield Board(id="where")
        yield WhyPanel(id="why")
        yield Board(id="output")
        yield Board(id="hogs")
        yield Board(id="status")
        yield KeyHints(keys.scope_hints(False), id="hints")

    async def on_mount(self) -> None:
        """Begin to draw."""
        self.board("letters").styles.width = LETTER
        await self.lay_out()
        self.begin_reading()
        self.set_refresh(self.rate)

    def begin_reading(self) -> None:
        """Read the feed in the background."""
        self.run_worker(self.scene.feed.read(), group="feed", exclusive=True)

    async def on_resize(self, event: events.Resize) -> None:
        """Lay the columns out anew."""
        self._crowded = False
        self._wanted = wanted_width(self.scene.rows)
        await self.lay_out()

    @property
    def why_open(self) -> bool:
        """Whether the panel that says why is shown: as the user chose, else where there is room."""
        if self.why_chosen is not None:
            return self.why_chosen
        width, height = self.size
        return (
            width >= SPACIOUS[0]
            and height >= SPACIOUS[1]
            and not self._crowded
            and not self.scene.look.enlarged
        )

    @property
    def output_open(self) -> bool:
        """Whether the command's output is shown: as the user chose, else where it tells why."""
        if self.output_chosen is not None:
            return self.output_chosen
        return has_failed(self.scene.session) and has_printed(self.scene.session)

    async def lay_out(self) -> None:
        """Give every board the room that is right for this size and these choices."""
        width, height = self.size
        small = self.see_size()
        enlarged = self.scene.look.enlarged
        self.plan = plan(max(width, 20), enlarged, self._wanted)
        self.board("names").styles.width = self.plan.name
        self.board("figures").styles.width = self.plan.figures
        self.board("where").styles.width = self.plan.where
        self.board("where").display = self.plan.where > 0
        self.board("cores").display = height >= 12 and not enlarged
        why = self.why_open
        # The panel lists hogs itself; what is left for the line below is to explain the letters.
        self.board("hogs").display = height >= (32 if why else 16) and not enlarged
        self.board("hogs").styles.height = 1 if height < 32 or why else 4
        panel = self.query_one(WhyPanel)
        panel.resize_to(room_for(width, height))
        panel.display = why and not small
        self.board("output").styles.height = max(height // 3, 3)
        self.board("status").display = False
        self.board("output").display = self.output_open and not small
        await self.query_one(Timeline).resize_to(0 if small else self.plan.tiles)
        self.call_after_refresh(self.draw)

    async def tick(self) -> None:
        """Draw what has changed since the last picture."""
        if self.has_class("-small"):
            return
        now = time.monotonic()
        if now - self._surveyed >= (SURVEY if self.scene.rows else FIRST):
            self._surveyed = now
            self.survey()
        elif not self.scene.look.paused:
            self.draw_lanes()

    def survey(self) -> None:
        """Work figures out anew, and draw everything; a paused view stays as it is."""
        self.scene.notice_new_session()
        if self.scene.look.paused:
            self.scene.holds.read(self.scene.session)
        else:
            self.scene.survey()
            self.make_room()
            self.make_room_for_names()
            self.draw_rows()
            self.draw_lanes()
        self.draw_top()
        self.draw_notes()
        self.draw_why()

    def make_room(self) -> None:
        """Put the panel away if nobody asked for it and it takes the room of threads."""
        if self.why_chosen is None and self.why_open and len(self.scene.rows) > self.room:
            self._crowded = True
            self.call_later(self.lay_out)

    def make_room_for_names(self) -> None:
        """Widen the column of names where some are cut; it stays so, however threads come and go.

        Narrower again it is after a change of the terminal's size.
        """
        wanted = wanted_width(self.scene.rows)
        if wanted > self._wanted:
            self._wanted = wanted
            width = max(self.size.width, 20)
            if plan(width, self.scene.look.enlarged, wanted) != self.plan:
                self.call_later(self.lay_out)

    def draw(self) -> None:
        """Draw everything anew."""
        if not self.is_mounted or self.has_class("-small"):
            return
        self.scene.arrange()
        self.draw_rows()
        self.draw_top()
        self.draw_notes()
        self.draw_why()
        self.draw_lanes()

    @property
    def room(self) -> int:
        """Rows that the table has room for."""
        return max(self.board("names").size.height - 1, 1)

    def draw_lanes(self) -> None:
        """Draw letters and lanes: what every picture changes."""
        scene = self.scene
        shown = scene.on_screen(self.room)
        self.board("letters").show(letter_lines(scene.letters(shown)))
        lanes = self.query_one(Timeline)
        lanes.show(shown, scene.look, scene.newest(lanes.cells))

    def draw_rows(self) -> None:
        """Draw names, figures and places."""
        scene, widths = self.scene, self.plan
        shown = scene.on_screen(self.room)
        names = name_lines(
            shown,
            scene.selected,
            scene.runners,
            widths.name,
            scene.look.since,
            theme.SELECTED if scene.hog is None else theme.MARKED,
        )
        self.board("names").show(names)
        self.board("figures").show(figure_lines(shown, widths, scene.look.order))
        if widths.where:
            self.board("where").show(where_lines(shown, widths.where))

    def draw_top(self) -> None:
        """Draw what is watched, the GIL and the cores."""
        scene, width = self.scene, self.size.width
        top = header(scene.session, self._title)
        lines = header_lines(top, width)
        self.fit("header", len(lines))
        self.board("header").show(lines)
        pid = scene.selected[1] if scene.selected else None
        most = max(self.size.height // 6, 1)
        found = gils(scene.session, pid, scene.moment, most, top.reason)
        self.fit("gil", len(found))
        self.board("gil").show(gil_lines(found, width))
        if self.board("cores").display:
            bars = core_lines(cores(scene.session, scene.runners, scene.moment), width)
            self.fit("cores", len(bars))
            self.board("cores").show(bars)

    def draw_notes(self) -> None:
        """Draw what is unusual."""
        scene, width = self.scene, self.size.width
        found = statuses(scene.session, scene.look, scene.feed.reading)
        if self.board("status").display != bool(found):
            self.board("status").display = bool(found)
        self.board("status").show([status_line(found, width)] if found else [])
        if self.board("hogs").display:
            height = self.board("hogs").size.height
            newest = [] if self.why_open else hogs(scene.session, scene.moment)
            self.board("hogs").show(hog_lines(newest, width, height, any_gil(scene.session)))
        self.query_one(KeyHints).offer(keys.scope_hints(has_printed(scene.session)))
        output = self.board("output")
        if output.display != self.output_open:
            # The rows that the table has room for are known after the next layout.
            output.display = self.output_open
            self.call_after_refresh(self.draw)
        if output.display:
            output.show(output_lines(scene.session.output, width, output.size.height))

    def draw_why(self) -> None:
        """Draw who holds the GIL, who waits for it, and hogs."""
        panel = self.query_one(WhyPanel)
        if panel.display:
            panel.show(self.scene.explain(), self.scene.hog)

    def fit(self, id: str, height: int) -> None:
        """Give a board so many lines if it has another number of them."""
        styles = self.board(id).styles
        if styles.height is None or styles.height.value != height:
            styles.height = height
