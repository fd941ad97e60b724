"""The works to compare: that each keeps the contract, and does the same wherever it runs."""

import ast
import asyncio
import importlib
import inspect
import json
import os
import pickle
import pkgutil
import shutil
import subprocess
import sys
import threading
import tracemalloc
from pathlib import Path

import pytest

from gilscope.workloads import work as package
from gilscope.workloads.work import counter, fetch, lock, matrix
from gilscope.workloads.works import WORKS, find
from tests.probe.interpreters import MODERN
from tests.workloads.serving import server

ROOT = Path(package.__file__).parents[3]
MODULES = {work.name: importlib.import_module(f"{package.__name__}.{work.name}") for work in WORKS}
TASKS = 2

PYPY = shutil.which("pypy3")
INTERPRETERS = [*MODERN, *([pytest.param(PYPY, id="pypy")] if PYPY else [])]

RUN = f"""
import importlib, json, sys
sys.path.insert(0, sys.argv[1])
names, url = json.loads(sys.argv[2]), sys.argv[3]
results = {{}}
for name in names:
    work = importlib.import_module("gilscope.workloads.work." + name)
    if hasattr(work, "missing") and work.missing():
        continue
    arguments = [work.argument(index, work.SIZE, {{"url": url}}) for index in range({TASKS})]
    results[name] = repr([work.task(argument) for argument in arguments])
print(json.dumps(results))
"""

every_work = pytest.mark.parametrize("work", WORKS, ids=lambda work: work.name)


@pytest.fixture(scope="module")
def url():
    with server() as (_, url):
        yield url


@pytest.fixture(scope="module")
def results(url):
    """What the tasks of each work come to on this interpreter."""
    return run(sys.executable, url)


