"""The mappings of a process: which file lies where in its memory."""

import os
import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

_PYTHON = re.compile(r"^(lib)?python(\d(\.\d+)?)?([mdu]|t|td)*(\.so(\.\d+)*)?$|^libpython\d.*\.so")


@dataclass(frozen=True, slots=True)
class Mapping:
    """One line of /proc/PID/maps."""

    start: int
    end: int
    permissions: str
    offset: int
    inode: int
    path: str

    @property
    def name(self) -> str:
        """The file's name without its folder; a file deleted since keeps its name."""
        return os.path.basename(self.path.removesuffix(" (deleted)"))


def parse_maps(text: str) -> list[Mapping]:
    """Return the mappings of a /proc/PID/maps text, in the order of addresses."""
    mappings = []
    for line in text.split("\n"):  # The kernel escapes no other end of a line in a file's name.
        fields = line.split(None, 5)
        if len(fields) < 5:
            continue
        try:
            start, end = (int(number, 16) for number in fields[0].split("-"))
            offset, inode = int(fields[2], 16), int(fields[4])
        except ValueError:
            continue
        path = fields[5] if len(fields) == 6 else ""
        mappings.append(Mapping(start, end, fields[1], offset, inode, path))
    return mappings


def read_maps(pid: int, *, proc: str = "/proc") -> list[Mapping]:
    """Return the mappings of a process.

    Args:
        proc: the folder to find it in.

    Raises:
        FileNotFoundError, ProcessLookupError: there is no such process.
        PermissionError: they may not be read.
    """
    with open(
        f"{proc}/{pid}/maps", encoding="utf-8", errors="surrogateescape", newline="\n"
    ) as file:
        return parse_maps(file.read())


def file_behind(pid: int, mapping: Mapping) -> tuple[str, os.stat_result] | None:
    """Return a path that opens the file behind a mapping, and its status; None where none does.

    The file is opened through the process's own root, so that a container's files are found.
    """
    for path in (
        f"/proc/{pid}/map_files/{mapping.start:x}-{mapping.end:x}",
        f"/proc/{pid}/root{mapping.path}",
        f"/proc/{pid}/exe",
    ):
        try:
            status = os.stat(path)
        except (OSError, ValueError):
            continue
        if status.st_ino == mapping.inode:
            return path, status
    return None


def is_python_file(name: str) -> bool:
    """Tell whether a file's name is that of an interpreter or of its shared library."""
    return _PYTHON.match(name) is not None


def images(mappings: list[Mapping]) -> list[Mapping]:
    """Return the first mapping of each file that has code, likeliest home of the interpreter first.

    The order is: libpython, then a program called python, then the program itself (which may
    embed an interpreter), then nothing else: a library that is not called libpython has none.
    """
    with_code = {m.path for m in mappings if "x" in m.permissions and m.inode}
    first: dict[str, Mapping] = {}
    for mapping in mappings:
        if mapping.path in with_code and mapping.offset == 0:
            first.setdefault(mapping.path, mapping)
    libraries = [m for m in first.values() if m.name.startswith("libpython")]
    programs = [m for m in first.values() if m not in libraries and is_python_file(m.name)]
    others = [m for m in first.values() if ".so" not in m.name and m not in programs]
    return libraries + programs + others[:1]


class CStack(NamedTuple):
    """The memory that a thread's C stack lies in: from `start` up to, not including, `end`."""

    start: int
    end: int
    tid: int


def find_stacks(
    mappings: Iterable[Mapping], threads: Iterable[tuple[int, int]], main: int
) -> list[CStack]:
    """Return the C stacks of threads, in the order of addresses.

    glibc keeps the thread descriptor, which a pthread_t points to, in the mapping of the thread's
    stack. A mapping with several descriptors in it is nobody's.

    Args:
        threads: pthread_t and kernel thread id of each.
        main: the thread whose stack the kernel made.
    """
    pthreads = sorted(threads)
    addresses = [pthread for pthread, _ in pthreads]
    stacks = []
    for mapping in mappings:
        if "w" not in mapping.permissions:
            continue
        first, last = (bisect_right(addresses, edge - 1) for edge in (mapping.start, mapping.end))
        owners = {tid for _, tid in pthreads[first:last]}
        if mapping.path == "[stack]":
            owners.add(main)
        if len(owners) == 1:
            stacks.append(CStack(mapping.start, mapping.end, owners.pop()))
    return stacks


def owner(stacks: Sequence[CStack], address: int) -> int | None:
    """Return the thread on whose stack an address lies; None where it is on none of them."""
    place = bisect_right(stacks, address, key=lambda stack: stack.start) - 1
    if place >= 0 and address < stacks[place].end:
        return stacks[place].tid
    return None
