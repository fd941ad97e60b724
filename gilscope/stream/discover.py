"""The Python processes of this machine, found by what they have mapped or are called."""

import os
import time
from dataclasses import dataclass

import psutil

from gilscope.probe.implementations import by_arguments, is_other_python
from gilscope.probe.kernel import living_task
from gilscope.probe.maps import images, is_python_file, read_maps

SETTLED = 2.0
"""Seconds after which a process is taken to have become what it will be: a shell that starts a
program is the program a moment later, under the same number."""

_OWN_PROBE = ("-m", "gilscope", "probe")


@dataclass(frozen=True, slots=True)
class PythonProcess:
    """A process that runs Python, as the kernel sees it.

    Attributes:
        user: name of its owner.
        command: its arguments, the program first.
        exe: path of its program; null where it may not be read.
        threads: how many the kernel counts.
        cpu: percent of one core since the scan before; null at the first.
        rss: bytes of memory in use.
        started: when it started, in seconds since the epoch.
    """

    pid: int
    ppid: int
    user: str
    command: tuple[str, ...]
    exe: str | None
    threads: int
    cpu: float | None
    rss: int
    started: float


class Discovery:
    """Finds Python processes again and again; cheaper each time after the first."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[psutil.Process, bool]] = {}
        self._measured: dict[int, tuple[float, float]] = {}

    def scan(self) -> list[PythonProcess]:
        """Return the Python processes there are now, in the order of their ids.

        gilscope's own process and its probes are left out. So are processes that embed Python
        without a shared library, under a name that does not tell.
        """
        known: dict[int, tuple[psutil.Process, bool]] = {}
        found = []
        # process_iter keeps its objects from scan to scan, and makes a new one for a new process
        # behind an old number.
        for process in psutil.process_iter():
            pid = process.pid
            before = self._known.get(pid)
            if before is not None and before[0] is process and (before[1] or _settled(process)):
                python = before[1]
            else:
                python = pid != os.getpid() and looks_like_python(pid)
            known[pid] = (process, python)
            if python and (described := self._describe(process)) is not None:
                found.append(described)
        self._known = known
        self._measured = {pid: self._measured[pid] for pid in self._measured if pid in known}
        return found

    def _describe(self, process: psutil.Process) -> PythonProcess | None:
        try:
            with process.oneshot():
                task = living_task(process.pid)
                if task is None:
                    return None
                shown = process if task == process.pid else psutil.Process(task)
                command = tuple(shown.cmdline())
                if is_own_probe(command):
                    return None
                times = process.cpu_times()
                return PythonProcess(
                    pid=process.pid,
                    ppid=process.ppid(),
                    user=process.username(),
                    command=command,
                    exe=_exe(task),
                    threads=process.num_threads(),
                    cpu=self._percent(process.pid, times.user + times.system),
                    rss=shown.memory_info().rss,
                    started=process.create_time(),
                )
        except psutil.Error:
            # It has ended, or may not even be looked at.
            return None

    def _percent(self, pid: int, used: float) -> float | None:
        now = time.monotonic()
        before = self._measured.get(pid)
        self._measured[pid] = (now, used)
        if before is None or now <= before[0]:
            return None
        return max(0.0, used - before[1]) / (now - before[0]) * 100


def _settled(process: psutil.Process) -> bool:
    try:
        return bool(time.time() - process.create_time() > SETTLED)
    except psutil.Error:
        return True


def is_own_probe(command: tuple[str, ...]) -> bool:
    """Whether a command line is that of a probe of gilscope's."""
    return any(command[i : i + 3] == _OWN_PROBE for i in range(1, min(len(command) - 2, 4)))


def looks_like_python(pid: int) -> bool:
    """Tell by names alone whether a process runs Python: by its program's, its libraries', or
    its first argument where no more may be read.
    """
    pid = living_task(pid) or pid
    exe = _exe(pid)
    if exe is not None and is_python_name(os.path.basename(exe.removesuffix(" (deleted)"))):
        return True
    try:
        if any(is_python_file(image.name) for image in images(read_maps(pid))):
            return True
    except OSError:
        pass
    arguments = _arguments(pid)
    if not arguments:
        return False
    if exe is None and is_python_name(os.path.basename(arguments[0])):
        return True
    return by_arguments([exe or arguments[0], *arguments[1:]]) is not None


def is_python(pid: int) -> bool:
    """Tell whether a process runs Python, by looking into its binaries where names do not tell."""
    if looks_like_python(pid):
        return True
    # Reading ELF symbols takes a library that most uses of this module do without.
    from gilscope.probe import find

    try:
        find.find_interpreter(pid).memory.close()
    except (find.NotReady, find.NotReadable):
        return True
    except (find.NotPython, find.NotPermitted, ProcessLookupError):
        return False
    return True


def is_python_name(name: str) -> bool:
    """Tell whether a program's file name is that of a Python interpreter."""
    return is_python_file(name) or is_other_python(name)


def _exe(pid: int) -> str | None:
    try:
        return os.readlink(f"/proc/{pid}/exe")
    except OSError:
        return None


def _arguments(pid: int) -> list[str]:
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            return os.fsdecode(file.read(1 << 16)).split("\0")[:-1]
    except OSError:
        return []
