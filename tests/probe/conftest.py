"""Real processes for the tests, ended whatever happens, and ones made of plain files."""

import os
import subprocess
import tempfile
from pathlib import Path

import pytest

from gilscope.probe.find import find_interpreter
from gilscope.probe.layouts import WAITERS
from gilscope.probe.watched import Watched
from gilscope.probe.wishes import Wishes
from tests.probe.constructed import WAITS, Constructed
from tests.probe.sampled import FIRST, SECOND, Watching

UNPACKING = 300
"""Seconds."""


@pytest.fixture(scope="session")
def newer() -> Path:
    """A root folder with CPython 3.14 and 3.15 in it, which shares /tmp with this one.

    GILSCOPE_TOOLS names a folder with `newer-pythons DIR`, which unpacks them; it needs root and
    takes a minute where DIR (GILSCOPE_NEWER, or `newer` beside other temporary files) is not
    complete.
    """
    tool = Path(os.environ.get("GILSCOPE_TOOLS", "")) / "newer-pythons"
    folder = Path(os.environ.get("GILSCOPE_NEWER", Path(tempfile.gettempdir(), "newer")))
    if not (tool.is_file() and os.access(tool, os.X_OK)):
        pytest.skip("GILSCOPE_TOOLS names no folder with newer-pythons")
    if os.geteuid() != 0:
        pytest.skip("only root may change the root folder")
    try:
        done = subprocess.run(
            [tool, folder], capture_output=True, text=True, timeout=UNPACKING, check=False
        )
    except subprocess.TimeoutExpired:
        pytest.skip(f"newer interpreters were not unpacked within {UNPACKING} s")
    if done.returncode:
        pytest.skip(f"newer interpreters cannot be unpacked: {done.stderr.strip()[-200:]}")
    return folder


@pytest.fixture
def sleeper():
    """A child that sleeps, to be killed at will."""
    child = subprocess.Popen(["sleep", "1000"])
    yield child
    child.kill()
    child.wait()


@pytest.fixture(params=[*WAITERS, None])
def files(request, tmp_path):
    """Processes whose glibc counts those that wait for the GIL, and one whose does not."""
    return Constructed(tmp_path, counts=request.param)


@pytest.fixture
def watch(files):
    """Return a function that begins to watch; what it opened is closed afterwards."""
    watching = []

    def begin(**options):
        watching.append(Watching(files, **options))
        return watching[-1]

    yield begin
    for one in watching:
        one.process.close()


@pytest.fixture
def watching(watch):
    """The same process, watched with the usual options."""
    return watch()


@pytest.fixture
def pair(files):
    """Two threads that compute: the first holds the GIL and the second waits for it."""
    files.thread(FIRST)
    files.thread(SECOND, WAITS)
    first, second = files.states(FIRST, SECOND)
    files.gil(first, 5)
    return first, second


@pytest.fixture
def attend():
    """Return a function that begins to watch a real process; it is let go of afterwards."""
    watching = []

    def begin(pid, now=0, *, followed=False, fidelity=None, find=find_interpreter):
        watching.append(Watched(pid, now, followed=followed, wishes=Wishes(fidelity), find=find))
        return watching[-1]

    yield begin
    for one in watching:
        one.close()
