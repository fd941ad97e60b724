"""How the Compare screen is drawn: which board shows what, and when it is drawn anew."""

from textual import events
from textual.app import ComposeResult

from gilscope.analysis.verdict import judge
from gilscope.ui import keys
from gilscope.ui.compare_app import Engine
from gilscope.ui.screens.drawn import Drawn
from gilscope.ui.views.compare.header import notice
from gilscope.ui.views.compare.layout import Plan, plan
from gilscope.ui.views.compare.scene import CompareScene, Judge
from gilscope.ui.views.compare.table import chosen_figures, label_width
from gilscope.ui.views.scroll import scrolled
from gilscope.ui.widgets.board import Board, Line
from gilscope.ui.widgets.compare.column import column_lines
from gilscope.ui.widgets.compare.columns import Columns
from gilscope.ui.widgets.compare.header import header_line, title_line
from gilscope.ui.widgets.compare.table import table_lines
from gilscope.ui.widgets.compare.verdict import verdict_lines
from gilscope.ui.widgets.footer import KeyHints
from gilscope.ui.widgets.notes import legend

PARTS = ("title", "columns", "table", "verdict", "legend")
"""Boards between the first line and the keys, that come and go with the room there is."""


class ComparePicture(Drawn):
    """Draws one comparison, several times a second, and answers no key."""

    DEFAULT_CSS = "ComparePicture #rest { height: 1fr; }"

    def __init__(self, engine: Engine, judge: Judge = judge) -> None:
        """Show what an engine runs.

        Args:
            judge: says what it comes to.
        """
        super().__init__()
        self.engine = engine
        self.scene = CompareScene(engine.live, judge)
        self.plan: Plan | None = None
        self._table_first = 0
        self._hinted: tuple[bool, ...] | None = None

    def compose(self) -> ComposeResult:
        """Put the boards where they belong."""
        yield Board(id="small")
        yield Board(id="header")
        yield Board(id="title")
        yield Columns(id="columns")
        yield Board(id="table")
        yield Board(id="verdict")
        yield Board(id="rest")
        yield Board(id="legend")
        yield KeyHints([], id="hints")

    async def on_mount(self) -> None:
        """Begin to run and to draw."""
        await self.draw()
        self.run_worker(self.engine.run(), group="engine", exclusive=True)
        self.set_refresh(self.rate)

    @property
    def has_home(self) -> bool:
        """Whether there is a screen to go back to; the lowest of all is Textual's own."""
        return self.app.screen_stack[1:2] != [self]

    async def on_resize(self, event: events.Resize) -> None:
        """Share the new size among the parts."""
        await self.draw()

    async def tick(self) -> None:
        """Draw what has changed since the last picture."""
        await self.draw()

    async def draw(self) -> None:
        """Draw what has changed since the last picture."""
        if self.see_size():
            self.plan = None
            for id in (*PARTS, "rest"):
                # Said of each part, which the style sheet has no say in after that.
                self.query_one(f"#{id}").display = False
            return
        self.scene.look()
        await self.lay_out()
        self.draw_top()
        self.draw_columns()
        self.draw_table()
        self.draw_verdict()
        self.draw_hints()

    async def lay_out(self) -> None:
        """Give every part the lines that are right for this size and for what there is to say."""
        scene = self.scene
        width, height = self.size
        found = plan(
            width,
            height,
            len(scene.live.columns),
            scene.name,
            scene.lanes,
            len(self.words()),
            scene.enlarged,
        )
        if found == self.plan:
            return
        self.plan = found
        heights = (found.title, found.body + 1, found.table, found.verdict, found.legend)
        for id, lines in zip(PARTS, heights, strict=True):
            part = self.query_one(f"#{id}")
            part.display = lines > 0
            part.styles.height = max(lines, 1)
        # Lines that nobody needs keep the parts apart.
        apart = ("table", "columns", "verdict")
        for number, id in enumerate(apart):
            self.query_one(f"#{id}").styles.margin = (int(found.spare > number), 0, 0, 0)
        self.board("rest").display = found.spare > len(apart)
        await self.query_one(Columns).resize_to(found.fit, found.column)

    def words(self, height: int | None = None) -> list[Line]:
        """Return the lines of the verdict, or of what is wrong."""
        scene = self.scene
        return verdict_lines(scene.verdict, notice(scene.live), self.size.width, height)

    def draw_top(self) -> None:
        """Draw what is compared and what goes on."""
        scene, width = self.scene, self.size.width
        assert self.plan
        view = scene.header
        self.board("header").show([header_line(view, width)])
        if self.plan.title:
            shown = scene.shown(self.plan)
            behind = len(scene.live.columns) - shown.stop
            self.board("title").show([title_line(view, width, shown.start, behind)])

    def draw_columns(self) -> None:
        """Draw the modes."""
        scene = self.scene
        assert self.plan
        cell, shown = scene.cell(self.plan), scene.shown(self.plan)
        last = len(scene.live.columns) - 1
        columns = []
        for number in shown:
            view = scene.view(number, self.plan, cell)
            more = (number == shown[0] > 0, number == shown[-1] < last)
            selected = number == scene.selected
            columns.append(column_lines(view, self.plan, cell, selected, more))
        self.query_one(Columns).show(columns)

    def draw_table(self) -> None:
        """Draw the results."""
        scene, width = self.scene, self.size.width
        assert self.plan
        if not self.plan.table:
            return
        label = label_width(scene.labels, width)
        figures = chosen_figures(width, label, scene.comparison.repeat)
        rows = scene.rows(figures)
        room = self.plan.table - 1
        self._table_first = scrolled(self._table_first, scene.selected, len(rows), room)
        shown = rows[self._table_first : self._table_first + room]
        more = len(rows) - len(shown)
        lines = table_lines(shown, figures, label, scene.selected, width, more)
        self.board("table").show(lines)

    def draw_verdict(self) -> None:
        """Draw what it comes to, and what the letters mean."""
        assert self.plan
        if self.plan.verdict:
            self.board("verdict").show(self.words(self.plan.verdict))
        if self.plan.legend:
            self.board("legend").show([legend(self.size.width)])

    def draw_hints(self) -> None:
        """Draw the keys that are of use now."""
        useful = {
            "compare-end": self.scene.ends is not None,
            "compare-why": self.scene.verdict is not None,
            "compare-back": self.has_home,
        }
        shown = tuple(useful.values())
        if shown == self._hinted:
            return
        self._hinted = shown
        found = [*keys.bindings(keys.EVERYWHERE), *keys.bindings(keys.COMPARE)]
        hints = self.query_one("#hints", KeyHints)
        hints.offer([binding for binding in found if useful.get(binding.id or "", True)])
