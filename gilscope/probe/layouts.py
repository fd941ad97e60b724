"""Where CPython keeps its GIL, its interpreters and its threads, version by version.

Offsets in bytes for 64-bit builds with a GIL, computed from each version's own headers
(Include/internal/pycore_runtime.h, pycore_interp.h, pycore_gil.h, Include/cpython/pystate.h).
From 3.13 the interpreter publishes most of them itself (`_Py_DebugOffsets`).
"""

import platform
import struct
from dataclasses import dataclass, replace

COND_SIZE = 48
"""Size of glibc's pthread_cond_t."""

MUTEX_SIZE = 48 if platform.machine() == "aarch64" else 40
"""Size of glibc's pthread_mutex_t."""

GIL_SIZE = 32 + 2 * (COND_SIZE + MUTEX_SIZE)
"""Size of `struct _gil_runtime_state`, the same in 3.8 to 3.15."""

LAST_HOLDER, COND = 8, 32
"""Offsets in it of `last_holder` (PyThreadState*), which `locked` and `switch_number` follow, and
of `cond`, where threads wait for it."""

SWITCH_COND = COND + COND_SIZE + MUTEX_SIZE
"""Offset of `switch_cond`, where a thread that was made to let the GIL go waits for the next one to
take it."""

CONDS = (range(COND, COND + COND_SIZE), range(SWITCH_COND, SWITCH_COND + COND_SIZE))
"""Offsets of the words of the two: a thread that waits on any other word of the structure waits for
a mutex."""

WAITERS = (28, 36)
"""Offset in a pthread_cond_t of `__wrefs`: how many threads wait there, times 8, and three flags.

The second from glibc 2.25 on, the first where the `__g_refs` before it is gone (seen in 2.43). A
thread is counted from before it waits until after it has been woken up and put on a core again
(nptl/pthread_cond_wait.c).
"""

ON_MONOTONIC_CLOCK = 2
"""Those flags for the conditions of a GIL: they wait by the clock that nobody sets."""

_BOTH = f"I{WAITERS[1] - WAITERS[0] - 4}xI"
_TO_NEXT = SWITCH_COND - COND - (WAITERS[1] + 4) + WAITERS[0]
GIL_READ = struct.Struct(f"<Qi4xQ{WAITERS[0]}x{_BOTH}{_TO_NEXT}x{_BOTH}")
"""last_holder, locked and switch_number, as they lie at LAST_HOLDER, and what is at both places of
WAITERS: two words of `cond`, and two of `switch_cond`."""

_BETWEEN = _TO_NEXT + WAITERS[1] - WAITERS[0]
GIL_READ_AT = (
    struct.Struct(f"<Qi4xQ{WAITERS[0]}xI{_BETWEEN}xI{WAITERS[1] - WAITERS[0]}x"),
    struct.Struct(f"<Qi4xQ{WAITERS[1]}xI{_BETWEEN}xI"),
)
"""The same with only one of the places."""

GIL_WORD = struct.Struct("<Qi4xQ")
"""The first three of them."""

ENABLED_SIZE = 8
"""In a free-threaded build the structure begins with an int `enabled`, and the rest is shifted."""

ENABLED = 2**31 - 1
"""Its value where the GIL is in use for good; a smaller one lasts as long as an import does."""

COOKIE = b"xdebugpy"

PTHREAD_TID = {"x86_64": 720, "aarch64": 208}
"""Offset of `tid` in glibc's `struct pthread`, by machine: for threads of 3.8 to 3.10."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Offsets into `_PyRuntime`, PyInterpreterState and PyThreadState.

    Attributes:
        gil: the GIL in `_PyRuntime`, where it is one for all interpreters (3.8 to 3.11).
        interpreters: the pointer to the first interpreter, in `_PyRuntime`.
        interpreter_id, interpreter_next, interpreter_threads: in an interpreter; the last is
            the pointer to its newest thread.
        interpreter_gil: the pointer to its GIL, in an interpreter (3.12 and newer).
        thread_next: the pointer to the next thread, in a thread.
        thread_native_id: the kernel's thread id, in a thread (3.11 and newer).
        thread_id: the pthread_t, in a thread.
        thread_interpreter: the pointer to its interpreter, in a thread (3.10 to 3.12).
        thread_cframe: the pointer to a structure on the C stack of the thread that runs Python
            code with this thread state, in a thread (3.10 to 3.12). It tells whose the thread
            state of another interpreter is: up to 3.12 whoever runs code there uses the thread
            state that came with the interpreter, and that keeps its creator's ids.
        has_gil: false in a free-threaded build, unless it is told to use one.
    """

    interpreters: int
    interpreter_id: int
    interpreter_next: int
    interpreter_threads: int
    thread_next: int
    thread_id: int
    gil: int | None = None
    interpreter_gil: int | None = None
    thread_native_id: int | None = None
    thread_interpreter: int | None = None
    thread_cframe: int | None = None
    has_gil: bool = True

    @property
    def thread_size(self) -> int:
        """As many bytes of a PyThreadState as the offsets above reach into."""
        last = max(self.thread_native_id or 0, self.thread_cframe or 0)
        return 8 + max(self.thread_next, self.thread_id, last)


