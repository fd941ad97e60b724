"""Pythons that are not CPython, recognised by their files and their command lines."""

import os
import shutil
import subprocess

import pytest

from gilscope.model.events import NO_FIDELITY, Blocked
from gilscope.probe.implementations import Implementation, by_arguments, recognise
from gilscope.probe.maps import Mapping
from tests.probe.live import probing, running, share

COMMANDS = [
    (["java", "-jar", "/usr/share/java/jython.jar", "x.py"], Implementation("jython")),
    (
        ["/usr/bin/java", "-cp", "/opt/jython-standalone-2.7.4.jar", "org.python.util.jython"],
        Implementation("jython", version="2.7.4"),
    ),
    (["java", "-Dname=x", "org.python.util.jython"], Implementation("jython")),
    (["java", "-jar", "server.jar"], None),
    (["dotnet", "/opt/ironpython/ipy.dll", "x.py"], Implementation("ironpython")),
    (["mono", "/usr/lib/ipy.exe"], Implementation("ironpython")),
    (["cat", "jython.txt"], None),
    (["cat", "copyipy.dll"], None),
    ([], None),
    ([""], None),
]


@pytest.mark.parametrize(("command", "found"), COMMANDS)
def test_a_virtual_machine_is_asked_by_its_arguments_what_it_runs(command, found):
    assert by_arguments(command) == found


def file(path, contents=b""):
    path.write_bytes(contents)
    return Mapping(0x1000, 0x2000, "r-xp", 0, path.stat().st_ino, str(path))


SYS_VERSION = b"3.9.16 (7.3.11+dfsg-2, Dec 30 2024, 22:36:23)\n[PyPy 7.3.11 with GCC 12.2.0]\0"


@pytest.mark.parametrize(
    ("contents", "versions"),
    [
        (b"\0" * 5000 + SYS_VERSION + b"\0" * 5000, ("3.9.16", "7.3.11")),
        (SYS_VERSION, ("3.9.16", "7.3.11")),
        (b"\n[PyPy ", (None, None)),
        (b"nothing of the kind", (None, None)),
        (b"", (None, None)),
    ],
)
def test_pypy_tells_its_versions_in_its_library(tmp_path, contents, versions):
    library = file(tmp_path / "libpypy3.9-c.so", contents)
    found = recognise(os.getpid(), ["pypy3"], [library])
    assert found == Implementation("pypy", *versions)
    assert "PyPy" in found.reason


def test_a_library_that_was_deleted_still_has_its_name():
    library = Mapping(0x1000, 0x2000, "r-xp", 0, 1 << 40, "/gone/libpypy3.9-c.so (deleted)")
    assert recognise(os.getpid(), [], [library]) == Implementation("pypy")


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("graalpy", "graalpy"),
        ("graalpy24.1", "graalpy"),
        ("micropython", "micropython"),
        ("python3", None),
        ("pyp", None),
        ("libpypylike.so", None),
    ],
)
def test_a_program_is_recognised_by_its_name(tmp_path, name, found):
    other = recognise(os.getpid(), [name], [file(tmp_path / name)])
    assert (other and other.name) == found


def test_a_file_that_is_only_read_is_no_program(tmp_path):
    data = Mapping(0x1000, 0x2000, "r--p", 0, 5, str(tmp_path / "libpypy3.9-c.so"))
    assert recognise(os.getpid(), [], [data]) is None


TARGET = """
import sys, threading, time
gate = threading.Lock()
gate.acquire()
def compute():
    while True:
        sum(range(2000))
for name, work, arguments in (
    ("cpu", compute, ()), ("nap", time.sleep, (1000,)), ("gated", gate.acquire, ())
):
    thread = threading.Thread(name=name, target=work, args=arguments)
    thread.daemon = True
    thread.start()
print("ready")
sys.stdout.flush()
sys.stdin.readline()
"""


@pytest.mark.e2e
@pytest.mark.skipif(shutil.which("pypy3") is None, reason="pypy3 is not installed")
def test_pypy_is_named_and_its_threads_are_in_the_kernels_view():
    with running(TARGET, "pypy3") as target, probing(target.pid) as probe:
        probe.until(lambda: {t.state for t in probe.session.threads()} >= {"I", "L", "S"})
        threads = probe.process(target.pid).threads.values()
        probe.until(lambda: any(share(thread, "NR") > 0.5 for thread in threads))
        about = probe.process(target.pid).about
        assert (about.implementation, about.fidelity, about.gil) == ("pypy", NO_FIDELITY, None)
        command = ["pypy3", "-c", "import sys; print(sys.version.split()[0])"]
        version = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        assert about.python == version.strip()
        assert about.reason.startswith("whether a thread of PyPy 7")
        assert not any(frame.gils for frame in last_slices(probe))
        probe.until(lambda: any(blocked.text == "sleep" for blocked in probe.of(Blocked)))


def last_slices(probe):
    return [piece for event in probe.events[-20:] for piece in getattr(event, "processes", ())]


@pytest.mark.e2e
@pytest.mark.skipif(shutil.which("jython") is None, reason="jython is not installed")
def test_jython_is_named_and_its_threads_are_in_the_kernels_view(tmp_path):
    script = tmp_path / "target.py"
    script.write_text(TARGET)
    with (
        subprocess.Popen(
            ["jython", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        ) as target,
        probing(target.pid) as probe,
    ):
        try:
            assert target.stdout.readline()
            probe.until(lambda: target.pid in probe.session.processes)
            probe.until(lambda: probe.process(target.pid).about.implementation == "jython")
            probe.until(lambda: share(probe.thread(target.pid, "cpu"), "NR") > 0.3)
            about = probe.process(target.pid).about
            assert (about.fidelity, about.gil) == (NO_FIDELITY, None)
            assert "Jython" in about.reason
            probe.until(lambda: probe.thread(target.pid, "nap"))
            assert probe.thread(target.pid, "nap").state in "LS"
        finally:
            target.kill()


RENAMING = """
import sys, threading
def late():
    sys.stdin.readline()
    with open("/proc/thread-self/comm", "w") as file:
        file.write("late")
    threading.Event().wait()
threading.Thread(target=late).start()
print("ready")
sys.stdout.flush()
"""


@pytest.mark.e2e
@pytest.mark.skipif(shutil.which("pypy3") is None, reason="pypy3 is not installed")
def test_a_thread_that_names_itself_later_is_introduced_again():
    with running(RENAMING, "pypy3") as target, probing(target.pid) as probe:
        probe.until(lambda: len(list(probe.session.threads())) == 2)
        target.stdin.write(b"\n")
        target.stdin.flush()
        probe.until(lambda: probe.thread(target.pid, "late"))
