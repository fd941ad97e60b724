"""Programs with stacks of every kind, for interpreters from 3.8 on."""

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
