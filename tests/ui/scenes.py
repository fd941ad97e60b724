"""Made-up targets for the screens: several interpreters, a family of processes, hogs."""

from collections.abc import Iterator

from gilscope.model import events as e
from tests.ui.synthetic import EVERY, PID

HELLO = e.Hello(1, "0", 1, "host", "Linux", 2, 0.0, 1000.0, EVERY)
MATCH = (e.Call("match", "/srv/rules.py", 88), e.Call("check", "/srv/app.py", 40))
PRIMES = e.Call("count_primes", "/srv/app.py", 12)
TASKS = (
    e.Call("_handle_tasks", "/usr/lib/python3.12/multiprocessing/pool.py", 540),
    e.Call("run", "/usr/lib/python3.12/threading.py", 1012),
)
TRACKER = ("python3.12", "-c", "from multiprocessing.resource_tracker import main;main(5)")
SPAWNED = (
    *("python3.12", "-c"),
    "from multiprocessing.spawn import spawn_main; spawn_main(tracker_fd=5, pipe_handle=7)",
    "--multiprocessing-fork",
)


def hog(
    since: int,
    length: int,
    tid: int = PID + 1,
    calls: tuple[e.Call, ...] = MATCH,
    ended: bool = True,
    waited: int = 60_000,
) -> e.Hog:
    read = 52_000 if calls else None
    return e.Hog(since + length, PID, tid, since, length, waited, calls, read, ended)


HOGS = (
    hog(1_100_000, 164_000),
    hog(1_900_000, 92_000, PID + 2, (e.Call("compile", "/usr/lib/re/__init__.py", 177),)),
    hog(2_300_000, 61_000, PID, ()),
    hog(3_400_000, 480_000, ended=False),
)
"""Three that are over, and one that goes on."""


def frame(number: int, *processes: e.ProcessSlice) -> e.Frame:
    cores = (e.CoreSlice(0, 90_000, (e.CoreShare(PID, PID, 50_000),)), e.CoreSlice(1, 30_000))
    return e.Frame(number * EVERY, EVERY, e.SamplerSlice(1000.0, 100), processes, cores)


def interpreters(count: int = 3, frames: int = 20) -> Iterator[e.Event]:
    """Yield a process whose interpreters have a GIL each; the first one is mostly idle."""
    yield HELLO
    command = ("python3.14", "/srv/isolated.py")
    yield e.Process(0, PID, 1, command, "3.14.0", "cpython", e.KERNEL, gil=True)
    yield e.Code(0, PID, 1, PRIMES)
    for number in range(count):
        yield e.Thread(0, PID, PID + 2 * number, f"first-{number}", False, number)
        yield e.Thread(0, PID, PID + 2 * number + 1, f"second-{number}", False, number)
    for number in range(1, frames + 1):
        threads, gils = [], []
        for index in range(count):
            one, two = PID + 2 * index, PID + 2 * index + 1
            busy = index > 0
            threads += [
                e.ThreadSlice(
                    one, "W" if busy else "I", "H60000W40000" if busy else "H20000I80000"
                ),
                e.ThreadSlice(two, "H" if busy else "I", "W60000H40000" if busy else "I100000"),
            ]
            turns = (e.Turn(one, 1, 60_000), e.Turn(two, 1, 40_000)) if busy else ()
            gils.append(e.GilSlice(index, 98_000 if busy else 20_000, 17 * index, one, turns))
        yield frame(number, e.ProcessSlice(PID, tuple(threads), tuple(gils), 100))


FAMILY = (
    (100, 1, ("python3.12", "/srv/server.py"), ("MainThread", "worker-1", "worker-2")),
    (101, 100, TRACKER, ("MainThread",)),
    (102, 100, SPAWNED, ("MainThread", "QueueFeederThread", "Thread-2 (_handle_tasks)")),
    (103, 102, ("python3.12", "grandchild.py"), ("MainThread", "worker-1")),
    (200, 1, ("python3.14t", "free.py"), ("MainThread", "worker-1", "worker-2")),
    (300, 1, ("python3.12", "held.py"), ("MainThread", "worker-1")),
)
"""Process id, parent, command, names of threads: the first of them holds the GIL all the time."""

FREE, TRACED = 200, 300


def family(frames: int = 20) -> Iterator[e.Event]:
    """Yield a tree of processes, one without a GIL beside it, and one under a debugger."""
    yield HELLO
    for pid, parent, command, names in FAMILY:
        free = pid == FREE
        why = "CPython 3.14 is a free-threaded build" if free else None
        fidelity = e.NO_FIDELITY if free else e.KERNEL
        yield e.Process(
            0, pid, parent, command, "3.12.4", "cpython", fidelity, why,
            gil=not free, followed=parent > 1,
        )  # fmt: skip
        for index, name in enumerate(names):
            yield e.Thread(0, pid, pid + index * 1000, name, False, 0)
    for number in range(1, frames + 1):
        pieces = []
        for pid, _, _, names in FAMILY:
            letters = "N" * len(names) if pid == FREE else "HI" if pid == 300 else "HII"
            threads = [
                e.ThreadSlice(pid + index * 1000, letter, f"{letter}100000", 50_000)
                for index, letter in zip(range(len(names)), letters, strict=False)
            ]
            gils = () if pid == FREE else (e.GilSlice(0, 99_000, 10, pid),)
            halted = "traced" if pid == TRACED else None
            pieces.append(e.ProcessSlice(pid, tuple(threads), gils, 100, bool(halted), halted))
        yield frame(number, *pieces)
    yield e.Stacks(frames * EVERY, 102, (e.Stack(2102, TASKS),))
