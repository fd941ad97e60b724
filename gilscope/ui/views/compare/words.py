"""Modes and conditions in words."""

from pathlib import PurePath

from gilscope.analysis.interpreters import interpreter_name
from gilscope.model import comparison as modes
from gilscope.model.comparison import (
    DONE,
    FAILED,
    SKIPPED,
    TIMED_OUT,
    UNAVAILABLE,
    Comparison,
    Mode,
    Outcome,
)
from gilscope.model.text import clean, counted

BADGES = {
    FAILED: "FAILED",
    UNAVAILABLE: "NOT AVAILABLE",
    TIMED_OUT: "TIMED OUT",
    SKIPPED: "SKIPPED",
}
"""What stands in place of the speed-up where a mode came to no good end."""

WRONG = "WRONG RESULTS"

GRAVE = (BADGES[FAILED], BADGES[TIMED_OUT], WRONG)
"""What should not have happened; the others were asked for, or are how things are."""


def badge(outcome: Outcome) -> str:
    """Return what to say of a mode in place of its speed-up; empty where that is fine."""
    if outcome.condition == DONE and outcome.equal is False:
        return WRONG
    return BADGES.get(outcome.condition, "")


def sentence(text: str | None) -> str:
    """Return text from elsewhere as a sentence: clean, with a capital letter and a full stop."""
    text = clean(text or "").strip()
    if not text:
        return ""
    first = text.split(maxsplit=1)[0]
    # Not the name of a module or an option: "os.fork is not there".
    if first.isalpha() and first.islower():
        text = text[:1].upper() + text[1:]
    return text if text[-1] in ".!?:…" else f"{text}."


def hint(text: str | None) -> str:
    """Return what to do as a sentence without a full stop: it may end with a command to copy."""
    return sentence(text).removesuffix(".")


def what_it_is(mode: Mode, comparison: Comparison) -> str:
    """Return how a mode runs the tasks, as a sentence."""
    workers = comparison.workers
    match mode.kind:
        case modes.SEQUENTIAL:
            return "One task after another, in the main thread."
        case modes.THREADS:
            return f"{counted(workers, 'thread')} of one process share one GIL."
        case modes.PROCESSES:
            return f"{counted(workers, 'process')} with a GIL each{_by(mode)}; objects are pickled."
        case modes.POOL:
            pool = f"A multiprocessing.Pool of {counted(workers, 'process')}"
            return f"{pool}{_by(mode)}; objects are pickled."
        case modes.ASYNCIO:
            return f"One event loop, {counted(workers, 'task')} at most at once."
        case modes.INTERPRETERS:
            return f"{counted(workers, 'interpreter')} in one process, with a GIL each."
        case modes.COMMAND:
            return f"A command, watched and not driven: {command_line(mode)}"
    return clean(mode.kind)


def command_line(mode: Mode) -> str:
    """Return the command of a mode on one line."""
    return clean(" ".join(mode.command))


def python_of(outcome: Outcome) -> str:
    """Return the interpreter's name, or what its file is called before it has told its version."""
    if outcome.version:
        return interpreter_name(outcome.implementation, outcome.version)
    return clean(PurePath(outcome.mode.python).name) if outcome.mode.python else ""


def _by(mode: Mode) -> str:
    return f", started by {mode.method}" if mode.method else ""
