"""Where a thread is, in a few words: its innermost call, or what it is blocked on."""

from pathlib import PurePath

from gilscope.model.events import Call
from gilscope.model.records import ThreadRecord
from gilscope.model.text import clean

_BLOCKED = "ILS"
"""States in which the system call says more than the stack."""


_EVERYWHERE = {"__init__.py", "__main__.py"}


def place(call: Call) -> str:
    """Return a call as "count_primes app.py:12"."""
    path = PurePath(call.file)
    # Every package has these: the folder says which one it is.
    name = "/".join(path.parts[-2:]) if path.name in _EVERYWHERE else path.name or call.file
    function = call.name.replace(".<locals>.", ".")
    return clean(f"{function} {name}:{call.line}" if call.line else f"{function} {name}")


def where(thread: ThreadRecord, letter: str) -> str:
    """Return where a thread is that is in the state of this letter; empty where it is not known."""
    if thread.blocked and letter in _BLOCKED:
        return clean(thread.blocked)
    if thread.calls:
        return place(thread.calls[0])
    return clean(thread.blocked) if thread.blocked else ""
