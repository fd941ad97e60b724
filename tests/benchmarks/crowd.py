"""A target of many threads or processes: crowd.py threads N | processes N | churn N.

`threads`: 8 threads that compute and N that wake up now and then, of which some wait for a lock and
some read from a socket. `processes`: N processes of 8 threads, two of which compute a little.
`churn`: N threads a second are born and die, beside one that computes. Runs until it is ended;
prints its process id. Its processes end when their parent has.
"""

import multiprocessing
import os
import random
import socket
import sys
import threading
import time


def compute(rest: float = 0.0) -> None:
    while True:
        sum(number * number for number in range(1000))
        if rest:
            time.sleep(rest)


def nap() -> None:
    while True:
        time.sleep(random.uniform(0.5, 1.5))


def read() -> None:
    _kept, reader = socket.socketpair()
    reader.recv(1)


def blocked() -> None:
    lock = threading.Lock()
    lock.acquire()
    lock.acquire()


def start(function: object, *arguments: object) -> threading.Thread:
    thread = threading.Thread(target=function, args=arguments, daemon=True)  # type: ignore[arg-type]
    thread.start()
    return thread


def threads(count: int) -> None:
    for _ in range(8):
        start(compute)
    kinds = (nap, nap, read, blocked)
    for index in range(count):
        start(kinds[index % len(kinds)])
    print(os.getpid(), flush=True)
    threading.Event().wait()


def worker(parent: int) -> None:
    for index in range(7):
        start(*((compute, 0.2) if index < 2 else (nap,)))
    while os.getppid() == parent:
        time.sleep(0.5)


def processes(count: int) -> None:
    for _ in range(count):
        multiprocessing.get_context("fork").Process(target=worker, args=(os.getpid(),)).start()
    print(os.getpid(), flush=True)
    threading.Event().wait()


def short() -> None:
    sum(range(2000))
    time.sleep(0.05)


def churn(count: int) -> None:
    start(compute, 0.001)
    print(os.getpid(), flush=True)
    began, born = time.monotonic(), 0
    while True:
        while born < (time.monotonic() - began) * count:
            start(short)
            born += 1
        time.sleep(0.002)


if __name__ == "__main__":
    {"threads": threads, "processes": processes, "churn": churn}[sys.argv[1]](int(sys.argv[2]))