_39 = Layout(
    interpreters=32,
    interpreter_id=24,
    interpreter_next=0,
    interpreter_threads=8,
    thread_next=8,
    thread_id=176,
    gil=352,
)

LAYOUTS: dict[tuple[int, int], Layout] = {
    (3, 8): replace(_39, interpreter_id=16, gil=1152),
    (3, 9): _39,
    (3, 10): replace(_39, thread_interpreter=16, thread_cframe=48),
    (3, 11): Layout(
        interpreters=40,
        interpreter_id=48,
        interpreter_next=0,
        interpreter_threads=16,
        thread_next=8,
        thread_id=152,
        gil=360,
        thread_native_id=160,
        thread_interpreter=16,
        thread_cframe=56,
    ),
    (3, 12): Layout(
        interpreters=40,
        interpreter_id=8,
        interpreter_next=0,
        interpreter_threads=72,
        thread_next=8,
        thread_id=136,
        interpreter_gil=384,
        thread_native_id=144,
        thread_interpreter=16,
        thread_cframe=56,
    ),
}
"""Layouts of the versions that do not publish them."""

DEBUG_OFFSETS_SIZE = 8 * 40
"""As much of `_Py_DebugOffsets` as is needed of any version."""

_DEBUG_OFFSETS: dict[tuple[int, int], dict[str, int]] = {
    (3, 13): {
        "interpreters": 5,
        "interpreter_id": 7,
        "interpreter_next": 8,
        "interpreter_threads": 9,
        "interpreter_gil": 14,
        "thread_next": 21,
        "thread_id": 24,
        "thread_native_id": 25,
    },
    (3, 14): {
        "interpreters": 5,
        "interpreter_id": 7,
        "interpreter_next": 8,
        "interpreter_threads": 9,
        "interpreter_gil": 15,
        "thread_next": 24,
        "thread_id": 27,
        "thread_native_id": 28,
    },
    (3, 15): {
        "interpreters": 5,
        "interpreter_id": 7,
        "interpreter_next": 8,
        "interpreter_threads": 9,
        "interpreter_gil": 15,
        "thread_next": 24,
        "thread_id": 30,
        "thread_native_id": 31,
    },
}
"""Which 8-byte word of `_Py_DebugOffsets` holds which offset; the table grows with each version."""

_BIGGEST_OFFSET = 1 << 21
"""PyInterpreterState takes some 200 kB; an offset beyond 2 MB is no offset."""


def published_layout(data: bytes, version: tuple[int, int]) -> Layout | None:
    """Return the layout that an interpreter publishes in its `_Py_DebugOffsets`.

    Args:
        data: the first DEBUG_OFFSETS_SIZE bytes of `_PyRuntime`.
        version: major and minor version of the interpreter.

    Returns:
        None where there is no such table, or it makes no sense.
    """
    places = _DEBUG_OFFSETS.get(version)
    if places is None or len(data) < DEBUG_OFFSETS_SIZE or not data.startswith(COOKIE):
        return None
    words = struct.unpack_from(f"<{DEBUG_OFFSETS_SIZE // 8}Q", data)
    if (words[1] >> 24, words[1] >> 16 & 0xFF) != version or words[2] not in (0, 1):
        return None
    offsets = {name: words[place] for name, place in places.items()}
    if any(offset >= _BIGGEST_OFFSET for offset in offsets.values()):
        return None
    return Layout(**offsets, has_gil=not words[2])
