"""Whether a process can be watched, told before anything is opened for it."""

import contextlib
import os
from collections.abc import Callable, Iterable
from pathlib import Path

from gilscope.errors import Misuse, NotPermitted, NotThere
from gilscope.probe.kernel import is_hidden, living_task
from gilscope.stream.discover import is_python

PS = "to see the Python processes: gilscope ps"

ANOTHERS = "it belongs to another user: sudo gilscope ..."

YAMA = Path("/proc/sys/kernel/yama/ptrace_scope")


def _read(path: Path) -> str:
    return path.read_text(errors="replace")


def check_targets(pids: Iterable[int]) -> None:
    """Make sure that each process is there, runs Python and may be read.

    Raises:
        NotThere: there is no such process, or it does not run Python.
        NotPermitted: this user may not read it.
    """
    for pid in pids:
        check_target(pid)


def check_target(pid: int) -> None:
    """Make sure that one process is there, runs Python and may be read; raises as check_targets."""
    status = read_status(pid)
    if status is None:
        raise NotThere(f"there is no process {pid}", PS)
    leader = int(status.get("Tgid", pid))
    if leader != pid:
        raise Misuse(
            f"{pid} is a thread of process {leader}", f"watch the whole process: gilscope {leader}"
        )
    task = living_task(pid)
    if task is None:
        raise NotThere(f"process {pid} has ended; its parent has yet to collect it", PS)
    if not may_read(task):
        raise NotPermitted(
            f"this user may not read process {pid} ({status.get('Name', '?')})",
            how_to_be_permitted(int(status.get("Uid", "0").split()[0])),
        )
    if not is_python(pid):
        raise NotThere(f"process {pid} ({status.get('Name', '?')}) does not run Python", PS)


def read_status(pid: int, read: Callable[[Path], str] = _read) -> dict[str, str] | None:
    """Return the fields of /proc/PID/status; None where there is no such process.

    Raises:
        NotPermitted: /proc is mounted with hidepid, and the process is another user's.
    """
    hidden = NotPermitted(f"this user may not see process {pid}", ANOTHERS)
    try:
        text = read(Path(f"/proc/{pid}/status"))
    except (FileNotFoundError, ProcessLookupError):
        if is_hidden(pid):
            raise hidden from None
        return None
    except PermissionError as error:
        raise hidden from error
    return {
        key: value.strip() for key, _, value in (line.partition(":") for line in text.splitlines())
    }


def may_read(pid: int) -> bool:
    """Whether the kernel lets this user read the memory of a process."""
    try:
        os.close(os.open(f"/proc/{pid}/mem", os.O_RDONLY))
    except PermissionError:
        return False
    except OSError:
        # A process that has just ended, or the kernel's own: not a matter of permission.
        return True
    return True


def how_to_be_permitted(owner: int) -> str:
    """Return one sentence on what would let this user read a process of that owner."""
    if owner != os.geteuid():
        return ANOTHERS
    with contextlib.suppress(OSError):
        scope = YAMA.read_text().strip()
        if scope == "3":
            return (
                "nobody may until the next boot: remove kernel.yama.ptrace_scope=3 from "
                "/etc/sysctl.d and boot again"
            )
        if scope == "2":
            return "sudo gilscope ..."
        if scope != "0":
            return (
                "sudo gilscope ..., or launch it with gilscope run, or allow it for all: "
                "sudo sysctl kernel.yama.ptrace_scope=0"
            )
    return "sudo gilscope ...; in a container, start it with --cap-add SYS_PTRACE"
