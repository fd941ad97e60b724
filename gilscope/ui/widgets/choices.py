"""Draws the list of the Home screen."""

from collections.abc import Sequence
from textwrap import wrap

from gilscope.model.text import cut, pad
from gilscope.ui import theme
from gilscope.ui.views.figures import load, percent
from gilscope.ui.views.home import Choice
from gilscope.ui.widgets.board import Line, Piece

WIDE = 100
"""Columns from which on there is room for whole command lines."""

WITH_USER = 64
"""Columns from which on there is room for the owner's name."""

ABOUT = 2
"""Lines about what is selected."""

INTRODUCTION = (
    "See which threads hold Python's interpreter lock (the GIL), which wait for it, and why. "
    "Choose what to watch."
)


def title_line(width: int) -> Line:
    """Return the titles of the columns for processes."""
    user = f"{'user':<9}" if width >= WITH_USER else ""
    text = f"   {'pid':>7} {user}{'python':<15}{'thr':>4}{'cpu':>5}{'load':>6}  command"
    return [(pad(text, width), theme.TITLE)]


def choice_line(choice: Choice, selected: bool, width: int) -> Line:
    """Return one line of the list."""
    mark: Piece = (" ▸", theme.KEY) if selected else ("  ", theme.PLAIN)
    pieces = _demonstration(choice, width) if choice.pid is None else _process(choice, width)
    if not selected:
        return [mark, *pieces]
    text = "".join(text for text, _ in pieces)
    return [mark, (pad(text, max(width - 2, 0)), theme.SELECTED)]


def about_lines(choice: Choice | None, width: int) -> list[Line]:
    """Return what there is to say of the selected line."""
    if choice is None:
        return []
    text = choice.about if choice.why is None else f"{choice.about}  {choice.why}"
    found = wrap(text, max(width - 2, 10))
    if len(found) > ABOUT:
        found[ABOUT - 1] = cut(f"{found[ABOUT - 1]} {found[ABOUT]}", max(width - 2, 10))
    return [[(f" {part}", theme.FAINT)] for part in found[:ABOUT]]


def _demonstration(choice: Choice, width: int) -> list[Piece]:
    name = f" {pad(choice.name, min(36, max(width - 4, 8)))}"
    room = max(width - 2 - len(name) - 1, 0)
    return [(name, theme.PLAIN), (" " + cut(choice.about, room), theme.FAINT)]


def _process(choice: Choice, width: int) -> list[Piece]:
    pieces: list[Piece] = [
        (f" {choice.pid:>7} ", theme.PLAIN),
        (pad(choice.user, 8) + " " if width >= WITH_USER else "", theme.FAINT),
        (pad(choice.python or ("-" if choice.why else "…"), 14) + " ", theme.PLAIN),
        (f"{choice.threads:>4}" if choice.threads is not None else "   -", theme.PLAIN),
        (f"{percent(choice.cpu):>5}", theme.PLAIN),
        _load(choice),
        ("  ", theme.PLAIN),
    ]
    used = 2 + sum(len(text) for text, _ in pieces)
    text = choice.about if width >= WIDE else choice.name
    return [*pieces, (cut(text, max(width - used, 0)), theme.STRONG)]


def section_line(text: str, width: int) -> Line:
    """Return a heading."""
    return [(cut(f" {text}", width), theme.STRONG)]


def typed_line(typed: str, found: Sequence[Choice], width: int) -> Line:
    """Return the line that shows what was typed."""
    if not typed:
        return [(cut(" type to filter, Enter opens", width), theme.FAINT)]
    return [
        (" filter: ", theme.KEY),
        (cut(typed, max(width - 30, 4)), theme.STRONG),
        ("▏", theme.KEY),
        (f"  {len(found)} found, Esc: all", theme.FAINT),
    ]


def _load(choice: Choice) -> Piece:
    text = f"{load(choice.load):>6}"
    if choice.load is None:
        return text, theme.RULE
    return text, theme.WARNING if choice.load > 1.5 else theme.PLAIN
