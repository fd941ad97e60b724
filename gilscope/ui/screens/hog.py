"""The screen about one hog: its thread, its stack, and who waited meanwhile."""

from collections.abc import Sequence

from gilscope.ui.scene import Scene
from gilscope.ui.views.hogs import HogKey, hog_detail, hog_length
from gilscope.ui.widgets.board import Line
from gilscope.ui.widgets.hog import hog_page
from gilscope.ui.widgets.page import Page

EVERY = 0.5


class HogScreen(Page):
    """Shows one hog; while it lasts, its length grows."""

    def __init__(self, scene: Scene, key: HogKey) -> None:
        super().__init__()
        self._scene = scene
        self._key = key

    def on_mount(self) -> None:
        """Begin to draw."""
        super().on_mount()
        self.set_interval(EVERY, self.draw)

    def write(self, width: int) -> Sequence[Line]:
        """Return the whole page."""
        session = self._scene.session
        return hog_page(hog_detail(session, self._key), hog_length(session), width)
