"""A small module of the user's own, and the interpreters to run it."""

import pytest

from tests.probe.conftest import newer  # noqa: F401  a fixture, of those who unpacked it first

APP = '''
import asyncio
import collections
import dataclasses
import os
import random
import signal
import subprocess
import sys
import threading
import time


def square(number):
    return number * number


async def square_later(number):
    await asyncio.sleep(0)
    return number * number


def doubled(names):
    names.extend(names)
    return names


def boom(number):
    if number == 3:
        raise ValueError("three\\nis \\x1b[31mtoo much")
    return number


async def boom_later(number):
    await asyncio.sleep(0)
    return boom(number)


class Difficult(Exception):
    def __init__(self, one, other):
        super().__init__("it is difficult")


def difficult(number):
    if number == 3:
        raise Difficult(1, 2)
    return number


def late(number):
    """Fails in a way that pools use themselves."""
    if number == 3:
        raise TimeoutError("too late")
    return number


def stop_iteration(number):
    return next(iter(())) if number == 3 else number


def leave(number):
    return sys.exit(4) if number == 3 else number


def leave_at_once(number):
    return os._exit(5) if number == 3 else number


def kill(number):
    return os.kill(os.getpid(), signal.SIGKILL) if number == 3 else number


def interrupt(number):
    if number == 3:
        raise KeyboardInterrupt
    return number


def deep(number):
    return deep(number) if number == 3 else number


def lock(number):
    return threading.Lock()


class Sticky:
    def __reduce__(self):
        return Sticky._make, ()

    @staticmethod
    def _make():
        raise RuntimeError("it stays where it is")


def sticky(number):
    return Sticky()


nameless = lambda number: number


def outer():
    def inner(number):
        return number
    return inner


hidden = outer()


class Thing:
    def method(self, number):
        return number

    @staticmethod
    def static(number):
        return number


def several(number):
    yield number


async def several_later(number):
    yield number


def wrapping(number):
    return square_later(number)


LIMIT = 7


def count(number, seen=collections.Counter()):
    seen[number] += 1
    return seen[number]


def sometimes(number):
    return random.random() if number == 3 else number


def identity_of_worker(number):
    time.sleep(0.02)
    return os.getpid(), threading.get_ident()


def chatty(number):
    print("x" * (1 << 20))
    return number


def curious(number):
    return sys.stdin.read()


def fork(number):
    return bool(os.fork())


def leave_threads(number):
    threading.Thread(target=time.sleep, args=(1000,)).start()
    threading.Thread(target=time.sleep, args=(1000,), daemon=True).start()
    return number


def leave_process(number):
    subprocess.Popen(["sleep", "1000"], start_new_session=True)
    return number


def files_of_program(number):
    return subprocess.run(["ls", "/proc/self/fd"], stdout=subprocess.PIPE).stdout


def surroundings():
    strange = [entry for entry in sys.path if "gilscope" in entry]
    return sys.argv[1:], strange, sys.path[0], "gilscope" in sys.modules


def affinity(number):
    return sorted(os.sched_getaffinity(0))


if __name__ == "__main__":
    raise SystemExit("this part must not run")
'''


@pytest.fixture
def folder(tmp_path):
    """A folder with app.py in it."""
    (tmp_path / "app.py").write_text(APP)
    return tmp_path
