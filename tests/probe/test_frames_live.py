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


FILLER = "\n".join(f"    x = {number} if x else 0" for number in range(300))

TARGET = f"""
import ctypes, inspect, json, sys, threading, time

gate = threading.Lock()
gate.acquire()
parked = []

def park(*_):
    parked.append(1)
    gate.acquire()

class Shape:
    def area(self):
        return self.side()
    @staticmethod
    def side():
        park()
    @property
    def width(self):
        return park()
    def __getitem__(self, key):
        return park() if key else 0
    def __enter__(self):
        return self
    def __exit__(self, *_):
        park()

class Made:
    def __init__(self, wait):
        if wait:
            park()

class Twice:
    def __init__(self):
        self.count = 0
    def __iter__(self):
        return self
    def __next__(self):
        self.count += 1
        if self.count > 2:
            park()

class Held:
    def __await__(self):
        park()
        yield

def a_method():
    Shape().area()

def a_property():
    return (
        Shape()
        .width
    )

def a_subscript():
    shape = Shape()
    for key in [0] * 2000 + [1]:
        shape[key]

def a_context():
    with Shape():
        pass
    park()

def a_hot_instance():
    for wait in [False] * 2000 + [True]:
        Made(wait)

def a_lambda():
    (lambda: (lambda n: [park() for _ in range(n)])(1))()

def comprehensions():
    return {{k: [park() for _ in range(k)] for k in {{1}}}}

def numbers():
    yield 1
    yield park()

def delegated():
    yield from numbers()

def a_generator():
    for number in delegated():
        list(numbers()) if number > 5 else None

def a_coroutine():
    async def inner():
        await Held()
    async def outer():
        await inner()
    outer().send(None)

def from_c():
    sorted([1, 2], key=lambda item: list(map(park, [item])))

def größe():
    def 函数():
        def \U00010428name():
            park()
        \U00010428name()
    函数()

def far_below_its_beginning(x=1):
{FILLER}
    park()

def at_a_line_above():
    return park(
        sum(
            n for n in
            (1, 2, 3)
        ),
        max(
            1,
            2,
        ),
    )

def at_the_head_of_a_loop():
    for _ in Twice():
        x = 1
        y = (x,
             2)

def in_a_handler():
    try:
        try:
            raise ValueError(
                1
            )
        except ValueError:
            park()
    finally:
        pass

def in_a_class_body():
    class Inner:
        x = 1
        y = park()

def in_other_files():
    exec(compile("def f():\\n\\n  g()\\ndef g():\\n  park()\\nf()", "目录/\\udcff.py", "exec"),
         {{"park": park}})

def deep(n=300):
    return deep(n - 1) if n else park()

def traced():
    sys.settrace(lambda *_: None)
    a_lambda()

def profiled():
    sys.setprofile(lambda *_: None)
    a_lambda()

works = [a_method, a_property, a_subscript, a_context, a_hot_instance, a_lambda, comprehensions,
         a_generator, a_coroutine, from_c, größe, far_below_its_beginning, at_a_line_above,
         at_the_head_of_a_loop, in_a_handler, in_a_class_body, in_other_files, deep, traced,
         profiled]
for work in works:
    threading.Thread(target=work, daemon=True).start()
while len(parked) < len(works):
    time.sleep(0.01)
time.sleep(0.2)

def name(code):
    return getattr(code, "co_qualname", code.co_name)

def told(frame):
    while frame is not None:
        code = frame.f_code
        yield name(code), code.co_filename, frame.f_lineno or 0
        frame = frame.f_back

def codes(code):
    yield code
    for inner in code.co_consts:
        if hasattr(inner, "co_code"):
            for one in codes(inner):
                yield one

def lines(code):
    at = ctypes.pythonapi.PyCode_Addr2Line
    return [max(at(ctypes.py_object(code), n), 0) for n in range(0, len(code.co_code), 2)]

with open(inspect.__file__, encoding="utf-8") as source:
    module = compile(source.read(), inspect.__file__, "exec")
print("ready", flush=True)
sys.stdin.readline()
main = threading.get_ident()
print(json.dumps({{
    "stacks": {{t: list(told(f)) for t, f in sys._current_frames().items() if t != main}},
    "codes": [(id(c), name(c), c.co_filename, c.co_firstlineno, lines(c)) for c in codes(module)],
}}), flush=True)
sys.stdin.readline()
"""


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


DEEPER = """
import sys, threading, time
def deep(n):
    return deep(n - 1) if n else time.sleep(1000)
sys.setrecursionlimit(5000)
threading.stack_size(1 << 26)
threading.Thread(target=deep, args=(1500,), daemon=True).start()
time.sleep(0.3)
print("ready", flush=True)
sys.stdin.readline()
"""


@pytest.mark.parametrize("python", INTERPRETERS, indirect=True)
def test_of_a_very_deep_stack_the_inner_levels_are_read(python, tmp_path):
    with Target(python, DEEPER, tmp_path) as target:
        state = next(s for s, t in target.interpreter.threads.items() if t.tid != target.child.pid)
        calls = target.reader.stack(state)
    assert len(calls) == MOST_LEVELS
    assert {call.name for call in calls} == {"deep"}


BUSY = """
import sys, threading

class Node:
    def __init__(self, depth):
        self.depth = depth
    def descend(self):
        if self.depth:
            return Node(self.depth - 1).descend()
        return sum(leaves(40))

def leaves(n):
    for leaf in range(n):
        yield leaf

def bottom(n):
    total = 0
    for k in range(200):
        total += k
    return total

def recurse(n):
    return recurse(n - 1) if n else bottom(n) + sum([bottom(k) for k in range(3)])

def work():
    while True:
        recurse(60)
        Node(30).descend()
        list(map(lambda n: bottom(n), range(10)))

for _ in range(4):
    threading.Thread(target=work, daemon=True).start()
print("ready", flush=True)
sys.stdin.readline()
"""

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
