"""What an interpreter is called, wherever it is named."""

from gilscope.model.text import clean

_PYTHON = "python"


def interpreter_name(implementation: str | None, version: str | None) -> str:
    """Return its name, and its version where that is known: "python 3.12.1", "pypy 3.10.14"."""
    if not (implementation or version):
        return "not known to be Python"
    # Nobody says of CPython that it is not another one.
    family = _PYTHON if implementation in (None, "", "cpython") else implementation
    return clean(f"{family} {version or ''}".strip())


def short_name(implementation: str | None, version: str) -> str:
    """Return as little as tells it apart: "3.12.1", "pypy 3.10.14"."""
    return interpreter_name(implementation, version).removeprefix(f"{_PYTHON} ")
