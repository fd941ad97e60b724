"""Read the memory of another process without stopping it."""

import os
import struct
from os import pread
from typing import Self

from gilscope.probe.kernel import living_task
from gilscope.probe.maps import Mapping, read_maps

TOP = 1 << 63
"""Addresses from here on are the kernel's, and no file offset that pread takes."""

_POINTER = struct.Struct("<Q")
_INT = struct.Struct("<i")


class Unreadable(OSError):
    """The address is not mapped, or the process is gone or may not be read."""


class Memory:
    """The memory of one process, through /proc/PID/mem.

    The descriptor stays bound to the program that was running when it was opened: after an exec
    every read fails, which is how an exec is noticed.

    Attributes:
        pid: of the process.

    Raises:
        FileNotFoundError, ProcessLookupError: there is no such process.
        PermissionError: it may not be read (the kernel asks for the right to ptrace it).
    """

    def __init__(self, pid: int, *, proc: str = "/proc") -> None:
        """Open the memory; proc is the folder to find the process in."""
        self.pid = pid
        self._proc = proc
        task = living_task(pid, proc=proc) or pid
        self.descriptor = os.open(f"{proc}/{task}/mem", os.O_RDONLY | os.O_CLOEXEC)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the process."""
        os.close(self.descriptor)

    def maps(self) -> list[Mapping]:
        """Return what lies where in it; see read_maps."""
        task = living_task(self.pid, proc=self._proc) or self.pid
        return read_maps(task, proc=self._proc)

    def read(self, address: int, size: int) -> bytes:
        """Return `size` bytes at an address.

        Raises:
            Unreadable: not all of them could be read.
        """
        if not 0 < address < TOP:
            raise Unreadable(f"{address:#x} is no address of a program")
        try:
            data = pread(self.descriptor, size, address)
        except OSError as error:
            raise Unreadable(f"{address:#x}: {error.strerror}") from error
        if len(data) != size:
            raise Unreadable(f"{address:#x}: {len(data)} of {size} bytes")
        return data

    def pointer(self, address: int) -> int:
        """Return the 8-byte pointer or number at an address; raises Unreadable."""
        number: int = _POINTER.unpack(self.read(address, 8))[0]
        return number

    def int32(self, address: int) -> int:
        """Return the C int at an address; raises Unreadable."""
        return int(_INT.unpack(self.read(address, 4))[0])
