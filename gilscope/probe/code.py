"""Read code objects out of another process: what a function is called, and where its lines are.

The process runs on meanwhile, so any of it may be torn: what makes no sense is no code object.
"""

import re
import sys
from array import array
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field

from gilscope.model.events import Call
from gilscope.probe.frame_layouts import FrameLayout, Lines, fields
from gilscope.probe.memory import Memory, Unreadable

MOST_CODES = 8192
"""Code objects that are remembered: a large program runs a few thousand."""

LONGEST_NAME = 4096
"""Characters; the kernel takes no longer path."""

LONGEST_TABLE = 65536
"""Bytes of a table of lines: that of a module of some ten thousand lines."""

MOST_TABLES = 1 << 22
"""Bytes that the tables of lines in memory have together."""

NEVER = sys.maxsize
"""`start` of a code object that no function has."""

_TRAMPOLINE = "<interpreter trampoline>"
"""The code of 3.12's own frames between C and Python; while one is made, its owner is not told."""

_MOST_SITES = 256
_MOST_BEFORE_RESUME = 1024
_HIGHEST_LINE = 1 << 31
_UNIT = 2
"""Bytes of an instruction."""

_SURROGATE = re.compile("[\ud800-\udfff]")
"""Stands for a byte of a file name that is no UTF-8; JSON has no place for it."""


@dataclass(slots=True, eq=False)
class Code:
    """A code object: a function, a lambda, a comprehension, a class body or a module.

    Offsets of instructions are in bytes.

    Attributes:
        name: its qualified name; before 3.11 its plain name.
        file: as the interpreter knows it; may be relative, or "<string>".
        first_line: of its definition.
        address: in the process it was read from.
        instructions: their address; 0 where frames give offsets themselves.
        start: offset of the first instruction at which a frame shows; before it, the frame is
            still being made.
    """

    name: str
    file: str
    first_line: int
    address: int
    instructions: int = 0
    start: int = 0
    _form: Lines = Lines.LOCATIONS
    _table: bytes | None = None
    _seen: tuple[int, ...] = ()
    _size: int = 0
    _starts: "array[int]" = field(default_factory=lambda: array("q"))
    _lines: "array[int]" = field(default_factory=lambda: array("q"))
    _calls: dict[int, Call] = field(default_factory=dict)

    def line(self, offset: int) -> int:
        """Return the line of the instruction at an offset; 0 where it has none.

        Before the first instruction, where 3.12 and older put a new frame, it is the first line.
        """
        if -_UNIT <= offset < 0:
            return self.first_line
        if self._table is not None:
            for start, line in _DECODERS[self._form](self._table, self.first_line):
                self._starts.append(start)
                self._lines.append(line if 0 <= line < _HIGHEST_LINE else 0)
            self._table = None
        place = bisect_right(self._starts, offset) - 1
        return self._lines[place] if place >= 0 else 0

    def call(self, offset: int) -> Call:
        """Return the level of a stack that is at an offset."""
        call = self._calls.get(offset)
        if call is None:
            if len(self._calls) >= _MOST_SITES:
                self._calls.clear()
            call = self._calls[offset] = Call(self.name, self.file, self.line(offset))
        return call


def _lnotab(table: bytes, line: int) -> Iterator[tuple[int, int]]:
    """Yield where a line begins, and which: steps of both, each a byte."""
    offset = 0
    yield offset, line
    for step, lines in zip(table[::2], table[1::2], strict=False):
        offset += step
        line += lines - 256 if lines > 127 else lines
        yield offset, line


def _linetable(table: bytes, line: int) -> Iterator[tuple[int, int]]:
    """Yield where a line begins, and which: steps to the end of a range, and to its line."""
    offset = 0
    for step, lines in zip(table[::2], table[1::2], strict=False):
        if lines == 128:
            yield offset, 0
        else:
            line += lines - 256 if lines > 127 else lines
            yield offset, line
        offset += step
    yield offset, 0


_NO_LINE, _LONG, _NO_COLUMNS, _ONE_LINE = 15, 14, 13, 10


def _locations(table: bytes, line: int) -> Iterator[tuple[int, int]]:
    """Yield where a line begins, and which: entries that begin with a byte of 128 or more."""
    offset = 0
    for place, head in enumerate(table):
        if head < 128:
            continue
        kind = head >> 3 & 15
        if kind in (_LONG, _NO_COLUMNS):
            line += _signed(table, place + 1)
        elif _ONE_LINE <= kind < _NO_COLUMNS:
            line += kind - _ONE_LINE
        yield offset, 0 if kind == _NO_LINE else line
        offset += _UNIT * ((head & 7) + 1)
    yield offset, 0


