"""What the modes of a comparison are called: as short as tells them apart."""

from collections.abc import Callable, Sequence

from gilscope.analysis.interpreters import short_name
from gilscope.model.comparison import COMMAND, WITH_METHOD, Comparison, Mode, Outcome
from gilscope.model.text import clean, cut

LONGEST = 32
"""Cells of a label."""

SHORT = 24
"""Cells up to which a command line is told whole."""


def labels(comparison: Comparison) -> tuple[str, ...]:
    """Return a short name for each outcome, every one different: "threads", "processes spawn"."""
    outcomes = comparison.outcomes
    commands = iter(
        command_labels([each.mode.command for each in outcomes if each.mode.kind == COMMAND])
    )
    interpreters = interpreter_labels(outcomes)
    return tuple(
        distinct(
            [
                next(commands)
                if each.mode.kind == COMMAND
                else _label(each, outcomes, interpreters.get(each.mode.python))
                for each in outcomes
            ]
        )
    )


def interpreter_labels(outcomes: Sequence[Outcome]) -> dict[str | None, str]:
    """Return what each interpreter is called, by its path; empty where there is only one.

    By its version where that is known and no other one's, else by what its path differs in.
    """
    paths = list(dict.fromkeys(each.mode.python for each in outcomes if _drives(each.mode)))
    if len(paths) < 2:
        return {}
    versions = {path: _version(path, outcomes) for path in paths}
    names = dict(zip(paths, path_labels([path or "" for path in paths]), strict=True))
    called: dict[str | None, str] = {}
    for path in paths:
        version = versions[path]
        shared = list(versions.values()).count(version) > 1
        words = [version] if version else []
        if shared or not version:
            words.append(names[path])
        called[path] = " ".join(filter(None, words))
    return called


def path_labels(paths: Sequence[str]) -> list[str]:
    """Return for each path the last part that no other one has, or the whole path."""
    parts = [[part for part in path.split("/") if part][::-1] for path in paths]

    def told(mine: list[str]) -> str:
        others = [other for other in parts if other is not mine]
        for depth, part in enumerate(mine):
            if all(depth >= len(other) or other[depth] != part for other in others):
                return part
        return "/".join(reversed(mine))

    return [told(mine) for mine in parts]


def command_labels(commands: Sequence[Sequence[str]]) -> list[str]:
    """Return for each command line its program and the words in which it differs from the others.

    A short one is told whole. Files are told without their folders where that is enough.
    """
    whole = [" ".join(_based(command)) for command in commands]
    if len(set(whole)) == len(whole) and all(len(line) <= SHORT for line in whole):
        return whole
    same = _common(commands, lambda words: words)
    rest = [words[same:] for words in commands]
    tail = _common(rest, lambda words: words[::-1])
    told = [
        _shortened(words, same, len(words) - tail if tail else len(words)) for words in commands
    ]
    bare = [" ".join(_based(words)) for words in told]
    return bare if len(set(bare)) == len(bare) else [" ".join(words) for words in told]


def distinct(names: Sequence[str]) -> list[str]:
    """Return the names clean, cut to LONGEST cells, and numbered where some are the same."""
    shown: list[str] = []
    for name in names:
        short = cut(name, LONGEST) or "?"
        number, told = 1, short
        while told in shown:
            number += 1
            told = f"{cut(name, LONGEST - len(str(number)) - 1)} {number}"
        shown.append(told)
    return shown


def _label(outcome: Outcome, outcomes: Sequence[Outcome], interpreter: str | None) -> str:
    mode = outcome.mode
    words = [mode.kind]
    if mode.kind in WITH_METHOD:
        method = mode.method or outcome.method
        if method and (mode.method or len(_methods(mode.kind, outcomes)) > 1):
            words.append(method)
    if interpreter:
        words.append(interpreter)
    return " ".join(words)


def _methods(kind: str, outcomes: Sequence[Outcome]) -> set[str | None]:
    return {each.mode.method or each.method for each in outcomes if each.mode.kind == kind}


def _drives(mode: Mode) -> bool:
    return mode.kind != COMMAND


def _version(path: str | None, outcomes: Sequence[Outcome]) -> str | None:
    """Return the version of an interpreter, as any of its modes has told it; "pypy 3.10.14"."""
    for each in outcomes:
        if _drives(each.mode) and each.mode.python == path and each.version:
            return short_name(each.implementation, each.version)
    return None


def _based(words: Sequence[str]) -> list[str]:
    return [clean(word.rstrip("/").rpartition("/")[2] or word) for word in words]


def _common(
    commands: Sequence[Sequence[str]], turned: Callable[[Sequence[str]], Sequence[str]]
) -> int:
    """Return how many words all of them begin with."""
    number = 0
    for words in zip(*map(turned, commands), strict=False):
        if len(set(words)) > 1:
            break
        number += 1
    return number


def _shortened(words: Sequence[str], start: int, end: int) -> list[str]:
    """Return the program and the words from start to end, an ellipsis for what is left out."""
    if start == 0:
        return list(words[: max(end, 1)])
    # The words between the program and what differs are the same in all of them.
    between = list(words[1:start]) if start <= 2 else ["…"]
    return [*words[:1], *between, *words[start:end]]
