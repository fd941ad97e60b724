"""Draws the list of the Home screen."""

from collections.abc import Sequence

from gilscope.model.text import cut, pad
from gilscope.ui import theme
from gilscope.ui.views.figures import load, percent
from gilscope.ui.views.home import Choice
from gilscope.ui.widgets.board import Line, Piece

WIDE = 100

INTRODUCTION = (
    "See which threads hold Python's interpreter lock (the GIL), which wait for it, and why. "
    "Choose what to watch."
)


def title_line(width: int) -> Line:
    """Return the titles of the columns for processes."""
    user = f"{'user':<9}" if width >= 64 else ""
    text = f"   {'pid':>7} {user}{'python':<15}{'thr':>4}{'cpu':>5}{'load':>6}  command"
    return [(pad(text, width), theme.TITLE)]


def choice_line(choice: Choice, selected: bool, width: int) -> Line:
    """Return one line of the list."""
    mark: Piece = ("  ", theme.PLAIN)
    ink = theme.PLAIN
    if selected:
        mark, ink = (" ▸", theme.KEY), theme.SELECTED
    if choice.pid is None:
        name = f" {pad(choice.name, min(36, max(width - 4, 8)))}"
        room = max(width - 2 - len(name) - 1, 0)
        return [mark, (name, ink), (" " + cut(choice.about, room), theme.FAINT)]
    user = pad(choice.user, 8) + " " if width >= 64 else ""
    pieces: list[Piece] = [
        mark,
        (f" {choice.pid:>7} ", ink),
        (user, theme.FAINT),
        (pad(choice.python or ("-" if choice.why else "…"), 14) + " ", theme.PLAIN),
        (f"{choice.threads:>4}" if choice.threads is not None else "   -", theme.PLAIN),
        (f"{percent(choice.cpu):>5}", theme.PLAIN),
        _load(choice),
        ("  ", theme.PLAIN),
    ]
    used = sum(len(text) for text, _ in pieces)
    about = choice.why if choice.why and choice.load is None else None
    text = f"{choice.name}  ({about})" if about else choice.about if width >= WIDE else choice.name
    pieces.append((cut(text, max(width - used, 0)), ink if selected else theme.PLAIN))
    return pieces


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
