"""What the threads of one process run: their functions, numbered, and their stacks."""

import time
from collections.abc import Iterable

from gilscope.model.events import Call, Code, Stack
from gilscope.probe.frame_layouts import FRAME_OFFSETS_SIZE, FrameLayout, frame_layout
from gilscope.probe.frames import FrameReader
from gilscope.probe.interpreter import Interpreter
from gilscope.probe.memory import Memory, Unreadable
from gilscope.probe.thread import SampledThread

BUDGET = 0.004
"""Share of one core that reading stacks may take on average, of all processes together."""

ADVANCE = 100_000
"""Microseconds of time gone by that may still be spent."""

MOST = 10_000
"""Functions of a process that are numbered."""


class Purse:
    """What reading stacks may cost: what was spent is paid off as time goes by."""

    def __init__(self) -> None:
        self._paid = 0

    def is_open(self, now: int) -> bool:
        """Tell whether all that was spent is paid off by a moment."""
        return now >= self._paid

    def spend(self, now: int, nanoseconds: int) -> None:
        """Pay: a stack that took 0.1 ms is paid off after 25 ms."""
        self._paid = max(self._paid, now - ADVANCE) + int(nanoseconds / 1000 / BUDGET)


class Witness:
    """Reads functions and stacks without stopping the process.

    Attributes:
        new: functions that were numbered and not yet taken: number and call.
    """

    def __init__(self, memory: Memory, layout: FrameLayout) -> None:
        self._reader = FrameReader(memory, layout)
        self._numbers: dict[tuple[str, str, int], int] = {}
        self.new: list[tuple[int, Call]] = []

    def function(self, state: int) -> int | None:
        """Return the number of the innermost function of a thread; None where it cannot be told.

        Args:
            state: address of its PyThreadState.
        """
        code = self._reader.current(state)
        if code is None:
            return None
        key = (code.name, code.file, code.first_line)
        number = self._numbers.get(key)
        if number is None:
            if len(self._numbers) >= MOST:
                return None  # It makes functions as it runs: names that tell nothing.
            number = self._numbers[key] = len(self._numbers)
            self.new.append((number, Call(*key)))
        return number

    def calls(self, state: int) -> tuple[Call, ...]:
        """Return the stack of a thread, the innermost call first; empty where there is none."""
        return self._reader.stack(state)

    def take_codes(self, now: int, pid: int) -> list[Code]:
        """Return the functions that are to be introduced, and forget that they are new."""
        new, self.new = self.new, []
        return [Code(now, pid, number, call) for number, call in new]

    def stacks(
        self, threads: Iterable[SampledThread], now: int, every: int, purse: Purse
    ) -> list[Stack]:
        """Return the stacks of threads that have run since theirs was read, as far as they are due.

        Args:
            now: microseconds since the stream began.
            every: microseconds between two readings of one thread.
            purse: pays for them.
        """
        if not purse.is_open(now):
            return []
        due = [
            thread
            for thread in threads
            if thread.state and thread.moved and now - thread.witnessed >= every
        ]
        due.sort(key=lambda thread: (thread.idle, thread.witnessed))
        told = []
        for thread in due:
            if not purse.is_open(now):
                break
            began = time.thread_time_ns()
            thread.witnessed, thread.moved = now, False
            if calls := self._reader.stack(thread.state):
                told.append(Stack(thread.tid, calls))
            purse.spend(now, time.thread_time_ns() - began)
        return told


def witness_of(interpreter: Interpreter) -> Witness | None:
    """Return a reader of an interpreter's functions; None where its frames are not known."""
    major, minor = (int(part) for part in interpreter.version.split(".")[:2])
    try:
        runtime = interpreter.memory.read(interpreter.runtime, FRAME_OFFSETS_SIZE)
    except Unreadable:
        return None
    layout = frame_layout((major, minor), runtime)
    return Witness(interpreter.memory, layout) if layout else None
