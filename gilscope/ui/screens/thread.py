"""The screen about one thread: its stack as it is now, its shares, its longest hold and wait."""

from collections.abc import Sequence

from gilscope.model.records import ThreadRecord
from gilscope.ui.scene import Scene
from gilscope.ui.views.detail import detail
from gilscope.ui.widgets.board import Line
from gilscope.ui.widgets.detail import detail_lines
from gilscope.ui.widgets.page import Page

EVERY = 0.5


class ThreadScreen(Page):
    """Shows one thread, twice a second."""

    def __init__(self, scene: Scene, thread: ThreadRecord) -> None:
        super().__init__()
        self._scene = scene
        self._thread = thread

    def on_mount(self) -> None:
        """Begin to draw."""
        super().on_mount()
        self.set_interval(EVERY, self.draw)

    def write(self, width: int) -> Sequence[Line]:
        """Return the whole page."""
        self._scene.holds.read(self._scene.session)
        return detail_lines(detail(self._scene.session, self._thread, self._scene.holds), width)
