"""Hogs of real interpreters: none of 0.1 s is missed, and its stack names the right function.

The target makes them itself: one bytecode that takes long, in one of several functions, while other
threads compute and wait. It writes down when each began and ended.
"""

import json

import pytest

from gilscope.model.events import Hello, Hog
from tests.probe.interpreters import MODERN
from tests.probe.live import probing, running

pytestmark = pytest.mark.e2e

LONG = 0.1
"""Seconds from which on none may be missed."""

RIGHT = 0.95

PROGRAM = """
import json, random, sys, threading, time

def compute():
    while True:
        sum(number * number for number in range(100))

{functions}

def measured(function, count):
    begin = time.time()
    function(count)
    return begin, time.time()

for _ in range(2):
    threading.Thread(target=compute, daemon=True).start()
print("ready", flush=True)
sys.stdin.readline()
told = []
count = 1 << 20
while len(told) < 12:
    index = random.randrange(5)
    begin, end = measured(globals()["hog_%d" % index], count)
    if end - begin < {long}:
        count += count // 2  # The speed of the machine may be another one at any time.
    else:
        told.append((begin, end, "hog_%d" % index))
    time.sleep(0.02)
print(json.dumps(told), flush=True)
sys.stdin.readline()
"""

FUNCTIONS = "\n".join(
    f"def hog_{number}(count):\n    return sum(range(count))\n" for number in range(5)
)


@pytest.mark.parametrize("python", MODERN)
def test_no_hog_is_missed_and_each_names_its_function(python):
    with (
        running(PROGRAM.format(functions=FUNCTIONS, long=LONG), python) as target,
        probing(target.pid) as probe,
    ):
        probe.until(lambda: probe.session.now > 500_000)
        target.stdin.write(b"\n")
        target.stdin.flush()
        told = json.loads(target.stdout.readline())
        (hello,) = probe.of(Hello)
        last = (told[-1][1] - hello.started) * 1e6
        probe.until(lambda: probe.session.now > last)
        hogs = [hog for hog in probe.of(Hog) if hog.ended and hog.tid == target.pid]
    right = 0
    for begin, end, name in told:
        began, ended = ((at - hello.started) * 1e6 for at in (begin, end))
        # Where the sampler had no core for a while, one is told in two pieces.
        pieces = [h for h in hogs if h.since < ended and began < h.since + h.length]
        hog = max(pieces, key=lambda h: h.length, default=None)
        assert hog is not None, (begin, end, [(h.since, h.length) for h in hogs])
        right += bool(hog.calls) and hog.calls[0].name == name
    assert right >= RIGHT * len(told)
