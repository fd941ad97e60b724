"""The checks of `gilscope doctor` on what keeps this user from other processes."""

import ctypes
import errno
import os
import re
from pathlib import Path

from gilscope.cli.verdicts import FAIL, OK, WARN, Check, contents

PTRACE_SCOPE = "ptrace scope"

CAP_SYS_PTRACE = 19
"""Its number in the kernel's capability sets (linux/capability.h)."""

FIRST_SPACE = "pid:[4026531836]"
"""The machine's own pid namespace: the kernel gives it this number (linux/proc_ns.h)."""

_GROUPS = (
    ("kubepods", "Kubernetes"),
    ("docker", "Docker"),
    ("libpod", "Podman"),
    ("containerd", "containerd"),
    ("lxc", "LXC"),
)
"""What the control groups of container managers are called, in the order to look for."""


def capability() -> Check:
    """Tell whether this user may read every process."""
    held = read_capabilities(contents("/proc/self/status") or "")
    if held is None:
        return Check("capability", WARN, "the capabilities of this process are not known")
    if held >> CAP_SYS_PTRACE & 1:
        return Check("capability", OK, "CAP_SYS_PTRACE: processes of every user can be watched")
    return Check(
        "capability",
        WARN,
        "no CAP_SYS_PTRACE: processes of other users cannot be watched",
        "sudo gilscope ...; in a container: --cap-add SYS_PTRACE",
    )


def _privileged() -> bool:
    """Tell whether this process may read those of every user."""
    held = read_capabilities(contents("/proc/self/status") or "")
    return bool((held or 0) >> CAP_SYS_PTRACE & 1)


def yama() -> Check:
    """Tell whether Yama keeps users from reading their own processes."""
    text = contents("/proc/sys/kernel/yama/ptrace_scope")
    if text is None:
        return Check(PTRACE_SCOPE, OK, "no Yama: a user's own running processes can be watched")
    scope = text.strip()
    if scope == "0":
        return Check(PTRACE_SCOPE, OK, "0: a user's own running processes can be watched")
    if scope == "3":
        return Check(
            PTRACE_SCOPE,
            FAIL,
            "3: no process can be watched by anybody, until the next boot",
            "remove kernel.yama.ptrace_scope=3 from /etc/sysctl.d and boot again",
        )
    if _privileged():
        return Check(
            PTRACE_SCOPE, OK, f"{scope}: with CAP_SYS_PTRACE, running processes can be watched"
        )
    told = {
        "1": "1: only processes that gilscope launches itself can be watched",
        "2": "2: only root can watch processes",
    }.get(scope, f"{scope}: not a known value")
    return Check(
        PTRACE_SCOPE,
        FAIL if scope == "2" else WARN,
        told,
        "sudo gilscope ..., or until the next boot for all: sudo sysctl kernel.yama.ptrace_scope=0",
    )


def other_users() -> Check:
    """Tell whether /proc shows the processes of other users."""
    hidden = read_hidepid(contents("/proc/self/mountinfo") or "")
    if hidden in {None, "0", "off"} or _privileged():
        return Check("processes", OK, "/proc shows the processes of all users")
    return Check(
        "processes",
        WARN,
        f"/proc hides the processes of other users (hidepid={hidden})",
        "sudo gilscope ...",
    )


def container() -> Check:
    """Tell whether this looks like the inside of a container."""
    kind = find_container(
        contents("/proc/1/environ") or "",
        (contents("/proc/self/cgroup") or "") + (contents("/proc/1/cgroup") or ""),
        _space(),
    )
    if kind is None:
        return Check("container", OK, "none recognised")
    return Check(
        "container",
        OK,
        f"{kind}: only processes of this container can be seen",
        "to watch those of others, run gilscope on the host",
    )


def seccomp() -> Check:
    """Tell whether a filter keeps py-spy from reading other processes."""
    mode = read_field(contents("/proc/self/status") or "", "Seccomp")
    if mode in (None, "0"):
        return Check("seccomp", OK, "no filter of system calls")
    if may_read_memory():
        return Check("seccomp", OK, "a filter of system calls, which allows what py-spy needs")
    return Check(
        "seccomp",
        WARN,
        "a filter of system calls forbids process_vm_readv, which py-spy needs: "
        "older interpreters cannot be seen, and threads have no Python names",
        "in a container: --security-opt seccomp=unconfined, or a profile that allows "
        "process_vm_readv",
    )


def may_read_memory() -> bool:
    """Tell whether the system call that py-spy reads memory by is let through, on this process."""
    library = ctypes.CDLL(None, use_errno=True)
    try:
        read = library.process_vm_readv
    except AttributeError:
        return True
    # Nothing is asked for: a filter refuses the call before the kernel looks at that.
    done = read(os.getpid(), None, ctypes.c_ulong(0), None, ctypes.c_ulong(0), ctypes.c_ulong(0))
    return bool(done >= 0) or ctypes.get_errno() not in (errno.EPERM, errno.ENOSYS)


def read_field(status: str, name: str) -> str | None:
    """Return a field of a /proc/PID/status text."""
    found = re.search(rf"^{name}:\s*(\S+)", status, re.MULTILINE)
    return found[1] if found else None


def read_capabilities(status: str) -> int | None:
    """Return the effective capabilities in a /proc/PID/status text, as a set of bits."""
    found = re.search(r"^CapEff:\s*([0-9a-fA-F]+)$", status, re.MULTILINE)
    return int(found[1], 16) if found else None


def read_hidepid(mounts: str) -> str | None:
    """Return the value of hidepid that /proc is mounted with, in a mountinfo text."""
    for line in mounts.splitlines():
        fields = line.split()
        if len(fields) > 4 and fields[4] == "/proc":
            found = re.search(r"\bhidepid=(\w+)", line)
            if found:
                return found[1]
    return None


def _space() -> str:
    try:
        return os.readlink("/proc/self/ns/pid")
    except OSError:
        return FIRST_SPACE


def find_container(environment: str, groups: str, space: str = FIRST_SPACE) -> str | None:
    """Return what kind of container this is, if any.

    Args:
        environment: of the first process, as /proc/1/environ has it.
        groups: control groups, as /proc/1/cgroup has them.
        space: the pid namespace, as /proc/self/ns/pid has it.
    """
    if Path("/.dockerenv").exists():
        return "Docker"
    if Path("/run/.containerenv").exists():
        return "Podman"
    if Path("/var/run/secrets/kubernetes.io").exists():
        return "Kubernetes"
    for entry in environment.split("\0"):
        if entry.startswith("container="):
            return entry.removeprefix("container=")
    for word, kind in _GROUPS:
        if word in groups:
            return kind
    return None if space == FIRST_SPACE else "a pid namespace of its own"
