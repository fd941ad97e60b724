"""Find the interpreter in a process: its version, its GILs, and which threads are Python's."""

import os
import platform
import struct
from dataclasses import dataclass, field

from gilscope.probe.binary import Binary, read_binary
from gilscope.probe.layouts import (
    DEBUG_OFFSETS_SIZE,
    GIL_WORD,
    LAST_HOLDER,
    LAYOUTS,
    PTHREAD_TID,
    Layout,
    published_layout,
)
from gilscope.probe.maps import Mapping, images, is_python_file, read_maps
from gilscope.probe.memory import Memory, Unreadable
from gilscope.probe.syscalls import HERE

_WORD = struct.Struct("<Q")

_MOST_TIDS = 1 << 22
"""The kernel's own limit of thread ids."""

_PTHREAD_TID = PTHREAD_TID.get(platform.machine())

_MUSL = ("ld-musl-", "libc.musl-")

MOST = 100_000
"""Interpreters and threads that are walked; lists longer than this are none."""


class NotPython(Exception):
    """The process runs no CPython that could be found."""


class NotReady(Exception):
    """The interpreter is still starting up, or already ending; the message says what is missing."""


class NotPermitted(Exception):
    """The kernel lets this user read neither the process's memory nor its system calls."""


class NotReadable(Exception):
    """It is CPython, but its GIL cannot be read.

    Attributes:
        version: of the interpreter, as far as it is known.
        fix: one sentence on what would help, or None.
        gil: whether it has a GIL at all.
    """

    def __init__(
        self, why: str, version: str | None = None, fix: str | None = None, *, gil: bool = True
    ) -> None:
        super().__init__(why)
        self.version = version
        self.fix = fix
        self.gil = gil


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
        gils: the GILs that are in use, the main interpreter's first.
        threads: its threads, by address of the thread state, as last walked.
    """

    memory: Memory
    version: str
    runtime: int
    layout: Layout
    gils: list[Gil] = field(default_factory=list)
    threads: dict[int, PythonThread] = field(default_factory=dict)

    def walk(self) -> None:
        """Read the lists of interpreters and threads again.

        The lists change while they are read; what is torn is left out and found the next time.

        Raises:
            Unreadable: not even the first interpreter could be read.
        """
        layout, memory = self.layout, self.memory
        gils: dict[int, Gil] = {}
        threads: dict[int, PythonThread] = {}
        size = layout.thread_size
        seen: set[int] = set()  # Lists that were changed while they are read can lead in circles.
        interpreter = memory.pointer(self.runtime + layout.interpreters)
        while interpreter and interpreter not in seen and len(seen) < MOST:
            seen.add(interpreter)
            try:
                identity = memory.pointer(interpreter + layout.interpreter_id)
                if layout.interpreter_gil is not None:
                    gil = memory.pointer(interpreter + layout.interpreter_gil)
                else:
                    gil = self.runtime + (layout.gil or 0)
                if gil:
                    gils[gil] = Gil(gil, identity)
                thread = memory.pointer(interpreter + layout.interpreter_threads)
                while thread and thread not in seen and len(seen) < MOST:
                    seen.add(thread)
                    data = memory.read(thread, size)
                    if (known := self._parse_thread(thread, data, identity)) is not None:
                        threads[thread] = known
                    thread = _WORD.unpack_from(data, layout.thread_next)[0]
                interpreter = memory.pointer(interpreter + layout.interpreter_next)
            except Unreadable:
                break
        # New interpreters are put at the head of the list: the main one comes last.
        self.gils = sorted(gils.values(), key=lambda gil: gil.interpreter)
        self.threads = threads

    def kernel_id(self, state: int) -> int | None:
        """Return the kernel's id of a PyThreadState's thread; None where it cannot be told."""
        layout, memory = self.layout, self.memory
        try:
            if layout.thread_native_id is not None:
                tid = memory.pointer(state + layout.thread_native_id)
            elif _PTHREAD_TID is not None:
                tid = memory.int32(memory.pointer(state + layout.thread_id) + _PTHREAD_TID)
            else:
                return None
        except Unreadable:
            return None
        return tid if 0 < tid < _MOST_TIDS else None

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


def find_interpreter(pid: int) -> Interpreter:
    """Return the interpreter of a process, checked against what the kernel knows of its threads.

    The caller closes its memory.

    Raises:
        ProcessLookupError: there is no such process.
        NotPermitted: it may not be read.
        NotPython: no CPython was found in it.
        NotReady: try again a little later.
        NotReadable: it is CPython, but its GIL cannot be read.
    """
    try:
        mappings = read_maps(pid)
        memory = Memory(pid)
    except PermissionError as error:
        raise NotPermitted from error
    except FileNotFoundError as error:
        raise ProcessLookupError from error
    try:
        return _find(pid, memory, mappings)
    except BaseException:
        memory.close()
        raise


def _find(pid: int, memory: Memory, mappings: list[Mapping]) -> Interpreter:
    if not HERE.names:
        raise NotReadable("on this kind of machine only py-spy's view is known")
    if any(m.name.startswith(_MUSL) for m in mappings):
        raise NotReadable("it runs on musl, where a wait for the GIL looks like one for any lock")
    named_python = False
    for image in images(mappings):
        binary = read_binary(pid, image)
        named = is_python_file(image.name)
        named_python = named_python or named
        if binary is None:
            continue
        if binary.runtime is not None and binary.bits != 64:
            raise NotReadable(f"it is a {binary.bits}-bit build")
        if binary.runtime is None:
            if named and (version := _pick(binary.versions, image.name)):
                raise NotReadable(f"CPython {version} keeps no GIL that can be read", version)
            continue
        return _read(pid, memory, image.start - binary.base, binary, image)
    if named_python:
        # A program that has just been started has not loaded its libpython yet.
        raise NotReady("its binary names no _PyRuntime")
    raise NotPython


def _pick(versions: tuple[str, ...], name: str) -> str | None:
    """Choose the version that the name of the file confirms, or the only one there is."""
    fitting = [v for v in versions if v.rpartition(".")[0] in name]
    chosen = fitting or list(versions)
    return chosen[0] if len(chosen) == 1 else None


def _read(pid: int, memory: Memory, shift: int, binary: Binary, image: Mapping) -> Interpreter:
    version = _pick(binary.versions, image.name)
    try:
        if binary.hex_version is not None:
            version = _spell(memory.int32(binary.hex_version + shift) & 0xFFFFFFFF)
        if version is None:
            raise NotReadable("the version of its CPython could not be found")
        major, minor = (int(part) for part in version.split(".")[:2])
        runtime = (binary.runtime or 0) + shift
        layout = LAYOUTS.get((major, minor)) or published_layout(
            memory.read(runtime, DEBUG_OFFSETS_SIZE), (major, minor)
        )
        if layout is None:
            raise NotReadable(f"the layout of CPython {version} is not known", version)
        if not layout.has_gil:
            raise NotReadable(f"CPython {version} is a free-threaded build", version, gil=False)
        interpreter = Interpreter(memory, version, runtime, layout)
        interpreter.walk()
    except Unreadable as error:
        raise NotReady(f"its interpreter cannot be read: {error}") from error
    if not interpreter.gils:
        raise NotReady("its interpreter has no GIL yet")
    _check(pid, interpreter)
    return interpreter


def _spell(number: int) -> str:
    """Spell PY_VERSION_HEX: 0x030d00f0 is 3.13.0, 0x030e00b2 is 3.14.0b2."""
    release = f"{number >> 24}.{number >> 16 & 0xFF}.{number >> 8 & 0xFF}"
    level = {0xA: "a", 0xB: "b", 0xC: "rc"}.get(number >> 4 & 0xF, "")
    return f"{release}{level}{number & 0xF}" if level else release


def _check(pid: int, interpreter: Interpreter) -> None:
    """Hold what was read against what the kernel knows.

    Raises:
        ProcessLookupError: it has just ended.
        NotReady: it looks like an interpreter that is starting up.
        NotReadable: it does not look like this version of CPython.
    """
    memory, version = interpreter.memory, interpreter.version
    for gil in interpreter.gils:
        try:
            interval = memory.pointer(gil.address)
            last, locked, switches = GIL_WORD.unpack(
                memory.read(gil.address + LAST_HOLDER, GIL_WORD.size)
            )
        except Unreadable as error:
            raise NotReady(f"its GIL cannot be read: {error}") from error
        if locked == -1 or not (interval or last or switches):
            raise NotReady("its interpreter has no GIL yet")
        if locked not in (0, 1):
            raise NotReadable(f"its GIL does not look like that of CPython {version}", version)
    try:
        tasks = {int(name) for name in os.listdir(f"/proc/{pid}/task")}
    except FileNotFoundError as error:
        raise ProcessLookupError from error
    inner = {thread.tid for thread in interpreter.threads.values()} - tasks
    if not interpreter.threads:
        raise NotReady("its interpreter has no threads yet")
    if inner and len(inner) == len(interpreter.threads):
        # In a pid namespace of its own the interpreter counts its threads differently.
        raise NotReadable(
            "its thread ids are those of another pid namespace", version, "run gilscope inside it"
        )
