"""Programs in C that have Python in them, each compiled here against this interpreter."""

import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from gilscope.model.events import KERNEL, NO_FIDELITY, Frame
from tests.probe.interpreters import installed
from tests.probe.live import probing, share

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(shutil.which("cc") is None, reason="there is no C compiler"),
]

THREADS = """
#include <Python.h>
#include <pthread.h>
#include <unistd.h>
static void *work(void *name) {
    pthread_setname_np(pthread_self(), name);
    for (;;) {
        PyGILState_STATE state = PyGILState_Ensure();
        PyRun_SimpleString("for _ in range(500): sum(range(1000))");
        PyGILState_Release(state);
        usleep(1000);
    }
    return NULL;
}
static void *other(void *name) {
    pthread_setname_np(pthread_self(), name);
    for (;;) pause();
    return NULL;
}
int main(void) {
    pthread_t thread;
    Py_InitializeEx(0);
    PyEval_SaveThread();
    pthread_create(&thread, NULL, work, "first");
    pthread_create(&thread, NULL, work, "second");
    pthread_create(&thread, NULL, other, "other");
    puts("ready");
    fflush(stdout);
    pause();
}
"""

LATE = """
#include <dlfcn.h>
#include <stdio.h>
#include <unistd.h>
int main(int count, char **words) {
    puts("ready");
    fflush(stdout);
    getchar();
    void *library = dlopen(words[1], RTLD_NOW | RTLD_GLOBAL);
    ((void (*)(int)) dlsym(library, "Py_InitializeEx"))(0);
    ((int (*)(const char *)) dlsym(library, "PyRun_SimpleString"))("while True: sum(range(999))");
}
"""

AGAIN = """
#include <Python.h>
#include <unistd.h>
int main(void) {
    char byte;
    for (;;) {
        Py_InitializeEx(0);
        PyRun_SimpleString("import select; print('begun', flush=True)\\n"
                           "while not select.select([0], [], [], 0)[0]: sum(range(9999))");
        read(0, &byte, 1);
        Py_Finalize();
        puts("finalised");
        fflush(stdout);
        read(0, &byte, 1);
    }
}
"""

NEVER = """
#include <Python.h>
#include <unistd.h>
int main(int count, char **words) {
    if (count > 5) Py_Initialize();
    puts("ready");
    fflush(stdout);
    for (;;) pause();
}
"""


class Library:
    """The libpython of an interpreter, and how to link it."""

    def __init__(self, python):
        names = ("INCLUDEPY", "LIBDIR", "LDLIBRARY", "Py_ENABLE_SHARED", "prefix")
        asked = f"import sysconfig; print([sysconfig.get_config_var(n) for n in {names}])"
        told = subprocess.run([python, "-c", asked], capture_output=True, text=True, check=True)
        include, folder, library, shared, self.prefix = eval(told.stdout)
        self.path = Path(folder, library)
        self.good = bool(shared) and Path(include, "Python.h").exists()
        name = self.path.name.removeprefix("lib").removesuffix(".so")
        self.arguments = [f"-I{include}", f"-L{folder}", f"-l{name}", f"-Wl,-rpath,{folder}"]

    def build(self, folder, source):
        """Compile a program that is linked with it, and return its path."""
        if not self.good:
            pytest.skip("this interpreter has no libpython or no headers")
        (folder / "program.c").write_text(source)
        command = ["cc", folder / "program.c", "-o", folder / "program", *self.arguments]
        subprocess.run([*command, "-lpthread", "-ldl"], check=True)
        return folder / "program"

    def start(self, *command):
        """Start a program and wait until it says something."""
        child = subprocess.Popen(
            list(map(str, command)),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={"PYTHONHOME": self.prefix, "PATH": "/bin:/usr/bin"},
        )
        assert child.stdout.readline()
        return child


@pytest.fixture
def embedding(tmp_path):
    """Return a function that compiles and starts a program; it is ended afterwards."""
    children = []

    def start(source, python=Path(sys.base_prefix, "bin", "python3"), *arguments):
        library = Library(python)
        program = library.build(tmp_path, source)
        children.append(library.start(program, *arguments))
        return children[-1]

    yield start
    for child in children:
        child.kill()
        child.wait()
        child.stdin.close()
        child.stdout.close()


@pytest.mark.parametrize("python", installed("3.8", "3.11", "3.12", "3.13"))
def test_threads_that_c_has_made_hold_and_wait_as_those_of_python(embedding, python):
    target = embedding(THREADS, python)
    with probing(target.pid) as probe:
        probe.until(
            lambda: all(
                share(probe.thread(target.pid, name), "H") > 0.15
                and share(probe.thread(target.pid, name), "W") > 0.1
                for name in ("first", "second")
            )
        )
        about = probe.process(target.pid).about
        assert (about.fidelity, about.implementation, about.gil) == (KERNEL, "cpython", True)
        probe.until(lambda: probe.thread(target.pid, "other").native)
        assert not probe.thread(target.pid, "first").native


def test_a_libpython_that_is_loaded_late_is_found(embedding):
    library = Path(sysconfig.get_config_var("LIBDIR"), sysconfig.get_config_var("LDLIBRARY"))
    if library.suffix != ".so":
        pytest.skip("this interpreter has no libpython")
    target = embedding(LATE, Path(sys.base_prefix, "bin", "python3"), library)
    with probing(target.pid) as probe:
        probe.until(lambda: len(probe.of(Frame)) > 2)
        assert probe.process(target.pid).about.fidelity in (NO_FIDELITY, KERNEL)
        target.stdin.write(b"\n")
        target.stdin.flush()
        probe.until(lambda: probe.process(target.pid).about.fidelity == KERNEL)
        probe.until(lambda: probe.process(target.pid).held)


@pytest.mark.parametrize("python", installed("3.8", "3.12"))
def test_an_interpreter_that_is_finalised_and_begun_again_is_followed(embedding, python):
    target = embedding(AGAIN, python)
    with probing(target.pid) as probe:

        def main():
            return next(iter(probe.session.threads()), None)

        def tell():
            target.stdin.write(b"\n")
            target.stdin.flush()
            assert target.stdout.readline()

        for _ in range(2):
            probe.until(lambda: main() and main().state == "H")
            tell()
            # The GIL that it may have left locked is held by nobody.
            probe.until(lambda: main().state == "I")
            tell()
        assert probe.process(target.pid).gone is None


def test_a_program_that_never_begins_its_interpreter_is_watched_without_one(embedding):
    target = embedding(NEVER)
    with probing(target.pid) as probe:
        known = probe.session.processes
        probe.until(lambda: target.pid in known)
        probe.until(lambda: "no interpreter runs" in (probe.process(target.pid).about.reason or ""))
        probe.until(lambda: [t for t in probe.session.threads() if t.state == "I"])
        assert probe.process(target.pid).about.fidelity == NO_FIDELITY
