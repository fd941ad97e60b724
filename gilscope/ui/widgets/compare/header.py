"""Draws the first two lines of the Compare screen."""

from rich.cells import cell_len

from gilscope.model.events import KERNEL, NO_FIDELITY
from gilscope.model.text import cut
from gilscope.ui import theme
from gilscope.ui.views.compare.header import CompareHeader
from gilscope.ui.widgets.board import Line, Piece

_FIDELITY = {NO_FIDELITY: "threads only"}


def header_line(view: CompareHeader, width: int) -> Line:
    """Return the first line: what is compared, how much of it, and how well it is seen."""
    left: list[Piece] = [(" gilscope ", theme.BADGE), (" compare ", theme.PLAIN)]
    right = _right(view, width)
    room = width - _cells(left) - _cells(right)
    name = cut(view.work, max(room, 0))
    left.append((name, theme.STRONG))
    room -= cell_len(name) + 2
    told: list[str] = []
    for part in view.extent:
        if len(", ".join([*told, part])) > room:
            break
        told.append(part)
    if told:
        left.append((f"  {', '.join(told)}", theme.FAINT))
    gap = width - _cells(left) - _cells(right)
    return [*left, (" " * max(gap, 0), theme.PLAIN), *right]


def title_line(view: CompareHeader, width: int, left_of: int, right_of: int) -> Line:
    """Return the second line: what the work is, what goes on now, and columns out of sight.

    Args:
        left_of, right_of: how many columns are out of sight on either side.
    """
    right: list[Piece] = []
    if left_of or right_of:
        before = f"◂ {left_of} more  " if left_of else ""
        behind = f"{right_of} more ▸  " if right_of else ""
        right.append((before + behind, theme.KEY))
    if view.doing:
        ink = theme.FAINT if view.doing == "finished" else theme.GOOD
        right.append((f"{cut(view.doing, max(width // 2, 8))} ", ink))
    left: list[Piece] = [(" ", theme.PLAIN)]
    if view.together:
        left += [(f" {view.together} ", theme.ALERT), (" ", theme.PLAIN)]
    room = max(width - _cells(left) - _cells(right) - 1, 0)
    left.append((cut(view.title, room), theme.PLAIN))
    python = f"  {view.python}"
    if view.python and room >= cell_len(view.title) + len(python):
        left.append((python, theme.FAINT))
    gap = width - _cells(left) - _cells(right)
    return [*left, (" " * max(gap, 0), theme.PLAIN), *right]


def _right(view: CompareHeader, width: int) -> list[Piece]:
    if not view.fidelity or width < 60:
        return []
    ink = theme.GOOD if view.fidelity == KERNEL else theme.WARNING
    pieces: list[Piece] = [(f" {_FIDELITY.get(view.fidelity, view.fidelity)}", ink)]
    if view.got is not None:
        short = view.asked is not None and view.got < 0.9 * view.asked
        asked = f"/{view.asked:.0f}" if view.asked is not None else ""
        rate = f" {view.got:.0f}{asked} Hz"
        pieces.append((rate, theme.WARNING if short else theme.FAINT))
    return [*pieces, (" ", theme.PLAIN)]


def _cells(pieces: list[Piece]) -> int:
    return sum(cell_len(text) for text, _ in pieces)
