"""Interpreters within one process: with a GIL each or with one for all."""

import struct

import pytest

from gilscope.model.events import Frame
from gilscope.probe.interpreter import Interpreter
from gilscope.probe.layouts import LAYOUTS
from tests.probe.constructed import INTERPRETER, LAYOUT, PID, RUNTIME, Constructed
from tests.probe.interpreters import installed
from tests.probe.live import probing, running, share

OTHER = 0x2800
OWN = 0x5800
"""Another interpreter, and its only thread state."""

FIRST_STACK, SECOND_STACK = 0x100000, 0x200000
FIRST_PTHREAD, SECOND_PTHREAD = FIRST_STACK + 0xF000, SECOND_STACK + 0xF000
MAPS = f"""\
{FIRST_STACK:x}-{FIRST_STACK + 0x10000:x} rw-p 00000000 00:00 0
{SECOND_STACK:x}-{SECOND_STACK + 0x10000:x} rw-p 00000000 00:00 0
7ff000000000-7ff000100000 rw-p 00000000 00:00 0 [stack]
"""
ON_MAIN = 0x7FF000080000


@pytest.fixture
def process(tmp_path):
    """A process of two threads; the first made another interpreter, of 3.12."""
    files = Constructed(tmp_path)
    (files.folder / "maps").write_text(MAPS)
    first, second = files.states(11, 12)
    files.state(first, 11, second, FIRST_PTHREAD)
    files.state(second, 12, 0, SECOND_PTHREAD)
    files.word(RUNTIME + LAYOUT.interpreters, OTHER)
    files.word(OTHER + LAYOUT.interpreter_id, 1)
    files.word(OTHER + LAYOUT.interpreter_gil, 0x3800)
    files.word(OTHER + LAYOUT.interpreter_next, INTERPRETER)
    files.word(OTHER + LAYOUT.interpreter_threads, OWN)
    files.state(OWN, 11, 0, FIRST_PTHREAD)
    files.word(OWN + LAYOUT.thread_interpreter, OTHER)
    return files


def where(process, frame):
    """Return which threads are in the other interpreter, and who is said to hold its GIL."""
    process.word(OWN + LAYOUT.thread_cframe, frame)
    with process.memory() as memory:
        found = Interpreter(memory, "3.12.1", RUNTIME, LAYOUT)
        found.walk()
        inside = {t.tid: t.pthread for t in found.threads.values() if t.interpreter == 1}
        assert {t.tid for t in found.threads.values() if t.interpreter == 0} == {11, 12}
        return inside, found.kernel_id(OWN)


def test_whose_stack_it_runs_on_tells_the_thread_and_not_the_id_that_its_maker_left(process):
    assert where(process, SECOND_STACK + 0x800) == ({12: SECOND_PTHREAD}, 12)
    assert where(process, FIRST_STACK + 0x800) == ({11: FIRST_PTHREAD}, 11)


@pytest.mark.parametrize("frame", [OWN + 272, 0, 2**64 - 1, FIRST_STACK - 1, FIRST_STACK + 0x10000])
def test_a_thread_state_that_no_thread_runs_with_is_nobodys(process, frame):
    assert where(process, frame) == ({}, None)


def test_the_main_thread_runs_on_the_stack_that_the_kernel_made(process):
    assert where(process, ON_MAIN)[1] == PID


def test_a_mapping_with_two_stacks_is_nobodys(process):
    (process.folder / "maps").write_text(
        f"{FIRST_STACK:x}-{SECOND_STACK + 0x10000:x} rw-p 00000000 00:00 0\n"
    )
    assert where(process, FIRST_STACK + 0x800) == ({}, None)


def test_without_mappings_nothing_is_known_of_it(process):
    (process.folder / "maps").unlink()
    assert where(process, FIRST_STACK + 0x800) == ({}, None)


def test_threads_of_the_main_interpreter_go_by_their_own_ids(process):
    with process.memory() as memory:
        found = Interpreter(memory, "3.12.1", RUNTIME, LAYOUT)
        found.walk()
        main = {t.state for t in found.threads.values() if t.interpreter == 0}
        assert {found.kernel_id(state) for state in main} == {11, 12}


