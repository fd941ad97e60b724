"""The pages that the Compare screen opens: everything about one mode, and the whole verdict."""

from collections.abc import Sequence

from gilscope.ui.views.compare.detail import mode_detail
from gilscope.ui.views.compare.header import notice
from gilscope.ui.views.compare.scene import CompareScene
from gilscope.ui.widgets.board import Line
from gilscope.ui.widgets.compare.detail import mode_lines, verdict_page
from gilscope.ui.widgets.page import Page

EVERY = 0.5


class ModeScreen(Page):
    """Shows one mode, twice a second."""

    def __init__(self, scene: CompareScene, number: int) -> None:
        super().__init__()
        self._scene = scene
        self._number = number

    def on_mount(self) -> None:
        """Begin to draw."""
        super().on_mount()
        self.set_interval(EVERY, self.draw)

    def write(self, width: int) -> Sequence[Line]:
        """Return the whole page."""
        scene, number = self._scene, self._number
        scene.look()
        column = scene.live.columns[number]
        elapsed = scene.live.elapsed(column)
        found = mode_detail(column, number, scene.labels[number], scene.comparison, elapsed)
        return mode_lines(found, width)


class VerdictScreen(Page):
    """Shows what the comparison comes to, with all its evidence."""

    def __init__(self, scene: CompareScene) -> None:
        super().__init__()
        self._scene = scene

    def on_mount(self) -> None:
        """Begin to draw: the verdict may come while the page is open."""
        super().on_mount()
        self.set_interval(EVERY, self.draw)

    def write(self, width: int) -> Sequence[Line]:
        """Return the whole page."""
        scene = self._scene
        scene.look()
        return verdict_page(scene.verdict, notice(scene.live), scene.comparison.title, width)
