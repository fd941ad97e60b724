"""Which Python a process runs that is not CPython, and in what version."""

import mmap
import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from gilscope.probe.maps import Mapping, file_behind

_PROGRAM = re.compile(r"(pypy|graalpy|micropython)[\d.]*(-c)?")
_LIBRARY = re.compile(r"lib(pypy)[\d.]*-c\.so")
_JAR = re.compile(r"jython[a-z-]*-(\d+(?:\.\d+)+)[^/]*\.jar")
_DOTNET = re.compile(r"(?:^|/)(?:ipy(?:32|64)?(?:\.exe|\.dll)|IronPython[^/]*\.(?:exe|dll))$")
_PYPY = re.compile(rb"(\d\.\d+\.\d+)[^\n\0]{0,80}\n\[PyPy (\d+(?:\.\d+)+)")

_PYPY_MARK = b"\n[PyPy "
_BEFORE_MARK, _AFTER_MARK = 100, 32
"""Bytes of PyPy's `sys.version` that lie before and after the mark at the most."""

_LARGEST = 1 << 28
"""Bytes of a library that are searched for its version; PyPy's has 60 MB."""


@dataclass(frozen=True, slots=True)
class Implementation:
    """A Python that is not CPython.

    Attributes:
        name: "pypy", "jython", ...
        python: version of the language, "3.9.16", where it is known.
        version: its own, "7.3.11", where it is known.
    """

    name: str
    python: str | None = None
    version: str | None = None

    @property
    def reason(self) -> str:
        """Why no more than the kernel's view of it is shown, in one sentence."""
        own = {"pypy": "PyPy", "jython": "Jython", "ironpython": "IronPython"}.get(self.name)
        told = " ".join(part for part in (own or self.name, self.version) if part)
        return f"whether a thread of {told} holds or wants a GIL cannot be told"


def recognise(
    pid: int, command: Sequence[str], mappings: Iterable[Mapping]
) -> Implementation | None:
    """Return which Python a process runs that is not CPython; None for any other program.

    Args:
        command: its arguments, the program first.
    """
    named: Implementation | None = None
    for mapping in mappings:
        if "x" not in mapping.permissions or not mapping.inode:
            continue
        if _LIBRARY.fullmatch(mapping.name) or mapping.name.startswith("pypy"):
            named = Implementation("pypy", *_pypy_versions(pid, mapping))
            if named.version is not None:
                return named
        elif found := _PROGRAM.fullmatch(mapping.name):
            named = named or Implementation(found[1])
    return named or by_arguments(command)


def by_arguments(command: Sequence[str]) -> Implementation | None:
    """Return the Python on a virtual machine that a command line starts, if it starts one."""
    program = os.path.basename(command[0]) if command else ""
    if program == "java":
        jython = [word for word in command[1:] if _is_jython(word)]
        if not jython:
            return None
        found = next(filter(None, map(_JAR.search, jython)), None)
        return Implementation("jython", version=found[1] if found else None)
    if any(map(_DOTNET.search, command[:3])):
        return Implementation("ironpython")
    return None


def is_other_python(name: str) -> bool:
    """Tell whether a program's file name is that of a Python which is not CPython."""
    return _PROGRAM.fullmatch(name) is not None


def _is_jython(argument: str) -> bool:
    return "jython" in argument.lower() or argument.startswith("org.python.")


def _pypy_versions(pid: int, mapping: Mapping) -> tuple[str | None, str | None]:
    """Return the version of the language and that of PyPy."""
    behind = file_behind(pid, mapping)
    if behind is None:
        return None, None
    path, status = behind
    place = _known(status.st_dev, status.st_ino, status.st_mtime_ns)
    if not place:
        place.append(_search(path, status.st_size))
    return place[0]


@lru_cache(maxsize=64)
def _known(device: int, inode: int, changed: int) -> list[tuple[str | None, str | None]]:
    """Return the place where the versions in the file of that identity are kept."""
    return []


def _search(path: str, size: int) -> tuple[str | None, str | None]:
    try:
        with (
            open(path, "rb") as file,
            mmap.mmap(file.fileno(), min(size, _LARGEST), access=mmap.ACCESS_READ) as contents,
        ):
            mark = contents.find(_PYPY_MARK)
            if mark < 0:
                return None, None
            found = _PYPY.search(contents[max(0, mark - _BEFORE_MARK) : mark + _AFTER_MARK])
    except (OSError, ValueError):
        return None, None
    return (found[1].decode(), found[2].decode()) if found else (None, None)
