"""The Scope screen: what each key, click and turn of the wheel does."""

from dataclasses import replace

from textual import events

from gilscope.ui import keys
from gilscope.ui.screens.picture import ScopePicture
from gilscope.ui.views.hogs import HogKey
from gilscope.ui.views.look import ORDERS, Look
from gilscope.ui.widgets.filter import FilterLine
from gilscope.ui.widgets.timeline import Timeline
from gilscope.ui.widgets.why_panel import WhyPanel

WHEEL = 3


class ScopeScreen(ScopePicture):
    """Watches one session: keys, clicks and the wheel change what is chosen, and draw it."""

    BINDINGS = keys.SCOPE

    def look_at(self, look: Look) -> None:
        """Show what the user chose."""
        self.scene.look = look
        self.draw()

    def action_pause(self) -> None:
        """Stop the view, or let it run again."""
        self.look_at(self.scene.look.pause(self.scene.session.now))

    def action_cursor(self, cells: int) -> None:
        """Move the cursor along the timeline."""
        if self.scene.rows:
            self.look_at(self.scene.look.move_cursor(cells, self.scene.session.now))

    def action_zoom(self, steps: int) -> None:
        """Have a cell stand for more or less time."""
        self.look_at(self.scene.look.zoom(steps))

    def action_sort(self) -> None:
        """Order rows by the next thing."""
        self.look_at(self.scene.look.next_order())

    def action_tree(self) -> None:
        """Group threads under their processes, or not, or show processes alone."""
        self.query_one(Timeline).forget()
        self.look_at(self.scene.look.next_shape(len(self.scene.session.processes) > 1))

    async def action_enlarge(self) -> None:
        """Give the lanes of the selected process all the room, or take it back."""
        self.scene.look = replace(self.scene.look, enlarged=not self.scene.look.enlarged)
        await self.lay_out()

    def action_reset(self) -> None:
        """Count shares from now on."""
        self.scene.count_from_now()
        self.draw()

    def action_window(self) -> None:
        """Count shares over the last second, or since the reset."""
        self.scene.count_otherwise()
        self.draw()

    def action_output(self) -> None:
        """Show what the launched command printed, or put it away."""
        self.output_chosen = not self.output_open
        self.draw()

    async def action_why(self) -> None:
        """Show the panel that says why, or put it away."""
        self.why_chosen = not self.why_open
        self.scene.hog = None
        await self.lay_out()

    async def action_hogs(self) -> None:
        """Go to the hogs, or back to the threads."""
        if not self.why_open:
            await self.action_why()
        if self.scene.hog is not None:
            self.scene.hog = None
        else:
            self.scene.explain()
            self.scene.select_hog(0)
        self.draw()

    def action_move(self, rows: int) -> None:
        """Select another row, or another hog while the user is among them."""
        if self.scene.hog is not None:
            self.scene.select_hog(rows)
            self.draw_why()
            return
        self.scene.select(self.scene.position + rows)
        self.draw_why()
        self.draw_rows()
        self.draw_lanes()

    def action_page(self, pages: int) -> None:
        """Select a row a page away."""
        self.action_move(pages * max(self.room - 1, 1))

    def action_end(self, which: int) -> None:
        """Select the first row or the last."""
        self.action_move(which * len(self.scene.rows))

    def action_open(self) -> None:
        """Open the selected thread, or unfold what is folded."""
        row = self.scene.selected_row
        if self.scene.hog is not None:
            self.open_hog(self.scene.hog)
        elif row is None:
            return
        elif row.key[0] == "natives":
            self.look_at(self.scene.look.toggle_natives(row.key[1]))
        elif row.key[0] == "ended":
            self.look_at(self.scene.look.toggle_ended(row.key[1]))
        elif row.key[0] == "process":
            self.query_one(Timeline).forget()
            self.look_at(self.scene.look.turn(row.key[1]))
        elif row.thread is not None:
            from gilscope.ui.screens.thread import ThreadScreen

            self.app.push_screen(ThreadScreen(self.scene, row.thread))

    def open_hog(self, key: HogKey) -> None:
        """Open the page about a hog."""
        from gilscope.ui.screens.hog import HogScreen

        self.app.push_screen(HogScreen(self.scene, key))

    async def action_restart(self) -> None:
        """Start the probe anew, if there is anything that it could watch."""
        if await self.scene.feed.start_over():
            self.begin_reading()
        self.draw()

    async def action_filter(self) -> None:
        """Ask for the words that rows must have."""
        line = FilterLine(" ".join(self.scene.look.words))
        await self.mount(line, before="#hints")
        # Widget.focus() would wait its turn behind keys that were already typed.
        self.set_focus(line)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """While the filter is typed its key is a letter like any other."""
        return not (action == "filter" and self.query(FilterLine))

    def on_filter_line_changed_to(self, message: FilterLine.ChangedTo) -> None:
        """Show the rows that have the words typed so far."""
        words = tuple(message.text.lower().split())
        self.look_at(replace(self.scene.look, words=words))

    async def action_back(self) -> None:
        """Leave what was entered last: the cursor, the pause, the filter, the screen."""
        look = self.scene.look
        if self.scene.hog is not None:
            await self.action_hogs()
        elif look.paused:
            self.look_at(look.live())
        elif look.words:
            self.look_at(replace(look, words=()))
        elif look.enlarged:
            await self.action_enlarge()
        elif len(self.app.screen_stack) > 2:
            await self.scene.feed.close()
            self.app.pop_screen()

    def on_click(self, event: events.Click) -> None:
        """Select the row clicked on; a title clicked on orders by it."""
        board = event.widget
        if board is None or board.parent is None or event.y is None:
            return
        if isinstance(board.parent, WhyPanel):
            self._click_hog(board.parent.hog_at(board.id, event.screen_y - board.region.y))
            return
        inside = {"letters", "names", "figures", "where"}
        if board.id not in inside and getattr(board.parent, "id", None) != "lanes":
            return
        row = event.screen_y - self.board("names").region.y - 1
        if row < 0:
            self._order_by(board.id, event.x)
        elif self.scene.offset + row < len(self.scene.rows):
            again = self.scene.position == self.scene.offset + row
            self.scene.select(self.scene.offset + row)
            if again:
                self.action_open()
            else:
                self.action_move(0)

    def _click_hog(self, key: HogKey | None) -> None:
        """Select the hog clicked on; open it if it was selected."""
        if key is None:
            return
        again = key == self.scene.hog
        self.scene.hog = key
        if again:
            self.open_hog(key)
        self.draw()

    def _order_by(self, board: str | None, x: int) -> None:
        """Order by the column whose title was clicked on."""
        if board == "names":
            self.look_at(replace(self.scene.look, order="name"))
        if board != "figures":
            return
        end = 0
        for share in self.plan.shares:
            end += share.width
            if x < end:
                if share.field in ORDERS:
                    self.look_at(replace(self.scene.look, order=share.field))
                return

    def on_mouse_scroll_down(self) -> None:
        """Go down some rows."""
        self.action_move(WHEEL)

    def on_mouse_scroll_up(self) -> None:
        """Go up some rows."""
        self.action_move(-WHEEL)
