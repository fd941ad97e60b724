"""Free-threaded builds: without a GIL, unless they are told to use one.

GILSCOPE_FREE_THREADED names such an interpreter, for the tests that run one.
"""

import dataclasses
import os
import shutil
import struct
import subprocess
import time
from pathlib import Path

import pytest

from gilscope.model.events import KERNEL, Note, Process
from gilscope.probe import find as module
from gilscope.probe.find import NotReady
from gilscope.probe.gil import GilReader
from gilscope.probe.interpreter import Gil, Interpreter
from gilscope.probe.introductions import FREE_THREADED, TOLD_TO_USE_ONE, of_python
from gilscope.probe.layouts import ENABLED
from tests.probe.constructed import GIL, LAYOUT, RUNTIME, Constructed
from tests.probe.live import TARGET, probing, running, share

BUILD = os.environ.get("GILSCOPE_FREE_THREADED", "")
FREE = dataclasses.replace(LAYOUT, has_gil=False, thread_cframe=None, thread_interpreter=None)


@pytest.fixture
def process(tmp_path):
    """A process of two threads of a free-threaded build."""
    files = Constructed(tmp_path)
    files.states(os.getpid(), 12)
    return files


def walk(memory):
    found = Interpreter(memory, "3.13.5", RUNTIME, FREE)
    found.walk()
    return found


def enable(process, enabled):
    process.write(GIL, struct.pack("<i4xQQi4xQ", enabled, 5000, 0x4000, 1, 7))


def test_a_free_threaded_build_has_threads_and_no_gil(process):
    enable(process, 0)
    with process.memory() as memory:
        found = walk(memory)
        assert {thread.tid for thread in found.threads.values()} == {os.getpid(), 12}
        assert found.gils == []
        module._check(os.getpid(), found)
        about = of_python(Process(0, 1, 1), found)
    assert (about.gil, about.fidelity, about.implementation) == (False, KERNEL, "cpython")
    assert (about.reason, about.python) == (FREE_THREADED, "3.13.5")


def test_a_gil_that_it_uses_lies_behind_the_word_that_says_so(process):
    enable(process, ENABLED)
    with process.memory() as memory:
        found = walk(memory)
        assert found.gils == [Gil(GIL + 8, 0)]
        gil = GilReader(memory, found.gils[0], 0)
        assert (gil.locked, gil.last, gil.switches) == (True, 0x4000, 7)
        module._check(os.getpid(), found)
        about = of_python(Process(0, 1, 1), found)
        assert (about.gil, about.reason) == (True, TOLD_TO_USE_ONE)
        enable(process, 0)
        found.walk()
        assert found.gils == []


@pytest.mark.parametrize("enabled", [1, 3, -1, -(2**31)])
def test_a_gil_for_the_length_of_an_import_is_none(process, enabled):
    enable(process, enabled)
    with process.memory() as memory:
        assert walk(memory).gils == []


def test_without_threads_it_is_still_starting_up(process):
    process.states()
    with process.memory() as memory, pytest.raises(NotReady):
        module._check(os.getpid(), walk(memory))


needs_build = pytest.mark.skipif(
    not os.access(BUILD, os.X_OK), reason="GILSCOPE_FREE_THREADED names no interpreter"
)


@pytest.mark.e2e
@needs_build
def test_threads_of_a_real_build_run_at_once(monkeypatch):
    monkeypatch.setenv("PYTHON_GIL", "0")
    with running(TARGET, Path(BUILD)) as target, probing(target.pid) as probe:

        def seen():
            threads = list(probe.session.threads())
            return sum(share(thread, "NR") > 0.5 for thread in threads) >= 3 and {
                thread.state for thread in threads
            } >= {"I", "L", "S"}

        probe.until(seen)
        about = probe.process(target.pid).about
        assert (about.gil, about.fidelity, about.reason) == (False, KERNEL, FREE_THREADED)
        assert all(thread.native is False for thread in probe.session.threads())
        time.sleep(1)
        assert probe.of(Note) == []
        assert all(share(thread, "HW") == 0 for thread in probe.session.threads())


@pytest.mark.e2e
@needs_build
def test_a_real_build_that_was_told_to_use_a_gil_is_seen_to(monkeypatch):
    monkeypatch.setenv("PYTHON_GIL", "1")
    with running(TARGET, Path(BUILD)) as target, probing(target.pid) as probe:
        probe.until(
            lambda: (
                sum(
                    share(thread, "H") > 0.1 and share(thread, "W") > 0.1
                    for thread in probe.session.threads()
                )
                >= 2
            )
        )
        about = probe.process(target.pid).about
        assert (about.gil, about.fidelity, about.reason) == (True, KERNEL, TOLD_TO_USE_ONE)
        assert probe.process(target.pid).switches > 0


TURNED_ON = """
import sys
sys.path.insert(0, sys.argv[1])
print(1, flush=True)
sys.stdin.readline()
import single
while True:
    sum(range(1000))
"""

SINGLE = """
#include <Python.h>
static struct PyModuleDef single = {PyModuleDef_HEAD_INIT, "single"};
PyMODINIT_FUNC PyInit_single(void) { return PyModule_Create(&single); }
"""


def build_module(folder):
    """Compile a module that does not say that it can do without a GIL."""
    asked = "import sysconfig as s; print(s.get_path('include'), s.get_config_h_filename())"
    told = subprocess.run([BUILD, "-c", asked], capture_output=True, text=True, check=True)
    include, configuration = told.stdout.split()
    (folder / "single.c").write_text(SINGLE)
    flags = ["-shared", "-fPIC", f"-I{include}", f"-I{Path(configuration).parent}"]
    source, module = folder / "single.c", folder / "single.so"
    subprocess.run(["cc", *flags, source, "-o", module], check=True)


@pytest.mark.e2e
@needs_build
@pytest.mark.skipif(shutil.which("cc") is None, reason="there is no C compiler")
def test_a_real_build_that_begins_to_use_a_gil_is_introduced_again(monkeypatch, tmp_path):
    monkeypatch.delenv("PYTHON_GIL", raising=False)
    build_module(tmp_path)
    with (
        running(TURNED_ON, Path(BUILD), str(tmp_path)) as target,
        probing(target.pid) as probe,
    ):
        probe.until(lambda: target.pid in probe.session.processes)
        probe.until(lambda: probe.process(target.pid).about.gil is False)
        target.stdin.write(b"\n")
        target.stdin.flush()
        probe.until(lambda: probe.process(target.pid).about.gil is True)
        probe.until(lambda: probe.process(target.pid).held)
