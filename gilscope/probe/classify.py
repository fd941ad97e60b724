"""From one line of /proc/PID/task/TID/syscall to the state of the thread."""

from collections.abc import Sequence
from typing import NamedTuple

from gilscope.probe.syscalls import HERE, LOCK_COMMANDS, Calls, Kind

RUNNING = "X"
"""On a core or waiting for one; settled into `native`, `ready` or `wait` at the end of a frame."""


_WAITS = (0, 9)
"""FUTEX_WAIT and FUTEX_WAIT_BITSET."""
_PRIVATE, _REALTIME = 128, 256
"""Flags of an operation on a futex."""
_INT = 0xFFFFFFFF
"""The lower half of a register, which is all of an int; of a bitset it means any waker."""
_LOWEST, _TOP = 1 << 12, 1 << 63
"""Between these lie the addresses of a program."""


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
        case Kind.FUTEX | Kind.RESTART if any(gil.start <= first < gil.end for gil in gils):
            return "W"
        case Kind.RESTART:
            before = resumed(call, calls)
            return "?" if before is call else state_in(before, gils, calls)
        case Kind.FUTEX | Kind.LOCK:
            return "L"
        case Kind.SLEEP:
            return "S"
        case Kind.SELECT:
            return "I" if first & _INT else "S"
        case Kind.POLL:
            return "I" if second else "S"
        case Kind.FCNTL:
            return "L" if second & _INT in LOCK_COMMANDS else "I"
    return "I"


def resumed(call: Blocked, calls: Calls = HERE) -> Blocked:
    """Return the call that a stop interrupted and restart_syscall goes on with.

    The kernel resumes in that way a timed wait for a futex, poll, and sleeps for a length of time
    (restart_syscall(2)); others it begins anew under their own numbers. The registers are still
    those of the call before. Each of the candidates is held against what the kernel would have
    refused or returned from at once.

    Returns:
        The call before, or one of the same meaning; the call itself where it is none that was
        resumed, or where several candidates are left.
    """
    if calls.kinds.get(call.number) is not Kind.RESTART:
        return call
    arguments = (call.arguments + (0,) * 6)[:6]
    futex = _may_be_futex(arguments)
    # A poll of just so many descriptors does not use the registers of the timeout and the bitset,
    # and no more than by chance would an address and that number be left in them.
    is_futex = futex and arguments[1] & _PRIVATE and arguments[5] & _INT == _INT
    poll = "poll" in calls.numbers and _may_be_poll(arguments) and not is_futex
    candidates = {
        "futex": futex,
        "poll": poll and arguments[1],
        "clock_nanosleep": _may_be_sleep(arguments) or (poll and not arguments[1]),
    }
    left = [name for name, possible in candidates.items() if possible]
    return Blocked(calls.numbers[left[0]], arguments) if len(left) == 1 else call


def _may_be_futex(arguments: tuple[int, ...]) -> bool:
    """Tell whether it may be a wait for a futex, with its address, operation, value and timeout."""
    address, operation, _, timeout, _, bitset = arguments
    operation &= _INT & ~(_PRIVATE | _REALTIME)
    return (
        operation in _WAITS
        and _is_address(address)
        and address % 4 == 0
        and _is_address(timeout)
        and bool(operation == _WAITS[0] or bitset & _INT)
    )


def _may_be_poll(arguments: tuple[int, ...]) -> bool:
    """Tell whether it may be a poll, with its descriptors, their number and a timeout."""
    descriptors, count, timeout, *_ = arguments
    # A timeout of 0 does not block; -1 is for ever.
    return count <= _INT and (not count or _is_address(descriptors)) and bool(timeout & _INT)


def _may_be_sleep(arguments: tuple[int, ...]) -> bool:
    """Tell whether it may be nanosleep, with its length and a place for the rest, or
    clock_nanosleep, with its clock, no flags and its length.
    """
    first, second, third, *_ = arguments
    if _is_address(first) and (not second or _is_address(second)):
        return True
    return not second & _INT and _is_address(third)


def _is_address(word: int) -> bool:
    return _LOWEST <= word < _TOP
