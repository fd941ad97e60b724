"""Draws why threads wait: the lines of each part of the panel."""

from collections.abc import Sequence
from textwrap import wrap

from rich.cells import cell_len

from gilscope.model.text import cut, cut_middle, pad
from gilscope.ui import theme
from gilscope.ui.views.figures import clock, percent, span
from gilscope.ui.views.hogs import HogKey, HogLine
from gilscope.ui.views.why import Holder, Waited, Why, others
from gilscope.ui.widgets.board import Line, Piece

LABEL = 12
"""Columns before the lines of a part where the parts stand one below another."""

LONGEST_NAME = 16

THREADS = 15
"""Columns kept for the threads that held the GIL in a function."""

MANY = 2
"""Lines of waits from which on one is spared to sum up those that there is no room for."""


def title_line(left: str, width: int, right: str = "") -> Line:
    """Return a rule with a title in it."""
    left = cut(f"─ {left} ", max(width - 1, 0))
    right = f" {right} ─" if right and cell_len(left) + len(right) + 6 < width else ""
    rule = "─" * (width - cell_len(left) - cell_len(right) - 1)
    return [(left, theme.TITLE), (rule, theme.RULE), (right + " ", theme.FAINT)]


def labelled(label: str, lines: Sequence[Line]) -> list[Line]:
    """Return the lines of a part behind its name."""
    found: list[Line] = []
    for index, line in enumerate(lines):
        text = f" {pad(label, LABEL - 2)} " if index == 0 else " " * LABEL
        found.append([(text, theme.TITLE), *line])
    return found


def holder_lines(view: Why, width: int, most: int) -> list[Line]:
    """Return the functions that held the GIL, the longest first."""
    shown = view.holders[:most]
    if not shown:
        return sentence_lines(view.no_holders, width, most)
    return [holder_line(each, _column(shown, width), width) for each in shown]


def wait_lines(view: Why, width: int, most: int) -> list[Line]:
    """Return how long the thread waited, and for whom, in a line each."""
    if not view.parts:
        return sentence_lines(view.waited, width, most)
    lines: list[Line] = [[(cut(view.waited, width), theme.PLAIN)]]
    room, parts = most - 1, view.parts
    if len(parts) > room > MANY:
        rest = parts[room - 1 :]
        whole = sum(each.length for each in rest)
        parts = (*parts[: room - 1], others(whole, sum(each.count for each in rest)))
    return lines + [wait_line(each, width) for each in parts[:room]]


def hog_lines(
    shown: Sequence[HogLine], view: Why, selected: HogKey | None, width: int, most: int
) -> list[Line]:
    """Return hogs in a line each, the selected one marked."""
    if not shown:
        return sentence_lines(view.no_hogs, width, most)
    name = min(max(cell_len(each.name) for each in shown), LONGEST_NAME)
    return [_hog(each, name, each.key == selected, width) for each in shown]


def sentence_lines(sentence: str, width: int, most: int) -> list[Line]:
    """Return what is said where there is nothing to list."""
    found = wrap(sentence, max(width - 1, 10))
    if len(found) > most:
        found[most - 1] = cut(" ".join(found[most - 1 :]), max(width - 1, 0))
    lines: list[Line] = [[(part, theme.FAINT)] for part in found[:most]]
    return lines


def holder_line(each: Holder, column: int, width: int) -> Line:
    """Return one function that held the GIL.

    Args:
        column: width that functions have, before the threads.
    """
    column = min(column, max(width - 5, 0))
    threads = _names(each.threads, each.others, max(width - 5 - column - 3, 0))
    return [
        (f"{percent(each.share):>3}% ", theme.INKS["H"]),
        (pad(each.where, column), theme.PLAIN),
        (f"  {threads}" if threads else "", theme.FAINT),
    ]


def wait_line(each: Waited, width: int) -> Line:
    """Return one part of what a thread waited."""
    return [
        (f"{span(each.length):>7}  ", theme.INKS["W"]),
        (cut(each.whom, max(width - 10, 0)), theme.PLAIN),
    ]


def _column(shown: Sequence[Holder], width: int) -> int:
    """Return the width of the functions' column: what they need, but some is left for threads."""
    return min(max(cell_len(each.where) for each in shown), max(width - 5 - THREADS, 10))


def _names(names: Sequence[str], others: int, width: int) -> str:
    """Return as many names as fit, and how many others there are."""
    whole = len(names) + others
    for count in range(len(names), 0, -1):
        text = ", ".join(names[:count]) + (f" +{whole - count}" if count < whole else "")
        if cell_len(text) <= width:
            return text
    return cut(f"{whole} threads", width) if whole > 1 else cut_middle("".join(names), width)


def _hog(each: HogLine, name: int, selected: bool, width: int) -> Line:
    going_on = "goes on " if each.open else ""
    pieces: list[Piece] = [
        (f"{clock(each.since)} ", theme.FAINT),
        (f"{span(each.length):>7}  ", theme.INKS["H"]),
        (pad(cut_middle(each.name, name), name) + " ", theme.PLAIN),
        (going_on, theme.WARNING),
    ]
    used = sum(cell_len(text) for text, _ in pieces)
    pieces.append((cut(each.where or "no stack was read", max(width - used - 1, 0)), theme.FAINT))
    if not selected:
        return pieces
    return [(pad("".join(text for text, _ in pieces), max(width - 1, 0)), theme.SELECTED)]
