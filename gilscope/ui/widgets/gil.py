"""Draws a line for each GIL: how much it is held, how many want it, how often it changes hands."""

from collections.abc import Sequence

from gilscope.model.text import cut
from gilscope.ui import theme
from gilscope.ui.views.figures import load, percent
from gilscope.ui.views.gil import Gil
from gilscope.ui.widgets.board import Line, Piece, length

SATURATED = 1.5
"""GIL load from which on half a thread or more is always queueing."""


def gil_lines(views: Sequence[Gil], width: int) -> list[Line]:
    """Return a line about each GIL of a process, figures below figures."""
    rights = [_right(view, width) for view in views]
    widest = max(map(length, rights))
    return [
        _line(view, [(" " * (widest - length(right)), theme.PLAIN), *right], width)
        for view, right in zip(views, rights, strict=True)
    ]


def _line(view: Gil, right: list[Piece], width: int) -> Line:
    left: list[Piece] = [(_whose(view), theme.TITLE)]
    if view.enabled is False:
        return [*left, ("this build has no GIL: threads run side by side", theme.PLAIN)]
    if view.held is None:
        return [*left, (cut(_unseen(view), max(width - length(left), 0)), theme.FAINT)]
    left += [
        (" held ", theme.FAINT),
        (f"{percent(view.held):>3}%", theme.STRONG),
        (" ", theme.PLAIN),
    ]
    room = width - length(left) - length(right) - 2
    return [*left, *bar(view.held, max(room, 0)), ("  ", theme.PLAIN), *right]


def _whose(view: Gil) -> str:
    words = ["GIL"]
    if view.several:
        words.append(str(view.pid))
    if view.interpreter is not None:
        words.append(f"interpreter {view.interpreter}")
    return f" {' '.join(words)} "


def _unseen(view: Gil) -> str:
    if view.pid is None:
        return "not seen yet"
    if view.reason is not None:
        what = "cannot be seen" if view.enabled else "unknown"
        return f"{what}: {view.reason}" if view.reason else what
    return "not seen yet" if view.enabled else "unknown"


def bar(share: float, width: int) -> list[Piece]:
    """Return a bar of a share of the width."""
    full = min(round(share * width), width)
    return [("━" * full, theme.INKS["H"]), ("─" * (width - full), theme.RULE)]


def _right(view: Gil, width: int) -> list[Piece]:
    first = view.loads[0]
    ink = theme.WARNING if first is not None and first > SATURATED else theme.STRONG
    pieces: list[Piece] = []
    if view.more:
        pieces.append((f"+{view.more} more GILs  ", theme.FAINT))
    pieces += [("load ", theme.FAINT), (load(first), ink)]
    if width >= 50:
        pieces.append((f" {load(view.loads[1])} {load(view.loads[2])}", theme.PLAIN))
    if view.switches is not None and width >= 66:
        pieces.append((f"  {view.switches:,.0f}", theme.PLAIN))
        pieces.append((" switches/s" if width >= 76 else " sw/s", theme.FAINT))
    return pieces
