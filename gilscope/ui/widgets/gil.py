"""Draws the GIL's own line: how much it is held, how many want it, how often it changes hands."""

from gilscope.ui import theme
from gilscope.ui.views.figures import load, percent
from gilscope.ui.views.gil import Gil
from gilscope.ui.widgets.board import Line, Piece, length

SATURATED = 1.5
"""GIL load from which on half a thread or more is always queueing."""


def gil_line(view: Gil, width: int) -> Line:
    """Return the line about the GIL of one process."""
    whose = f" GIL {view.pid} " if view.several else " GIL "
    left: list[Piece] = [(whose, theme.TITLE)]
    if view.enabled is False:
        return [*left, ("this build has no GIL: threads run side by side", theme.PLAIN)]
    if view.held is None:
        why = "not seen yet" if view.enabled or view.pid is None else "cannot be seen"
        return [*left, (why, theme.FAINT)]
    left += [
        (" held ", theme.FAINT),
        (f"{percent(view.held):>3}%", theme.STRONG),
        (" ", theme.PLAIN),
    ]
    right = _right(view, width)
    room = width - length(left) - length(right) - 2
    return [*left, *bar(view.held, max(room, 0)), ("  ", theme.PLAIN), *right]


def bar(share: float, width: int) -> list[Piece]:
    """Return a bar of a share of the width."""
    full = min(round(share * width), width)
    return [("━" * full, theme.INKS["H"]), ("━" * (width - full), theme.RULE)]


def _right(view: Gil, width: int) -> list[Piece]:
    first = view.loads[0]
    ink = theme.WARNING if first is not None and first > SATURATED else theme.STRONG
    pieces: list[Piece] = [("load ", theme.FAINT), (load(first), ink)]
    if width >= 50:
        pieces.append((f" {load(view.loads[1])} {load(view.loads[2])}", theme.PLAIN))
    if view.switches is not None and width >= 66:
        pieces.append((f"  {view.switches:,.0f}", theme.PLAIN))
        pieces.append((" switches/s" if width >= 76 else " sw/s", theme.FAINT))
    return pieces
