"""One watched process at py-spy fidelity: what py-spy alone can tell, dump after dump.

`owns_gil` is a hold. Everything else is unknown: to py-spy a thread that waits for the GIL looks
like one that sleeps, and one that was just woken to take it is `active` like one in native code.
"""

import os
import platform
from dataclasses import dataclass, field

from gilscope.model.events import GilSlice, ProcessSlice, ThreadSlice
from gilscope.probe.layouts import PTHREAD_TID
from gilscope.probe.memory import Memory, Unreadable
from gilscope.probe.roster import ProcessGone
from gilscope.probe.runs import Run, merge, spell_runs
from gilscope.probe.stacks import DumpedThread


@dataclass(slots=True)
class DumpedRecord:
    """A thread as py-spy tells it, dump by dump; it has the attributes of a SampledThread that
    introductions are made from."""

    tid: int
    name: str
    pthread: int
    letter: str
    since: int
    interpreter: int | None = None
    is_python: bool = True
    looked_for: int = 0
    named: bool = False
    runs: list[Run] = field(default_factory=list)


class PySpyProcess:
    """A process that only py-spy can read.

    Attributes:
        threads: its threads by kernel thread id.
    """

    def __init__(self, pid: int, *, proc: str = "/proc") -> None:
        """Open the process.

        Args:
            proc: the folder to find it in.

        Raises:
            ProcessGone: it is not there.
            PermissionError: it may not be read, and then py-spy may not read it either.
        """
        self.pid = pid
        self._tasks = f"{proc}/{pid}/task"
        try:
            self._memory = Memory(pid, proc=proc)
        except (FileNotFoundError, ProcessLookupError) as error:
            raise ProcessGone from error
        self._landmark = _landmark(self._memory)
        self.threads: dict[int, DumpedRecord] = {}
        self.dead: list[DumpedRecord] = []
        self._samples = 0

    def take_torn(self) -> int:
        """Return 0: nothing is read that could be torn."""
        return 0

    def close(self) -> None:
        """Close every file."""
        self._memory.close()

    def sample(self, now: int) -> None:
        """Nothing to do between two dumps."""

    def take(self, dump: list[DumpedThread], now: int) -> None:
        """Take in a dump that was just read."""
        self._samples += 1
        alive = set()
        for told in dump:
            tid = told.os_thread_id or self._kernel_id(told.thread_id)
            if tid is None:
                continue
            alive.add(tid)
            letter = "H" if told.owns_gil else "?"
            thread = self.threads.get(tid)
            if thread is None:
                thread = DumpedRecord(tid, told.thread_name or "", told.thread_id, letter, now)
                self.threads[tid] = thread
            elif letter != thread.letter:
                thread.runs.append((thread.letter, now - thread.since))
                thread.letter, thread.since = letter, now
        for tid in self.threads.keys() - alive:
            self.dead.append(self.threads.pop(tid))

    def _kernel_id(self, pthread: int) -> int | None:
        """Return the kernel's id of a thread; before 3.11 py-spy tells its pthread_t alone."""
        try:
            tid = self._memory.int32(pthread + PTHREAD_TID[platform.machine()])
        except (Unreadable, KeyError):
            return None
        return tid if os.path.exists(f"{self._tasks}/{tid}") else None

    def end_frame(self, now: int, start: int) -> ProcessSlice:
        """Return the frame that ends now.

        Raises:
            ProcessGone: the process has ended, or has become another program.
        """
        if not os.path.exists(self._tasks):
            raise ProcessGone
        if self._landmark is not None:
            try:
                self._memory.read(self._landmark, 1)
            except Unreadable as error:
                raise ProcessGone from error
        slices = []
        held = 0
        holder = None
        for thread in self.threads.values():
            runs = merge([*thread.runs, (thread.letter, now - thread.since)])
            held += sum(length for letter, length in runs if letter == "H")
            holder = thread.tid if thread.letter == "H" else holder
            thread.runs, thread.since = [], now
            slices.append(ThreadSlice(thread.tid, thread.letter, spell_runs(runs)))
        samples, self._samples = self._samples, 0
        gils = (GilSlice(0, min(held, now - start), None, holder),) if self.threads else ()
        return ProcessSlice(self.pid, tuple(slices), gils, samples)


def _landmark(memory: Memory) -> int | None:
    """Return an address that can be read for as long as a process runs the same program."""
    try:
        mappings = memory.maps()
    except OSError:
        return None
    return next((m.start for m in mappings if m.inode and m.permissions.startswith("r")), None)
