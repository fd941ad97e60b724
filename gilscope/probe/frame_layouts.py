"""Where CPython keeps its frames, its code objects and their texts, version by version.

Offsets in bytes for 64-bit builds, computed from each version's own headers
(Include/cpython: pystate.h, frameobject.h, code.h, unicodeobject.h; Include/internal:
pycore_frame.h). From 3.13 the interpreter publishes most of them itself (`_Py_DebugOffsets`).
"""

import struct
from dataclasses import dataclass, replace
from enum import Enum, auto
from itertools import pairwise

from gilscope.probe.layouts import COOKIE

Place = tuple[int, str]
"""Offset and struct format of a field."""


class Lines(Enum):
    """How a code object says which instruction belongs to which line.

    LNOTAB and LINETABLE are described in Objects/lnotab_notes.txt of 3.9 and 3.10, LOCATIONS in
    Objects/locations.md of 3.11 (later InternalDocs/code_objects.md).
    """

    LNOTAB = auto()
    LINETABLE = auto()
    LOCATIONS = auto()


@dataclass(frozen=True, slots=True)
class FrameLayout:
    """Offsets into PyThreadState, frames, code objects, str and bytes.

    Before 3.11 a frame is a PyFrameObject, from then on a `_PyInterpreterFrame`.

    Attributes:
        thread_frame: the pointer to the innermost frame in a thread; where `cframe_frame` is
            given (3.11 and 3.12), to the `_PyCFrame` that has that pointer at this offset.
        frame_previous, frame_code, frame_instruction, frame_owner: in a frame. The instruction is
            a pointer into the code object where the frame has an owner, else a number.
        has_entry_frames: where Python is called from C there is a frame for that, too, so that one
            is the outermost of every stack.
        instruction_size: bytes that a step of this number is.
        code_name: the pointer to the qualified name, before 3.11 to the plain one.
        code_file, code_table, code_first_line: in a code object.
        code_resume: number of the first instruction that shows the frame to the outside, as an
            int; None where the instructions lie elsewhere (free-threaded builds).
        code_instructions: the instructions themselves.
        object_type: the pointer to the type, in any object; type_name: the pointer to its name.
        bytes_size, bytes_data: in a bytes object.
        text_length, text_state, text_ascii, text_data: in a str; its characters lie at text_ascii
            where they are all ASCII, else at text_data.
        text_kind: bit of text_state where the kind begins; two more bits say compact and ascii.
    """

    lines: Lines
    thread_frame: int
    frame_previous: int
    frame_code: int
    frame_instruction: int
    code_name: int
    code_file: int
    code_table: int
    code_first_line: int
    text_ascii: int
    text_data: int
    cframe_frame: int | None = None
    frame_owner: int | None = None
    has_entry_frames: bool = False
    instruction_size: int = 1
    code_resume: int | None = None
    code_instructions: int = 0
    object_type: int = 8
    type_name: int = 24
    bytes_size: int = 16
    bytes_data: int = 32
    text_length: int = 16
    text_state: int = 32
    text_kind: int = 2

    @property
    def frame(self) -> list[Place]:
        """What is read of a frame.

        Code, previous, instruction and owner; previous, code and instruction before 3.11.
        """
        if self.frame_owner is None:
            return [
                (self.frame_previous, "Q"),
                (self.frame_code, "Q"),
                (self.frame_instruction, "i"),
            ]
        return [
            (self.frame_code, "Q"),
            (self.frame_previous, "Q"),
            (self.frame_instruction, "Q"),
            (self.frame_owner, "B"),
        ]

    @property
    def code(self) -> list[Place]:
        """What is read of a code object: type, first line, file, name, table, and resume if any."""
        places = [
            (self.object_type, "Q"),
            (self.code_first_line, "i"),
            (self.code_file, "Q"),
            (self.code_name, "Q"),
            (self.code_table, "Q"),
        ]
        return [*places, *([(self.code_resume, "i")] if self.code_resume is not None else [])]

    @property
    def text(self) -> list[Place]:
        """What is read of a str before its characters: type, length, state."""
        return [(self.object_type, "Q"), (self.text_length, "q"), (self.text_state, "I")]

    @property
    def bytes(self) -> list[Place]:
        """What is read of a bytes object before its data: type, size."""
        return [(self.object_type, "Q"), (self.bytes_size, "q")]


_39 = FrameLayout(
    lines=Lines.LNOTAB,
    thread_frame=24,
    frame_previous=24,
    frame_code=32,
    frame_instruction=104,
    code_name=112,
    code_file=104,
    code_table=120,
    code_first_line=40,
    text_ascii=48,
    text_data=72,
)

_311 = FrameLayout(
    lines=Lines.LOCATIONS,
    thread_frame=56,
    cframe_frame=8,
    frame_previous=48,
    frame_code=32,
    frame_instruction=56,
    frame_owner=69,
    code_name=128,
    code_file=112,
    code_table=136,
    code_first_line=72,
    code_resume=168,
    code_instructions=184,
    text_ascii=48,
    text_data=72,
)

