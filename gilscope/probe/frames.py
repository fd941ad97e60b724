"""Read Python stacks out of another process without stopping it.

The process runs on meanwhile. A frame is read with the page around it, where most of its callers
lie (from 3.11 on), and a chain of frames that breaks is read once more.
"""

import struct

from gilscope.model.events import Call
from gilscope.probe.code import Code, Codes
from gilscope.probe.frame_layouts import FrameLayout, fields
from gilscope.probe.memory import Memory, Unreadable

MOST_LEVELS = 512
"""Frames of a stack that are read; the outer ones of a deep recursion say nothing new."""

_MOST_SKIPPED = 16
"""Frames without a function of their own on top of a stack; there is one at most, or it is torn."""

_TRIES = 2

_PAGE = 4096

_GENERATOR, _INTERPRETER = 1, 3
"""Values of `owner`. From the latter on the frame is the interpreter's own, with no function in it:
CSTACK in 3.12 and 3.13, then INTERPRETER, CSTACK and THREAD_STATE (`enum _frameowner`)."""

_TAGS = 7
"""Bits of a pointer to an object that are used otherwise (`_PyStackRef`, 3.14 and newer)."""

_WORD = struct.Struct("<Q")


class FrameReader:
    """Reads the stacks of one process. Whatever its memory holds, reading never fails nor hangs.

    Attributes:
        codes: the functions it has met.
    """

    def __init__(self, memory: Memory, layout: FrameLayout) -> None:
        self.codes = Codes(memory, layout)
        self._read = memory.read
        self._layout = layout
        self._at, self._frame = fields(layout.frame)
        self._size = self._frame.size

    def current(self, state: int) -> Code | None:
        """Return the innermost function of a thread.

        Args:
            state: address of its PyThreadState.

        Returns:
            The same object for the same function while it is remembered; None where the thread is
            in no function, or it could not be told.
        """
        try:
            frame = self._innermost(state)
            for _ in range(_MOST_SKIPPED):
                if not frame:
                    break
                data = self._read(frame + self._at, self._size)
                address, frame, instruction, owner = self._parse(data, 0)
                code = self.codes.find(address) if address else None
                if code is not None and _shows(code, instruction - code.instructions, owner):
                    return code
        except Unreadable:
            pass  # The thread has moved on, or ended.
        return None

    def stack(self, state: int) -> tuple[Call, ...]:
        """Return the stack of a thread, the innermost call first.

        Args:
            state: address of its PyThreadState.

        Returns:
            At most MOST_LEVELS; where the stack changed too fast, what could be read of it.
        """
        best: list[Call] = []
        for _ in range(_TRIES):
            calls: list[Call] = []
            try:
                whole = self._walk(self._innermost(state), calls)
            except Unreadable:
                whole = False
            if len(calls) > len(best) or whole:
                best = calls
            if whole:
                break
        return tuple(best)

    def _innermost(self, state: int) -> int:
        """Return the address of a thread's innermost frame, 0 for none; raises Unreadable."""
        layout = self._layout
        frame: int = _WORD.unpack(self._read(state + layout.thread_frame, 8))[0]
        if layout.cframe_frame is not None:
            frame = _WORD.unpack(self._read(frame + layout.cframe_frame, 8))[0]
        return frame

    def _walk(self, frame: int, calls: list[Call]) -> bool:
        """Add the calls from a frame outwards, and tell whether all was well.

        Raises:
            Unreadable: the chain led to nowhere; what came before has been added.
        """
        at, size = self._at, self._size
        data, base = b"", 0
        seen: set[int] = set()
        codes: dict[int, Code | None] = {0: None}
        whole = True
        while frame and len(seen) < MOST_LEVELS:
            if frame in seen:
                return False
            seen.add(frame)
            place = frame + at - base
            if not 0 <= place <= len(data) - size:
                base = (frame + at) & -_PAGE
                place = frame + at - base
                data = self._read(base, place + size)
            address, frame, instruction, owner = self._parse(data, place)
            if address not in codes:
                codes[address] = self.codes.find(address)
            code = codes[address]
            if code is None:
                whole = whole and not address
            elif _shows(code, offset := instruction - code.instructions, owner):
                calls.append(code.call(offset))
        return whole

    def _parse(self, data: bytes, place: int) -> tuple[int, int, int, int]:
        """Return code (0 for none), previous frame, instruction and owner of a frame."""
        layout = self._layout
        if layout.frame_owner is None:
            frame, code, number = self._frame.unpack_from(data, place)
            return code, frame, number * layout.instruction_size, _GENERATOR
        code, frame, instruction, owner = self._frame.unpack_from(data, place)
        return 0 if owner >= _INTERPRETER else code & ~_TAGS, frame, instruction, owner


def _shows(code: Code, offset: int, owner: int) -> bool:
    """Tell whether a frame counts for the interpreter itself (not `_PyFrame_IsIncomplete`).

    The frame of a generator is complete whatever it is at.
    """
    return owner == _GENERATOR or not -2 <= offset < code.start
