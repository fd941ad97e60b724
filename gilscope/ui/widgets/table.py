"""Draws the columns of the thread table from its rows; each column is a board of its own.

Columns change at their own pace, and Textual sends a line from the left edge of the widget that it
is in: letters change with every picture, figures once a second, names hardly ever.
"""

from collections.abc import Sequence

from rich.cells import cell_len
from rich.style import Style

from gilscope.model.text import cut_middle, pad
from gilscope.ui import theme
from gilscope.ui.views.columns import Plan, Share
from gilscope.ui.views.cores import Runners, label
from gilscope.ui.views.figures import clock, percent
from gilscope.ui.views.look import Key
from gilscope.ui.views.row import Row
from gilscope.ui.widgets.board import Line, Piece

BEFORE_NAME = 3
"""Columns before a name: its label on the cores, and blanks around it."""

FOLDS = ("natives", "ended")
"""Rows that stand for several; what is cut off their end is no loss."""

_POSITION = {"hold": 0, "wait": 1, "native": 2, "io": 3, "lock": 4, "sleep": 5}
_INK = {"hold": "H", "wait": "W", "native": "N", "io": "I", "lock": "L", "sleep": "S"}


def letter_lines(letters: Sequence[str]) -> list[Line]:
    """Return the column of states."""
    blank: Line = []
    return [blank, *([(letter, theme.LANES.get(letter, theme.PLAIN))] for letter in letters)]


def name_lines(
    rows: Sequence[Row],
    selected: Key | None,
    runners: Runners,
    width: int,
    since: int | None,
    mark: Style = theme.SELECTED,
) -> list[Line]:
    """Return the column of names, each after its label on the cores, the selected one marked.

    Args:
        since: the moment that figures are counted from; None for the last second.
        mark: how the selected row is drawn.
    """
    title = "   thread" if since is None else f"   % since {clock(since)}"
    lines: list[Line] = [[(pad(title, width), theme.TITLE if since is None else theme.STRONG)]]
    for row in rows:
        ink = mark if row.key == selected else _name_ink(row)
        text = " " * row.depth + _fitting(row, width - BEFORE_NAME - row.depth)
        lines.append([(" ", theme.PLAIN), _mark(row, runners), (pad(" " + text, width - 2), ink)])
    return lines


def figure_lines(rows: Sequence[Row], plan: Plan, order: str) -> list[Line]:
    """Return the columns of figures under their titles."""
    titles: list[Piece] = []
    for share in plan.shares:
        ink = theme.STRONG if share.field == order else theme.TITLE
        titles.append((f"{share.title:>{share.width}}", ink))
    lines: list[Line] = [[*titles, (" ", theme.PLAIN)]]
    lines += [[*(_figure(row, share) for share in plan.shares), (" ", theme.PLAIN)] for row in rows]
    return lines


def where_lines(rows: Sequence[Row], width: int) -> list[Line]:
    """Return the column that says where each thread is."""
    lines: list[Line] = [[(pad(" where", width), theme.TITLE)]]
    for row in rows:
        ink = theme.PLAIN if row.thread and row.letter in "HWNR" else theme.FAINT
        lines.append([(pad(" " + row.where, width), ink)])
    return lines


def wanted_width(rows: Sequence[Row]) -> int:
    """Return how wide the column of names would be if none were cut."""
    named = (row for row in rows if row.key[0] not in FOLDS)
    return max((BEFORE_NAME + row.depth + cell_len(row.name) for row in named), default=0)


def _fitting(row: Row, width: int) -> str:
    if row.key[0] in FOLDS:
        short = row.name.removesuffix(" threads").removesuffix(" thread")
        return short if cell_len(row.name) > width else row.name
    return cut_middle(row.name, width)


def _name_ink(row: Row) -> Style:
    if row.over or row.helper:
        return theme.FAINT
    if row.key[0] == "process":
        return theme.STRONG
    return theme.PLAIN if row.thread else theme.FAINT


def _mark(row: Row, runners: Runners) -> Piece:
    """Return what stands before a name: its label on the cores, or that a process begins."""
    _, pid, tid = row.key
    # In the tree the label of a process stands before its own name alone.
    find = runners.known if row.depth or row.key[0] == "process" else runners.of_thread
    index = find(pid, tid) if row.key[0] in ("thread", "process") else None
    if index is not None:
        return label(index), theme.WHO[index % len(theme.WHO)]
    if row.key[0] != "process":
        return " ", theme.FAINT
    return "▸" if row.closed else "▾", theme.FAINT


def _figure(row: Row, share: Share) -> Piece:
    value = _value(row, share)
    if value is None:
        text = "-" if row.thread and not row.over else ""
        return f"{text:>{share.width}}", theme.RULE
    text = f"{percent(value):>{share.width}}"
    if value < 0.005:
        return text, theme.RULE
    if share.field == "delay":
        return text, theme.INKS["R"]
    return text, theme.INKS[_INK[share.field]] if share.field in _INK else theme.PLAIN


def _value(row: Row, share: Share) -> float | None:
    if share.field == "cpu":
        return row.used.cpu
    if share.field == "delay":
        return row.used.delay
    if row.key[0] != "thread":
        return row.held if share.field == "hold" else None
    states = row.used.states
    return states[_POSITION[share.field]] if states else None
