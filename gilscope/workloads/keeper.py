"""Start a command, and end it and all that came of it when it is time, whatever happens.

Run as `PYTHON -I -S keeper.py [--pass FD,FD] [--tracer PID] -- COMMAND ARGUMENTS...`: standard
library only, and as little of it as can be, since each mode of a comparison waits for one. The
command gets a session of its own, nothing to read, and the descriptors that are passed; what it
prints is counted, and its end kept. `--tracer` names a process that may read it (Yama).

On its standard input a line "end", or the input's end, ends the command and every descendant of
it: a keeper whose gilscope is killed does that too. On its standard output it tells, a JSON object
a line:

    {"type": "launched", "pid": N}
    {"type": "refused", "error": "one sentence"}    instead of that; the keeper ends
    {"type": "ended", "status": exit code, or minus the signal that ended it,
     "wall": seconds from its start to its end, "cpu": seconds on a core of all its processes,
     "left": processes that it left behind, "printed": bytes, "tail": the end of what it printed}

Orphans come to the keeper and not to init (PR_SET_CHILD_SUBREAPER), so that a daemon that has
forked twice and has a session of its own is found as well. Where there is no Linux, only the
command's process group is ended.
"""

from __future__ import annotations

import errno
import os
import select
import signal
import sys
import time

GRACE = 0.25
"""Seconds that processes have to follow a command that has ended by itself, before they count as
left behind: multiprocessing's resource tracker ends when it notices."""

KEPT = 8192
"""Bytes of what is printed that are kept."""

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_PR_SET_PTRACER = 0x59616D61
_PIECE = 1 << 16
_PIECES = 16
_LONGEST = 200
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

