"""What the kernel says of a process as a whole: parent, command line, age, children."""

import os
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Facts:
    """One process, from /proc/PID/stat and cmdline.

    Attributes:
        state: the kernel's letter: R, S, D, Z (ended, not yet reaped), T or t (stopped).
        started: clock ticks between boot and its start; with the id it names a process for good.
        threads: how many it has.
    """

    pid: int
    name: str
    state: str
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
    """
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            name, state, parent, threads, started = parse_stat(file.read())
        with open(f"/proc/{pid}/cmdline", "rb") as raw:
            command = raw.read(1 << 16)
    except (FileNotFoundError, ValueError) as error:
        raise ProcessLookupError(f"no process {pid}") from error
    words = command.decode(errors="replace").rstrip("\0").split("\0") if command else [name]
    return Facts(pid, name, state, parent, started, threads, tuple(words))


def program(pid: int) -> str | None:
    """Return the file a process runs, which an exec changes; None where it cannot be told."""
    try:
        return os.readlink(f"/proc/{pid}/exe")
    except OSError:
        return None


def age(facts: Facts) -> int:
    """Return how long a process has been running, in microseconds."""
    with open("/proc/uptime", encoding="ascii") as file:
        uptime = float(file.read().split()[0])
    return max(0, round((uptime - facts.started / os.sysconf("SC_CLK_TCK")) * 1e6))


def children(pid: int) -> list[int]:
    """Return the processes that any thread of a process has started and that are not reaped.

    Empty where the kernel does not list them (CONFIG_PROC_CHILDREN) or the process is gone.
    """
    found: list[int] = []
    try:
        tasks = os.listdir(f"/proc/{pid}/task")
    except OSError:
        return found
    for task in tasks:
        try:
            with open(f"/proc/{pid}/task/{task}/children", encoding="ascii") as file:
                found.extend(int(child) for child in file.read().split())
        except OSError:
            continue
    return found
