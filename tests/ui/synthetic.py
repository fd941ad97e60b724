"""Speaks the stream as a probe would, about threads that do not exist: for work on the interface.

    python -m tests.ui.synthetic [THREADS]

The threads fight for the GIL as real ones do, in turns of 5 ms; the last four read a socket, wait
for a lock, sleep and compress. Ends when its standard input closes.
"""

import random
import select
import sys
import time
from collections.abc import Iterator

from gilscope.model import events as e

PID = 4242
EVERY = 100_000


CODES = {
    1: e.Call("count_primes", "/srv/app.py", 12),
    2: e.Call("Reader.parse_line", "/srv/lib/reader.py", 340),
}


def introduction(threads: int) -> Iterator[e.Event]:
    yield e.Hello(1, "0.1.0", 1, "host", "Linux", 2, time.time(), 1000.0, EVERY)
    yield e.Process(
        0, PID, 1, ("python3.12", "/srv/server.py"), "3.12.4", "cpython", e.KERNEL, gil=True
    )
    for index, name in enumerate(names(threads)):
        yield e.Thread(0, PID, PID + index, name, False, 0)
    for index in range(3):
        yield e.Thread(0, PID, 5000 + index, "openblas", True)
    for code, call in CODES.items():
        yield e.Code(0, PID, code, call)


def names(threads: int) -> list[str]:
    special = ["reader", "blocked", "nap", "squeeze"]
    return [f"worker-{index + 1}" for index in range(threads)] + special


def details(at: int, threads: int) -> Iterator[e.Event]:
    yield e.Blocked(at, PID, PID + threads, "recvfrom on socket 10.0.0.1:40010 to 10.0.0.2:5432")
    yield e.Blocked(at, PID, PID + threads + 1, "acquire on a lock")
    yield e.Blocked(at, PID, PID + threads + 2, "sleep")
    yield e.Blocked(at, PID, 5000, "futex")
    calls = (e.Call("count_primes", "/srv/app.py", 12), e.Call("run", "/srv/app.py", 44))
    stacks = [e.Stack(PID + index, calls) for index in range(threads)]
    squeeze = e.Stack(PID + threads + 3, (e.Call("compress", "/srv/job.py", 40),))
    yield e.Stacks(at, PID, (*stacks, squeeze))


class Fight:
    """Threads that take turns with the GIL."""

    def __init__(self, threads: int, seed: int = 1) -> None:
        self.threads = threads
        self.random = random.Random(seed)
        self.holder = 0

    def frame(self, at: int, span: int = EVERY) -> e.Frame:
        """Return the next frame."""
        runs: list[list[tuple[str, int]]] = [[] for _ in range(self.threads)]
        left, switches = span, 0
        turns = []
        while left > 0:
            turn = min(self.random.randint(4_900, 6_500), left)
            for index in range(self.threads):
                letter = "H" if index == self.holder else "W"
                if runs[index] and runs[index][-1][0] == letter:
                    runs[index][-1] = (letter, runs[index][-1][1] + turn)
                else:
                    runs[index].append((letter, turn))
            left -= turn
            turns.append(e.Turn(PID + self.holder, 2 if self.holder == switches % 4 else 1, turn))
            self.holder = self.random.randrange(self.threads)
            switches += 1
        slices = [
            e.ThreadSlice(
                PID + index,
                mine[-1][0],
                "".join(f"{letter}{length}" for letter, length in mine),
                sum(length for letter, length in mine if letter == "H"),
                1000,
            )
            for index, mine in enumerate(runs)
        ]
        squeeze = PID + self.threads + 3
        slices.append(e.ThreadSlice(squeeze, "N", f"W9000N{span - 9000}", span - 9000, 500))
        if at <= EVERY:
            for index, letter in enumerate("ILS"):
                slices.append(e.ThreadSlice(PID + self.threads + index, letter, f"{letter}{span}"))
            slices += [e.ThreadSlice(5000 + index, "L", f"L{span}") for index in range(3)]
        gil = e.GilSlice(0, span * 98 // 100, switches, PID + self.holder, tuple(turns))
        cores = (
            e.CoreSlice(
                0,
                self.random.randint(9, 10) * 10_000,
                tuple(
                    e.CoreShare(PID, PID + index, span // self.threads)
                    for index in range(self.threads)
                ),
            ),
            e.CoreSlice(1, 60_000, (e.CoreShare(PID, squeeze, 50_000),)),
        )
        sampler = e.SamplerSlice(1000.0, 98, 1, 3500, 800)
        process = e.ProcessSlice(PID, tuple(slices), (gil,), 98)
        return e.Frame(at, span, sampler, (process,), cores)


def main() -> None:
    threads = int(sys.argv[1]) if len(sys.argv) > 1 else 8
    say = sys.stdout.buffer
    for event in introduction(threads):
        say.write(e.encode(event))
    fight = Fight(threads)
    begun = time.monotonic()
    for number in range(1, 1 << 30):
        wait = begun + number * EVERY / 1e6 - time.monotonic()
        if select.select([sys.stdin], [], [], max(wait, 0))[0] and not sys.stdin.buffer.read1():
            return
        say.write(e.encode(fight.frame(number * EVERY)))
        if number % 5 == 1:
            for event in details(number * EVERY, threads):
                say.write(e.encode(event))
        say.flush()


if __name__ == "__main__":
    main()
