"""Draws the list of the Home screen."""

from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import wrap

from rich.cells import cell_len

from gilscope.model.text import cut, pad
from gilscope.ui import theme
from gilscope.ui.views.figures import load, percent
from gilscope.ui.views.home import Choice
from gilscope.ui.widgets.board import Line, Piece

WIDE = 100
"""Columns from which on there is room for whole command lines."""

WITH_USER = 64
"""Columns from which on there is room for the owner's name."""

WITH_PYTHON = 56
"""Columns from which on there is room for the interpreter's version."""

WITH_FIGURES = 36
"""Columns from which on there is room for any figures."""

ABOUT = 2
"""Lines about what is selected."""

INTRODUCTION = (
    "See which threads hold Python's interpreter lock (the GIL), which wait for it, and why. "
    "Choose what to watch, or to compare."
)

PROCESSES = "Python processes on this machine"
DEMONSTRATIONS = "Demonstrations to watch"
WORKS = "Works to compare: in threads, in processes and other ways"

NAME, TITLE = 9, 35
"""Cells of the names and titles of demonstrations and works."""

Entry = tuple[Choice | None, Line]
"""A line of the list and what is chosen by it; headings choose nothing."""


@dataclass(frozen=True, slots=True)
class Room:
    """Which parts there is room for beside the list, which comes first.

    Attributes:
        head: the first line.
        wide: what there is to see here, and lines that keep parts and sections apart.
        about: lines about what is selected.
    """

    head: bool
    wide: bool
    about: int


def room_in(height: int) -> Room:
    """Return which parts a screen so high has."""
    wide = height >= 20
    return Room(head=height >= 8, wide=wide, about=(ABOUT + wide) * (height >= 10))


def head_lines(room: Room, width: int) -> list[Line]:
    """Return the first lines."""
    lines: list[Line] = []
    if room.head:
        lines.append([(" gilscope ", theme.BADGE)])
    if room.wide:
        lines += [[(f" {part}", theme.PLAIN)] for part in wrap(INTRODUCTION, max(width - 2, 10))]
        lines.append([])
    return lines


def list_lines(
    found: Sequence[Choice], selected: str, nothing: str, room: Room, width: int
) -> list[Entry]:
    """Return the list, a section for each kind of thing.

    Args:
        selected: key of the selected one.
        nothing: why there is no process, or nothing at all.
    """
    if not found:
        return [(None, [(cut(f" {nothing}", width), theme.PLAIN)])]
    processes = [choice for choice in found if choice.pid is not None]
    demonstrations = [choice for choice in found if choice.demonstration is not None]
    works = [choice for choice in found if choice.work is not None]
    empty: Line = [(cut(f"   {nothing}", width), theme.FAINT)]
    entries: list[Entry] = [(None, section_line(PROCESSES, width))]
    entries.append((None, title_line(width) if processes else empty))
    for title, members in (("", processes), (DEMONSTRATIONS, demonstrations), (WORKS, works)):
        if title and members:
            apart: list[Entry] = [(None, [])] if room.wide else []
            entries += [*apart, (None, section_line(title, width))]
        entries += [(each, choice_line(each, each.key == selected, width)) for each in members]
    return entries


def title_line(width: int) -> Line:
    """Return the titles of the columns for processes."""
    user = f"{'user':<9}" if width >= WITH_USER else ""
    python = f"{'python':<15}" if width >= WITH_PYTHON else ""
    figures = f"{'thr':>4}{'cpu':>5}{'load':>6}" if width >= WITH_FIGURES else ""
    text = f"   {'pid':>7} {user}{python}{figures}  command"
    return [(pad(text, width), theme.TITLE)]


def choice_line(choice: Choice, selected: bool, width: int) -> Line:
    """Return one line of the list."""
    mark: Piece = (" ▸", theme.KEY) if selected else ("  ", theme.PLAIN)
    pieces = _titled(choice, width) if choice.pid is None else _process(choice, width)
    if not selected:
        return [mark, *pieces]
    text = "".join(text for text, _ in pieces)
    return [mark, (pad(text, max(width - 2, 0)), theme.SELECTED)]


def about_lines(choice: Choice | None, room: Room, width: int) -> list[Line]:
    """Return what there is to say of the selected line."""
    if choice is None:
        return []
    apart: list[Line] = [[]] if room.wide else []
    text = choice.about if choice.why is None else f"{choice.about}  {choice.why}"
    found = wrap(text, max(width - 2, 10))
    if len(found) > ABOUT:
        found[ABOUT - 1] = cut(f"{found[ABOUT - 1]} {found[ABOUT]}", max(width - 2, 10))
    return [*apart, *([(f" {part}", theme.FAINT)] for part in found[:ABOUT])]


def _titled(choice: Choice, width: int) -> list[Piece]:
    name = f" {pad(choice.name, min(NAME, max(width - 3, 0)))} "
    title = pad(choice.title, min(TITLE, max(width - 2 - len(name), 0)))
    room = max(width - 2 - len(name) - len(title) - 1, 0)
    return [
        (name, theme.STRONG),
        (title, theme.PLAIN),
        (f" {cut(choice.about, room)}" if room else "", theme.FAINT),
    ]


def _process(choice: Choice, width: int) -> list[Piece]:
    pieces: list[Piece] = [
        (f" {choice.pid:>7} ", theme.PLAIN),
        (pad(choice.user, 8) + " " if width >= WITH_USER else "", theme.FAINT),
        (_python(choice) if width >= WITH_PYTHON else "", theme.PLAIN),
        *(_figures(choice) if width >= WITH_FIGURES else ()),
        ("  ", theme.PLAIN),
    ]
    used = 2 + sum(len(text) for text, _ in pieces)
    text = choice.about if width >= WIDE else choice.name
    return [*pieces, (cut(text, max(width - used, 0)), theme.STRONG)]


def _python(choice: Choice) -> str:
    return pad(choice.python or ("-" if choice.why else "…"), 14) + " "


def section_line(text: str, width: int) -> Line:
    """Return a heading."""
    return [(cut(f" {text}", width), theme.STRONG)]


def typed_line(typed: str, found: int, above: int, below: int, width: int) -> Line:
    """Return the line that shows what was typed, and how much of the list is out of sight.

    Args:
        found: how many go with what was typed.
        above, below: how many of them are out of sight.
    """
    if typed:
        left: list[Piece] = [
            (" filter: ", theme.KEY),
            (cut(typed, max(width - 30, 4)), theme.STRONG),
            ("▏", theme.KEY),
            (f"  {found} found, Esc: all" if found else "", theme.FAINT),
        ]
    else:
        left = [(cut(" type to filter, Enter opens", width), theme.FAINT)]
    counts = [f"{mark} {count}" for mark, count in (("▴", above), ("▾", below)) if count]
    for more in (" ".join([*counts, "more"]), " ".join(counts)) if counts else ():
        gap = width - 1 - sum(cell_len(text) for text, _ in left) - len(more)
        if gap > 1:
            return [*left, (" " * gap, theme.PLAIN), (more, theme.KEY)]
    return left


def _figures(choice: Choice) -> list[Piece]:
    threads = "-" if choice.threads is None else choice.threads
    return [(f"{threads:>4}{percent(choice.cpu):>5}", theme.PLAIN), _load(choice)]


def _load(choice: Choice) -> Piece:
    text = f"{load(choice.load):>6}"
    if choice.load is None:
        return text, theme.RULE
    return text, theme.WARNING if choice.load > 1.5 else theme.PLAIN
