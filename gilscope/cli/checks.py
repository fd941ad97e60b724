"""The checks of `gilscope doctor`, each a small function; none changes anything."""

import locale
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from gilscope import __version__
from gilscope.cli.permissions import capability, container, other_users, seccomp, yama
from gilscope.cli.verdicts import FAIL, OK, WARN, Check
from gilscope.probe import kernel
from gilscope.probe.stacks import find_py_spy

FULL_FIDELITY = {"x86_64", "aarch64"}
"""Machines whose system calls and interpreter layouts are known."""


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


def accounts() -> Check:
    """Check that the kernel counts how long a thread is on a core and waits for one."""
    if kernel.accounts():
        return Check("accounts", OK, "the kernel counts time on a core and waits for one")
    why, fix = kernel.NO_ACCOUNTS
    return Check("accounts", FAIL, why, fix)


def children() -> Check:
    """Tell whether the kernel lists the children of a process."""
    if kernel.lists_children():
        return Check("children", OK, "the kernel lists the children of a process")
    return Check(
        "children",
        WARN,
        "the kernel does not list children: every process is asked for its parent, "
        "which costs more where there are many",
        "use a kernel with CONFIG_PROC_CHILDREN",
    )


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


def py_spy() -> Check:
    """Check that py-spy is there: it gives names, and all that is seen of old interpreters."""
    path = find_py_spy()
    if path is None:
        return Check(
            "py-spy",
            WARN,
            "not found: threads will have no Python names, and nothing is seen of CPython 2.7 to "
            "3.7",
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
    accounts,
    children,
    own_processes,
    capability,
    yama,
    other_users,
    container,
    seccomp,
    py_spy,
    processors,
    terminal,
    encoding,
)
