"""Walking the interpreter's lists in memory that is another process's, and may be anything."""

import contextlib
import dataclasses
import os
import random
import struct
import sys

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gilscope.probe import find as module
from gilscope.probe.binary import Binary
from gilscope.probe.find import (
    NotPython,
    NotReadable,
    NotReady,
    find_interpreter,
)
from gilscope.probe.gil import GilReader
from gilscope.probe.interpreter import (
    Gil,
    Interpreter,
    PythonThread,
)
from gilscope.probe.layouts import LAYOUTS, PTHREAD_TID
from gilscope.probe.maps import Mapping
from gilscope.probe.memory import TOP, Memory, Unreadable
from tests.probe.constructed import GIL, INTERPRETER, LAYOUT, PID, RUNTIME, Constructed

MOST_READS = 250_000
"""What a walk may cost at the worst: half a second."""


class Counted(Memory):
    """Memory that gives up a reader that does not end."""

    reads = 0

    def read(self, address, size):
        self.reads += 1
        assert self.reads <= MOST_READS, "a walk that does not end"
        return super().read(address, size)


@pytest.fixture
def process(tmp_path):
    return Constructed(tmp_path)


def walk(process):
    with Counted(PID, proc=str(process.proc)) as memory:
        found = Interpreter(memory, "3.12.1", RUNTIME, LAYOUT)
        found.walk()
        return found


def test_the_threads_of_one_interpreter_are_walked(process):
    first, second = process.states(11, 12)
    found = walk(process)
    assert found.gils == [Gil(GIL, 0)]
    assert found.threads == {
        first: PythonThread(first, 11, 0, 0),
        second: PythonThread(second, 12, 0, 0),
    }


def test_interpreters_that_share_a_gil_have_one_and_others_their_own(process):
    process.states(11)
    # A new interpreter is put at the head of the list.
    shares, owns = 0x2800, 0x2C00
    process.word(RUNTIME + LAYOUT.interpreters, owns)
    process.word(owns + LAYOUT.interpreter_id, 2)
    process.word(owns + LAYOUT.interpreter_gil, 0x3800)
    process.word(owns + LAYOUT.interpreter_next, shares)
    process.word(shares + LAYOUT.interpreter_id, 1)
    process.word(shares + LAYOUT.interpreter_gil, GIL)
    process.word(shares + LAYOUT.interpreter_next, INTERPRETER)
    assert walk(process).gils == [Gil(GIL, 0), Gil(0x3800, 2)]


def test_a_list_of_threads_that_loops_ends(process):
    first, second = process.states(11, 12)
    process.state(second, 12, following=first)
    assert len(walk(process).threads) == 2


def test_a_list_of_threads_without_ids_that_loops_ends(process):
    first, second = process.states(0, 0)
    process.state(second, 0, following=first)
    assert walk(process).threads == {}


def test_a_list_of_interpreters_that_loops_ends(process):
    first, second = process.states(0, 0)
    process.state(second, 0, following=first)
    process.word(INTERPRETER + LAYOUT.interpreter_next, INTERPRETER)
    assert walk(process).gils == [Gil(GIL, 0)]


def test_a_list_of_threads_that_leads_out_of_the_memory_is_kept_as_far_as_it_went(process):
    first, second = process.states(11, 12)
    process.state(second, 12, following=TOP - 8)
    assert set(walk(process).threads) == {first, second}


@pytest.mark.parametrize("tid", [0, 1 << 22, 1 << 63])
def test_a_thread_whose_id_cannot_be_one_is_left_out(process, tid):
    first, second = process.states(tid, 12)
    assert set(walk(process).threads) == {second}
    with process.memory() as memory:
        found = Interpreter(memory, "3.12.1", RUNTIME, LAYOUT)
        assert found.kernel_id(first) is None
        assert found.kernel_id(second) == 12