@pytest.mark.parametrize("version", [(3, 10), (3, 11), (3, 12)])
def test_what_tells_it_lies_within_the_thread_state(version):
    layout = LAYOUTS[version]
    assert layout.thread_interpreter == 16
    assert layout.thread_cframe < layout.thread_id
    struct.unpack_from("<Q", bytes(layout.thread_size), layout.thread_cframe)


SUBINTERPRETERS = """
import os, sys, threading
try:
    import _interpreters
    create, run = _interpreters.create, _interpreters.run_string
except ImportError:
    import _xxsubinterpreters
    create, run = _xxsubinterpreters.create, _xxsubinterpreters.run_string
WORK = '''
import time
while True:
    for _ in range(300): sum(range(1000))
    time.sleep(0.001)
'''
def work(name, one=None):
    with open("/proc/thread-self/comm", "w") as file:
        file.write(name)
    run(create() if one is None else one, WORK)
"""

MADE_BY_WHO_RUNS = (
    SUBINTERPRETERS
    + """
threading.Thread(target=work, args=("inside",), daemon=True).start()
print(1, flush=True)
while True:
    sum(range(1000))
"""
)

MADE_BY_ANOTHER = (
    SUBINTERPRETERS
    + """
for name in ("one", "two"):
    threading.Thread(target=work, args=(name, create()), daemon=True).start()
print(1, flush=True)
sys.stdin.readline()
"""
)


def last_gils(probe):
    return [p.gils for frame in probe.of(Frame)[-1:] for p in frame.processes]


@pytest.mark.e2e
@pytest.mark.parametrize("python", installed("3.12", "3.13"))
def test_interpreters_with_a_gil_each_hold_both(python):
    with running(MADE_BY_WHO_RUNS, python) as target, probing(target.pid) as probe:

        def both_are_held():
            gils = last_gils(probe)
            return gils and len(gils[0]) == 2 and all(gil.held for gil in gils[0])

        probe.until(both_are_held)
        probe.until(lambda: sum(share(t, "H") > 0.5 for t in probe.session.threads()) == 2)


@pytest.mark.e2e
@pytest.mark.parametrize("python", installed("3.10", "3.11", "3.12", "3.13"))
def test_the_thread_that_runs_an_interpreter_holds_its_gil_and_not_the_one_that_made_it(python):
    own = python.parent.parent.name.split(".")[1] in ("12", "13")
    with running(MADE_BY_ANOTHER, python) as target, probing(target.pid) as probe:

        def seen():
            one, two = (probe.thread(target.pid, name) for name in ("one", "two"))
            return (
                all(share(thread, "H") > (0.5 if own else 0.2) for thread in (one, two))
                and {one.interpreter, two.interpreter} == {1, 2}
                and (own or share(one, "W") > 0.1)
            )

        probe.until(seen)
        main = probe.process(target.pid).threads[target.pid]
        assert share(main, "H") < 0.1
        assert main.interpreter == 0


HOPPING = (
    SUBINTERPRETERS
    + """
def hop(one):
    with open("/proc/thread-self/comm", "w") as file:
        file.write("hopper")
    while True:
        run(one, "sum(range(400000))")
threading.Thread(target=hop, args=(create(),), daemon=True).start()
print(1, flush=True)
sys.stdin.readline()
"""
)


@pytest.mark.e2e
@pytest.mark.parametrize("python", installed("3.12", "3.13"))
def test_a_thread_that_leaves_an_interpreter_for_a_moment_holds_its_gil_again(python):
    with running(HOPPING, python) as target, probing(target.pid) as probe:

        def was_watched_for_a_while():
            found = probe.thread(target.pid, "hopper")
            return found is not None and found.watched > 2_000_000

        probe.until(was_watched_for_a_while)
        hopper = probe.thread(target.pid, "hopper")
        assert share(hopper, "H") > 0.8
        assert share(hopper, "N") < 0.1
        assert hopper.interpreter == 1
