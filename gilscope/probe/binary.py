"""What the file of an interpreter says of itself: its version, and where its runtime lies."""

import io
import os
import re
import struct
import time
from dataclasses import dataclass
from functools import lru_cache

from elftools.common.exceptions import ELFError
from elftools.elf.elffile import ELFFile
from elftools.elf.hash import GNUHashSection
from elftools.elf.sections import SymbolTableSection

from gilscope.probe.maps import Mapping, file_behind

_VERSION = re.compile(rb"(?<![\d.])((?:2\.7|3\.(?:[3-9]|1\d))\.\d{1,2}(?:(?:a|b|rc)\d+)?)\+?\0")
"""PY_VERSION ends some string in every interpreter; Unicode's 3.2.0 stands there too."""

_MOST_CONSTANTS = 1 << 26
"""Bytes of constants that are searched; the largest interpreter has 3 MB of them."""


LONGEST = 2.0
"""Seconds that one file may take; a python of 10,000 local symbols takes 0.2 s."""


class _Timed(io.BufferedReader):
    """A file that is given up when reading it takes too long: its tables may be of any length."""

    def __init__(self, path: str) -> None:
        super().__init__(io.FileIO(path))
        self._end = time.monotonic() + LONGEST

    def read(self, size: int | None = -1) -> bytes:
        if time.monotonic() > self._end:
            raise TimeoutError("the file takes too long to read")
        return super().read(size)


@dataclass(frozen=True, slots=True)
class Binary:
    """An interpreter's file.

    Attributes:
        versions: what may be its version, "3.8.18"; numbers of other libraries can be among them.
            Empty where `hex_version` tells it for certain.
        runtime: address of `_PyRuntime` in the file's own numbering; None where it has none.
        hex_version: address of `Py_Version` (3.11 and newer), likewise.
        base: the lowest address of the file's own numbering, rounded down to a page.
        bits: of its addresses, 32 or 64.
    """

    versions: tuple[str, ...]
    runtime: int | None
    hex_version: int | None
    base: int
    bits: int = 64


def read_binary(pid: int, mapping: Mapping) -> Binary | None:
    """Return what the file behind a mapping says; None where it is no ELF file that is read."""
    behind = file_behind(pid, mapping)
    return _examine(*behind, library=".so" in mapping.name) if behind else None


@lru_cache(maxsize=256)
def _known(device: int, inode: int, changed: int) -> list[Binary | None]:
    """Return the place where the examined file of that identity is kept."""
    return []


def _examine(path: str, status: os.stat_result, *, library: bool) -> Binary | None:
    place = _known(status.st_dev, status.st_ino, status.st_mtime_ns)
    if not place:
        place.append(_parse(path, library=library))
    return place[0]


def _parse(path: str, *, library: bool) -> Binary | None:
    try:
        with _Timed(path) as file:
            elf = ELFFile(file)
            loads = [s["p_vaddr"] for s in elf.iter_segments("PT_LOAD")]
            if not loads:
                return None
            if section := elf.get_section_by_name(".PyRuntime"):
                runtime: int | None = section["sh_addr"]
            else:
                runtime = _symbol(elf, "_PyRuntime", full=not library)
            hex_version = _symbol(elf, "Py_Version", full=False)
            return Binary(
                versions=() if hex_version else _find_versions(elf),
                runtime=runtime,
                hex_version=hex_version,
                base=min(loads) & ~0xFFF,
                bits=elf.elfclass,
            )
    except (OSError, ELFError, ValueError, LookupError, ArithmeticError, struct.error):
        # A damaged or foreign file: the same to us as one without an interpreter. Not all errors
        # of pyelftools are ELFError: a hash table without buckets is a division by zero.
        return None


def _symbol(elf: ELFFile, name: str, *, full: bool) -> int | None:
    """Return a symbol's address.

    The hash table of the exported symbols comes first: reading all 10,000 local ones takes 0.2 s,
    so that is done only where `full` asks for it, of programs: a libpython exports what counts.
    """
    for section in elf.iter_sections("SHT_GNU_HASH"):
        if isinstance(section, GNUHashSection):
            symbol = section.get_symbol(name)
            if symbol is not None and symbol["st_value"]:
                return int(symbol["st_value"])
    table = elf.get_section_by_name(".symtab") if full else None
    if isinstance(table, SymbolTableSection) and (found := table.get_symbol_by_name(name)):
        return int(found[0]["st_value"]) or None
    return None


def _find_versions(elf: ELFFile) -> tuple[str, ...]:
    constants = elf.get_section_by_name(".rodata")
    if constants is None or constants["sh_type"] != "SHT_PROGBITS":
        return ()
    # Not constants.data(): it takes as much memory as the file says it should.
    elf.stream.seek(constants["sh_offset"])
    data = elf.stream.read(min(constants["sh_size"], _MOST_CONSTANTS))
    return tuple(sorted({match[1].decode() for match in _VERSION.finditer(data)}))