def run(python, url):
    """Return what the tasks of each work come to on an interpreter, as text."""
    done = subprocess.run(
        [python, "-I", "-c", RUN, ROOT, json.dumps(list(MODULES)), url],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_every_module_is_in_the_list_and_the_other_way_round():
    modules = {module.name for module in pkgutil.iter_modules(package.__path__)}
    assert modules == {work.name for work in WORKS}


@every_work
def test_a_work_says_what_it_does_and_what_it_shows(work):
    assert find(work.name) is work
    assert work.title[0].islower()
    assert work.shows[0].isupper()
    assert work.shows.endswith(".")
    assert work.shows.count(".") == 1
    assert "{" not in work.titled(1, 1)


def test_a_title_says_the_size_in_what_people_count():
    assert find("primes").titled(60_000, 24) == "count the primes below 60,000"
    assert find("zlib").titled(16, 24) == "compress 4,096 KB of text"
    assert find("tiny").titled(80, 50_000) == "do 50,000 tiny tasks"
    assert find("nonsense") is None


@every_work
def test_a_work_keeps_the_contract(work):
    module = MODULES[work.name]
    assert module.CALIBRATES in {"size", "tasks"}
    assert module.SIZE > 0
    assert module.TASKS > 0
    assert list(inspect.signature(module.argument).parameters) == ["index", "size", "context"]
    assert list(inspect.signature(module.task).parameters) == ["argument"]
    assert work.tasks == (module.TASKS if module.CALIBRATES == "size" else None)
    assert hasattr(module, "coroutine") == work.has_coroutine
    if work.has_coroutine:
        assert inspect.iscoroutinefunction(module.coroutine)
        assert list(inspect.signature(module.coroutine).parameters) == ["argument"]
    if hasattr(module, "setup"):
        assert list(inspect.signature(module.setup).parameters) == ["lock"]
    for name in ("reset", "whole", "missing"):
        if hasattr(module, name):
            assert not inspect.signature(getattr(module, name)).parameters
    assert hasattr(module, "reset") == hasattr(module, "whole")


@every_work
def test_a_work_needs_nothing_but_the_standard_library(work):
    tree = ast.parse(Path(MODULES[work.name].__file__).read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            assert {name.name.partition(".")[0] for name in node.names} <= sys.stdlib_module_names
        if isinstance(node, ast.ImportFrom):
            assert node.module == package.__name__ or (
                node.module.partition(".")[0] in sys.stdlib_module_names
            )


@every_work
def test_the_pages_are_asked_for_only_where_they_are_needed(work):
    context = {"url": "http://127.0.0.1:1/"} if work.needs_pages else {}
    MODULES[work.name].argument(0, MODULES[work.name].SIZE, context)


@every_work
def test_only_pickling_has_a_large_argument_and_no_work_a_large_result(work, url):
    module = MODULES[work.name]
    if hasattr(module, "missing") and module.missing():
        pytest.skip(module.missing())
    argument = module.argument(1, module.SIZE, {"url": url})
    assert (len(pickle.dumps(argument)) > 500_000) == (work.name == "pickling")
    assert len(pickle.dumps(module.task(argument))) < 200


@every_work
def test_memory_does_not_grow_with_the_size(work, url):
    module = MODULES[work.name]
    if module.CALIBRATES != "size" or (hasattr(module, "missing") and module.missing()):
        pytest.skip("it has no size that could grow")
    if work.needs_pages:
        pytest.skip("pages come and go one at a time")

    def peak(size):
        tracemalloc.start()
        module.task(module.argument(0, size, {"url": url}))
        highest = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return highest

    # What is made once in a process is made before.
    module.task(module.argument(0, module.SIZE, {"url": url}))
    assert peak(4 * module.SIZE) < 1.5 * peak(module.SIZE) + (1 << 16)


@pytest.mark.e2e
@pytest.mark.parametrize("python", INTERPRETERS)
def test_a_work_comes_to_the_same_on_every_interpreter(python, results, url):
    here = run(python, url)
    # Few interpreters have NumPy, and none need have it: what it comes to is known.
    assert here.pop("matrix", repr(products())) == repr(products())
    for name in here:
        assert here[name] == results[name], name
    assert set(here) == set(MODULES) - {"matrix"}


def products():
    """Return the sums of what is in each task's product of matrices, worked out in whole numbers.

    The sum of a product is that of the left's columns times the right's rows.
    """
    order = range(matrix.ORDER)
    rows = [sum((j * matrix.ORDER + k) % 7 for j in order) for k in order]
    sums = []
    for shift in range(TASKS):
        columns = [sum((i * matrix.ORDER + k) % 10 + shift for i in order) for k in order]
        sums.append(sum(column * row for column, row in zip(columns, rows, strict=True)))
    return sums


@pytest.mark.e2e
@pytest.mark.parametrize("name", [n for n, m in MODULES.items() if hasattr(m, "coroutine")])
def test_a_coroutine_comes_to_the_same_as_the_task(name, results, url):
    module = MODULES[name]

    async def together():
        arguments = [module.argument(index, module.SIZE, {"url": url}) for index in range(TASKS)]
        return await asyncio.gather(*map(module.coroutine, arguments))

    assert repr(asyncio.run(together())) == results[name]


def test_tasks_differ_so_that_one_in_another_s_place_is_noticed():
    for name in ("squares", "loop", "zlib", "hash", "filter", "json", "lock", "tiny"):
        module = MODULES[name]
        first, second = (module.task(module.argument(i, module.SIZE, {})) for i in (0, 1))
        assert first != second, name


@pytest.mark.e2e
def test_a_page_that_is_not_there_or_not_whole_is_not_taken_for_one(url):
    with pytest.raises(fetch.BadPage, match="status 404"):
        fetch.task((url, -1, 1))
    with pytest.raises(fetch.BadPage, match="status 404"):
        asyncio.run(fetch.coroutine((url, -1, 1)))
    with pytest.raises(fetch.BadPage, match="did not come whole"):
        fetch.check(1, 200, '"00000000"', b"half of it")


def test_the_counter_is_right_where_all_share_it_and_begins_anew():
    counter.reset()
    arguments = [counter.argument(index, 50_000, {}) for index in range(4)]
    threads = [threading.Thread(target=counter.task, args=(each,)) for each in arguments]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counter.whole() == len(range(0, 200_000, 7))
    counter.reset()
    assert counter.whole() == 0


def test_the_lock_that_is_given_is_taken_for_every_turn():
    taken = []

    class Noting:
        def __enter__(self):
            taken.append("in")

        def __exit__(self, *exception):
            taken.append("out")

    before = lock._lock
    try:
        lock.setup(Noting())
        lock.task(lock.argument(0, 3, {}))
    finally:
        lock.setup(before)
    assert taken == ["in", "out"] * 3


def test_numpy_is_held_to_one_thread_and_missed_with_a_sentence():
    assert all(os.environ[name] == "1" for name in matrix.LIMITS)
    if matrix.numpy is None:
        assert matrix.missing().startswith("NumPy ")
        assert matrix.missing().endswith(".")
        with pytest.raises(ImportError, match="NumPy"):
            matrix.task(matrix.argument(0, 1, {}))
    else:
        assert matrix.missing() is None