@pytest.mark.parametrize("state", [0, 1, TOP - 1, TOP, 2**64 - 1, 0x7FFF])
def test_a_thread_state_that_cannot_be_read_is_nobody(process, state):
    with process.memory() as memory:
        assert Interpreter(memory, "3.12.1", RUNTIME, LAYOUT).kernel_id(state) is None


def test_before_311_the_kernels_id_comes_from_the_pthread(process):
    layout = LAYOUTS[3, 9]
    pthread, state = 0x5000, 0x4000
    process.word(state + layout.thread_id, pthread)
    process.write(pthread + PTHREAD_TID[os.uname().machine], struct.pack("<i", 77))
    with process.memory() as memory:
        found = Interpreter(memory, "3.9.1", RUNTIME, layout)
        assert found.kernel_id(state) == 77
        process.word(state + layout.thread_id, 2**64 - 100)
        assert found.kernel_id(state) is None


words = st.one_of(
    st.integers(0, 0x2000),
    st.sampled_from([0, 8, 0x800, 0x1000, TOP - 8, TOP, 2**63, 2**64 - 1]),
    st.integers(0, 2**64 - 1),
)
SMALL = dataclasses.replace(
    LAYOUT, interpreter_threads=16, interpreter_gil=24, thread_id=16, thread_native_id=24
)
OLD = dataclasses.replace(SMALL, gil=64, interpreter_gil=None, thread_native_id=None)
tolerant = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@tolerant
@given(
    st.lists(words, max_size=1024), st.sampled_from([LAYOUT, SMALL, OLD]), st.integers(0, 0x2000)
)
def test_any_memory_is_walked_to_an_end(tmp_path, content, layout, runtime):
    folder = tmp_path / str(PID)
    folder.mkdir(exist_ok=True)
    (folder / "mem").write_bytes(struct.pack(f"<{len(content)}Q", *content).ljust(0x1800, b"\1"))
    with Counted(PID, proc=str(tmp_path)) as memory:
        found = Interpreter(memory, "3.12.1", runtime, layout)
        with contextlib.suppress(Unreadable):
            found.walk()
        for word in content[:20]:
            found.kernel_id(word)


def test_a_memory_full_of_small_pointers_is_walked_in_bounded_time(tmp_path):
    chance = random.Random(5)
    folder = tmp_path / str(PID)
    folder.mkdir()
    for _ in range(20):
        content = [chance.randrange(0, 0x10000, 8) for _ in range(0x2000)]
        (folder / "mem").write_bytes(struct.pack(f"<{len(content)}Q", *content))
        with Counted(PID, proc=str(tmp_path)) as memory, contextlib.suppress(Unreadable):
            Interpreter(memory, "3.12.1", 0x1000, SMALL).walk()


def test_memory_is_read_whole_or_not_at_all(process):
    process.write(0x7FF0, b"0123456789abcdef")
    with process.memory() as memory:
        assert memory.read(0x7FF0, 16) == b"0123456789abcdef"
        for address, size in [(0x7FF1, 16), (0, 1), (-5, 1), (TOP, 1), (0x7FF0, 1 << 20)]:
            with pytest.raises(Unreadable):
                memory.read(address, size)


def test_memory_of_no_process_is_not_found():
    with pytest.raises((FileNotFoundError, ProcessLookupError)):
        Memory(1 << 22)


def test_a_gil_tells_when_it_changed(process):
    process.gil(0x4000, 7)
    with process.memory() as memory:
        gil = GilReader(memory, Gil(GIL, 0), 0)
        assert (gil.locked, gil.last, gil.switches) == (True, 0x4000, 7)
        assert not gil.read()
        process.gil(0x4000, 7, locked=False)
        assert gil.read()
        assert (gil.locked, gil.last) == (False, 0x4000)
        process.exec()
        with pytest.raises(OSError, match="gone"):
            gil.read()


