"""What is drawn of a comparison, as lines of text."""

from gilscope.ui.views.compare.layout import plan
from gilscope.ui.views.compare.scene import CompareScene
from gilscope.ui.widgets.board import Line
from gilscope.ui.widgets.compare.column import column_lines


def text(line: Line) -> str:
    """Return a line without its colours."""
    return "".join(part for part, _ in line)


def drawn(scene: CompareScene, number: int, size: tuple[int, int] = (80, 24)) -> list[str]:
    """Return the lines of a column."""
    scene.look()
    found = plan(*size, len(scene.live.columns), scene.name, scene.lanes, 3, scene.enlarged)
    cell = scene.cell(found)
    return [
        text(line) for line in column_lines(scene.view(number, found, cell), found, cell, False)
    ]
