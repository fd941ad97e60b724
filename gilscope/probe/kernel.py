"""What the kernel says of a process as a whole: parent, command line, age, children, halts."""

import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

STOPPED, FROZEN, TRACED = "stopped", "frozen", "traced"
"""How a process is halted: by a signal, by the freezer of its control group, by a debugger."""

_FREEZERS = frozenset(("do_freezer_trap", "__refrigerator"))
"""Where in some kernels a frozen thread is, of version 2 and 1 of the control groups."""


_ENDED = "ZX"
"""The kernel's letters for a task that has ended and was not yet reaped."""

_EXITING = 0x4
"""A flag of a task that is just ending (PF_EXITING)."""

_KILLED = 1 << signal.SIGKILL - 1
"""Stands among the signals of each task of a process that is about to end as a whole."""


@dataclass(frozen=True, slots=True)
class Facts:
    """One process, from /proc/PID/stat and cmdline.

    Attributes:
        state: the kernel's letter for its first task: R, S, D, Z (ended, not yet reaped), T or t
            (stopped).
        ended: no task of it is alive; see living_task.
        started: clock ticks between boot and its start; with the id it names a process for good.
        threads: how many it has.
    """

    pid: int
    name: str
    state: str
    ended: bool
    parent: int
    started: int
    threads: int
    command: tuple[str, ...]


def parse_stat(text: str) -> tuple[str, str, int, int, int]:
    """Return name, state, parent, threads and start of a /proc/PID/stat text.

    The name may hold anything, parentheses and newlines too: it ends at the last one.

    Raises:
        ValueError: that is no such text.
    """
    head, found, tail = text.rpartition(")")
    fields = tail.split()
    if not found or len(fields) < 20:
        raise ValueError("not a line of /proc/PID/stat")
    name = head.partition("(")[2]
    return name, fields[0], int(fields[1]), int(fields[17]), int(fields[19])


def read_facts(pid: int) -> Facts:
    """Return the facts of a process.

    Raises:
        ProcessLookupError: there is none.
        PermissionError: /proc is mounted with hidepid, and shows this user nothing of it.
    """
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            name, state, parent, threads, started = parse_stat(file.read())
        task = living_task(pid) if state in _ENDED else pid
        with open(f"/proc/{pid if task is None else task}/cmdline", "rb") as raw:
            command = raw.read(1 << 16)
    except (FileNotFoundError, ValueError) as error:
        if is_hidden(pid):
            raise PermissionError(f"process {pid} is hidden") from error
        raise ProcessLookupError(f"no process {pid}") from error
    words = command.decode(errors="replace").rstrip("\0").split("\0") if command else [name]
    return Facts(pid, name, state, task is None, parent, started, threads, tuple(words))


def living_task(pid: int, *, proc: str = "/proc") -> int | None:
    """Return a task of a process that has not ended, the first one if it is that; else None.

    Of a process that this user may not see, the first one is returned.

    The first task may end long before the others, as in a C program whose main thread calls
    pthread_exit. The kernel then calls the process a zombie, and shows its memory, mappings,
    program, arguments and descriptors only under the ids of its other tasks: those do for that of
    a process in /proc, and for py-spy, although /proc does not list them.

    Args:
        proc: the folder to find it in.
    """
    try:
        with open(f"{proc}/{pid}/stat", encoding="utf-8", errors="replace") as file:
            if parse_stat(file.read())[1] not in _ENDED:
                return pid
        others = sorted(int(name) for name in os.listdir(f"{proc}/{pid}/task"))
    except PermissionError:
        return pid
    except (OSError, ValueError):
        return None
    return next((task for task in others if task != pid and _goes_on(pid, task, proc)), None)


def _goes_on(pid: int, task: int, proc: str) -> bool:
    """Tell whether a task lives and is not about to end with the whole of its process."""
    try:
        path = f"{proc}/{pid}/task/{task}/stat"
        with open(path, encoding="utf-8", errors="replace") as file:
            fields = file.read().rpartition(")")[2].split()
        doomed = int(fields[6]) & _EXITING or int(fields[28]) & _KILLED
    except (OSError, ValueError, IndexError):
        return False
    return fields[0] not in _ENDED and not doomed


