"""Colours: one palette of fixed numbers, for states, threads and the words around them.

Colours are numbers 16 to 255 of the 256-colour palette: they look alike on every terminal, take
half the bytes of 24-bit colours, and Rich maps them to the nearest of 16 where there are no more.
Busy states are bright, idle ones subdued, so that the eye finds what matters.
"""

from rich.style import Style
from textual.theme import Theme

from gilscope.model.states import BY_LETTER, State

BACKGROUND = 233
RAISED = 236


def style(colour: int, background: int = BACKGROUND, bold: bool = False) -> Style:
    """Return the style of these numbers of the palette."""
    return Style(color=f"color({colour})", bgcolor=f"color({background})", bold=bold or None)


PLAIN = style(250)
FAINT = style(243)
RULE = style(238)
STRONG = style(255, bold=True)
TITLE = style(245)
KEY = style(80)
GOOD = style(77)
WARNING = style(214)
ERROR = style(203, bold=True)
SELECTED = style(255, 238, bold=True)
MARKED = style(255, 236)
CURSOR = style(16, 255, bold=True)
SWEEP = style(16)
BADGE = style(233, 77, bold=True)

_LANES: dict[State, tuple[int, int]] = {
    State.HOLD: (16, 71),
    State.WAIT: (16, 178),
    State.NATIVE: (16, 38),
    State.IO: (75, 18),
    State.LOCK: (176, 53),
    State.SLEEP: (247, 236),
    State.READY: (231, 160),
    State.UNKNOWN: (240, BACKGROUND),
}
"""Letter and cell of each state."""

_INKS: dict[State, int] = {
    State.HOLD: 77,
    State.WAIT: 214,
    State.NATIVE: 44,
    State.IO: 75,
    State.LOCK: 176,
    State.SLEEP: 247,
    State.READY: 203,
    State.UNKNOWN: 240,
}
"""Each state's colour on the background."""

LANES: dict[str, Style] = {letter: style(*_LANES[state]) for letter, state in BY_LETTER.items()}
"""How a cell of the timeline is drawn, by its letter."""

INKS: dict[str, Style] = {letter: style(_INKS[state]) for letter, state in BY_LETTER.items()}
"""How a figure or a word about a state is drawn, by its letter."""

QUEUES: dict[str, Style] = {"0": RULE, "1": GOOD}
"""How the number of threads that hold or want the GIL is drawn; other numbers are a WARNING."""

_RUNNERS = (73, 173, 104, 107, 168, 67, 143, 138)

WHO: tuple[Style, ...] = tuple(style(number) for number in _RUNNERS)
"""Colours that tell threads (or processes) from one another on the cores."""

WHO_SOLID: tuple[Style, ...] = tuple(style(16, number) for number in _RUNNERS)
"""The same as cells."""

THEME = Theme(
    name="gilscope",
    primary="#5fd7d7",
    secondary="#5fd75f",
    accent="#5fd7d7",
    warning="#ffaf00",
    error="#ff5f5f",
    success="#5fd75f",
    foreground="#bcbcbc",
    background="#121212",
    surface="#121212",
    panel="#303030",
    dark=True,
)
