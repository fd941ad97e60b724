"""Says so where a terminal is too small for any picture."""

from textual.screen import Screen
from textual.widget import Widget

from gilscope.ui import theme
from gilscope.ui.widgets.board import Board

NARROWEST = 20
LOWEST = 5


class _Sentence(Board):
    DEFAULT_CSS = "_Sentence { dock: top; height: 100%; layer: small; }"


def too_small(screen: Screen[None], width: int, height: int) -> bool:
    """Cover the screen with a sentence where it is too small; return whether it is."""
    small = 0 < width < NARROWEST or 0 < height < LOWEST
    covers = list(screen.query(_Sentence))
    if small and not covers:
        sentence = _Sentence()
        screen.mount(sentence)
        sentence.show([[(f"needs {NARROWEST}x{LOWEST}", theme.WARNING)]])
    if not small:
        for cover in covers:
            cover.remove()
    children: list[Widget] = [child for child in screen.children if child not in covers]
    for child in children:
        child.visible = not small
    return small
