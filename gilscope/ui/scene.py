"""What a Scope screen knows between two pictures: the user's choices, marks in time, labels."""

from dataclasses import replace

from gilscope.analysis.holds import Holds
from gilscope.analysis.lanes import cells_shown, newest_cell
from gilscope.model.records import ProcessRecord, ThreadRecord
from gilscope.model.session import Session
from gilscope.model.states import POSITION
from gilscope.ui.feed import Feed
from gilscope.ui.views.cores import Runners
from gilscope.ui.views.gil import busiest
from gilscope.ui.views.hogs import HogKey
from gilscope.ui.views.look import Key, Look
from gilscope.ui.views.marks import START, Mark, Used, mark, used
from gilscope.ui.views.row import Row
from gilscope.ui.views.rows import letter_now, rows
from gilscope.ui.views.scroll import scrolled
from gilscope.ui.views.why import Why, why

_WAIT = POSITION["W"]


class Scene:
    """The state behind a Scope screen; no Textual here.

    Attributes:
        rows: all rows, as of the last `survey`.
        selected: key of the selected row.
        offset: rows above the first one on screen.
        why: why threads wait, as of the last `explain`.
        hog: the selected hog, while the user is among them.
    """

    def __init__(self, feed: Feed) -> None:
        self.feed = feed
        self._seen = feed.session
        self.look = Look()
        self.runners = Runners()
        self.holds = Holds()
        self.rows: tuple[Row, ...] = ()
        self.selected: Key | None = None
        self.offset = 0
        self.why = Why("")
        self.hog: HogKey | None = None
        self._chosen = False
        self._explained: Key | None = None
        self._surveyed: dict[Key, Row] = {}
        self._used: dict[tuple[int, int, int], Used] = {}
        self._used_for: tuple[int | None, ...] = ()
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

    def notice_new_session(self) -> None:
        """Forget everything about the session that was, if so; the user's choices stay."""
        if self._seen is self.session:
            return
        self._seen = self.session
        self.look = replace(self.look.live(), since=None)
        self.holds = Holds()
        self.runners.clear()
        self._used.clear()
        self._surveyed.clear()
        self._last = self._newer = self._reset = START

    def survey(self) -> None:
        """Work the rows and their figures out anew; meant for once a second."""
        self.notice_new_session()
        self.holds.read(self.session)
        if not self.look.paused:
            self._last, self._newer = self._newer, mark(self.session)
        self._used.clear()
        self.arrange()
        if not self.look.paused:
            self._surveyed = {row.key: row for row in self.rows}

    def arrange(self) -> None:
        """Work the rows out anew after the user has chosen otherwise."""
        self.notice_new_session()
        chosen = (self.look.cursor, self.look.frozen, self.look.since)
        if chosen != self._used_for:
            self._used.clear()
            self._used_for = chosen
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
        if self.selected and self.selected not in keys:
            # A row that was folded away is found again in its process.
            heading = ("process", self.selected[1], 0)
            self.selected = heading if heading in keys else self.selected
        if self.selected not in keys:
            self.selected = keys[min(max(before, 0), len(keys) - 1)] if keys else None

    def measure(self, thread: ThreadRecord) -> Used:
        """Return what a thread did over the time that the user chose, as of the last survey."""
        then = self._surveyed.get(("thread", thread.pid, thread.tid))
        if self._standing and then is not None:
            return then.used
        key = (thread.pid, thread.tid, thread.born)
        found = self._used.get(key)
        if found is None:
            found = used(thread, self.session, self.look, self._last, self._reset)
            self._used[key] = found
        return found

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

    def explain(self) -> Why:
        """Work out anew why threads wait; meant for once a second."""
        process, thread = self._asked_about()
        self.why = why(self.session, process, thread, self.look)
        keys = [hog.key for hog in self.why.hogs]
        if self.hog not in keys:
            self.hog = None
        return self.why

    def select_hog(self, steps: int) -> None:
        """Select another hog, the newest one first; none where there is none."""
        keys = [hog.key for hog in self.why.hogs]
        place = keys.index(self.hog) + steps if self.hog in keys else 0
        self.hog = keys[min(max(place, 0), len(keys) - 1)] if keys else None

    def _asked_about(self) -> tuple[ProcessRecord | None, ThreadRecord | None]:
        """Return the process of the selected row and its thread, or the one that waits most.

        That one also as long as the user has selected nothing: it is what there is to explain.
        """
        row = self.selected_row
        process = self.session.processes.get(row.key[1]) if row else None
        process = process or busiest(self.session)
        if process is None or (row and row.thread and self._chosen):
            return process, row.thread if row else None
        pid = process.about.pid
        shares = {
            each.key: (each.used.states[_WAIT], each.thread)
            for each in self.rows
            if each.thread and each.used.states and each.key[1] == pid
        }
        most = max(shares, key=lambda key: shares[key][0], default=None)
        if most is None:
            return process, None
        # Not another thread every second, where several wait much the same.
        kept = self._explained or self.selected
        if kept not in shares or shares[kept][0] * 2 < shares[most][0]:
            kept = most
        self._explained = kept
        return process, shares[kept][1]

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
