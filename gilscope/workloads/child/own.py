"""Find the user's own function, and say what is wrong with it before anything runs."""

from __future__ import annotations

import difflib
import importlib
import inspect
import os
import pkgutil
import sys
import types
from collections.abc import Callable, Iterable
from typing import Any

from gilscope.workloads.child.failures import Failure, describe, trace_of


def find(name: str) -> Callable[..., Any]:
    """Return the function of "package.module:function" or "path/to/file.py:function".

    Modules are looked for in the current directory first, as `python -m` does. A file is imported
    by its own name, with its folder first, so that worker processes can import it too.

    Raises:
        Failure: there is none, or what is there is no function.
    """
    try:
        current = os.getcwd()
    except FileNotFoundError as error:
        raise Failure(
            "The current directory does not exist any more.", "Run gilscope in another one."
        ) from error
    if current not in sys.path:
        sys.path.insert(0, current)
    place, colon, path = name.rpartition(":")
    if not colon:
        place, path = name, ""
    is_file = place.endswith(".py") or os.sep in place
    module = _import_file(place) if is_file else _import_module(place)
    if not path:
        raise Failure(
            f"{name} names no function.", f"Name a function in it: {_example(place, module)}."
        )
    return _function(name, module, path)


def check(name: str, function: Callable[..., Any], arguments: list[tuple[Any, ...]]) -> None:
    """Check that the function takes the arguments.

    Raises:
        Failure: it does not.
    """
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):  # One that is written in C may not tell.
        return
    given: tuple[Any, ...] = ()
    try:
        for given in arguments:
            signature.bind(*given)
    except TypeError as error:
        count = f"{len(given)} argument" + "s" * (len(given) != 1)
        raise Failure(
            f"{name}{signature} cannot be called with {count}: {error}.",
            "Give a list of its positional arguments, for instance --args '[100000]'.",
        ) from error


def _import_file(path: str) -> types.ModuleType:
    full = os.path.realpath(path)
    folder, base = os.path.split(full)
    stem, extension = os.path.splitext(base)
    if not os.path.isfile(full):
        near = _near(base, os.listdir(folder) if os.path.isdir(folder) else ())
        fix = f"Did you mean {os.path.join(os.path.dirname(path), near)}?" if near else None
        raise Failure(f"There is no file {path}.", fix)
    if extension != ".py" or "." in stem:
        raise Failure(
            f"{path} cannot be imported by that name.",
            "Give it a name without other dots that ends in .py.",
        )
    sys.path.insert(0, folder)
    module = _imported(stem, path)
    found = getattr(module, "__file__", None)
    if found is None or os.path.realpath(found) != full:
        raise Failure(
            f"{path} cannot be imported: Python has another module named {stem}"
            + (f", {found}." if found else "."),
            "Give the file a name of its own.",
        )
    return module


def _import_module(name: str) -> types.ModuleType:
    if not name or name.startswith("."):
        raise Failure(
            f"{name or 'Nothing'} is no module's name.", "Name it as in package.module:function."
        )
    return _imported(name, name)


def _imported(name: str, shown: str) -> types.ModuleType:
    try:
        return importlib.import_module(name)
    except BaseException as error:
        if isinstance(error, ModuleNotFoundError) and f"{name}.".startswith(f"{error.name}."):
            raise _no_module(error.name or name) from error
        happened = (
            f"it calls sys.exit({error.code!r})"
            if isinstance(error, SystemExit)
            else describe(error)
        )
        fix = None
        if isinstance(error, SystemExit):
            fix = 'Let it do so only if __name__ == "__main__".'
        elif "relative import" in str(error):
            fix = "It is part of a package: name it as in package.module:function."
        raise Failure(f"{shown} cannot be imported: {happened}.", fix, trace_of(error)) from error


def _no_module(name: str) -> Failure:
    parent, dot, last = name.rpartition(".")
    path = getattr(sys.modules.get(parent), "__path__", None) if dot else None
    near = _near(last, (each.name for each in pkgutil.iter_modules(path)))
    if near:
        fix = f"Did you mean {parent}{dot}{near}?"
    elif os.path.isfile(f"{last}.py") or os.path.isdir(last):
        fix = None
    else:
        fix = "Run gilscope where it can be imported, or name its file: path/to/file.py:function."
    return Failure(f"There is no module named {name} for {sys.executable}.", fix)


def _function(name: str, module: types.ModuleType, path: str) -> Callable[..., Any]:
    place = name[: -len(path) - 1]
    found: Any = module
    parts = path.split(".")
    passed: list[str] = []
    try:
        for part in parts:
            found = getattr(found, part)
            passed.append(part)
    except AttributeError as error:
        wanted, *rest = parts[len(passed) :]
        near = _near(wanted, (each for each in dir(found) if not each.startswith("__")))
        meant = ".".join([*passed, near or "", *rest])
        example = f"Name a function of it: {_example(place, module)}."
        fix = f"Did you mean {place}:{meant}?" if near else example
        raise Failure(f"There is no {path} in {place}.", fix) from error
    if inspect.isclass(found):
        raise Failure(
            f"{name} is a class, not a function.",
            "Write a function that makes one and does the work.",
        )
    if not callable(found):
        raise Failure(f"{name} is of type {type(found).__name__}, not a function.")
    if inspect.isgeneratorfunction(found) or inspect.isasyncgenfunction(found):
        raise Failure(
            f"{name} is a generator function: to call it does no work yet.",
            "Write a function that goes through all it yields and returns the result.",
        )
    function: Callable[..., Any] = found
    return function


def _example(place: str, module: types.ModuleType) -> str:
    named = [
        f"{place}:{name}"
        for name, each in vars(module).items()
        if inspect.isfunction(each) and each.__module__ == module.__name__ and name[0] != "_"
    ]
    return " or ".join(named[:2]) if named else f"{place}:function"


def _near(name: str, names: Iterable[str]) -> str | None:
    return next(iter(difflib.get_close_matches(name, names, 1)), None)
