"""Read Python stacks out of another process without stopping it.

The process runs on meanwhile. A frame is read with the page around it, where most of its callers
lie (from 3.11 on), and a chain of frames that breaks is read again.

Of a running thread that is ten functions deep, in each of 3.8 to 3.15, current() takes 5 to 9
microseconds on a core (three or four reads of 1.3 each) and stack() 29 to 39, most of them to make
sure that each code object is still the same one. preadv is no faster than pread, and 4 kB take
only a sixth longer than 8 bytes.
"""

import struct
from collections.abc import Iterator

from gilscope.model.events import Call
from gilscope.probe.code import NEVER, Code, Codes
from gilscope.probe.frame_layouts import FrameLayout, fields
from gilscope.probe.memory import Memory, Unreadable

MOST_LEVELS = 512
"""Frames of a stack that are read; the outer ones of a deep recursion say nothing new."""

_MOST_SKIPPED = 16
"""Frames without a function of their own on top of a stack; there is one at most, or it is torn."""

_TRIES = 6
"""How often a stack is read that changes meanwhile. Of four threads that do nothing but make calls
shorter than the two microseconds between two reads, 6% of the first readings broke in 3.14, which
wipes a frame that is left: a fifth of those of the one thread that ran."""

_PAGE = 4096

_GENERATOR, _INTERPRETER, _LAST_OWNER = 1, 3, 4
"""Values of `owner` (`enum _frameowner`). From the second on the frame is the interpreter's own,
with no function in it: CSTACK in 3.12 and 3.13, then INTERPRETER, and CSTACK or THREAD_STATE."""

_TAGS = 7
"""Bits of a pointer to an object that are used otherwise (`_PyStackRef`, 3.14 and newer)."""

_WORD, _TWO_WORDS = struct.Struct("<Q"), struct.Struct("<QQ")


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
        for frame in self._innermost(state):
            if not frame:
                break
            try:
                for _ in range(_MOST_SKIPPED):
                    data = self._read(frame + self._at, self._size)
                    address, frame, instruction, owner = self._parse(data, 0)
                    code = self.codes.find(address) if owner < _INTERPRETER else None
                    if code is not None and _shows(code, instruction - code.instructions, owner):
                        return code
            except Unreadable:
                continue  # The thread has moved on, or ended.
        return None

    def stack(self, state: int) -> tuple[Call, ...]:
        """Return the stack of a thread, the innermost call first.

        Args:
            state: address of its PyThreadState.

        Returns:
            At most MOST_LEVELS; where the stack changed too fast, what could be read of it.
        """
        best: list[Call] = []
        for frame in self._innermost(state):
            calls: list[Call] = []
            try:
                whole = self._walk(frame, calls)
            except Unreadable:
                whole = False
            if whole:
                return tuple(calls)
            if len(calls) > len(best):
                best = calls
        return tuple(best)

    def _innermost(self, state: int) -> Iterator[int]:
        """Yield the address of a thread's innermost frame, 0 for none, for each time it is tried.

        In 3.11 and 3.12 a thread may have been taken off its core after a new `_PyCFrame` was made
        and before that was filled (_PyEval_EvalFrameDefault). The one before then says what the
        thread is in.
        """
        read, frame_at, cframe_at = self._read, self._layout.thread_frame, self._layout.cframe_frame
        last = (0, 0)
        for turn in range(_TRIES):
            try:
                frame: int = _WORD.unpack(read(state + frame_at, 8))[0]
                if cframe_at is not None:
                    cframe = frame
                    frame, before = _TWO_WORDS.unpack(read(cframe + cframe_at, 16))
                    if turn == _TRIES - 1 and (cframe, frame) == last:
                        frame = _WORD.unpack(read(before + cframe_at, 8))[0]
                    last = (cframe, frame)
            except Unreadable:
                continue
            yield frame

    def _walk(self, frame: int, calls: list[Call]) -> bool:
        """Add the calls from a frame outwards, and tell whether all was well.

        Raises:
            Unreadable: the chain led to nowhere; what came before has been added.
        """
        at, size = self._at, self._size
        data, base = b"", 0
        seen: set[int] = set()
        codes: dict[int, Code | None] = {}
        whole, last = True, _LAST_OWNER
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
            last = owner
            if owner >= _INTERPRETER:
                whole = whole and owner <= _LAST_OWNER
                continue
            if address not in codes:
                codes[address] = self.codes.find(address)
            code = codes[address]
            if code is None or code.start == NEVER:
                whole = False
            elif _shows(code, offset := instruction - code.instructions, owner):
                calls.append(code.call(offset))
        if self._layout.has_entry_frames:
            return whole and (last >= _INTERPRETER or len(seen) >= MOST_LEVELS)
        return whole

    def _parse(self, data: bytes, place: int) -> tuple[int, int, int, int]:
        """Return code, previous frame, instruction and owner of a frame."""
        layout = self._layout
        if layout.frame_owner is None:
            frame, code, number = self._frame.unpack_from(data, place)
            return code, frame, number * layout.instruction_size, _GENERATOR
        code, frame, instruction, owner = self._frame.unpack_from(data, place)
        return code & ~_TAGS, frame, instruction, owner


def _shows(code: Code, offset: int, owner: int) -> bool:
    """Tell whether a frame counts for the interpreter itself (not `_PyFrame_IsIncomplete`).

    The frame of a generator is complete whatever it is at; so is one whose instructions lie
    somewhere else (free-threaded builds).
    """
    if owner == _GENERATOR:
        return code.start != NEVER
    return offset >= code.start or (offset < -2 and not code.start)
