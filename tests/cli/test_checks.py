import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from gilscope.cli import checks, permissions
from gilscope.cli.checks import CHECKS, check_everything, system
from gilscope.cli.doctor import conclusion
from gilscope.cli.main import main
from gilscope.cli.permissions import (
    FIRST_SPACE,
    PTRACE_SCOPE,
    find_container,
    may_read_memory,
    read_capabilities,
    read_field,
    read_hidepid,
)
from gilscope.cli.verdicts import FAIL, OK, WARN, Check
from gilscope.probe import kernel

STATUS = "Name:\tpython\nCapInh:\t0000000000000000\nCapEff:\t000001ffffffffff\nCapBnd:\t0\n"
MOUNTS = """\
21 26 0:20 / /sys rw,nosuid - sysfs sysfs rw
22 26 0:21 / /proc rw,nosuid,relatime shared:13 - proc proc rw,hidepid=invisible
"""


def test_every_check_that_is_not_ok_has_a_fix():
    checks = check_everything()
    assert len(checks) == len(CHECKS)
    for check in checks:
        assert check.verdict in {OK, WARN, FAIL}
        assert check.what
        assert check.fix or check.verdict == OK


def test_without_py_spy_names_are_lost_and_old_interpreters_but_no_stacks(monkeypatch):
    monkeypatch.setattr(checks, "find_py_spy", lambda: None)
    told = checks.py_spy()
    assert told.verdict == WARN
    assert "names" in told.what
    assert "CPython 2.7 to 3.7" in told.what
    assert "stacks" not in told.what


def test_the_exit_code_says_whether_full_fidelity_is_possible(capsys):
    code = main(["doctor", "--json"])
    checks = json.loads(capsys.readouterr().out)["checks"]
    assert code == any(check["verdict"] == FAIL for check in checks)


def test_capabilities_are_read_as_bits():
    assert read_capabilities(STATUS) == 0x1FFFFFFFFFF
    assert read_capabilities("Name:\tpython\n") is None


def test_hidepid_is_that_of_proc():
    assert read_hidepid(MOUNTS) == "invisible"
    assert read_hidepid(MOUNTS.replace(",hidepid=invisible", "")) is None
    assert read_hidepid("") is None


SYSTEMS = [
    ("Linux", "x86_64", OK, None),
    ("Linux", "riscv64", FAIL, "full fidelity needs x86_64 or aarch64"),
    ("Darwin", "arm64", FAIL, "gilscope runs on Linux only"),
]


@pytest.mark.parametrize(("kernel", "machine", "verdict", "fix"), SYSTEMS)
def test_the_system_is_one_that_gilscope_runs_on(kernel, machine, verdict, fix):
    uname = SimpleNamespace(system=kernel, release="1", machine=machine)
    check = system(uname)
    assert (check.verdict, check.fix) == (verdict, fix)


@pytest.mark.parametrize(
    ("checks", "told"),
    [
        ([Check("a", OK, "")], "this user's own processes at full fidelity"),
        ([Check("a", WARN, "", "")], "this user's own processes at full fidelity"),
        ([Check(PTRACE_SCOPE, WARN, "", "")], "what it launches itself"),
        ([Check(PTRACE_SCOPE, WARN, "", ""), Check("a", FAIL, "", "")], "cannot"),
    ],
)
def test_the_conclusion_is_one_sentence(checks, told):
    assert told in conclusion(checks)


CONTAINERS = [
    ("", "0::/\n", FIRST_SPACE, None),
    ("", "0::/system.slice/sshd.service\n", FIRST_SPACE, None),
    ("container=lxc\0TERM=x\0", "0::/\n", FIRST_SPACE, "lxc"),
    ("", "4:freezer:/docker/0123abcd\n", FIRST_SPACE, "Docker"),
    ("", "0::/kubepods.slice/docker-01.scope\n", FIRST_SPACE, "Kubernetes"),
    ("", "0::/machine.slice/libpod-01.scope\n", FIRST_SPACE, "Podman"),
    ("", "0::/\n", "pid:[4026532178]", "a pid namespace of its own"),
]


@pytest.mark.parametrize(("environment", "groups", "space", "kind"), CONTAINERS)
def test_a_container_is_recognised(environment, groups, space, kind, monkeypatch):
    monkeypatch.setattr(Path, "exists", lambda self: False)
    assert find_container(environment, groups, space) == kind


def test_a_field_of_a_status_is_read():
    assert read_field("Seccomp:\t2\nSeccomp_filters:\t1\n", "Seccomp") == "2"
    assert read_field("Name:\tx\n", "Seccomp") is None


def test_memory_may_be_read_here_or_a_filter_says_so():
    assert may_read_memory() in (True, False)


def test_a_kernel_that_counts_no_time_fails(monkeypatch):
    monkeypatch.setattr(kernel, "accounts", lambda: False)
    check = checks.accounts()
    assert (check.verdict, check.fix) == (FAIL, kernel.NO_ACCOUNTS[1])
    monkeypatch.setattr(kernel, "lists_children", lambda: False)
    assert checks.children().verdict == WARN


@pytest.mark.parametrize(
    ("scope", "privileged", "verdict", "told"),
    [
        (None, False, OK, "no Yama"),
        ("0\n", False, OK, "running processes can be watched"),
        ("1\n", False, WARN, "launches itself"),
        ("1\n", True, OK, "CAP_SYS_PTRACE"),
        ("2\n", False, FAIL, "only root"),
        ("2\n", True, OK, "CAP_SYS_PTRACE"),
        ("3\n", True, FAIL, "by anybody"),
        ("9\n", False, WARN, "not a known value"),
    ],
)
def test_each_ptrace_scope_has_its_verdict_and_its_way_out(
    monkeypatch, scope, privileged, verdict, told
):
    status = STATUS if privileged else "CapEff:\t0000000000000000\n"
    files = {"/proc/sys/kernel/yama/ptrace_scope": scope, "/proc/self/status": status}
    monkeypatch.setattr(permissions, "contents", files.get)
    check = permissions.yama()
    assert check.verdict == verdict
    assert told in check.what
    assert check.fix or verdict == OK
