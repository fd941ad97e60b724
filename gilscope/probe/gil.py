"""Read one GIL: who holds it, and how often it has changed hands."""

import os
from typing import TYPE_CHECKING

from gilscope.probe.classify import Span
from gilscope.probe.interpreter import Gil
from gilscope.probe.layouts import GIL_SIZE, GIL_WORD, LAST_HOLDER
from gilscope.probe.memory import Memory

if TYPE_CHECKING:
    from gilscope.probe.thread import SampledThread


class GilReader:
    """One GIL, its newest reading, and what became of it in this frame.

    The sampling loop reads and writes these attributes directly, as it does those of a thread.

    Attributes:
        interpreter: id of the first interpreter that uses it.
        span: where the structure lies; a futex in it is a wait for this GIL.
        locked: whether any thread held it.
        last: PyThreadState of the thread that took it last, whether or not it holds it still.
        switches: hand-overs since the interpreter began.
        taker: the thread behind `last`; None where it cannot be told.
        holder: the same while the GIL is held; None while it is free.
        held: microseconds of this frame that it was held.
        counted: `switches` at the end of the last frame.
    """

    __slots__ = (
        "_address",
        "_descriptor",
        "_word",
        "counted",
        "held",
        "holder",
        "interpreter",
        "last",
        "locked",
        "span",
        "switches",
        "taker",
    )

    def __init__(self, memory: Memory, gil: Gil) -> None:
        """Read it for the first time.

        Raises:
            OSError: it cannot be read.
        """
        memory.read(gil.address, GIL_SIZE)
        self._descriptor = memory.descriptor
        self._address = gil.address + LAST_HOLDER
        self._word = b""
        self.interpreter = gil.interpreter
        self.span = Span(gil.address, gil.address + GIL_SIZE)
        self.locked = False
        self.last = 0
        self.switches = 0
        self.taker: SampledThread | None = None
        self.holder: SampledThread | None = None
        self.held = 0
        self.read()
        self.counted = self.switches

    def read(self) -> bool:
        """Read it again and return whether anything in it changed.

        Raises:
            OSError: it cannot be read any more; the process has ended or runs another program.
        """
        word = os.pread(self._descriptor, GIL_WORD.size, self._address)
        if word == self._word:
            return False
        if len(word) != GIL_WORD.size:
            raise OSError("the memory of the process is gone")
        self._word = word
        self.last, locked, self.switches = GIL_WORD.unpack(word)
        self.locked = locked == 1
        return True
