"""What states are called where there is a GIL, and where there is none."""

from gilscope.model.session import Session
from gilscope.model.states import BY_LETTER

RUNNING = "running"
"""Native code is what runs without the GIL; where there is none, it is just running."""


def state_word(letter: str, gil: bool | None) -> str:
    """Return the word for a state; empty for no state.

    Args:
        gil: whether the process has a GIL (Process.gil).
    """
    if letter == "N" and gil is False:
        return RUNNING
    state = BY_LETTER.get(letter)
    return state.value if state else ""


def any_gil(session: Session) -> bool | None:
    """Return False where no process that is watched has a GIL, None before that is known."""
    known = [record.about.gil for record in session.processes.values()]
    if known and all(gil is False for gil in known):
        return False
    return True if any(known) else None
