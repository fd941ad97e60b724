"""Names of threads: when to ask py-spy for what Python calls them, and when the kernel again."""

from gilscope.probe import kernel
from gilscope.probe.process import SampledProcess
from gilscope.probe.thread import SampledThread

NAMES_AGAIN = 30_000_000
"""Microseconds after which the names of threads are asked for again: a thread may be renamed."""

TRIES = 3
"""Dumps in which py-spy may leave a thread out until its name is no more asked for."""

PATIENCE = 500_000
"""Microseconds until py-spy is asked again after it has failed, doubled each time it fails again: a
target that runs on while it is read is torn now and then."""

READ_AGAIN = 2_000_000
"""Microseconds between two looks at the kernel's names: 12 microseconds for each thread."""


class Naming:
    """Decides when the names of one process's threads are looked for."""

    def __init__(self, now: int) -> None:
        self._asked_at = now
        self._next_read = now
        self._failures = 0
        self._again_at = now

    def wants_dump(self, target: SampledProcess, now: int, *, busy: bool) -> bool:
        """Whether py-spy would find anything new in a process.

        Args:
            busy: it used any time on a core since its last dump.
        """
        if not _is_read_by_py_spy(target) or now < self._again_at:
            return False
        if target.gils.witness is None:
            return busy
        if busy and now - self._asked_at >= NAMES_AGAIN:
            return True
        return any(
            thread.is_python and not thread.named and thread.asked < TRIES
            for thread in target.threads.values()
        )

    def asked(self, target: SampledProcess, now: int) -> None:
        """Note that py-spy was asked."""
        self._asked_at = now
        self._failures = 0
        for thread in target.threads.values():
            thread.asked += thread.is_python

    def failed(self, now: int) -> None:
        """Note that py-spy could not read the process."""
        self._again_at = now + min(PATIENCE << min(self._failures, 10), NAMES_AGAIN)
        self._failures += 1

    def renamed(self, target: SampledProcess, now: int) -> list[SampledThread]:
        """Return the threads that the kernel knows by another name by now, which they then have.

        Where py-spy tells no names the kernel's is all there is, and a thread names itself only
        after its birth.
        """
        if now < self._next_read or _is_read_by_py_spy(target):
            return []
        self._next_read = now + READ_AGAIN
        found = []
        for thread in target.threads.values():
            name = kernel.thread_name(target.pid, thread.tid)
            if name is not None and name != thread.name:
                thread.name = name
                found.append(thread)
        return found


def _is_read_by_py_spy(target: SampledProcess) -> bool:
    """Tell whether it is CPython with a GIL; py-spy's issue 711 is about those without."""
    return target.interpreter is not None and target.interpreter.layout.has_gil
