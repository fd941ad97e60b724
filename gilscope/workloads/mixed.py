"""One process with a thread of each kind: what every state looks like, side by side.

Plain standard library, CPython 3.8 and newer, run as a script. Ends with its parent, or on
SIGTERM.
"""

from __future__ import annotations

import os
import random
import socket
import sys
import threading
import time
import zlib
from collections.abc import Callable

BEAT = 1.0
"""Seconds from one message to the reader, and one turn of the waiter, to the next."""

NAP = 2.0

TEXT_WORDS = 1 << 17
TEXT_COPIES = 24
"""About 20 MB: compressing them takes over a second, nearly all of it without the GIL."""


def count_primes(limit: int) -> int:
    """Count the primes below a limit the slow way: pure Python, never without the GIL."""
    found = 0
    for number in range(2, limit):
        divisor = 2
        while divisor * divisor <= number and number % divisor:
            divisor += 1
        found += divisor * divisor > number
    return found


def compute() -> None:
    """Compute for ever: holds the GIL, or waits for it."""
    while True:
        count_primes(20_000)


def compress(text: bytes) -> None:
    """Compress for ever: zlib lets the GIL go while it works."""
    while True:
        zlib.compress(text, 9)


def read(connection: socket.socket) -> None:
    """Read what comes, a few bytes now and then: in a system call nearly all the time."""
    while connection.recv(4096):
        pass


def wait(gate: threading.Lock) -> None:
    """Pass the gate whenever it is opened: blocked on a lock nearly all the time."""
    while True:
        gate.acquire()


def nap() -> None:
    """Sleep for ever."""
    while True:
        time.sleep(NAP)


def make_text(words: int = TEXT_WORDS, copies: int = TEXT_COPIES) -> bytes:
    """Return words at random, the same ones every time."""
    chance = random.Random(1)
    vocabulary = [bytes(chance.choices(b"abcdefghij", k=chance.randrange(3, 8))) for _ in range(50)]
    return b" ".join(chance.choices(vocabulary, k=words)) * copies


def connect() -> tuple[socket.socket, socket.socket]:
    """Return the two ends of a connection on loopback."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        here = socket.create_connection(server.getsockname())
        there, _ = server.accept()
    return here, there


def start(name: str, work: Callable[..., None], *arguments: object) -> None:
    """Start a thread that does not keep the process from ending."""
    threading.Thread(name=name, target=work, args=arguments, daemon=True).start()


def main() -> int:
    """Start every thread, then keep the reader and the waiter going until the parent is gone."""
    parent = os.getppid()
    print(f"mixed: process {os.getpid()}, python {sys.version.split()[0]}", flush=True)
    here, there = connect()
    gate = threading.Lock()
    gate.acquire()
    start("reader", read, there)
    start("lock-waiter", wait, gate)
    start("sleeper", nap)
    start("primes-1", compute)
    start("primes-2", compute)
    start("zlib", compress, make_text())
    while os.getppid() == parent:
        here.send(b"some bytes")
        if gate.locked():
            gate.release()
        time.sleep(BEAT)
    return 0


if __name__ == "__main__":
    sys.exit(main())
