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


COMPARE_INTRODUCTION = (
    "The same work, run several ways: a column each, one after another, so that each has the whole "
    "machine. The large figure says how many times as fast as the first column it was. Below it "
    "stand the cores, and a lane for each worker, a thread or a process: its cells are the state "
    "it was in at one instant, from the run's begin on, with one scale in all columns. A thread "
    "that waits for the GIL (W) gets nothing done: where W stands, more threads do not help."
)

COMPARE_FIGURES = (
    ("1.88x", "speed-up: wall time of the first mode divided by that of this one"),
    ("so far", "the same, guessed from the tasks that are done"),
    ("wall s", "from handing the first task over to having the last result; of several runs the "
     "median, and the spread from the shortest to the longest"),
    ("eff", "efficiency: speed-up divided by the workers"),
    ("cores", "cores kept busy on average: CPU seconds divided by wall seconds"),
    ("cpu s", "time on a core of all its processes"),
    ("MB", "most memory of all its processes together; what they share is counted once"),
    ("start s", "to start the pool; not part of the wall time"),
    ("load", "GIL load: threads that hold or want the GIL; mean where there are several"),
    ("wait native io lock", "share of the workers' time in that state"),
    ("cores 0 1", "a bar each: squares are this mode, dots the rest of the machine"),
    ("+ 196 more", "workers there is no room for, and how many of them are in each state"),
)  # fmt: skip


FIRST = ("Everywhere", "Compare")
"""Sections of keys that come first where a comparison is looked at."""


class HelpScreen(Page):
    """Explains everything on one page."""

    def write(self, width: int) -> Sequence[Line]:
        """Return the whole page; where it was opened from the Compare screen, that comes first."""
        below = [getattr(screen, "BINDINGS", None) for screen in self.app.screen_stack]
        return help_lines(width, any(found is keys.COMPARE for found in below))


def help_lines(width: int, compare: bool = False) -> list[Line]:
    """Return the help for a terminal of this width.

    Args:
        compare: it is for who looks at a comparison.
    """
    lines: list[Line] = [[(" gilscope ", theme.BADGE), ("  help", theme.STRONG)], []]
    lines += _text(COMPARE_INTRODUCTION if compare else INTRODUCTION, 1, width)
    lines += _title("States")
    for state in STATES:
        cell = (f" {state.letter} ", theme.LANES[state.letter])
        word = (f" {state.value:<8} ", theme.INKS[state.letter])
        for index, part in enumerate(wrap(state.meaning, max(width - 15, 10))):
            head = [(" ", theme.PLAIN), cell, word] if index == 0 else [(" " * 14, theme.PLAIN)]
            lines.append([*head, (part, theme.PLAIN)])
    lines += _title("Figures")
    for word_, meaning in COMPARE_FIGURES if compare else FIGURES:
        lines += _entry(word_, meaning, 20 if compare else 17, width)
    for section, found in sorted(keys.SECTIONS, key=lambda each: compare and each[0] not in FIRST):
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
