import json
from types import SimpleNamespace

import pytest

from gilscope.cli.checks import (
    CHECKS,
    FAIL,
    OK,
    PTRACE_SCOPE,
    WARN,
    Check,
    check_everything,
    read_capabilities,
    read_hidepid,
    system,
)
from gilscope.cli.doctor import conclusion
from gilscope.cli.main import main

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
