"""Draws the first lines: what is watched, at what fidelity, and what the watching costs."""

from rich.style import Style

from gilscope.model.events import KERNEL, NO_FIDELITY
from gilscope.model.text import cut
from gilscope.ui import theme
from gilscope.ui.views.figures import clock, hertz, percent
from gilscope.ui.views.header import Header
from gilscope.ui.widgets.board import Line, Piece, length

_FIDELITY = {NO_FIDELITY: "threads only"}
"""Fidelities that another word says better than their own."""

LOST_WORTH_SAYING = 0.02
"""Share of lost samples from which on they are shown in the colour of warnings."""


def header_lines(view: Header, width: int) -> list[Line]:
    """Return the first line, and a second one where the fidelity is lower than it could be."""
    right = _right(view, width)
    room = width - length(right) - 12
    left: list[Piece] = [(" gilscope ", theme.BADGE), (" ", theme.PLAIN)]
    left.append((cut(view.what, max(room, 0)), theme.STRONG))
    gap = width - length(left) - length(right)
    lines: list[Line] = [[*left, (" " * max(gap, 1), theme.PLAIN), *right]]
    if view.reason:
        word = _FIDELITY.get(view.fidelity or "", f"{view.fidelity} fidelity")
        text = f" {word}: {view.reason}"
        lines.append([(cut(text, width), theme.WARNING)])
    return lines


def _right(view: Header, width: int) -> list[Piece]:
    pieces: list[Piece] = []
    if view.fidelity:
        ink = theme.GOOD if view.fidelity == KERNEL else theme.WARNING
        pieces.append((_FIDELITY.get(view.fidelity, view.fidelity), ink))
    rate = _rate(view)
    if rate and width >= 50:
        pieces += [(" ", theme.PLAIN), rate]
    if view.lost is not None and width >= 70:
        ink = theme.WARNING if view.lost > LOST_WORTH_SAYING else theme.FAINT
        pieces.append((f" lost {_small(view.lost)}", ink))
    if view.cpu is not None and width >= 60:
        pieces.append((f" cpu {view.cpu * 100:.1f}%", theme.FAINT))
    pieces.append((f"  {clock(view.elapsed)} ", theme.PLAIN))
    return pieces


def _rate(view: Header) -> Piece | None:
    if view.asked is None:
        return None if view.got is None else (f"{view.got:.1f} Hz", theme.FAINT)
    if view.got is None:
        return hertz(view.asked), theme.FAINT
    short = view.got < 0.9 * view.asked
    ink: Style = theme.WARNING if short else theme.FAINT
    return f"{view.got:.0f}/{view.asked:.0f} Hz", ink


def _small(share: float) -> str:
    return f"{share * 100:.1f}%" if 0 < share < 0.0995 else f"{percent(share)}%"
