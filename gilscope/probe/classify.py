"""From one line of /proc/PID/task/TID/syscall to the state of the thread."""

from collections.abc import Sequence
from typing import NamedTuple

from gilscope.probe.syscalls import HERE, LOCK_COMMANDS, Calls, Kind

RUNNING = "X"
"""On a core or waiting for one; settled into `native`, `ready` or `wait` at the end of a frame."""


class Span(NamedTuple):
    """Addresses from `start` up to, not including, `end`."""

    start: int
    end: int


class Blocked(NamedTuple):
    """A system call that a thread is blocked in: its number and its six arguments."""

    number: int
    arguments: tuple[int, ...]


def parse_call(line: bytes) -> Blocked | None:
    """Return the call on a line of /proc/.../syscall; None where the thread is in no system call.

    A thread that is not in one is `running`, or blocked outside of any (a page fault, a stop):
    `-1 SP PC`.
    """
    fields = line.split()
    try:
        number = int(fields[0])
        if number < 0:
            return None
        return Blocked(number, tuple(int(field, 16) for field in fields[1:7]))
    except (ValueError, IndexError):
        return None


def state_in(call: Blocked | None, gils: Sequence[Span], calls: Calls = HERE) -> str:
    """Return the letter of the state of a thread that is blocked.

    Args:
        call: what it is blocked in; None for outside of any system call.
        gils: where the GIL structures of its process lie. All of such a structure counts: glibc's
            condition variable uses two words in turn, and a thread that was made to hand over
            waits on `switch_cond`.
    """
    if call is None or not calls.names:
        return "?"
    kind = calls.kinds.get(call.number, Kind.IO)
    first, second, *_ = (*call.arguments, 0, 0)
    match kind:
        case Kind.FUTEX | Kind.RESTART:
            if any(gil.start <= first < gil.end for gil in gils):
                return "W"
            return "L" if kind is Kind.FUTEX else "?"
        case Kind.LOCK:
            return "L"
        case Kind.SLEEP:
            return "S"
        case Kind.SELECT:
            return "I" if first & 0xFFFFFFFF else "S"
        case Kind.POLL:
            return "I" if second else "S"
        case Kind.FCNTL:
            return "L" if second & 0xFFFFFFFF in LOCK_COMMANDS else "I"
    return "I"
