"""Draws what is unusual: the status line, hogs, and the output of the launched command."""

from collections.abc import Sequence

from gilscope.model.events import Output
from gilscope.model.states import STATES
from gilscope.model.text import cut, cut_middle
from gilscope.ui import theme
from gilscope.ui.views.figures import clock, span
from gilscope.ui.views.hogs import HogLine
from gilscope.ui.views.printed import last_lines
from gilscope.ui.views.status import Status
from gilscope.ui.views.words import state_word
from gilscope.ui.widgets.board import Line

_INK = {
    "info": theme.FAINT,
    "warning": theme.WARNING,
    "error": theme.ERROR,
    "pause": theme.style(16, 214, bold=True),
}


def status_line(found: Sequence[Status], width: int) -> Line:
    """Return the line that says what is unusual: two things at most, the gravest first."""
    line = []
    room = width - 1
    for status in found[:2]:
        text = cut(f" {status.text} ", max(room, 0))
        line.append((text, _INK[status.weight]))
        room -= len(text)
    return line


def hog_lines(
    found: Sequence[HogLine], width: int, height: int, gil: bool | None = None
) -> list[Line]:
    """Return the newest hogs, one a line, and the states where there is room for them.

    Args:
        gil: whether there is any GIL.
    """
    room = height if height == 1 else height - 1
    lines: list[Line] = []
    for index, hog in enumerate(found[:room]):
        what = span(hog.length) + (" so far" if hog.open else "")
        lines.append(
            [
                (" hogs  " if index == 0 else "       ", theme.TITLE),
                (f"{clock(hog.since)} ", theme.FAINT),
                (f"{cut_middle(hog.name, 24)} ", theme.PLAIN),
                (f"{what}  ", theme.INKS["H"]),
                (cut(hog.where, max(width - 48, 0)), theme.FAINT),
            ]
        )
    if not lines or height > 1:
        lines += [[] for _ in range(room - len(lines))] if height > 1 else []
        lines.append(legend(width, gil))
    return lines


def legend(width: int, gil: bool | None = None) -> Line:
    """Return the states in one line, for who sees them for the first time."""
    line = [(" ", theme.PLAIN)]
    room = width - 1
    for state in STATES[:-1]:
        word = state_word(state.letter, gil)
        room -= len(word) + 5
        if room >= 0:
            line.append((f" {state.letter} ", theme.LANES[state.letter]))
            line.append((f" {word} ", theme.FAINT))
    return line


def output_lines(output: Sequence[Output], width: int, height: int) -> list[Line]:
    """Return the last lines that the launched command printed, under a title."""
    title = "─ output of the command  (o: close) "
    lines: list[Line] = [[(cut(title, width).ljust(width, "─"), theme.RULE)]]
    if not output:
        return [*lines, [(" it has printed nothing yet", theme.FAINT)]]
    shown = last_lines(output, height - 1)
    return lines + [[(cut(f" {line}", width), theme.PLAIN)] for line in shown]
