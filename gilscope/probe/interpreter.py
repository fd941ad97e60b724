"""An interpreter in a process: its GILs, and which threads are Python's."""

import platform
import struct
from dataclasses import dataclass, field

from gilscope.probe.layouts import ENABLED, ENABLED_SIZE, PTHREAD_TID, Layout
from gilscope.probe.maps import CStack, find_stacks, owner
from gilscope.probe.memory import Memory, Unreadable

_WORD = struct.Struct("<Q")

_MOST_TIDS = 1 << 22
"""The kernel's own limit of thread ids."""

_PTHREAD_TID = PTHREAD_TID.get(platform.machine())

MOST = 100_000
"""Interpreters and threads that are walked; lists longer than this are none."""


@dataclass(frozen=True, slots=True)
class PythonThread:
    """A thread that has a Python thread state.

    Attributes:
        state: address of its PyThreadState.
        tid: the kernel's thread id.
        pthread: its pthread_t, which py-spy calls thread_id.
        interpreter: id of its interpreter.
    """

    state: int
    tid: int
    pthread: int
    interpreter: int


@dataclass(frozen=True, slots=True)
class Gil:
    """One GIL: its address, and the id of the first interpreter that uses it."""

    address: int
    interpreter: int


@dataclass(slots=True)
class Interpreter:
    """An interpreter that can be read.

    Attributes:
        version: "3.12.1".
        runtime: address of its `_PyRuntime`.
        gils: the GILs that are in use, the main interpreter's first; none in a free-threaded
            build, nor where the interpreter has been finalised.
        threads: its threads, by address of the thread state, as last walked.
        new: those of them that the last walk met.
        states: addresses of all that was walked: also of thread states whose thread is not known.
    """

    memory: Memory
    version: str
    runtime: int
    layout: Layout
    gils: list[Gil] = field(default_factory=list)
    threads: dict[int, PythonThread] = field(default_factory=dict)
    new: list[PythonThread] = field(default_factory=list)
    states: set[int] = field(default_factory=set)
    _others: frozenset[int] = frozenset()
    _stacks: list[CStack] = field(default_factory=list)
    _stacks_of: frozenset[tuple[int, int]] = frozenset()

    def walk(self, *, whole: bool = True) -> None:
        """Read the lists of interpreters and threads again.

        The lists change while they are read; what is torn is left out and found the next time.

        Args:
            whole: read them to their ends; otherwise up to the first thread that is known, since
                new threads are put at the head, and keep those that have ended meanwhile.

        Raises:
            Unreadable: not even the first interpreter could be read.
        """
        layout, memory = self.layout, self.memory
        gils: dict[int, Gil] = {}
        threads: dict[int, PythonThread] = {}
        kept = {} if whole or self._others else self.threads
        others: set[int] = set()
        frames: dict[int, int] = {}
        size = layout.thread_size
        seen: set[int] = set()  # Lists that were changed while they are read can lead in circles.
        interpreter = memory.pointer(self.runtime + layout.interpreters)
        while interpreter and interpreter not in seen and len(seen) < MOST:
            seen.add(interpreter)
            try:
                identity = memory.pointer(interpreter + layout.interpreter_id)
                if identity:
                    others.add(interpreter)
                if gil := self._gil_of(interpreter):
                    gils[gil] = Gil(gil, identity)
                thread = memory.pointer(interpreter + layout.interpreter_threads)
                while thread and thread not in seen and len(seen) < MOST:
                    seen.add(thread)
                    data = memory.read(thread, size)
                    if (known := self._parse_thread(thread, data, identity)) is not None:
                        if kept.get(thread) == known:
                            break
                        threads[thread] = known
                        if identity and layout.thread_cframe is not None:
                            frames[thread] = _WORD.unpack_from(data, layout.thread_cframe)[0]
                    thread = _WORD.unpack_from(data, layout.thread_next)[0]
                interpreter = memory.pointer(interpreter + layout.interpreter_next)
            except Unreadable:
                break
        if frames:
            self._correct(threads, frames)
        # New interpreters are put at the head of the list: the main one comes last.
        self.gils = sorted(gils.values(), key=lambda gil: gil.interpreter)
        self.threads = {**kept, **threads}
        self.new = list(threads.values())
        self.states = seen
        self._others = frozenset(others)

    def kernel_id(self, state: int) -> int | None:
        """Return the kernel's id of a PyThreadState's thread; None where it cannot be told."""
        layout, memory = self.layout, self.memory
        try:
            if self._others and layout.thread_cframe is not None:
                interpreter = memory.pointer(state + (layout.thread_interpreter or 0))
                if interpreter in self._others:
                    return owner(self._stacks, memory.pointer(state + layout.thread_cframe))
            if layout.thread_native_id is not None:
                tid = memory.pointer(state + layout.thread_native_id)
            elif _PTHREAD_TID is not None:
                tid = memory.int32(memory.pointer(state + layout.thread_id) + _PTHREAD_TID)
            else:
                return None
        except Unreadable:
            return None
        return tid if 0 < tid < _MOST_TIDS else None

    def _gil_of(self, interpreter: int) -> int:
        """Return where the GIL of an interpreter lies; 0 where it has none that is in use.

        Raises:
            Unreadable: it cannot be told.
        """
        layout, memory = self.layout, self.memory
        if layout.interpreter_gil is None:
            return self.runtime + (layout.gil or 0)
        gil = memory.pointer(interpreter + layout.interpreter_gil)
        if gil and not layout.has_gil:
            return gil + ENABLED_SIZE if memory.int32(gil) == ENABLED else 0
        return gil

    def _parse_thread(self, state: int, data: bytes, interpreter: int) -> PythonThread | None:
        layout = self.layout
        if layout.thread_native_id is not None:
            tid = _WORD.unpack_from(data, layout.thread_native_id)[0]
        else:
            tid = self.kernel_id(state)
        if tid is None or not 0 < tid < _MOST_TIDS:
            return None
        pthread = _WORD.unpack_from(data, layout.thread_id)[0]
        return PythonThread(state, tid, pthread, interpreter)

    def _correct(self, threads: dict[int, PythonThread], frames: dict[int, int]) -> None:
        """Find out which threads run code in other interpreters than the main one.

        Args:
            threads: by thread state, with the ids that these hold. Of the thread states in
                `frames` they become those of the thread that uses it, and where that cannot be
                told, or none does, it is left out.
            frames: where the C stack is of the thread that uses a thread state.
        """
        # The two ids of a thread state belong together, even where another thread uses it now.
        ids = frozenset((thread.pthread, thread.tid) for thread in threads.values())
        if ids != self._stacks_of:
            try:
                self._stacks = find_stacks(self.memory.maps(), ids, self.memory.pid)
            except OSError:
                self._stacks = []
            self._stacks_of = ids
        pthreads = {tid: pthread for pthread, tid in ids}
        for state, frame in frames.items():
            tid = owner(self._stacks, frame)
            if tid is None or tid not in pthreads:
                del threads[state]
            else:
                interpreter = threads[state].interpreter
                threads[state] = PythonThread(state, tid, pthreads[tid], interpreter)
