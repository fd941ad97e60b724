"""What a Scope screen knows between two pictures: the user's choices, marks in time, labels."""

from dataclasses import replace

from gilscope.analysis.holds import Holds
from gilscope.analysis.lanes import cells_shown, newest_cell
from gilscope.model.records import ThreadRecord
from gilscope.model.session import Session
from gilscope.ui.feed import Feed
from gilscope.ui.views.cores import Runners
from gilscope.ui.views.look import Key, Look
from gilscope.ui.views.marks import START, Mark, Used, mark, used
from gilscope.ui.views.rows import Row, letter_now, rows
from gilscope.ui.views.scroll import scrolled


class Scene:
    """The state behind a Scope screen; no Textual here.

    Attributes:
        rows: all rows, as of the last `survey`.
        selected: key of the selected row.
        offset: rows above the first one on screen.
    """

    def __init__(self, feed: Feed) -> None:
        self.feed = feed
        self.look = Look()
        self.runners = Runners()
        self.holds = Holds()
        self.rows: tuple[Row, ...] = ()
        self.selected: Key | None = None
        self.offset = 0
        self._chosen = False
        self._surveyed: dict[Key, Row] = {}
        self._last: Mark = START
        self._newer: Mark = START
        self._reset: Mark = START

    @property
    def session(self) -> Session:
        """What is known."""
        return self.feed.session

    @property
    def moment(self) -> int:
        """The moment that the picture is about."""
        return self.look.moment(self.session.now)

    def start_over(self) -> None:
        """Forget everything about the session that was; the user's choices stay."""
        self.look = replace(self.look.live(), since=None)
        self.holds = Holds()
        self.runners.clear()
        self._last = self._newer = self._reset = START

    def survey(self) -> None:
        """Work the rows and their figures out anew; meant for once a second."""
        self.holds.read(self.session)
        if not self.look.paused:
            self._last, self._newer = self._newer, mark(self.session)
        self.arrange()
        if not self.look.paused:
            self._surveyed = {row.key: row for row in self.rows}

    def arrange(self) -> None:
        """Work the rows out anew after the user has chosen otherwise."""
        found = rows(self.session, self.look, self.measure)
        if self.look.enlarged and self.selected is not None:
            pid = self.selected[1]
            found = tuple(row for row in found if row.key[1] == pid) or found
        if self._standing:
            found = tuple(self._where_it_was(row) for row in found)
        before = self.position
        self.rows = found
        keys = [row.key for row in found]
        if not self._chosen:
            self.selected = next((row.key for row in found if row.thread), None)
        if self.selected not in keys:
            self.selected = keys[min(max(before, 0), len(keys) - 1)] if keys else None

    def measure(self, thread: ThreadRecord) -> Used:
        """Return what a thread did over the time that the user chose."""
        then = self._surveyed.get(("thread", thread.pid, thread.tid))
        if self._standing and then is not None:
            return then.used
        return used(thread, self.session, self.look, self._last, self._reset)

    @property
    def _standing(self) -> bool:
        """Whether the view stands still where it was paused: then figures do so too."""
        return self.look.paused and self.look.cursor is None

    def _where_it_was(self, row: Row) -> Row:
        then = self._surveyed.get(row.key)
        return replace(row, where=then.where) if then else row

    def count_from_now(self) -> None:
        """Count shares from now on."""
        self._reset = mark(self.session)
        self.look = replace(self.look, since=self.session.now)

    def count_otherwise(self) -> None:
        """Count shares since the reset (or the start), or over the last second."""
        since = self._reset.at if self.look.since is None else None
        self.look = replace(self.look, since=since)

    @property
    def position(self) -> int:
        """Number of the selected row; -1 for none."""
        for index, row in enumerate(self.rows):
            if row.key == self.selected:
                return index
        return -1

    @property
    def selected_row(self) -> Row | None:
        """The selected row."""
        position = self.position
        return self.rows[position] if position >= 0 else None

    def select(self, position: int) -> None:
        """Select a row by its number, the nearest one there is."""
        if self.rows:
            self._chosen = True
            self.selected = self.rows[min(max(position, 0), len(self.rows) - 1)].key

    def on_screen(self, height: int) -> tuple[Row, ...]:
        """Return the rows that a table of this height shows, the selected one among them."""
        self.offset = scrolled(self.offset, self.position, len(self.rows), height)
        return self.rows[self.offset : self.offset + height]

    def letters(self, shown: tuple[Row, ...]) -> list[str]:
        """Return the letters of these rows at the moment of the picture."""
        moment = self.moment
        return [
            letter_now(row.thread, self.look, moment) if row.thread and not row.over else row.letter
            for row in shown
        ]

    def newest(self, width: int) -> int:
        """Return the newest cell that lanes so wide show; it moves back when the cursor does."""
        look = self.look
        last = self.session.now if look.frozen is None else look.frozen
        newest = newest_cell(last, look.cell)
        if look.cursor is not None and look.cursor < cells_shown(newest, width).start:
            return look.cursor + width - 2
        return newest
