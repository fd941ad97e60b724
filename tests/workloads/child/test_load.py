"""Finding the work: what is wrong with a name is said before anything runs."""

import sys

import pytest

from gilscope.workloads.reports import Failed, Ready
from tests.workloads.child.conversing import conversing

pytestmark = pytest.mark.e2e

WRONG = [
    ("app:squar", "There is no squar in app.", "Did you mean app:square?"),
    ("app:Thing.statik", "There is no Thing.statik in app.", "mean app:Thing.static?"),
    ("app:zzz", "There is no zzz in app.", "Name a function of it: app:square or "),
    ("app", "app names no function.", "app:square"),
    ("./app.py", "./app.py names no function.", "./app.py:square"),
    ("ap:square", "There is no module named ap for ", "Did you mean app?"),
    ("package.inne:work", "no module named package.inne", "Did you mean package.inner?"),
    ("nonsense.sub:f", "There is no module named nonsense for ", "name its file"),
    ("ap.py:square", "There is no file ap.py.", "Did you mean app.py?"),
    ("nowhere/app.py:square", "There is no file nowhere/app.py.", None),
    ("./data.txt:square", "data.txt cannot be imported by that name.", "ends in .py"),
    ("a.b.py:square", "a.b.py cannot be imported by that name.", "without other dots"),
    ("json.py:work", "Python has another module named json", "a name of its own"),
    (":f", "Nothing is no module's name.", "package.module:function"),
    (".app:f", ".app is no module's name.", "package.module:function"),
    ("broken:work", "broken cannot be imported: SyntaxError", None),
    ("broken.py:work", "broken.py cannot be imported: SyntaxError", None),
    ("needy:work", "needy cannot be imported: ModuleNotFoundError: No module named 'nonono'", None),
    ("leaving:work", "leaving cannot be imported: it calls sys.exit(3).", "__main__"),
    ("package/inner.py:work", "relative import", "name it as in package.module:function"),
    ("app:Thing", "app:Thing is a class, not a function.", "Write a function"),
    ("app:LIMIT", "app:LIMIT is of type int, not a function.", None),
    ("app:several", "app:several is a generator function", "goes through all"),
    ("app:several_later", "app:several_later is a generator function", "goes through all"),
    ("app:Thing.method", "cannot be called with 1 argument: missing a required", "--args"),
    ("app:outer", "app:outer() cannot be called with 1 argument: too many", "--args"),
]


@pytest.fixture
def wrong(folder):
    """The same folder with more in it that is wrong."""
    for name, text in {
        "data.txt": "",
        "a.b.py": "",
        "json.py": "def work(): return 1\n",
        "broken.py": "def work(:\n",
        "needy.py": "import nonono\n",
        "leaving.py": "import sys\nsys.exit(3)\n",
        "package/__init__.py": "",
        "package/inner.py": "from . import other\ndef work(number): return number\n",
        "package/other.py": "",
    }.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    return folder


def test_what_is_wrong_with_a_name_is_said(wrong):
    # A child can be asked again: each of them would take a tenth of a second.
    with conversing(wrong) as child:
        for name, words, fix in WRONG:
            report = child.load(name, (1,))
            assert isinstance(report, Failed), report
            assert report.stage == "load"
            assert words in report.error, report
            assert report.error.endswith(".")
            assert (fix is None) is (report.fix is None), report
            assert fix is None or fix in report.fix
        assert isinstance(child.load("package.inner:work", (1,)), Ready)
        assert isinstance(child.load("math:factorial", (1,)), Ready)
        assert child.stop() is not None


def test_the_traceback_of_an_import_is_that_of_the_work(wrong):
    with conversing(wrong) as child:
        report = child.load("needy:work", (1,))
        assert report.trace.splitlines()[1].endswith('needy.py", line 1, in <module>')
        assert "gilscope" not in report.trace
        assert "broken.py" in child.load("broken:work", (1,)).trace


def test_a_work_that_is_not_in_the_catalogue_is_told_of(folder):
    with conversing(folder) as child:
        report = child.load("nonsense", own=False)
        assert "no work 'nonsense'" in report.error


def test_an_interpreter_says_what_it_is(folder):
    with conversing(folder) as child:
        ready = child.load("app:square_later", (1,))
        assert ready.version == ".".join(map(str, sys.version_info[:3]))
        assert ready.implementation == sys.implementation.name
        assert (ready.gil, ready.coroutine) == (True, True)
        assert ready.cpus >= 1
        assert child.load("app:square", (1,)).coroutine is False


def test_a_context_reaches_a_work_of_the_catalogue_and_a_twin_is_told_of(folder):
    with conversing(folder) as child:
        ready = child.load("fetch", own=False, context={"url": "http://127.0.0.1:9/"})
        assert ready.coroutine
        report = child.start("sequential", size=1, tasks=1)
        # Nobody listens there.
        assert "ConnectionRefusedError" in report.error
