"""The eight states a thread can be in."""

from enum import Enum


class State(Enum):
    """What a thread is doing at one instant; each instant belongs to exactly one state.

    The value is the word used in JSON and text; `letter` stands for it in lanes and in the
    stream; `meaning` is the sentence that help screens print.
    """

    HOLD = ("hold", "H", "holds the GIL, on a core or not")
    WAIT = ("wait", "W", "wants the GIL and does not have it")
    NATIVE = ("native", "N", "on a core without the GIL: C code that released it")
    IO = ("io", "I", "blocked in a system call: socket, file, pipe, poll, child process")
    LOCK = ("lock", "L", "blocked on a lock, condition, queue or semaphore, not the GIL")
    SLEEP = ("sleep", "S", "in a timed sleep")
    READY = ("ready", "R", "could run without the GIL, but no core is free")
    UNKNOWN = ("unknown", "?", "could not be told")

    letter: str
    meaning: str

    def __new__(cls, word: str, letter: str, meaning: str) -> "State":
        state = object.__new__(cls)
        state._value_ = word
        state.letter = letter
        state.meaning = meaning
        return state


STATES: tuple[State, ...] = tuple(State)
"""Every state in the one order used wherever shares are listed by position."""

BY_LETTER: dict[str, State] = {state.letter: state for state in STATES}

POSITION: dict[str, int] = {state.letter: position for position, state in enumerate(STATES)}
"""Where a state's letter stands in an array of shares."""
