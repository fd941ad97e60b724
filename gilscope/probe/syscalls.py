"""The system calls a thread can be found blocked in, and what being blocked in each of them means.

Numbers from the kernel's own headers: asm/unistd_64.h for x86-64, asm-generic/unistd.h for aarch64.
"""

import platform
from enum import Enum


class Kind(Enum):
    """What it means that a thread is blocked in a call; calls that are not listed are `IO`."""

    IO = "io"
    LOCK = "lock"
    SLEEP = "sleep"
    FUTEX = "a lock, or the GIL: the first argument, an address, tells"
    SELECT = "a sleep where the first argument, the number of descriptors, is 0, else io"
    POLL = "a sleep where the second argument, the number of descriptors, is 0, else io"
    FCNTL = "a lock where the second argument is a command that waits for one, else io"
    RESTART = "a call that was resumed after a stop; its arguments are still there, and may tell"


LOCK_COMMANDS = frozenset((7, 38))
"""F_SETLKW and F_OFD_SETLKW of fcntl, on both machines; F_SETLKW64 is one of 32-bit programs, and
to a 64-bit one the same as F_SETLKW."""

_KINDS = {
    "futex": Kind.FUTEX,
    "futex_wait": Kind.FUTEX,
    "futex_waitv": Kind.LOCK,
    "flock": Kind.LOCK,
    "fcntl": Kind.FCNTL,
    "semop": Kind.LOCK,
    "semtimedop": Kind.LOCK,
    "nanosleep": Kind.SLEEP,
    "clock_nanosleep": Kind.SLEEP,
    "select": Kind.SELECT,
    "pselect6": Kind.SELECT,
    "poll": Kind.POLL,
    "ppoll": Kind.POLL,
    "restart_syscall": Kind.RESTART,
}

_NUMBERS: tuple[tuple[str, int | None, int | None], ...] = (
    # name, on x86-64, on aarch64
    ("read", 0, 63),
    ("write", 1, 64),
    ("readv", 19, 65),
    ("writev", 20, 66),
    ("pread64", 17, 67),
    ("pwrite64", 18, 68),
    ("preadv", 295, 69),
    ("pwritev", 296, 70),
    ("open", 2, None),
    ("openat", 257, 56),
    ("close", 3, 57),
    ("poll", 7, None),
    ("ppoll", 271, 73),
    ("select", 23, None),
    ("pselect6", 270, 72),
    ("epoll_wait", 232, None),
    ("epoll_pwait", 281, 22),
    ("epoll_pwait2", 441, 441),
    ("recvfrom", 45, 207),
    ("recvmsg", 47, 212),
    ("recvmmsg", 299, 243),
    ("sendto", 44, 206),
    ("sendmsg", 46, 211),
    ("sendmmsg", 307, 269),
    ("sendfile", 40, 71),
    ("splice", 275, 76),
    ("tee", 276, 77),
    ("accept", 43, 202),
    ("accept4", 288, 242),
    ("connect", 42, 203),
    ("wait4", 61, 260),
    ("waitid", 247, 95),
    ("nanosleep", 35, 101),
    ("clock_nanosleep", 230, 115),
    ("futex", 202, 98),
    ("futex_waitv", 449, 449),
    ("futex_wait", 455, 455),
    ("flock", 73, 32),
    ("fcntl", 72, 25),
    ("semop", 65, 193),
    ("semtimedop", 220, 192),
    ("msgrcv", 70, 188),
    ("msgsnd", 69, 189),
    ("mq_timedreceive", 243, 183),
    ("mq_timedsend", 242, 182),
    ("pause", 34, None),
    ("rt_sigsuspend", 130, 133),
    ("rt_sigtimedwait", 128, 137),
    ("fsync", 74, 82),
    ("fdatasync", 75, 83),
    ("sync", 162, 81),
    ("sync_file_range", 277, 84),
    ("io_getevents", 208, 4),
    ("io_pgetevents", 333, 292),
    ("io_uring_enter", 426, 426),
    ("ioctl", 16, 29),
    ("stat", 4, None),
    ("lstat", 6, None),
    ("fstat", 5, 80),
    ("newfstatat", 262, 79),
    ("statx", 332, 291),
    ("getdents64", 217, 61),
    ("unlink", 87, None),
    ("unlinkat", 263, 35),
    ("rename", 82, None),
    ("mkdir", 83, None),
    ("rmdir", 84, None),
    ("copy_file_range", 326, 285),
    ("vfork", 58, None),
    ("clone", 56, 220),
    ("fork", 57, None),
    ("clone3", 435, 435),
    ("execve", 59, 221),
    ("exit", 60, 93),
    ("exit_group", 231, 94),
    ("mmap", 9, 222),
    ("munmap", 11, 215),
    ("mremap", 25, 216),
    ("mprotect", 10, 226),
    ("madvise", 28, 233),
    ("brk", 12, 214),
    ("msync", 26, 227),
    ("restart_syscall", 219, 128),
    ("sched_yield", 24, 124),
    ("ptrace", 101, 117),
    ("getrandom", 318, 278),
    ("signalfd4", 289, 74),
    ("truncate", 76, 45),
    ("ftruncate", 77, 46),
    ("fallocate", 285, 47),
    ("membarrier", 324, 283),
)

_COLUMN = {"x86_64": 1, "aarch64": 2}


class Calls:
    """The system calls of one machine.

    Attributes:
        names: name by number.
        numbers: number by name.
        kinds: kind by number, of the calls that are not plain `Kind.IO`.
    """

    def __init__(self, machine: str) -> None:
        column = _COLUMN.get(machine)
        self.names: dict[int, str] = {}
        if column is not None:
            self.names = {
                number: row[0] for row in _NUMBERS if isinstance(number := row[column], int)
            }
        self.numbers = {name: number for number, name in self.names.items()}
        self.kinds = {number: _KINDS[name] for number, name in self.names.items() if name in _KINDS}

    def name(self, number: int) -> str:
        """Return the call's name; of one that is not in the table, its number in words."""
        return self.names.get(number, f"system call {number}")


HERE = Calls(platform.machine())
"""The system calls of this machine."""
