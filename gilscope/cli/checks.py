"""The checks of `gilscope doctor`, each a small function; none changes anything."""

import locale
import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from gilscope import __version__
from gilscope.probe.stacks import find_py_spy

OK = "ok"
WARN = "warn"
FAIL = "fail"

PTRACE_SCOPE = "ptrace scope"

CAP_SYS_PTRACE = 19
"""Its number in the kernel's capability sets (linux/capability.h)."""

FULL_FIDELITY = {"x86_64", "aarch64"}
"""Machines whose system calls and interpreter layouts are known."""


@dataclass(frozen=True, slots=True)
class Check:
    """What one check found.

    Attributes:
        verdict: OK, WARN (something is restricted) or FAIL (full fidelity is impossible, even
            for this user's own processes).
        what: one sentence on what is so.
        fix: one sentence on what would change it; None where nothing need be done.
    """

    name: str
    verdict: str
    what: str
    fix: str | None = None


def check_everything() -> list[Check]:
    """Make every check."""
    return [check() for check in CHECKS]


def gilscope_itself() -> Check:
    """Tell the version, and which interpreter runs it."""
    return Check(
        "gilscope", OK, f"{__version__} on Python {platform.python_version()} ({sys.executable})"
    )


def system(uname: platform.uname_result | None = None) -> Check:
    """Check that the kernel and the machine are ones whose ways are known."""
    uname = uname or platform.uname()
    told = f"{uname.system} {uname.release} on {uname.machine}"
    if uname.system != "Linux":
        return Check("system", FAIL, told, "gilscope runs on Linux only")
    if uname.machine not in FULL_FIDELITY:
        return Check("system", FAIL, told, "full fidelity needs x86_64 or aarch64")
    return Check("system", OK, told)


def libc() -> Check:
    """Check that this is glibc, whose way of waiting for the GIL is known."""
    name, version = platform.libc_ver()
    if name == "glibc":
        return Check("libc", OK, f"glibc {version}")
    return Check(
        "libc",
        WARN,
        f"{name or 'not glibc, perhaps musl'}: its interpreters are shown at py-spy fidelity only",
        "watch interpreters that use glibc",
    )


def system_calls() -> Check:
    """Check that the kernel tells which system call a thread is in."""
    try:
        Path("/proc/self/syscall").read_text()
    except FileNotFoundError:
        return Check(
            "system calls",
            FAIL,
            "the kernel does not tell which system call a thread is in",
            "a kernel with CONFIG_HAVE_ARCH_TRACEHOOK tells; Linux must have /proc mounted",
        )
    except OSError as error:
        return Check(
            "system calls",
            FAIL,
            f"/proc/PID/syscall cannot be read: {error.strerror}",
            "a sandbox (gVisor, seccomp) may forbid it: run gilscope outside",
        )
    return Check("system calls", OK, "/proc/PID/task/TID/syscall can be read")


def own_processes() -> Check:
    """Check that the memory of a process that this one has started can be read."""
    try:
        child = subprocess.Popen([sys.executable, "-S", "-c", "input()"], stdin=subprocess.PIPE)
    except OSError as error:
        return Check(
            "own children",
            FAIL,
            f"{sys.executable} cannot be started: {error.strerror}",
            "gilscope starts its sampler with it: install gilscope where this user may run it",
        )
    with child:
        try:
            with (
                open(f"/proc/{child.pid}/mem", "rb"),
                open(f"/proc/{child.pid}/maps", "rb") as maps,
            ):
                maps.read(1)
        except OSError as error:
            return Check(
                "own children",
                FAIL,
                f"the memory of a process started here cannot be read: {error.strerror}",
                "in a container: --cap-add SYS_PTRACE, or a seccomp profile that allows "
                "process_vm_readv and ptrace",
            )
        finally:
            child.communicate(b"\n")
    return Check("own children", OK, "gilscope run and gilscope stat -- CMD can see all")


def capability() -> Check:
    """Tell whether this user may read every process."""
    held = read_capabilities(_read("/proc/self/status") or "")
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


