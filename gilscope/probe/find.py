"""Find the interpreter in a process, and check that it is what it seems to be."""

import os

from gilscope.probe.binary import Binary, read_binary
from gilscope.probe.interpreter import Interpreter
from gilscope.probe.kernel import living_task
from gilscope.probe.layouts import (
    DEBUG_OFFSETS_SIZE,
    GIL_WORD,
    LAST_HOLDER,
    LAYOUTS,
    published_layout,
)
from gilscope.probe.maps import Mapping, images, is_python_file
from gilscope.probe.memory import Memory, Unreadable
from gilscope.probe.syscalls import HERE

_MUSL = ("ld-musl-", "libc.musl-")


class NotPython(Exception):
    """The process runs no CPython that could be found."""


class NotReady(Exception):
    """The interpreter is still starting up, or already ending; the message says what is missing."""


class NotStarted(NotReady):
    """The program has Python in it, but runs no interpreter: not yet, or not any more."""


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
        memory = Memory(pid)
    except PermissionError as error:
        raise NotPermitted from error
    except FileNotFoundError as error:
        raise ProcessLookupError from error
    try:
        return _find(pid, memory, memory.maps())
    except PermissionError as error:
        memory.close()
        raise NotPermitted from error
    except FileNotFoundError as error:
        memory.close()
        raise ProcessLookupError from error
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
        binary = read_binary(living_task(pid) or pid, image)
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
        interpreter = Interpreter(memory, version, runtime, layout)
        interpreter.walk()
    except Unreadable as error:
        raise NotReady(f"its interpreter cannot be read: {error}") from error
    if not interpreter.gils and layout.has_gil:
        raise NotStarted("its interpreter has no GIL yet")
    _check(pid, interpreter)
    return interpreter


def _spell(number: int) -> str:
    """Spell PY_VERSION_HEX: 0x030d00f0 is 3.13.0, 0x030e00b2 is 3.14.0b2."""
    release = f"{number >> 24}.{number >> 16 & 0xFF}.{number >> 8 & 0xFF}"
    level = {0xA: "a", 0xB: "b", 0xC: "rc"}.get(number >> 4 & 0xF, "")
    return f"{release}{level}{number & 0xF}" if level else release


def _could_hold(memory: Memory, last: int, switches: int) -> bool:
    """Tell whether that which a GIL calls its last holder can be one."""
    if not last:
        return not switches
    if last % 8:
        return False
    try:
        memory.read(last, 8)
    except Unreadable:
        return False
    return True


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
            raise NotStarted("its interpreter has no GIL yet")
        if locked not in (0, 1) or not _could_hold(memory, last, switches):
            raise NotReadable(f"its GIL does not look like that of CPython {version}", version)
        if locked and last not in interpreter.states:
            raise NotReady("a thread that it does not list holds its GIL")
    try:
        tasks = {int(name) for name in os.listdir(f"/proc/{pid}/task")}
    except FileNotFoundError as error:
        raise ProcessLookupError from error
    inner = {thread.tid for thread in interpreter.threads.values()} - tasks
    if not interpreter.threads:
        raise NotStarted("its interpreter has no threads yet")
    if inner and len(inner) == len(interpreter.threads):
        # In a pid namespace of its own the interpreter counts its threads differently.
        raise NotReadable(
            "its thread ids are those of another pid namespace", version, "run gilscope inside it"
        )
