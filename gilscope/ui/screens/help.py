"""The help screen: what states, figures and keys mean."""

from collections.abc import Sequence
from textwrap import wrap

from gilscope.model.states import STATES
from gilscope.ui import keys, theme
from gilscope.ui.widgets.board import Line
from gilscope.ui.widgets.page import Page

INTRODUCTION = (
    "The GIL is the lock that lets one thread at a time run Python code in a process. "
    "Each line below the titles is a thread; each cell of its lane is the state it was in at "
    "one instant. In every column at most one thread of a process holds the GIL (H); those "
    "that wait for it (W) could run if it were free. The lanes are drawn as a sweep: the dark "
    "gap moves to the right, what is left of it is new, what is right of it is one sweep old."
)

FIGURES = (
    ("hold wait", "share of the last second in each state, in percent; after r, since then"),
    ("nat io lock slp", "the same for native, io, lock and sleep, where there is room"),
    ("cpu", "share of a core, exact, as the kernel counts it"),
    ("late", "share of the time it could run but no core was free, exact"),
    (
        "load",
        "GIL load: threads that hold or want the GIL, on average over 1, 10 and 60 s; "
        "1.0 is saturated, 3.0 means that two threads always queue",
    ),
    (
        "3122",
        "digits in the lane of a process: how many of its threads held or wanted the GIL at that "
        "instant",
    ),
    ("switches/s", "how often the GIL goes from one thread to another, exact"),
    ("hogs", "holds of 50 ms and more; everybody else waits for so long. Tab goes to them"),
    (
        "why",
        "the panel that w shows: the functions that held the GIL, by share of the time; for whom "
        "the selected thread waited, or the one that waits most; and hogs",
    ),
    ("interpreter", "a part of a process that can have a GIL of its own: then it has its own line"),
    ("+3, 9 thr", "of a folded process: children and threads; its figures are sums of them all"),
    ("helper", "started by Python's own library (multiprocessing, pools), not by the program"),
    ("no GIL", "a free-threaded build: threads run side by side, and N is just running"),
    (
        "cores",
        "a bar each: digits are watched threads (see the digit before a name), "
        "dots the rest of the machine",
    ),
    ("kernel, py-spy", "fidelity: kernel sees all states; py-spy alone cannot see waiting"),
    ("lost", "share of samples that came too late or contradicted themselves"),
    ("cpu 3.9%", "in the first line: what sampling itself costs, of one core"),
)


class HelpScreen(Page):
    """Explains everything on one page."""

    def write(self, width: int) -> Sequence[Line]:
        """Return the whole page."""
        return help_lines(width)


def help_lines(width: int) -> list[Line]:
    """Return the help for a terminal of this width."""
    lines: list[Line] = [[(" gilscope ", theme.BADGE), ("  help", theme.STRONG)], []]
    lines += _text(INTRODUCTION, 1, width)
    lines += _title("States")
    for state in STATES:
        cell = (f" {state.letter} ", theme.LANES[state.letter])
        word = (f" {state.value:<8} ", theme.INKS[state.letter])
        for index, part in enumerate(wrap(state.meaning, max(width - 15, 10))):
            head = [(" ", theme.PLAIN), cell, word] if index == 0 else [(" " * 14, theme.PLAIN)]
            lines.append([*head, (part, theme.PLAIN)])
    lines += _title("Figures")
    for word_, meaning in FIGURES:
        lines += _entry(word_, meaning, 17, width)
    for section, found in keys.SECTIONS:
        lines += _title(f"Keys: {section}")
        for binding in keys.bindings(found):
            lines += _entry(keys.shown_keys(binding), binding.description, 12, width)
    lines += _text(
        "In a mouse's hands: click a row to select it, click it again to open it, click "
        "a title to sort, click a key in the last line, turn the wheel.",
        1,
        width,
        True,
    )
    return lines


def _title(text: str) -> list[Line]:
    return [[], [(f" {text}", theme.STRONG)]]


def _text(text: str, indent: int, width: int, space: bool = False) -> list[Line]:
    lines: list[Line] = [[]] if space else []
    margin = " " * indent
    return lines + [
        [(margin + part, theme.PLAIN)] for part in wrap(text, max(width - indent - 1, 10))
    ]


def _entry(word: str, meaning: str, column: int, width: int) -> list[Line]:
    lines: list[Line] = []
    for index, part in enumerate(wrap(meaning, max(width - column - 2, 10))):
        head = f" {word:<{column}}" if index == 0 else " " * (column + 1)
        lines.append([(head, theme.KEY), (part, theme.PLAIN)])
    return lines
