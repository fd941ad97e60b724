"""A target with threads of every kind: mixture.py CPU ZLIB [ECHO [COUNTERS]].

CPU threads of pure Python and ZLIB threads that compress; always a sleeper, a socket reader that is
sent a byte now and then, and a lock waiter; ECHO pairs of threads that send bytes to and fro. Runs
on CPython 3.8 and newer until it is ended, and prints its process id. Each computing thread counts
its rounds in 8 bytes of the file COUNTERS.
"""

import mmap
import os
import socket
import sys
import threading
import time
import zlib


def compute(rounds: memoryview, index: int) -> None:
    while True:
        sum(number * number for number in range(1000))
        rounds[index] += 1


def squeeze() -> None:
    data = os.urandom(1 << 18)
    while True:
        zlib.compress(data, 6)


def nap() -> None:
    while True:
        time.sleep(0.2)


def read(reader: socket.socket) -> None:
    while reader.recv(16):
        pass


def blocked(lock: threading.Lock) -> None:
    lock.acquire()


def echo(end: socket.socket) -> None:
    while data := end.recv(16):
        end.send(data)


def start(name: str, function: object, *arguments: object) -> None:
    threading.Thread(target=function, args=arguments, name=name, daemon=True).start()  # type: ignore[arg-type]


def main() -> None:
    computing, squeezing = int(sys.argv[1]), int(sys.argv[2])
    echoing = int(sys.argv[3]) if len(sys.argv) > 3 else 0
    rounds = memoryview(bytearray(mmap.PAGESIZE))
    if len(sys.argv) > 4:
        with open(sys.argv[4], "r+b") as file:
            rounds = memoryview(mmap.mmap(file.fileno(), mmap.PAGESIZE))
    rounds = rounds.cast("Q")
    for index in range(computing):
        start(f"compute-{index}", compute, rounds, index)
    for index in range(squeezing):
        start(f"squeeze-{index}", squeeze)
    for index in range(echoing):
        one, other = socket.socketpair()
        start(f"echo-{index}-a", echo, one)
        start(f"echo-{index}-b", echo, other)
        one.send(b"ping")
    sender, reader = socket.socketpair()
    lock = threading.Lock()
    lock.acquire()
    start("nap", nap)
    start("reader", read, reader)
    start("blocked", blocked, lock)
    print(os.getpid(), flush=True)
    while True:
        time.sleep(1)
        sender.send(b"x")


main()