def thread_name(pid: int, tid: int) -> str | None:
    """Return what the kernel calls a thread; None where it is gone."""
    try:
        with open(f"/proc/{pid}/task/{tid}/comm", "rb") as file:
            return file.read(64).decode(errors="replace").rstrip("\n")
    except OSError:
        return None


def is_hidden(pid: int) -> bool:
    """Tell whether a process exists that /proc does not show to this user (hidepid=2)."""
    try:
        os.kill(pid, 0)
    except PermissionError:
        return not os.path.exists(f"/proc/{pid}")
    except (OSError, OverflowError):
        pass
    return False


def program(pid: int) -> str | None:
    """Return the file a process runs, which an exec changes; None where it cannot be told."""
    for task in readable_ids(pid):
        try:
            return os.readlink(f"/proc/{task}/exe")
        except OSError:
            continue
    return None


def has_let_go(pid: int) -> bool:
    """Tell whether a process has let go of its memory, and with it of its program: it is ending.

    One whose program this user may not read, as after an exec of another user's, has not.
    """
    for task in readable_ids(pid):
        try:
            os.readlink(f"/proc/{task}/exe")
        except FileNotFoundError:
            continue
        except OSError:
            pass
        return False
    return True


def readable_ids(pid: int) -> Iterator[int]:
    """Yield the ids under which the kernel may show a process's files, to be tried in turn.

    That of the process comes first, so that another is looked for only where that shows nothing.
    """
    yield pid
    task = living_task(pid)
    if task is not None and task != pid:
        yield task


def age(facts: Facts) -> int:
    """Return how long a process has been running, in microseconds."""
    with open("/proc/uptime", encoding="ascii") as file:
        uptime = float(file.read().split()[0])
    return max(0, round((uptime - facts.started / os.sysconf("SC_CLK_TCK")) * 1e6))


def halted(pid: int, *, proc: str = "/proc") -> str | None:
    """Return how a process is kept from running: "stopped", "frozen", "traced"; None if it is not.

    Traced is a process that has a debugger, whether or not that lets it run. At most four reads,
    some 60 microseconds.

    Args:
        proc: the folder to find it in.
    """
    state, status = _read_status(pid, pid, proc)
    if state == b"Z" and (task := living_task(pid, proc=proc)) is not None:
        state, status = _read_status(pid, task, proc)
    if state in (b"S", b"D", b"T", b"t") and is_frozen(pid, proc=proc):
        return FROZEN
    if state == b"t" or status.partition(b"\nTracerPid:")[2].split(b"\n", 1)[0].strip(b"\t 0"):
        return TRACED
    return STOPPED if state == b"T" else None


def _read_status(pid: int, task: int, proc: str) -> tuple[bytes, bytes]:
    """Return the state of a task and the whole of its status; empty where there is none."""
    folder = f"{proc}/{pid}" if task == pid else f"{proc}/{pid}/task/{task}"
    try:
        with open(f"{folder}/status", "rb") as file:
            status = file.read(4096)
    except OSError:
        return b"", b""
    return status.partition(b"\nState:")[2].lstrip()[:1], status


def is_frozen(pid: int, *, proc: str = "/proc") -> bool:
    """Tell whether the freezer of its control group holds a process."""
    try:
        with open(f"{proc}/{pid}/wchan", encoding="ascii") as file:
            if file.read(64) in _FREEZERS:
                return True  # Newer kernels freeze a thread wherever it happens to be.
    except (OSError, ValueError):
        pass
    try:
        with open(f"{proc}/{pid}/cgroup", encoding="utf-8", errors="surrogateescape") as file:
            groups = parse_groups(file.read())
    except OSError:
        return False
    for controller, name, frozen in _FREEZER_FILES:
        root, folder = _freezers(proc).get(controller, ("", ""))
        group = groups.get(controller)
        if not folder or group in (None, "/", root):
            continue
        inner = str(group).removeprefix(root.rstrip("/"))
        try:
            with open(f"{folder}{inner}/{name}", "rb") as raw:
                if frozen in raw.read(4096):
                    return True
        except (OSError, ValueError):
            continue
    return False


_FREEZER_FILES = (("", "cgroup.events", b"frozen 1\n"), ("freezer", "freezer.state", b"FROZEN"))
"""Controller, file and the words in it, of version 2 and of version 1 of the control groups."""


