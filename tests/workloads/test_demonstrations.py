"""The demonstrations, as scripts of every interpreter there is."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from gilscope.workloads.catalogue import DEMONSTRATIONS, find

PYENV = Path.home() / ".pyenv" / "versions"
PYTHONS = sorted(
    {sys.executable, *map(str, PYENV.glob("3.[89].*/bin/python"))}
    | set(map(str, PYENV.glob("3.1[0-9].*/bin/python")))
)

every_one = pytest.mark.parametrize("demonstration", DEMONSTRATIONS, ids=lambda each: each.name)


@pytest.mark.e2e
@every_one
@pytest.mark.parametrize("python", PYTHONS, ids=lambda path: Path(path).parts[-3])
def test_a_demonstration_starts_and_ends_on_sigterm(demonstration, python):
    with subprocess.Popen(demonstration.command(python), stdout=subprocess.PIPE) as process:
        first = process.stdout.readline()
        assert first.startswith(f"{demonstration.name}: process {process.pid}".encode())
        process.terminate()
        assert process.wait(10) == -signal.SIGTERM


@pytest.mark.e2e
@every_one
def test_a_demonstration_ends_with_its_parent(demonstration):
    shell = shutil.which("sh")
    # The shell has to stay a process of its own, or it would become the demonstration.
    line = subprocess.list2cmdline([*demonstration.command(), "&"]) + " read _"
    with subprocess.Popen(
        [shell, "-c", line], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as parent:
        pid = int(parent.stdout.readline().split()[2].rstrip(b","))
        started = psutil.Process(pid)
        parent.communicate()
    # The pipe that both write to has closed: both are gone, or about to be.
    started.wait(10)
    assert not started.is_running()


def test_every_demonstration_says_what_it_shows_in_one_sentence():
    for each in DEMONSTRATIONS:
        assert each.shows.endswith(".")
        assert os.path.isfile(each.script)
        assert find(each.name) is each
    assert find("nonsense") is None
