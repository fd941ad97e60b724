"""The Compare screen: what each key, click and turn of the wheel does."""

from textual import events

from gilscope.ui import keys
from gilscope.ui.screens.compare_picture import ComparePicture
from gilscope.ui.widgets.compare.columns import Columns


class CompareScreen(ComparePicture):
    """Watches a comparison: keys, clicks and the wheel change what is chosen, and draw it."""

    BINDINGS = keys.COMPARE

    async def action_select(self, columns: int) -> None:
        """Select another mode."""
        await self.select(self.scene.selected + columns)

    async def select(self, number: int) -> None:
        """Select a mode by its number."""
        self.scene.select(number)
        await self.draw()

    async def action_scroll(self, lines: int) -> None:
        """Go up or down in the lanes of the selected mode."""
        if self.plan is not None:
            self.scene.scroll(lines, self.plan.lanes)
            await self.draw()

    async def action_page(self, pages: int) -> None:
        """Go up or down by as many lanes as there are on screen."""
        if self.plan is not None:
            await self.action_scroll(pages * max(self.plan.lanes - 1, 1))

    async def action_scroll_to(self, direction: int) -> None:
        """Go to the first lanes, or the last ones."""
        await self.action_scroll(direction * self.scene.lanes)

    async def action_enlarge(self) -> None:
        """Give the lanes of the selected mode all the room, or take it back."""
        if self.scene.live.columns:
            self.scene.enlarged = not self.scene.enlarged
            await self.draw()

    def action_open(self) -> None:
        """Tell everything about the selected mode."""
        from gilscope.ui.screens.compare_pages import ModeScreen

        if self.scene.live.columns:
            self.app.push_screen(ModeScreen(self.scene, self.scene.selected))

    def action_why(self) -> None:
        """Show the verdict with all its evidence."""
        from gilscope.ui.screens.compare_pages import VerdictScreen

        self.app.push_screen(VerdictScreen(self.scene))

    async def action_end(self) -> None:
        """Leave what was entered, or end the running mode alone, or go back when all has ended.

        Between two modes there is nothing to end, and nobody means to end those to come.
        """
        if self.scene.enlarged:
            await self.action_enlarge()
        elif (mode := self.scene.ends) is not None:
            self.engine.skip(mode)
            await self.draw()
        elif self.scene.live.over:
            await self.action_back()

    async def action_back(self) -> None:
        """Go back to Home, where it was opened from there, and end all that still runs."""
        if self.has_home:
            await self.engine.close()
            self.app.pop_screen()

    async def on_click(self, event: events.Click) -> None:
        """Select the mode clicked on; open it if it was selected."""
        number = self._mode_at(event)
        if number is None:
            return
        if number == self.scene.selected:
            self.action_open()
        else:
            await self.select(number)

    def _mode_at(self, event: events.Click) -> int | None:
        board = event.widget
        if board is None or self.plan is None:
            return None
        columns = self.query_one(Columns).boards
        if board in columns:
            shown = self.scene.shown(self.plan)
            index = columns.index(board)
            return shown[index] if index < len(shown) else None
        if board.id == "table":
            row = event.screen_y - board.region.y - 1 + self._table_first
            return row if row in range(self._table_first, len(self.scene.labels)) else None
        return None

    async def on_mouse_scroll_down(self) -> None:
        """Go down in the lanes."""
        await self.action_scroll(1)

    async def on_mouse_scroll_up(self) -> None:
        """Go up in the lanes."""
        await self.action_scroll(-1)
