"""One row of the thread table, how it is found by words, and how rows are ordered."""

from collections.abc import Callable
from dataclasses import dataclass, field

from gilscope.analysis.lanes import BLANK
from gilscope.model.records import ThreadRecord
from gilscope.model.states import POSITION
from gilscope.ui.views.look import Key, Look
from gilscope.ui.views.marks import Used
from gilscope.ui.views.words import RUNNING, state_word

Measure = Callable[[ThreadRecord], Used]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table.

    Attributes:
        key: what the line is about.
        depth: how far its name is moved to the right.
        letter: state at the moment shown; BLANK for what is no thread.
        over: it has ended.
        closed: what belongs below it is not shown.
        helper: it belongs to Python's own machinery, not to the program.
        load: GIL load, for what has a GIL.
        held: share of the time that the GIL was held; a sum where there are several.
        thread: the record, for the timeline to be read from.
        members: the threads of a process, for the number of those that want the GIL.
    """

    key: Key
    depth: int
    name: str
    letter: str = BLANK
    used: Used = field(default_factory=Used)
    where: str = ""
    over: bool = False
    closed: bool = False
    helper: bool = False
    load: float | None = None
    held: float | None = None
    thread: ThreadRecord | None = field(default=None, compare=False)
    members: tuple[ThreadRecord, ...] = field(default=(), compare=False)


def in_order(found: list[Row], look: Look) -> list[Row]:
    """Return rows in the order that the user chose."""
    match look.order:
        case "start":
            # The main thread, whose id is the process's own, comes first.
            return sorted(found, key=lambda row: (row.key[2] != row.key[1], row.key[2]))
        case "name":
            return sorted(found, key=lambda row: row.name.lower())
        case "hold" | "wait":
            position = POSITION["H" if look.order == "hold" else "W"]
            return sorted(found, key=lambda row: -(row.used.states or (0.0,) * 8)[position])
        case "cpu":
            return sorted(found, key=lambda row: -(row.used.cpu or 0.0))


def matching(found: list[Row], words: tuple[str, ...]) -> list[Row]:
    """Return the rows in which all these words occur."""
    return [row for row in found if matches(row, words)] if words else found


def matches(row: Row, words: tuple[str, ...]) -> bool:
    """Return whether all these words occur in a row."""
    state = state_word(row.letter, True) + (f" {RUNNING}" if row.letter == "N" else "")
    text = f"{row.name} {row.where} {state} {row.key[1]} {row.key[2]}".lower()
    return all(word in text for word in words)