def parse_groups(text: str) -> dict[str, str]:
    """Return the control groups in a /proc/PID/cgroup text by controller; "" is version 2."""
    groups = {}
    for line in text.split("\n"):
        parts = line.split(":", 2)
        if len(parts) == 3:
            groups.update(dict.fromkeys(parts[1].split(","), parts[2]))
    return groups


@lru_cache(maxsize=4)
def _freezers(proc: str) -> dict[str, tuple[str, str]]:
    try:
        with open(f"{proc}/self/mountinfo", encoding="utf-8", errors="surrogateescape") as file:
            return parse_freezers(file.read())
    except OSError:
        return {}


def parse_freezers(text: str) -> dict[str, tuple[str, str]]:
    """Return where the freezers of a mountinfo text are, by controller; "" is version 2.

    Returns:
        For each the control group that is at the top of it, and its folder.
    """
    found = {}
    for line in text.split("\n"):
        fields, _, kind = line.partition(" - ")
        words, kinds = fields.split(" "), kind.split(" ")
        if len(words) < 5:
            continue
        if kinds[0] == "cgroup2":
            found[""] = (words[3], words[4])
        elif kinds[0] == "cgroup" and "freezer" in kinds[-1].split(","):
            found["freezer"] = (words[3], words[4])
    return found


def blindness(pid: int, *, proc: str = "/proc") -> tuple[str, str] | None:
    """Return what the kernel does not tell of a process's threads that sampling them needs.

    Returns:
        What is missing and what would help, as two sentences without a full stop; None where
        nothing is.

    Raises:
        PermissionError: this user may not read it.
    """
    folder = f"{proc}/{pid}/task/{pid}"
    try:
        with open(f"{folder}/syscall", "rb") as file:
            file.read(1)
    except FileNotFoundError:
        if not os.path.exists(folder):
            return None
        return (
            "the kernel does not tell which system call a thread is in",
            "use a kernel with CONFIG_HAVE_ARCH_TRACEHOOK, outside of a sandbox such as gVisor",
        )
    except ProcessLookupError:
        return None
    return None if accounts(proc=proc) else NO_ACCOUNTS


NO_ACCOUNTS = (
    "the kernel does not account for the time that threads spend on a core and wait for one",
    "sudo sysctl kernel.task_delayacct=1, or use a kernel with CONFIG_SCHEDSTATS",
)


@lru_cache(maxsize=4)
def accounts(*, proc: str = "/proc") -> bool:
    """Tell whether schedstat is there and counts: it stays at 0 where delay accounting is off."""
    try:
        with open(f"{proc}/self/schedstat", encoding="ascii") as file:
            return any(int(figure) for figure in file.read().split())
    except (OSError, ValueError):
        return False


def children(pid: int, *, proc: str = "/proc") -> list[int]:
    """Return the processes that any thread of a process has started and that are not reaped.

    Empty where the process is gone.

    Args:
        proc: the folder to find it in.
    """
    found: list[int] = []
    try:
        tasks = os.listdir(f"{proc}/{pid}/task")
    except OSError:
        return found
    if not lists_children(proc):
        return _children_by_parent(pid, proc)
    for task in tasks:
        try:
            with open(f"{proc}/{pid}/task/{task}/children", encoding="ascii") as file:
                found.extend(int(child) for child in file.read().split())
        except (OSError, ValueError):
            continue
    return found


@lru_cache(maxsize=4)
def lists_children(proc: str = "/proc") -> bool:
    """Tell whether the kernel lists them (CONFIG_PROC_CHILDREN)."""
    return os.path.exists(f"{proc}/thread-self/children")


def _children_by_parent(pid: int, proc: str) -> list[int]:
    """Find the children by asking every process for its parent: 20 microseconds each."""
    entries = [entry for entry in os.listdir(proc) if entry.isdecimal()]
    return [int(entry) for entry in entries if parent_of(entry, proc=proc) == pid]


def parent_of(pid: int | str, *, proc: str = "/proc") -> int | None:
    """Return the parent of a process; None where it has ended or cannot be read."""
    try:
        with open(f"{proc}/{pid}/stat", encoding="utf-8", errors="replace") as file:
            return parse_stat(file.read())[2]
    except (OSError, ValueError):
        return None
