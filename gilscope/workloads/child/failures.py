"""What can go wrong, in one sentence, and the traceback that goes with it."""

from __future__ import annotations

import os
import traceback
import types
from typing import Any

_LONGEST_SENTENCE = 300
_LONGEST_TRACE = 16_000
_REMOTE = ("_RemoteTraceback", "RemoteTraceback")


class Failure(Exception):
    """It went wrong.

    Attributes:
        error: one sentence.
        fix: one sentence on what to do, where something can be done.
        trace: the traceback, where there is one.
        stage: where it went wrong, if not in what was asked for.
        done: tasks that were done.
    """

    def __init__(
        self,
        error: str,
        fix: str | None = None,
        trace: str | None = None,
        stage: str | None = None,
        done: int = 0,
    ) -> None:
        super().__init__(error)
        self.error = error
        self.fix = fix
        self.trace = trace
        self.stage = stage
        self.done = done


class Impossible(Exception):
    """This interpreter cannot run the work in this mode: why not, and a way, one sentence each."""

    def __init__(self, reason: str, fix: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.fix = fix


def describe(error: BaseException) -> str:
    """Return an exception's type and message on one line, not too long."""
    try:
        message = " ".join(str(error).split())
    except BaseException:  # noqa: BLE001  its class is the user's, and so is its __str__
        message = ""
    name = type(error).__name__
    return shorten(f"{name}: {message}" if message else name)


def shorten(text: str) -> str:
    """Return a text that fits into one sentence."""
    return text if len(text) <= _LONGEST_SENTENCE else text[: _LONGEST_SENTENCE - 3] + "..."


def trace_of(error: BaseException) -> str:
    """Return the traceback of an exception, from the first frame that is not the driver's.

    Of one that was raised in another process or interpreter, the traceback there.
    """
    try:
        text = _trace_of(error)
    except BaseException:  # noqa: BLE001  its class is the user's
        return ""
    return _without_machinery(text)[-_LONGEST_TRACE:].rstrip()


def _trace_of(error: BaseException) -> str:
    cause = error.__cause__
    if type(cause).__name__ in _REMOTE:
        return str(cause).strip().strip('"').strip()
    if getattr(getattr(cause, "excinfo", None), "errdisplay", None):
        display: str = cause.excinfo.errdisplay  # type: ignore[union-attr]
        return display
    return "".join(traceback.format_exception(type(error), error, error.__traceback__))


def raised(error: BaseException, index: int) -> tuple[str, str]:
    """Return what to say of a task that raised an exception, and its traceback."""
    try:
        index = getattr(error, "_gilscope_task", index)
        if isinstance(error, SystemExit):
            return shorten(f"task {index} called sys.exit({error.code!r})"), trace_of(error)
    except BaseException:  # noqa: BLE001  what its class makes of that is the user's
        pass
    return f"task {index} raised {describe(error)}", trace_of(error)


def task_failure(error: BaseException, index: int, done: int = 0) -> Failure:
    """Return the failure of a task that raised an exception."""
    sentence, trace = raised(error, index)
    return Failure(sentence.rstrip(".") + ".", trace=trace, stage="run", done=done)


def stumble(error: BaseException) -> Failure:
    """Return the failure of gilscope's own code, or that of a file in its way.

    In the current directory, or where else Python looks first, a file may have the name of a module
    of Python's own.
    """
    files = [frame.filename for frame in traceback.extract_tb(error.__traceback__)]
    library = os.path.dirname(os.__file__)
    here = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    last = next((name for name in reversed(files) if not name.startswith("<")), "")
    inside = last.startswith((library + os.sep, here + os.sep)) and "-packages" not in last
    trace = trace_of(error)
    if inside or not last:
        return Failure(f"It went wrong in gilscope itself: {describe(error)}.", trace=trace)
    return Failure(
        f"{last} was imported in place of a module that Python needs: {describe(error)}.",
        "Give that file another name, or run gilscope elsewhere.",
        trace,
    )


def refuse_coroutines(results: list[Any]) -> None:
    """Make sure that a plain function has returned something that is there.

    Raises:
        Failure: it is a coroutine, which nobody has waited for.
    """
    coroutines = [result for result in results if isinstance(result, types.CoroutineType)]
    for coroutine in coroutines:
        coroutine.close()
    if coroutines:
        raise Failure(
            "The function returns a coroutine, but is no coroutine function itself.",
            "Name the coroutine function that it calls.",
        )


def _machinery() -> tuple[str, ...]:
    library = os.path.dirname(os.__file__)
    packages = ("asyncio", "concurrent", "importlib", "multiprocessing")
    return (
        os.path.dirname(os.path.abspath(__file__)),
        *(os.path.join(library, package) for package in packages),
        "<frozen importlib",
    )


def _without_machinery(text: str) -> str:
    """Leave out the frames before the first of the work's; all of them stay where none is."""
    machinery = tuple(f'  File "{folder}' for folder in _machinery())
    kept: list[str] = []
    leading: list[str] | None = None
    for line in text.splitlines():
        if line.startswith("Traceback ("):
            kept.append(line)
            leading = []
        elif leading is None:
            kept.append(line)
        elif line.startswith(machinery) or (leading and line.startswith("    ")):
            leading.append(line)
        else:
            if not line.startswith(" "):
                kept += leading
            leading = None
            kept.append(line)
    return "\n".join(kept)
