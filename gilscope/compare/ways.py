"""From the words of a command line to the modes that they stand for."""

import difflib
from collections.abc import Sequence

from gilscope.errors import Misuse
from gilscope.model.comparison import (
    ASYNCIO,
    KINDS,
    METHODS,
    PROCESSES,
    SEQUENTIAL,
    THREADS,
    WITH_METHOD,
    Mode,
)

USUAL = (SEQUENTIAL, THREADS, PROCESSES)
"""The modes that a plain function is run in unless told otherwise."""

USUAL_OF_COROUTINES = (SEQUENTIAL, THREADS, PROCESSES, ASYNCIO)
"""The same of a coroutine function, and of a work that has a coroutine."""

ALL = "all"

GRAMMAR = "a mode is one of " + ", ".join(KINDS) + "; processes:spawn, threads@PYTHON"


def modes_of(words: str | None, pythons: Sequence[str], *, coroutine: bool) -> tuple[Mode, ...]:
    """Return the modes to run, the baseline first, each once.

    Args:
        words: "threads,processes:spawn,threads@/path/to/python", or "all"; None for the usual.
        pythons: more interpreters, which are to run every mode that names none of its own.
        coroutine: the work has a coroutine.

    Raises:
        Misuse: a word is no mode.
    """
    usual = USUAL_OF_COROUTINES if coroutine else USUAL
    if words is None:
        told = [Mode(kind) for kind in usual]
    else:
        told = [
            mode
            for word in words.split(",")
            for mode in ([Mode(kind) for kind in KINDS] if word == ALL else [read_mode(word)])
        ]
    modes = dict.fromkeys([Mode(SEQUENTIAL), *told])
    for python in pythons:
        for mode in told:
            if mode.python is None:
                modes[Mode(mode.kind, mode.method, python)] = None
    return tuple(modes)


def read_mode(word: str) -> Mode:
    """Return the mode that a word stands for.

    Raises:
        Misuse: it stands for none.
    """
    left, _, python = word.strip().partition("@")
    kind, colon, method = left.partition(":")
    if kind not in KINDS:
        near = difflib.get_close_matches(kind, KINDS, n=1)
        hint = f"did you mean {near[0]}?" if near else GRAMMAR
        raise Misuse(f"there is no mode {kind!r}", hint)
    if colon and kind not in WITH_METHOD:
        raise Misuse(
            f"{kind} starts no processes, so {method!r} cannot be chosen", "leave the colon out"
        )
    if colon and method not in METHODS:
        raise Misuse(f"{method!r} is no way to start a process", "there are " + ", ".join(METHODS))
    return Mode(kind, method or None, python or None)


def commands_of(words: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    """Return the commands that stand between `--` and `--`.

    Raises:
        Misuse: one of them is empty, or there is only one.
    """
    commands: list[tuple[str, ...]] = []
    command: list[str] = []
    for word in [*words, "--"]:
        if word == "--":
            commands.append(tuple(command))
            command = []
        else:
            command.append(word)
    if len(commands) < 2 or not all(commands):
        raise Misuse(
            "two or more commands are needed to compare",
            "for instance: gilscope compare -- python a.py -- python b.py",
        )
    return tuple(commands)