def _signed(table: bytes, place: int) -> int:
    """Return a number of up to six groups of six bits, the lowest first and the sign before."""
    number = 0
    for shift, part in enumerate(table[place : place + 6]):
        number |= (part & 63) << 6 * shift
        if not part & 64:
            break
    return -(number >> 1) if number & 1 else number >> 1


_DECODERS = {Lines.LNOTAB: _lnotab, Lines.LINETABLE: _linetable, Lines.LOCATIONS: _locations}


class Codes:
    """The code objects of one process, each read once."""

    def __init__(self, memory: Memory, layout: FrameLayout) -> None:
        self._read = memory.read
        self._pointer = memory.pointer
        self._layout = layout
        self._code_at, self._code = fields(layout.code)
        self._text_at, self._text = fields(layout.text)
        self._bytes_at, self._bytes = fields(layout.bytes)
        self._types: dict[bytes, int] = {}
        self._known: dict[int, Code] = {}
        self._tables = 0

    def find(self, address: int) -> Code | None:
        """Return the code object at an address; None where there is none.

        That takes one read where it is known: it tells whether the address has gone to another
        one since. A code object that lives on is the same `Code` until others push it out.
        """
        if address & 7:
            return None
        code = self._code
        try:
            seen = code.unpack(self._read(address + self._code_at, code.size))
            known = self._known.get(address)
            if known is not None:
                if known._seen == seen:
                    return known
                self._forget(known)
            known = self._make(address, seen)
            # The address may have gone to another one in between.
            if code.unpack(self._read(address + self._code_at, code.size)) != seen:
                return None
        except Unreadable:
            return None
        while len(self._known) >= MOST_CODES or self._tables + known._size > MOST_TABLES:
            self._forget(next(iter(self._known.values())))
        self._known[address] = known
        self._tables += known._size
        return known

    def _forget(self, code: Code) -> None:
        del self._known[code.address]
        self._tables -= code._size

    def _make(self, address: int, seen: tuple[int, ...]) -> Code:
        """Read what a code object points to; raises Unreadable."""
        layout = self._layout
        kind, first_line, file, name, table = seen[:5]
        resume = seen[5] if len(seen) > 5 else 0
        self._expect(b"code", kind)
        if first_line < 0 or not 0 <= resume < _MOST_BEFORE_RESUME:
            raise Unreadable(f"{address:#x}: no code object")
        lines = self._read_table(table)
        called = self._read_text(name)
        return Code(
            name=called,
            file=self._read_text(file),
            first_line=first_line,
            address=address,
            instructions=address + layout.code_instructions if layout.code_instructions else 0,
            start=resume * _UNIT if called != _TRAMPOLINE else NEVER,
            _form=layout.lines,
            _table=lines,
            _seen=seen,
            _size=len(lines or b""),
        )

    def _expect(self, name: bytes, kind: int) -> None:
        """Hold the type of an object against the one of that name; raises Unreadable."""
        known = self._types.get(name)
        if known is None:
            place = self._pointer(kind + self._layout.type_name)
            if self._read(place, len(name) + 1) == name + b"\0":
                known = self._types[name] = kind
        if kind != known:
            raise Unreadable(f"{kind:#x} is not the type of {name.decode()}")

    def _read_text(self, address: int) -> str:
        """Return what a str holds; raises Unreadable."""
        layout = self._layout
        kind, length, state = self._text.unpack(
            self._read(address + self._text_at, self._text.size)
        )
        self._expect(b"str", kind)
        state >>= layout.text_kind
        width, is_compact, is_ascii = state & 7, state & 8, state & 16
        if not is_compact or width not in (1, 2, 4) or not 0 <= length <= LONGEST_NAME:
            raise Unreadable(f"{address:#x}: no text of a name")
        if not length:
            return ""
        place = address + (layout.text_ascii if is_ascii else layout.text_data)
        data = self._read(place, length * width)
        try:
            if width == 4:
                text = data.decode("utf-32-le", "surrogatepass")
            elif width == 2:
                text = data.decode("utf-16-le", "surrogatepass")
            else:
                text = data.decode("ascii" if is_ascii else "latin-1")
        except UnicodeDecodeError as error:
            raise Unreadable(f"{address:#x}: no text of a name") from error
        return _SURROGATE.sub("\ufffd", text)

    def _read_table(self, address: int) -> bytes | None:
        """Return what a bytes object holds, or None where it is too long; raises Unreadable."""
        kind, size = self._bytes.unpack(self._read(address + self._bytes_at, self._bytes.size))
        self._expect(b"bytes", kind)
        if size < 0:
            raise Unreadable(f"{address:#x}: no table of lines")
        if size > LONGEST_TABLE:
            return None
        return self._read(address + self._layout.bytes_data, size)