FRAME_LAYOUTS: dict[tuple[int, int], FrameLayout] = {
    (3, 8): _39,
    (3, 9): _39,
    (3, 10): replace(_39, lines=Lines.LINETABLE, frame_instruction=96, instruction_size=2),
    (3, 11): _311,
    (3, 12): replace(
        _311,
        cframe_frame=0,
        frame_previous=8,
        frame_code=0,
        frame_owner=70,
        has_entry_frames=True,
        code_first_line=68,
        code_resume=176,
        code_instructions=192,
        text_ascii=40,
        text_data=56,
    ),
}
"""Layouts of the versions that do not publish them."""

_WORDS = 96

FRAME_OFFSETS_SIZE = 8 * _WORDS
"""As much of `_Py_DebugOffsets` as is needed of any version."""

_DEBUG_OFFSETS: dict[tuple[int, int], dict[str, int]] = {
    (3, 13): {
        "thread_frame": 23,
        "frame_previous": 29,
        "frame_code": 30,
        "frame_instruction": 31,
        "frame_owner": 33,
        "code_file": 35,
        "code_name": 37,
        "code_table": 38,
        "code_first_line": 39,
        "code_instructions": 43,
        "object_type": 45,
        "type_name": 47,
        "bytes_size": 65,
        "bytes_data": 66,
        "text_data": 67,
        "text_state": 68,
        "text_length": 69,
        "text_ascii": 70,
    },
    (3, 14): {
        "thread_frame": 26,
        "frame_previous": 32,
        "frame_code": 33,
        "frame_instruction": 34,
        "frame_owner": 36,
        "code_file": 40,
        "code_name": 42,
        "code_table": 43,
        "code_first_line": 44,
        "code_instructions": 48,
        "object_type": 51,
        "type_name": 53,
        "bytes_size": 75,
        "bytes_data": 76,
        "text_data": 77,
        "text_state": 78,
        "text_length": 79,
        "text_ascii": 80,
    },
    (3, 15): {
        "thread_frame": 26,
        "frame_previous": 40,
        "frame_code": 41,
        "frame_instruction": 42,
        "frame_owner": 44,
        "code_file": 48,
        "code_name": 50,
        "code_table": 51,
        "code_first_line": 52,
        "code_instructions": 56,
        "object_type": 59,
        "type_name": 61,
        "bytes_size": 87,
        "bytes_data": 88,
        "text_data": 89,
        "text_state": 90,
        "text_length": 91,
        "text_ascii": 92,
    },
}
"""Which 8-byte word of `_Py_DebugOffsets` holds which offset.

The word for text_data is the size of a PyUnicodeObject, which ends with one pointer more.
"""

_RESUME = -16
"""`_co_firsttraceable` lies before the instructions, with `co_extra` in between (3.11 to 3.15)."""

_FREE_THREADED_KIND = 8
"""In a free-threaded build `interned` is a whole byte, since it is written atomically."""

_BIGGEST_OFFSET = 4096
"""PyThreadState takes some 900 bytes, and everything else here less."""


def frame_layout(version: tuple[int, int], runtime: bytes) -> FrameLayout | None:
    """Return the layout of an interpreter's frames.

    Args:
        version: major and minor version of the interpreter.
        runtime: the first FRAME_OFFSETS_SIZE bytes of its `_PyRuntime`; not needed before 3.13.

    Returns:
        None where it is not known, or what the interpreter publishes makes no sense.
    """
    if (known := FRAME_LAYOUTS.get(version)) is not None:
        return known
    places = _DEBUG_OFFSETS.get(version)
    if places is None or len(runtime) < FRAME_OFFSETS_SIZE or not runtime.startswith(COOKIE):
        return None
    words = struct.unpack_from(f"<{_WORDS}Q", runtime)
    if (words[1] >> 24, words[1] >> 16 & 0xFF) != version or words[2] not in (0, 1):
        return None
    offsets = {name: words[place] for name, place in places.items()}
    offsets["text_data"] -= 8
    if any(not 0 <= offset < _BIGGEST_OFFSET for offset in offsets.values()):
        return None
    free_threaded = words[2] == 1
    if not free_threaded:
        offsets["code_resume"] = offsets["code_instructions"] + _RESUME
    layout = FrameLayout(
        lines=Lines.LOCATIONS,
        has_entry_frames=True,
        text_kind=_FREE_THREADED_KIND if free_threaded else 2,
        **offsets,
    )
    return layout if _is_in_order(layout) else None


def fields(places: list[Place]) -> tuple[int, struct.Struct]:
    """Return where to begin to read some fields at once, and how to take them apart."""
    start = end = places[0][0]
    form = "<"
    for offset, kind in places:
        form += f"{offset - end}x{kind}"
        end = offset + struct.calcsize(f"<{kind}")
    return start, struct.Struct(form)


def _is_in_order(layout: FrameLayout) -> bool:
    """Tell whether the fields that are read at once follow one another as in every version."""
    return all(
        first + struct.calcsize(f"<{kind}") <= second
        for places in (layout.frame, layout.code, layout.text, layout.bytes)
        for (first, kind), (second, _) in pairwise(places)
    )