_LINUX = sys.platform.startswith("linux")
_FATAL = (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
_HOPELESS = 50
"""Rounds in which no process could be killed for lack of rights, before they are let be."""


class Refused(Exception):
    """The command cannot be started; the message is one sentence."""


class Keeper:
    """A command that was started, and what is known of it."""

    def __init__(self, command: list[str], passed: list[int], tracer: int | None) -> None:
        """Start the command.

        Raises:
            Refused: it cannot be started.
        """
        self.status: int | None = None
        self.wall: float | None = None
        self.printed = 0
        self._tail = bytearray()
        self._output, write = os.pipe()
        libc = _libc()
        self._began = time.monotonic()
        self.pid = _launch(command, write, passed, tracer, libc)
        os.close(write)
        for descriptor in passed:
            os.close(descriptor)
        os.set_blocking(self._output, False)

    def wait(self, signals: int, asked: bytearray) -> bool:
        """Wait until the command has ended, or shall end.

        Args:
            signals: what the numbers of signals come from.
            asked: what was read from standard input, not yet a whole line.

        Returns:
            True where it has ended by itself.
        """
        poll = select.poll()
        for descriptor in (0, signals, self._output):
            poll.register(descriptor, select.POLLIN)
        while True:
            self._reap()
            if self.status is not None:
                return True
            for descriptor, _ in poll.poll():
                if descriptor == signals:
                    if set(os.read(signals, _PIECE)).intersection(_FATAL):
                        return False
                elif descriptor == self._output:
                    if not self._drain():
                        poll.unregister(self._output)
                else:
                    piece = os.read(0, _PIECE)
                    asked += piece
                    if not piece or b"end\n" in asked:
                        return False

    def leave_behind(self) -> int:
        """Return how many processes live on although the command has ended by itself."""
        deadline = time.monotonic() + GRACE
        # Orphans come to this process. While one is on its way, the kernel's lists may miss it.
        while self._reap():
            self._drain()
            left = len(descendants(os.getpid()))
            if time.monotonic() >= deadline:
                return left
            time.sleep(0.005)
        return 0

    def end_all(self) -> None:
        """Kill all descendants, again and again until none is left."""
        if not _LINUX:
            _send(os.killpg, self.pid)
        pause = 0.0
        hopeless = 0
        while self._reap() and hopeless < _HOPELESS:
            # Those that have ended too: the threads of one may run on without the first of them.
            killed = [_kill(pid) for pid in descendants(os.getpid(), ended=True)]
            hopeless = 0 if any(killed) or not killed else hopeless + 1
            # A process that forks and ends at once is caught only by those who hurry.
            time.sleep(pause)
            pause = min(0.02, pause + 0.0005)

    def tail(self) -> str:
        """Return the end of what it has printed."""
        self._drain()
        kept = bytes(self._tail[-KEPT:])
        # The first letter may have lost its beginning.
        return kept.decode("utf-8", "replace").lstrip("\N{REPLACEMENT CHARACTER}")

    def _reap(self) -> bool:
        """Take leave of children that have ended; tell whether there are others."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return False
            if not pid:
                return True
            if pid == self.pid:
                ended = os.WIFSIGNALED(status)
                self.status = -os.WTERMSIG(status) if ended else os.WEXITSTATUS(status)
                self.wall = time.monotonic() - self._began

    def _drain(self) -> bool:
        """Take what was printed, or a good part of it; tell whether more may come."""
        for _ in range(_PIECES):
            try:
                piece = os.read(self._output, _PIECE)
            except BlockingIOError:
                break
            if not piece:
                return False
            self.printed += len(piece)
            self._tail += piece
            if len(self._tail) > 8 * KEPT:
                del self._tail[:-KEPT]
        return True


def descendants(pid: int, ended: bool = False) -> list[int]:
    """Return the processes that have come of one, parents first; none where there is no /proc.

    Args:
        ended: those too that have ended, and whose parents have not noticed.
    """
    children_of = _told if os.path.exists(f"/proc/{pid}/task/{pid}/children") else _searched()
    found: list[int] = []
    unseen = [pid]
    while unseen:
        children = children_of(unseen.pop(0))
        unseen += children
        found += [child for child in children if ended or _runs(child)]
    return found


def _told(pid: int) -> list[int]:
    """Return a process's children, as the kernel tells them."""
    children: list[int] = []
    try:
        for thread in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{thread}/children", "rb") as file:
                children += map(int, file.read().split())
    except OSError:
        pass  # It has ended meanwhile.
    return children


def _searched() -> Callable[[int], list[int]]:
    """Look at all processes, where the kernel does not tell: return who has which children."""
    children: dict[int, list[int]] = {}
    for name in os.listdir("/proc") if os.path.isdir("/proc") else ():
        fields = _stat(int(name)) if name.isdigit() else []
        if fields:
            children.setdefault(int(fields[1]), []).append(int(name))
    return lambda pid: children.get(pid, [])


def _stat(pid: int | str) -> list[bytes]:
    """Return what /proc/PID/stat says after the name: the state, the parent, the group."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            return file.read().rpartition(b")")[2].split()
    except OSError:
        return []


def _runs(pid: int) -> bool:
    """Tell whether a process runs: its main thread may end before the others do."""
    if not _has_ended(_stat(pid)):
        return True
    try:
        threads = os.listdir(f"/proc/{pid}/task")
    except OSError:
        return False
    return not all(_has_ended(_stat(f"{pid}/task/{thread}")) for thread in threads)


def _has_ended(fields: list[bytes]) -> bool:
    return not fields or fields[0] in (b"Z", b"X")


def _kill(pid: int) -> bool:
    """Kill a process and its group at one stroke, which none escapes by forking.

    Returns:
        False where that is not allowed.
    """
    fields = _stat(pid)
    group = int(fields[2]) if fields else 0
    # The command has a session of its own: no group that others are in can be among them.
    allowed = group not in (0, os.getpgrp()) and _send(os.killpg, group)
    return _send(os.kill, pid) or allowed


def _send(kill: Callable[[int, int], None], number: int) -> bool:
    """Kill a process or a group, and tell whether that is allowed."""
    try:
        kill(number, signal.SIGKILL)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return True


def _launch(
    command: list[str],
    output: int,
    passed: list[int],
    tracer: int | None,
    libc: Any,  # noqa: ANN401  ctypes makes them up as it goes
) -> int:
    """Start the command, and return its process id.

    Raises:
        Refused: it cannot be started.
    """
    keeper = os.getpid()
    if libc is not None:
        libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    trouble, tell = os.pipe()
    pid = os.fork()
    if not pid:
        try:
            os.setsid()
            if libc is not None:
                libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
                if tracer is not None:
                    libc.prctl(_PR_SET_PTRACER, tracer, 0, 0, 0)
                if os.getppid() != keeper:
                    os._exit(1)
            signal.set_wakeup_fd(-1)
            for number in (signal.SIGINT, signal.SIGPIPE, signal.SIGXFSZ, signal.SIGCHLD, *_FATAL):
                signal.signal(number, signal.SIG_DFL)
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            os.dup2(output, 1)
            os.dup2(output, 2)
            for descriptor in passed:
                os.set_inheritable(descriptor, True)
            os.execvp(command[0], command)
        except (OSError, ValueError) as error:
            os.write(tell, b"%d" % (getattr(error, "errno", None) or errno.EINVAL))
        finally:
            os._exit(127)
    os.close(tell)
    why = os.read(trouble, 16)
    os.close(trouble)
    if why:
        os.waitpid(pid, 0)
        name = command[0] if len(command[0]) <= _LONGEST else command[0][:_LONGEST] + "..."
        raise Refused(f"{name} cannot be started: {os.strerror(int(why))}.")
    return pid


def _libc() -> Any:  # noqa: ANN401  ctypes makes them up as it goes
    if not _LINUX:
        return None
    try:
        import ctypes
    except ImportError:
        return None
    return ctypes.CDLL(None)


def _tell(**fields: object) -> None:
    """Tell something, if anybody listens."""
    import json

    line = json.dumps(fields).encode() + b"\n"
    try:
        while line:
            line = line[os.write(1, line) :]
    except OSError:
        return


def _signals() -> int:
    """Return a descriptor from which the numbers of signals can be read from now on."""
    read, write = os.pipe()
    os.set_blocking(read, False)
    os.set_blocking(write, False)
    signal.set_wakeup_fd(write, warn_on_full_buffer=False)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for number in (signal.SIGCHLD, *_FATAL):
        signal.signal(number, lambda *_: None)
    return read


def _cpu() -> float:
    import resource

    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main(arguments: list[str]) -> int:
    """Keep a command until it has ended."""
    options, command = arguments[: arguments.index("--")], arguments[arguments.index("--") + 1 :]
    given = dict(zip(options[::2], options[1::2]))
    passed = [int(number) for number in given.get("--pass", "").split(",") if number]
    tracer = int(given["--tracer"]) if "--tracer" in given else None
    signals = _signals()
    try:
        keeper = Keeper(command, passed, tracer)
    except Refused as refused:
        _tell(type="refused", error=str(refused))
        return 0
    left = 0
    try:
        _tell(type="launched", pid=keeper.pid)
        if keeper.wait(signals, bytearray()):
            left = keeper.leave_behind()
    finally:
        keeper.end_all()
    _tell(
        type="ended",
        status=keeper.status,
        wall=keeper.wall,
        cpu=_cpu(),
        left=left,
        printed=keeper.printed,
        tail=keeper.tail(),
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
