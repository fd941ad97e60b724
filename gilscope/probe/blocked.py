"""Say in words what a blocked thread waits for: the system call, and what it is on."""

import ipaddress
import os
import struct

from gilscope.probe.classify import Blocked, resumed
from gilscope.probe.kernel import readable_ids
from gilscope.probe.memory import Memory, Unreadable
from gilscope.probe.syscalls import HERE, Kind

_ON_FIRST_DESCRIPTOR = frozenset(
    (
        "read",
        "write",
        "readv",
        "writev",
        "pread64",
        "pwrite64",
        "preadv",
        "pwritev",
        "recvfrom",
        "recvmsg",
        "recvmmsg",
        "sendto",
        "sendmsg",
        "sendmmsg",
        "accept",
        "accept4",
        "connect",
        "fsync",
        "fdatasync",
        "sync_file_range",
        "ioctl",
        "flock",
        "fcntl",
        "getdents64",
        "ftruncate",
        "fallocate",
        "sendfile",
        "splice",
        "tee",
        "copy_file_range",
    )
)
_TABLES = ("tcp", "tcp6", "udp", "udp6")
_KEEP_SOCKETS = 1_000_000
"""Microseconds for which the kernel's socket tables are believed; reading them is slow."""
_MOST_SET = 4096
"""Descriptors a select is read for; no fd_set of glibc is larger than 1024."""


class Describer:
    """Describes the blocked calls of one process."""

    def __init__(self, pid: int, memory: Memory | None) -> None:
        """Args: memory: of the process, where it can be read; it tells what a select is on."""
        self._pid = pid
        self._memory = memory
        self._sockets: dict[str, str] = {}
        self._read_at: int | None = None

    def describe(self, call: Blocked | None, now: int) -> str:
        """Return the call in words: "recvfrom on socket 127.0.0.1:40010 to 127.0.0.1:5432"."""
        if call is None:
            return "blocked outside of any system call"
        call = resumed(call)
        name = HERE.name(call.number)
        arguments = call.arguments + (0,) * (6 - len(call.arguments))
        match HERE.kinds.get(call.number, Kind.IO):
            case Kind.FUTEX:
                return "waits on a lock"
            case Kind.RESTART:
                return "resumed call"
            case Kind.SLEEP:
                return "sleep"
            case Kind.SELECT:
                return self._select(name, arguments)
            case Kind.POLL:
                count = arguments[1]
                return f"{name} on {_count(count)}" if count else "sleep"
        if name.startswith("epoll"):
            return f"{name} on {_count(self._epoll(arguments[0]))}"
        if name in ("wait4", "waitid"):
            return self._child(name, arguments)
        if name in _ON_FIRST_DESCRIPTOR:
            return f"{name} on {self._descriptor(arguments[0] & 0xFFFFFFFF, now)}"
        return name

    def _select(self, name: str, arguments: tuple[int, ...]) -> str:
        highest = arguments[0] & 0xFFFFFFFF
        if not highest:
            return "sleep"
        count = 0
        size = (min(highest, _MOST_SET) + 63) // 64 * 8
        for address in arguments[1:4]:
            if address and self._memory is not None:
                try:
                    count += int.from_bytes(self._memory.read(address, size), "little").bit_count()
                except Unreadable:
                    return name
        return f"{name} on {_count(count)}" if count else name

    def _epoll(self, descriptor: int) -> int | None:
        for task in readable_ids(self._pid):
            try:
                with open(f"/proc/{task}/fdinfo/{descriptor}", encoding="ascii") as file:
                    return sum(line.startswith("tfd:") for line in file)
            except (OSError, ValueError):
                continue
        return None

    @staticmethod
    def _child(name: str, arguments: tuple[int, ...]) -> str:
        which = arguments[0] if name == "wait4" else arguments[1]
        child = struct.unpack("<i", struct.pack("<I", which & 0xFFFFFFFF))[0]
        if name == "waitid" and arguments[0] == 0:
            child = -1
        return f"{name} for child {child}" if child > 0 else f"{name} for any child"

    def _descriptor(self, number: int, now: int) -> str:
        link = self._link(number)
        if link is None:
            return f"descriptor {number}"
        # A file's name is bytes, and the stream is text: an odd name must not end the stream.
        target = link.decode(errors="replace")
        if target.startswith("socket:["):
            return self._socket(target[8:-1], now)
        if target.startswith("pipe:["):
            return f"pipe {number}"
        if target.startswith("anon_inode:"):
            return target.removeprefix("anon_inode:").strip("[]")
        return target

    def _link(self, number: int) -> bytes | None:
        """Return what a descriptor is on; None where there is none."""
        for task in readable_ids(self._pid):
            try:
                return os.readlink(f"/proc/{task}/fd/{number}".encode())
            except OSError:
                continue
        return None

    def _socket(self, inode: str, now: int) -> str:
        if inode not in self._sockets and (
            self._read_at is None or now - self._read_at > _KEEP_SOCKETS
        ):
            self._read_at = now
            found = map(read_sockets, readable_ids(self._pid))
            self._sockets = next(filter(None, found), {})
        return self._sockets.get(inode, "socket")


def _count(descriptors: int | None) -> str:
    if descriptors is None:
        return "descriptors"
    return "1 descriptor" if descriptors == 1 else f"{descriptors} descriptors"


def read_sockets(pid: int) -> dict[str, str]:
    """Return what each socket of a process's network namespace is, by inode number."""
    sockets: dict[str, str] = {}
    for table in _TABLES:
        try:
            with open(f"/proc/{pid}/net/{table}", encoding="ascii") as file:
                sockets.update(parse_inet(file.read()))
        except (OSError, UnicodeDecodeError):
            continue
    try:
        with open(f"/proc/{pid}/net/unix", encoding="utf-8", errors="replace") as file:
            sockets.update(parse_unix(file.read()))
    except OSError:
        pass
    return sockets


def parse_inet(text: str) -> dict[str, str]:
    """Return the sockets of a /proc/net/tcp, tcp6, udp or udp6 text."""
    sockets = {}
    for line in text.splitlines()[1:]:
        fields = line.split()
        try:
            local, remote, listening = _address(fields[1]), _address(fields[2]), fields[3] == "0A"
            inode = fields[9]
        except (IndexError, ValueError, struct.error):
            continue
        if listening:
            sockets[inode] = f"listening socket {local}"
        elif remote.endswith(":0"):
            sockets[inode] = f"socket {local}"
        else:
            sockets[inode] = f"socket {local} to {remote}"
    return sockets


def parse_unix(text: str) -> dict[str, str]:
    """Return the sockets of a /proc/net/unix text."""
    sockets = {}
    for line in text.splitlines()[1:]:
        fields = line.split(None, 7)
        if len(fields) >= 7:
            path = f" {fields[7]}" if len(fields) == 8 else ""
            sockets[fields[6]] = f"unix socket{path}"
    return sockets


def _address(field: str) -> str:
    """Spell an address as /proc/net prints it: words in the machine's order, then the port."""
    host, port = field.split(":")
    raw = bytes.fromhex(host)
    words = struct.unpack(f"={len(raw) // 4}I", raw)
    packed = struct.pack(f">{len(words)}I", *words)
    address = ipaddress.ip_address(packed)
    if isinstance(address, ipaddress.IPv6Address):
        mapped = address.ipv4_mapped
        return f"{mapped}:{int(port, 16)}" if mapped else f"[{address}]:{int(port, 16)}"
    return f"{address}:{int(port, 16)}"
