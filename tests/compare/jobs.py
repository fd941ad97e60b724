"""Functions to compare, some of which misbehave; runs on every interpreter."""

import asyncio
import os
import random
import signal
import subprocess
import sys
import threading
import time


def spin(rounds=200000):
    total = 0
    for number in range(rounds):
        total += number * number % 7
    return total


def repeat(word, times):
    return word * times


def letters(_=None):
    return list({"alpha", "beta", "gamma", "delta", "epsilon"})


async def pause(seconds=0.02):
    await asyncio.sleep(seconds)
    return seconds


def chance(_=None):
    return random.random()


def closure(_=None):
    return lambda: None


def raises(_=None):
    raise ValueError("no such luck")


def shouts(_=None):
    for _ in range(40):
        sys.stdout.write("all work and no play " * 5000)
    sys.stdout.flush()
    return True


def asks(_=None):
    return sys.stdin.read()


def never(_=None):
    while True:
        time.sleep(60)


def dies(_=None):
    os.kill(os.getpid(), signal.SIGKILL)


def forks(_=None):
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(1000)"])
    return True


def strays(_=None):
    threading.Thread(target=time.sleep, args=(1000,)).start()
    return True


def leaves(_=None):
    sys.exit(3)


NUMBER = 42


def numbers(_=None):
    yield 1


nested = [lambda _=None: 1][0]


def not_in_main(_=None):
    if threading.current_thread() is threading.main_thread():
        raise ValueError("not in the main thread")
    return True


def slow_in_main(_=None):
    if threading.current_thread() is threading.main_thread():
        time.sleep(1000)
    return True


def naps(_=None):
    time.sleep(0.2)
    return True


def large(_=None):
    return LARGE


LARGE = [[number] for number in range(50000)]


def closes(_=None):
    os.closerange(3, 100)
    return True


def half_a_letter(_=None):
    raise ValueError("\udc80")


class Wordless(Exception):
    def __str__(self):
        raise SystemExit(4)

    __repr__ = __str__


def cannot_say(_=None):
    raise Wordless


class Mute(Exception):
    def __getattr__(self, name):
        raise RuntimeError(name)


def answers_nothing(_=None):
    raise Mute("nothing")


def leaves_with_a_long_number(_=None):
    sys.exit(10**10000)


class Refusing:
    def __reduce_ex__(self, protocol):
        raise SystemExit(1)


def refuses(_=None):
    return Refusing()
