"""Short names for what runs: a command line says more than a row has room for."""

from pathlib import PurePath

from gilscope.model.text import clean
from gilscope.ui.views.machinery import command_name

_WITH_VALUE = {"-W", "-X", "--check-hash-based-pycs"}
"""Options of the interpreter that take the next argument as their value."""


def is_python(program: str) -> bool:
    """Return whether the first word of a command line looks like a Python interpreter."""
    return PurePath(program).name.lstrip("-").startswith(("python", "pypy", "jython", "graalpy"))


def short_command(command: tuple[str, ...]) -> str:
    """Return what a command line runs: "server.py" of "python -u /srv/server.py --port 1"."""
    if not command or not command[0]:
        return "?"
    program = PurePath(command[0]).name or command[0]
    if not is_python(command[0]):
        return clean(program)
    arguments = iter(command[1:])
    for argument in arguments:
        if argument == "-m":
            return clean(next(arguments, program))
        if argument == "-c":
            return command_name(next(arguments, "")) or f"{clean(program)} -c"
        if argument in _WITH_VALUE:
            next(arguments, None)
        elif not argument.startswith("-"):
            return clean(PurePath(argument).name or argument)
    return clean(program)
