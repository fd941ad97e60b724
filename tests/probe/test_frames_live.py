"""Stacks of real interpreters, held against what those say of themselves."""

import json
import os
import subprocess
import time
from pathlib import Path

import pytest

from gilscope.probe.find import find_interpreter
from gilscope.probe.frame_layouts import FRAME_OFFSETS_SIZE, frame_layout
from gilscope.probe.frames import MOST_LEVELS, FrameReader
from gilscope.probe.stacks import find_py_spy
from tests.probe.interpreters import MODERN
from tests.probe.stack_programs import BUSY, DEEPER, TARGET

pytestmark = pytest.mark.e2e

INTERPRETERS = [
    *(pytest.param((str(p.values[0]),), id=p.id) for p in MODERN),
    *(pytest.param(("chroot", f"python{version}"), id=version) for version in ("3.14", "3.15")),
]


@pytest.fixture
def python(request):
    """The command line of an interpreter, the newer ones in a root folder of their own."""
    if request.param[0] == "chroot":
        return ("chroot", str(request.getfixturevalue("newer")), request.param[1])
    return request.param


class Target:
    """A script that runs until the end of a test, and a reader of its stacks."""

    def __init__(self, python, script, folder, name="zähler_目.py"):
        if python[0] == "chroot" and not Path(python[1], *folder.parts[1:]).exists():
            pytest.skip(f"{python[1]} does not share {folder}")
        path = folder / name
        path.write_text(script, encoding="utf-8")
        environment = {**os.environ, "PYTHONUTF8": "1"}
        self.child = subprocess.Popen(
            [*python, str(path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
        )
        self.interpreter = None

    def __enter__(self):
        assert self.child.stdout.readline(), "the target did not start"
        self.interpreter = find_interpreter(self.child.pid)
        self.reader = read_frames(self.interpreter)
        return self

    def __exit__(self, *_):
        if self.interpreter is not None:
            self.interpreter.memory.close()
        self.child.kill()
        self.child.wait()
        self.child.stdin.close()
        self.child.stdout.close()

    def ask(self):
        self.child.stdin.write(b"\n")
        self.child.stdin.flush()
        return json.loads(self.child.stdout.readline())


def read_frames(interpreter):
    major, minor = (int(part) for part in interpreter.version.split(".")[:2])
    runtime = interpreter.memory.read(interpreter.runtime, FRAME_OFFSETS_SIZE)
    layout = frame_layout((major, minor), runtime)
    assert layout is not None
    return FrameReader(interpreter.memory, layout)


def stacks(target):
    """Return the stacks of a target's threads, by pthread_t, as it tells of them itself."""
    found = {}
    for state, thread in target.interpreter.threads.items():
        calls = target.reader.stack(state)
        found[str(thread.pthread)] = [[call.name, call.file, call.line] for call in calls]
        innermost = target.reader.current(state)
        assert (innermost.name, innermost.file) == (calls[0].name, calls[0].file)
        assert target.reader.current(state) is innermost
        assert innermost.first_line <= calls[0].line
    return found


@pytest.mark.parametrize("python", INTERPRETERS, indirect=True)
def test_stacks_are_those_that_the_interpreter_itself_tells_of(python, tmp_path):
    with Target(python, TARGET, tmp_path) as target:
        before = stacks(target)
        told = target.ask()
        after = stacks(target)
        codes = [target.reader.codes.find(code[0]) for code in told["codes"]]
    # Telling of a stack makes frame objects of it, which changes where it lies.
    for thread, stack in told["stacks"].items():
        for call in stack:
            call[1] = call[1].replace("\udcff", "\ufffd")
        assert before[thread] == stack
        assert after[thread] == stack
    assert len(told["stacks"]) == len(before) - 1
    for code, (address, name, file, first_line, lines) in zip(codes, told["codes"], strict=True):
        assert (code.name, code.file, code.first_line) == (name, file, first_line)
        assert [code.line(2 * place) for place in range(len(lines))] == lines
        assert (code.address, code.line(-1)) == (address, first_line)


@pytest.mark.skipif(find_py_spy() is None, reason="py-spy is not installed")
def test_stacks_are_those_that_py_spy_reads(tmp_path):
    python = INTERPRETERS[0].values[0]
    with Target(python, TARGET, tmp_path) as target:
        found = stacks(target)
        command = [find_py_spy(), "dump", "--json", "--nonblocking", "--full-filenames", "--pid"]
        answer = subprocess.run(
            [*command, str(target.child.pid)], stdout=subprocess.PIPE, check=True
        ).stdout
    for thread in json.loads(answer):
        dumped = [[frame["filename"], frame["line"]] for frame in thread["frames"]]
        read = found[str(thread["thread_id"])]
        if not any("\ufffd" in file for _, file, _ in read):
            assert [[file, line] for _, file, line in read] == dumped


@pytest.mark.parametrize("python", INTERPRETERS, indirect=True)
def test_of_a_very_deep_stack_the_inner_levels_are_read(python, tmp_path):
    with Target(python, DEEPER, tmp_path) as target:
        state = next(s for s, t in target.interpreter.threads.items() if t.tid != target.child.pid)
        calls = target.reader.stack(state)
    assert len(calls) == MOST_LEVELS
    assert {call.name for call in calls} == {"deep"}


BUSY_NAMES = {
    "__init__",
    "descend",
    "leaves",
    "bottom",
    "recurse",
    "work",
    "<lambda>",
    "<listcomp>",
}


@pytest.mark.parametrize("python", INTERPRETERS, indirect=True)
def test_stacks_of_busy_threads_are_read_as_they_change(python, tmp_path):
    with Target(python, BUSY, tmp_path) as target:
        states = [s for s, t in target.interpreter.threads.items() if t.tid != target.child.pid]
        target.interpreter.walk()
        assert len(states) == 4
        innermost, current, whole, count = 0, 0, 0, 0
        deadline = time.monotonic() + 20
        while count < 4000 and time.monotonic() < deadline:
            for state in states:
                count += 1
                function = target.reader.current(state)
                current += function is not None and function.name.split(".")[-1] in BUSY_NAMES
                calls = target.reader.stack(state)
                innermost += bool(calls) and calls[0].name.split(".")[-1] in BUSY_NAMES
                whole += bool(calls) and calls[-1].name.endswith("_bootstrap")
    assert innermost >= 0.95 * count
    assert current >= 0.95 * count
    # In what is left, frames were made and left while the chain was followed.
    assert whole >= 0.8 * count