def yama() -> Check:
    """Tell whether Yama keeps users from reading their own processes."""
    text = _read("/proc/sys/kernel/yama/ptrace_scope")
    if text is None:
        return Check(PTRACE_SCOPE, OK, "no Yama: a user's own running processes can be watched")
    scope = text.strip()
    privileged = (read_capabilities(_read("/proc/self/status") or "") or 0) >> CAP_SYS_PTRACE & 1
    if scope == "0":
        return Check(PTRACE_SCOPE, OK, "0: a user's own running processes can be watched")
    if scope == "3":
        return Check(
            PTRACE_SCOPE,
            FAIL,
            "3: no process can be watched by anybody, until the next boot",
            "remove kernel.yama.ptrace_scope=3 from /etc/sysctl.d and boot again",
        )
    if privileged:
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
    hidden = read_hidepid(_read("/proc/self/mountinfo") or "")
    if hidden in {None, "0", "off"} or os.geteuid() == 0:
        return Check("processes", OK, "/proc shows the processes of all users")
    return Check(
        "processes",
        WARN,
        f"/proc hides the processes of other users (hidepid={hidden})",
        "sudo gilscope ...",
    )


def container() -> Check:
    """Tell whether this looks like the inside of a container."""
    kind = find_container(_read("/proc/1/environ") or "", _read("/proc/self/cgroup") or "")
    if kind is None:
        return Check("container", OK, "none recognised")
    return Check(
        "container",
        OK,
        f"{kind}: only processes of this container can be seen",
        "to watch those of others, run gilscope on the host",
    )


def py_spy() -> Check:
    """Check that py-spy is there: it gives names and stacks."""
    path = find_py_spy()
    if path is None:
        return Check(
            "py-spy",
            WARN,
            "not found: threads will have no Python names and no stacks",
            f"{sys.executable} -m pip install py-spy",
        )
    try:
        done = subprocess.run(
            [path, "--version"], capture_output=True, text=True, timeout=5, check=True
        )
    except (OSError, subprocess.SubprocessError) as error:
        return Check("py-spy", WARN, f"{path} does not run: {error}", "install it again")
    return Check("py-spy", OK, f"{done.stdout.strip()} ({path})")


def processors() -> Check:
    """Tell how many cores there are, and how many of them gilscope may use."""
    cores = os.cpu_count() or 1
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else cores
    if usable < cores:
        return Check("cores", OK, f"{cores}, of which gilscope may use {usable}")
    return Check("cores", OK, str(cores))


def terminal() -> Check:
    """Tell whether the screens can open in this terminal."""
    term = os.environ.get("TERM", "")
    if not all(stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr)):
        return Check("terminal", OK, "none here: plain commands work, screens need a terminal")
    if term in {"", "dumb", "unknown"}:
        return Check(
            "terminal",
            WARN,
            f"TERM is {term or 'not set'}: screens cannot open",
            "where the terminal can do more: TERM=xterm-256color gilscope ...",
        )
    size = shutil.get_terminal_size()
    colours = (
        "16 million" if os.environ.get("COLORTERM") in {"truecolor", "24bit"} else "few or 256"
    )
    told = f"{term}, {size.columns}x{size.lines}, {colours} colours"
    if os.environ.get("NO_COLOR"):
        told += ", NO_COLOR is set"
    if size.columns < 80 or size.lines < 24:
        return Check("terminal", WARN, told, "80x24 shows all that matters")
    return Check("terminal", OK, told)


def encoding() -> Check:
    """Check that more than ASCII can be printed."""
    name = locale.getencoding()
    if name.lower().replace("-", "") == "utf8":
        return Check("locale", OK, name)
    return Check(
        "locale", WARN, f"{name}: bars and dots may not show", "LC_ALL=C.UTF-8 gilscope ..."
    )


CHECKS: tuple[Callable[[], Check], ...] = (
    gilscope_itself,
    system,
    libc,
    system_calls,
    own_processes,
    capability,
    yama,
    other_users,
    container,
    py_spy,
    processors,
    terminal,
    encoding,
)


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


def find_container(environment: str, groups: str) -> str | None:
    """Return what kind of container this is, if any.

    Args:
        environment: of the first process, as /proc/1/environ has it.
        groups: as /proc/self/cgroup has them.
    """
    if Path("/.dockerenv").exists():
        return "Docker"
    if Path("/run/.containerenv").exists():
        return "Podman"
    if Path("/var/run/secrets/kubernetes.io").exists() or "kubepods" in groups:
        return "Kubernetes"
    for entry in environment.split("\0"):
        if entry.startswith("container="):
            return entry.removeprefix("container=")
    return None


def _read(path: str) -> str | None:
    try:
        return Path(path).read_text(errors="replace")
    except OSError:
        return None