def test_this_interpreter_is_found():
    found = find_interpreter(os.getpid())
    found.memory.close()
    assert found.version == ".".join(map(str, sys.version_info[:3]))
    assert os.getpid() in {thread.tid for thread in found.threads.values()}
    assert len(found.gils) == 1


def test_a_program_without_an_interpreter_is_not_python(sleeper):
    with pytest.raises(NotPython):
        find_interpreter(sleeper.pid)


def test_a_process_that_is_not_there_is_a_lookup_error():
    with pytest.raises(ProcessLookupError):
        find_interpreter(1 << 22)


def check(process, pid=None):
    with process.memory() as memory:
        found = Interpreter(memory, "3.12.1", RUNTIME, LAYOUT)
        found.walk()
        module._check(pid or os.getpid(), found)


def test_a_gil_that_was_never_taken_belongs_to_an_interpreter_that_starts_up(process):
    process.states(os.getpid())
    check(process)
    process.write(GIL + 16, struct.pack("<i", -1))
    with pytest.raises(NotReady):
        check(process)


@pytest.mark.parametrize("interval", [0, 1, 10**10])
def test_any_switch_interval_that_python_takes_is_good(process, interval):
    (state,) = process.states(os.getpid())
    process.gil(state, 3)
    process.write(GIL, struct.pack("<Q", interval))
    check(process)


@pytest.mark.parametrize(
    ("address", "data"),
    [(GIL + 16, struct.pack("<i", 77)), (GIL + 16, struct.pack("<i", -2))],
)
def test_a_gil_that_makes_no_sense_is_not_readable(process, address, data):
    process.states(os.getpid())
    process.write(address, data)
    with pytest.raises(NotReadable, match=r"3\.12\.1"):
        check(process)


@pytest.mark.parametrize("last", [0, 0x4004, TOP - 8, 0x4100])
@pytest.mark.parametrize("locked", [False, True])
def test_a_gil_whose_last_holder_cannot_be_one_is_not_believed(process, last, locked):
    process.states(os.getpid())
    process.gil(last, 3, locked=locked)
    if last == 0x4100 and not locked:
        check(process)  # That thread may have ended, and its memory may still be there.
        return
    with pytest.raises((NotReady, NotReadable)):
        check(process)


def test_threads_of_another_pid_namespace_are_not_readable(process):
    process.states(*[tid for tid in range(1, 10) if tid != os.getpid()])
    with pytest.raises(NotReadable, match="namespace"):
        check(process)


def test_an_interpreter_without_threads_is_not_ready(process):
    process.states()
    with pytest.raises(NotReady):
        check(process)


def test_a_process_that_ends_while_it_is_looked_at_is_a_lookup_error(process):
    process.states(11)
    with pytest.raises(ProcessLookupError):
        check(process, pid=1 << 22)


@pytest.mark.parametrize(
    ("number", "text"),
    [(0x030D00F0, "3.13.0"), (0x030E00B2, "3.14.0b2"), (0x030C01F0, "3.12.1"), (0, "0.0.0")],
)
def test_a_version_number_is_spelled_as_python_spells_it(number, text):
    assert module._spell(number) == text


def test_a_process_on_musl_is_not_readable_since_its_waits_look_like_any_lock(process):
    loader = Mapping(0x1000, 0x2000, "r-xp", 0, 1, "/lib/ld-musl-x86_64.so.1")
    with process.memory() as memory, pytest.raises(NotReadable, match="musl"):
        module._find(os.getpid(), memory, [loader])


def test_an_interpreter_of_32_bits_is_not_readable(process, monkeypatch):
    small = Binary((), 4096, None, 0, bits=32)
    monkeypatch.setattr(module, "read_binary", lambda pid, mapping: small)
    image = Mapping(0x1000, 0x2000, "r-xp", 0, 1, "/usr/bin/python3.12")
    with process.memory() as memory, pytest.raises(NotReadable, match="32-bit"):
        module._find(os.getpid(), memory, [image])
