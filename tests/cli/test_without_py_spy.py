"""The plain commands where py-spy is not installed."""

import json
import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.e2e

LONG = 60


@pytest.fixture
def gilscope(tmp_path):
    """Runs gilscope by an interpreter that has no py-spy beside it or on its PATH."""
    python = tmp_path / "python"
    python.symlink_to(os.path.realpath(sys.executable))
    environment = os.environ | {"PATH": "/nowhere", "PYTHONPATH": os.pathsep.join(sys.path)}

    def run(*arguments):
        return subprocess.run(
            [python, "-m", "gilscope", *map(str, arguments)],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=LONG,
            check=False,
            env=environment,
        )

    return run


@pytest.fixture
def sleeper():
    script = "import time; print(flush=True); time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE) as process:
        process.stdout.readline()
        yield process.pid
        process.kill()


@pytest.mark.parametrize("command", [("stat", "-d", 0.3), ("stat", "-d", 0.3, "--json"), ("dump",)])
def test_a_process_of_which_only_py_spy_can_tell_is_an_error(gilscope, sleeper, command):
    done = gilscope(*command, "--fidelity", "py-spy", sleeper)
    assert (done.returncode, done.stdout) == (1, "")
    what, fix = done.stderr.splitlines()
    assert what.startswith(f"gilscope: nothing was seen of process {sleeper}")
    assert "py-spy was not found" in what
    assert fix == "  pip install py-spy"


@pytest.mark.parametrize("command", [("stat", "-d", 0.3), ("dump",)])
def test_what_is_missing_is_said_once_beside_what_is_seen(gilscope, sleeper, command):
    done = gilscope(*command, sleeper)
    assert done.returncode == 0
    assert "kernel fidelity" in done.stdout
    assert done.stderr.startswith("gilscope: py-spy was not found")
    assert len(done.stderr.splitlines()) == 2


def test_json_on_standard_error_is_not_spoilt_by_a_warning(gilscope):
    done = gilscope("stat", "--json", "--", sys.executable, "-c", "import time; time.sleep(0.5)")
    assert done.returncode == 0
    (warning,) = json.loads(done.stderr)["warnings"]
    assert (warning["fix"], warning["pid"]) == ("pip install py-spy", None)
