"""What many threads and processes cost the interface, in CPU, part by part.

    python -m tests.benchmarks.interface [THREADS PROCESSES BUSY]

Made-up targets, drawn at 80x24 without a terminal: by default 1,000 threads of one process that all
fight for its GIL, 1,000 of which 50 do, and 64 processes of 8 threads. `frame` is what the session
takes to learn of a tenth of a second; `survey` happens once a second, `lanes` three more times. The
sum of a second (10 frames, 1 survey, 3 times lanes) is the share of a core; the interface keeps up
with 4 pictures a second as long as that is well below 100%.
"""

import asyncio
import sys
import time
from collections.abc import Callable

from gilscope.model import events as e
from gilscope.ui.screens.scope import ScopeScreen
from tests.ui.fakes import scope_app, settle

EVERY = 100_000
TARGETS = ((1000, 1, 1000), (1000, 1, 50), (8, 64, 8))
"""Threads of each process, processes, threads of each that fight for its GIL."""


def introduction(threads: int, processes: int) -> list[e.Event]:
    said: list[e.Event] = [e.Hello(1, "0", 1, "host", "Linux", 2, 0.0, 1000.0, EVERY)]
    for number in range(processes):
        pid = 10_000 * (number + 1)
        parent = 1 if number == 0 else 10_000
        command = ("python3.12", f"/srv/server-{number}.py")
        said.append(
            e.Process(
                0, pid, parent, command, "3.12.1", "cpython", e.KERNEL, None, None, True, number > 0
            )
        )
        said.append(e.Code(0, pid, 1, e.Call("count_primes", "/srv/app.py", 12)))
        said += [
            e.Thread(0, pid, pid + index, f"worker-{index}", False, 0) for index in range(threads)
        ]
    return said


def frame(number: int, threads: int, processes: int, busy: int) -> e.Frame:
    pieces = []
    for index in range(processes):
        pid = 10_000 * (index + 1)
        holder = number % busy
        slices = []
        for tid in range(threads if number == 1 else busy):
            if tid == holder:
                slices.append(e.ThreadSlice(pid + tid, "W", "W50000H5000W45000", 5000, 10))
            elif tid < busy:
                slices.append(e.ThreadSlice(pid + tid, "W", "W40000W60000", 0, 10))
            else:
                slices.append(e.ThreadSlice(pid + tid, "I", "I100000", 0, 0))
        turns = tuple(e.Turn(pid + (holder + each) % busy, 1, 5000) for each in range(20))
        gil = e.GilSlice(0, 99_000, 20, pid + holder, turns)
        pieces.append(e.ProcessSlice(pid, tuple(slices), (gil,), 100))
    cores = (e.CoreSlice(0, 100_000, (e.CoreShare(10_000, 10_000, 90_000),)),)
    sampler = e.SamplerSlice(1000.0, 100, 0, 4000, 0)
    return e.Frame(number * EVERY, EVERY, sampler, tuple(pieces), cores)


async def spent(act: Callable[[], object], pilot: object) -> float:
    """Return the CPU seconds of an act and of the drawing that follows."""
    before = time.process_time()
    act()
    await pilot.pause()  # type: ignore[attr-defined]
    return time.process_time() - before


async def measure(threads: int, processes: int, busy: int, seconds: int = 12) -> None:
    """Print what a target costs, the mean of the last half of some seconds."""
    sums = {"frame": 0.0, "survey": 0.0, "lanes": 0.0}
    said = introduction(threads, processes)
    async with scope_app(said).run_test(size=(80, 24)) as pilot:
        screen = await settle(pilot)
        assert isinstance(screen, ScopeScreen)
        assert screen._timer
        screen._timer.stop()
        await pilot.press("w")
        session = screen.scene.session
        for second in range(seconds):
            counted = second >= seconds // 2
            for tenth in range(10):
                event = frame(second * 10 + tenth + 1, threads, processes, busy)
                before = time.process_time()
                session.apply(event)
                sums["frame"] += (time.process_time() - before) * counted
                if tenth in (2, 5, 8):
                    sums["lanes"] += await spent(screen.draw_lanes, pilot) * counted
            sums["survey"] += await spent(screen.survey, pilot) * counted
    counted_seconds = seconds - seconds // 2
    each = {"frame": 10, "survey": 1, "lanes": 3}
    parts = [f"{part} {sums[part] / counted_seconds / each[part] * 1e3:7.2f} ms" for part in sums]
    share = sum(sums.values()) / counted_seconds
    print(f"{processes:>3} x {threads:<5} {busy:>4} busy:", "  ".join(parts), f" {share:6.1%}")


def main() -> None:
    chosen = tuple(map(int, sys.argv[1:4]))
    for target in [chosen] if len(chosen) == 3 else TARGETS:
        asyncio.run(measure(*target))


if __name__ == "__main__":
    main()
