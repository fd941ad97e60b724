"""A process made of plain files: os.pread reads them as it reads /proc.

A folder stands for /proc/PID, and a file in it for the process's memory, at small addresses. The
layout of 3.12 is used, where a thread state holds the kernel's thread id.
"""

import shutil
import struct
from pathlib import Path

from gilscope.probe.interpreter import Interpreter
from gilscope.probe.layouts import COND, LAYOUTS, ON_MONOTONIC_CLOCK, SWITCH_COND
from gilscope.probe.memory import Memory
from gilscope.probe.syscalls import HERE

PID = 900
LAYOUT = LAYOUTS[3, 12]
RUNTIME = 0x1000
INTERPRETER = 0x2000
GIL = 0x3000
STATES = 0x4000
NUMBER = {name: number for number, name in HERE.names.items()}

RUNNING = "running\n"
WAITS = f"{NUMBER['futex']} {GIL + 40:#x} 0x189 0x0 0x0 0x0 0xffffffff 0x7f 0x7e\n"
WAITS_ON = f"{NUMBER['futex']} {GIL + 44:#x} 0x189 0x0 0x0 0x0 0xffffffff 0x7f 0x7e\n"
WAITS_FOR_MUTEX = f"{NUMBER['futex']} {GIL + 80:#x} 0x80 0x2 0x0 0x0 0x0 0x7f 0x7e\n"
LOCKED = f"{NUMBER['futex']} 0x9990 0x189 0x0 0x0 0x0 0xffffffff 0x7f 0x7e\n"
READS = f"{NUMBER['read']} 0x5 0x7f00 0x1 0x0 0x0 0x0 0x7f 0x7e\n"
SLEEPS = f"{NUMBER['clock_nanosleep']} 0x1 0x1 0x7f00 0x0 0x0 0x0 0x7f 0x7e\n"
STOPPED = "-1 0x7fff 0x7f00\n"
STAT = "1 ({name}) {state} " + " ".join(["0"] * 36) + " {core} 0 0 0 0 0\n"


class Constructed:
    """A process made of files, and the means to change what it does."""

    def __init__(self, folder: Path, size: int = 0x8000, *, counts: int | None = 36) -> None:
        """Args: counts: where its glibc counts who waits on a condition, if it does."""
        self.counts = counts
        self.proc = folder / "proc"
        self.folder = self.proc / str(PID)
        (self.folder / "task").mkdir(parents=True)
        self._mem = self.folder / "mem"
        self._mem.write_bytes(b"\0" * size)
        self.word(RUNTIME + LAYOUT.interpreters, INTERPRETER)
        self.word(INTERPRETER + LAYOUT.interpreter_gil, GIL)
        self.word(GIL, 5000)
        self.gil(locked=False)
        self._waits: dict[int, bool] = {}
        self.waiters(0)

    def write(self, address: int, data: bytes) -> None:
        """Write into its memory."""
        with self._mem.open("r+b") as file:
            file.seek(address)
            file.write(data)

    def word(self, address: int, value: int) -> None:
        """Write a pointer into its memory."""
        self.write(address, struct.pack("<Q", value))

    def gil(self, holder: int = 0, switches: int = 0, *, locked: bool = True) -> None:
        """Let a thread state's thread hold the GIL."""
        self.write(GIL + 8, struct.pack("<Qi4xQ", holder, locked, switches))

    def waiters(self, count: int, *, handing_over: int = 0) -> None:
        """Let so many threads wait for the GIL, as glibc counts them."""
        if self.counts is None:
            return
        for condition, waits in ((COND, count), (SWITCH_COND, handing_over)):
            word = struct.pack("<I", waits << 3 | ON_MONOTONIC_CLOCK)
            self.write(GIL + condition + self.counts, word)

    def exec(self) -> None:
        """Let its memory vanish, as an exec and an exit do."""
        self._mem.write_bytes(b"")

    def state(self, address: int, tid: int, following: int = 0, pthread: int = 0) -> None:
        """Write a thread state."""
        self.word(address + LAYOUT.thread_next, following)
        self.word(address + LAYOUT.thread_id, pthread)
        self.word(address + LAYOUT.thread_native_id, tid)

    def states(self, *tids: int) -> list[int]:
        """Write a list of thread states and return their addresses."""
        addresses = [STATES + 0x100 * index for index in range(len(tids))]
        following = 0
        for address, tid in reversed(list(zip(addresses, tids, strict=True))):
            self.state(address, tid, following)
            following = address
        self.word(INTERPRETER + LAYOUT.interpreter_threads, following)
        return addresses

    def thread(self, tid: int, call: str = RUNNING, *, name: str = "python", state: str = "S"):
        """Let a thread be born, or do something else; who waits for the GIL is counted there."""
        folder = self.folder / "task" / str(tid)
        folder.mkdir(exist_ok=True)
        (folder / "comm").write_text(name + "\n")
        (folder / "stat").write_text(STAT.format(name=name, state=state, core=tid % 2))
        if not (folder / "schedstat").exists():
            self.schedule(tid)
        (folder / "syscall").write_text(call)
        self._waits[tid] = call in (WAITS, WAITS_ON)
        self.waiters(sum(self._waits.values()))

    def state_is(self, state: str) -> None:
        """Say in which state the process is: "S (sleeping)", "T (stopped)"."""
        (self.folder / "status").write_text(f"Name:\tpython\nState:\t{state}\nTracerPid:\t0\n")

    def schedule(self, tid: int, cpu: int = 0, delay: int = 0, turns: int = 0) -> None:
        """Say how long a thread has run and waited for a core, in microseconds, and how often."""
        path = self.folder / "task" / str(tid) / "schedstat"
        path.write_text(f"{cpu * 1000} {delay * 1000} {turns}\n")

    def end(self, tid: int) -> None:
        """Let a thread end."""
        self._waits.pop(tid, None)
        shutil.rmtree(self.folder / "task" / str(tid))

    def memory(self) -> Memory:
        """Open its memory."""
        return Memory(PID, proc=str(self.proc))

    def interpreter(self) -> Interpreter:
        """Return its interpreter, not yet walked."""
        return Interpreter(self.memory(), "3.12.1", RUNTIME, LAYOUT)
