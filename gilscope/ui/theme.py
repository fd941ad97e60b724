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

GOOD_STRONG = style(77, bold=True)
WARNING_STRONG = style(214, bold=True)
BAD = style(255, 124, bold=True)
APART = style(16, 245, bold=True)
ALERT = style(16, 214, bold=True)
TABLE_TITLE = style(247, 236)
KEY_MARKED = style(80, 238, bold=True)

_MODES = (153, 216, 151, 183, 223, 116, 175, 180)
"""Pale where states are bright, so that nobody takes the one for the other."""


def mode(number: int) -> Style:
    """Return the style of a mode of a comparison, by its number from 0."""
    return MODES[number % len(MODES)]


def mode_marked(number: int) -> Style:
    """Return the same where the mode is selected."""
    return MODES_MARKED[number % len(MODES_MARKED)]


MODES: tuple[Style, ...] = tuple(style(number, bold=True) for number in _MODES)
MODES_MARKED: tuple[Style, ...] = tuple(style(number, 238, bold=True) for number in _MODES)

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
