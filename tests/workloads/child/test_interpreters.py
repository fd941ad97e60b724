"""Every mode on the other interpreters at hand."""

import os
import shutil
from pathlib import Path

import pytest

import gilscope
from gilscope.workloads.child.digest import digest
from gilscope.workloads.reports import Failed, Finished, Go, Ready, Started, Unavailable
from tests.probe.interpreters import installed
from tests.workloads.child.conversing import START, conversing

pytestmark = pytest.mark.e2e

FREE_THREADED = os.environ.get("GILSCOPE_FREE_THREADED", "")
PYPY = shutil.which("pypy3")
NUMBERS = ((2,), (5,))
EXPECTED = (digest(4), digest(25)) * 2
MODES = (
    ("sequential", None),
    ("threads", None),
    ("asyncio", None),
    ("processes", "fork"),
    ("pool", "spawn"),
)


def runs(folder, python, modes, work="app:square", **options):
    """Run a work in some modes; return what the interpreter is."""
    for kind, method in modes:
        with conversing(folder, python, **options) as child:
            report = child.run(work, kind, *NUMBERS, method=method)
            assert isinstance(report, Finished), report
            assert report.digests == EXPECTED
            (started,) = child.of(Started)
            assert len(set(started.workers)) == (1 if kind == "sequential" else 2)
            left = child.stop()
            assert (left.threads, left.processes) == (0, 0)
            ended = child.finish()
            assert (ended["status"], ended["left"], ended["tail"]) == (0, 0, "")
    (ready,) = child.of(Ready)
    return ready


@pytest.mark.parametrize("python", installed("3.8", "3.9", "3.10", "3.12", "3.13"))
def test_every_mode_runs(folder, python):
    ready = runs(folder, python, MODES)
    assert (ready.implementation, ready.gil) == ("cpython", True)
    assert ready.version == python.parent.parent.name


@pytest.mark.parametrize("python", installed("3.8", "3.13"))
@pytest.mark.parametrize("name", ["square_later", "Thing.static"])
def test_coroutines_and_names_with_dots_too(folder, python, name):
    expected = {"square_later": EXPECTED, "Thing.static": (digest(2), digest(5)) * 2}[name]
    for kind in ("asyncio", "processes"):
        with conversing(folder, python) as child:
            report = child.run(f"app:{name}", kind, *NUMBERS, batch=3)
            assert report.digests == expected


@pytest.mark.parametrize("python", installed("3.8", "3.13"))
@pytest.mark.parametrize("kind", ["processes", "pool"])
def test_a_worker_that_is_killed_is_told_of(folder, python, kind):
    with conversing(folder, python) as child:
        report = child.run("app:kill", kind, (1,), (3,))
        assert isinstance(report, Failed)
        assert "SIGKILL" in report.error
        child.stop()
        assert child.finish()["left"] == 0


@pytest.mark.skipif(PYPY is None, reason="there is no pypy3")
def test_every_mode_runs_on_pypy(folder):
    ready = runs(folder, PYPY, MODES)
    assert (ready.implementation, ready.gil) == ("pypy", True)


@pytest.mark.skipif(
    not os.access(FREE_THREADED, os.X_OK), reason="GILSCOPE_FREE_THREADED names no interpreter"
)
def test_every_mode_runs_on_a_free_threaded_build(folder):
    ready = runs(folder, FREE_THREADED, MODES, environment={"PYTHON_GIL": "0"})
    assert ready.version.endswith("t")
    assert ready.gil is False


@pytest.fixture
def there(newer, folder):
    """What runs the newer interpreters: they see the same temporary folder and nothing else."""
    package = folder / "elsewhere" / "gilscope"
    package.mkdir(parents=True)
    own = Path(gilscope.__file__).parent
    shutil.copy(own / "__init__.py", package)
    shutil.copytree(own / "workloads", package / "workloads")
    return {
        "prefix": ("chroot", str(newer)),
        "start": package / START.relative_to(own),
    }


@pytest.mark.parametrize("version", ["3.14", "3.15"])
def test_every_mode_runs_where_there_are_pools_of_interpreters(folder, there, version):
    # Where chroot ends, the current directory is the root: the file is named by its path.
    modes = (*MODES, ("processes", None), ("interpreters", None))
    ready = runs(folder, f"/usr/bin/python{version}", modes, f"{folder}/app.py:square", **there)
    assert ready.version.startswith(version)


@pytest.mark.parametrize(
    ("name", "stage", "words"),
    [
        ("boom", "run", "task 1 raised ValueError: three"),
        ("leave", "run", "task 1 called sys.exit(4)"),
        ("nameless", "start", "cannot be sent to a sub-interpreter"),
        ("lock", "start", "cannot be sent back from a sub-interpreter"),
    ],
)
def test_what_goes_wrong_in_an_interpreter_is_told_of(folder, there, name, stage, words):
    with conversing(folder, "/usr/bin/python3.14", **there) as child:
        report = child.run(f"{folder}/app.py:{name}", "interpreters", (1,), (3,))
        assert isinstance(report, Failed)
        assert report.stage == stage
        assert words in report.error
        if stage == "run":
            assert f'File "{folder}/app.py"' in report.trace
            assert "concurrent" not in report.trace
        assert child.stop() is not None
        assert child.finish()["left"] == 0


def test_a_module_that_no_interpreter_but_the_first_can_import_is_said(folder, there):
    (folder / "old.py").write_text(
        "import _interpreters\n"
        "if _interpreters.get_current()[0]:\n"
        "    raise ImportError('module old does not support loading in subinterpreters')\n"
        "def work():\n    return 1\n"
    )
    with conversing(folder, "/usr/bin/python3.14", **there) as child:
        child.load(f"{folder}/old.py:work")
        report = child.start("interpreters")
        assert isinstance(report, Unavailable)
        assert "does not support loading" in report.reason


def test_a_lock_for_all_workers_is_not_to_be_had_in_interpreters(folder, there):
    with conversing(folder, "/usr/bin/python3.14", **there) as child:
        child.load("lock", own=False)
        report = child.start("interpreters", size=10)
        assert isinstance(report, Unavailable)
        assert "lock" in report.reason
        child.load("primes", own=False)
        assert isinstance(child.start("interpreters", size=10), Started)
        assert isinstance(child.answer(Go()), Finished)
