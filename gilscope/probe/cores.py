"""What each core did, and which watched threads ran there."""

import os
from collections import Counter, defaultdict
from collections.abc import Iterable

from gilscope.model.events import CoreShare, CoreSlice, ProcessSlice
from gilscope.probe.thread import SampledThread

_TICK = 1_000_000 // os.sysconf("SC_CLK_TCK")
"""Microseconds in the unit in which /proc/stat counts."""

MOST = 4096
"""Threads of which it is remembered where they were seen last."""

_BUSY = (0, 1, 2, 5, 6, 7)
"""Fields that are work: user, nice, system, irq, softirq, steal; not idle, not waiting for I/O."""


def parse_busy(text: str) -> dict[int, int]:
    """Return the busy microseconds of each core since boot, from a /proc/stat text."""
    busy = {}
    for line in text.splitlines():
        if not line.startswith("cpu"):
            break
        core, *fields = line.split()
        try:
            counts = [int(field) for field in fields]
            busy[int(core[3:])] = sum(counts[i] for i in _BUSY if i < len(counts)) * _TICK
        except ValueError:
            continue  # The sum over all cores, "cpu"; or not the kernel's own /proc/stat.
    return busy


class Cores:
    """Follows the cores from frame to frame."""

    def __init__(self) -> None:
        self._descriptor = os.open("/proc/stat", os.O_RDONLY)
        self._busy = self._read()
        self._seen: dict[tuple[int, int], Counter[int]] = defaultdict(Counter)
        self._last: dict[tuple[int, int], Counter[int]] = {}

    def see(self, pid: int, threads: Iterable[SampledThread]) -> None:
        """Note which core each of these threads is on."""
        for thread in threads:
            core = thread.core()
            if core is not None:
                self._seen[pid, thread.tid][core] += 1

    def end_frame(self, processes: Iterable[ProcessSlice]) -> tuple[CoreSlice, ...]:
        """Return the frame that ends now.

        A thread's exact time on a core is shared out among the cores that it was seen on, be it in
        an earlier frame.
        """
        before, self._busy = self._busy, self._read()
        watched: dict[int, list[CoreShare]] = defaultdict(list)
        if len(self._last) > MOST:
            self._last.clear()
        self._last.update(self._seen)
        for process in processes:
            for thread in process.threads:
                seen = self._last.get((process.pid, thread.tid))
                if thread.cpu and seen:
                    total = seen.total()
                    for core, count in seen.items():
                        ran = thread.cpu * count // total
                        watched[core].append(CoreShare(process.pid, thread.tid, ran))
        self._seen.clear()
        return tuple(
            CoreSlice(core, max(0, busy - before.get(core, busy)), tuple(watched.get(core, ())))
            for core, busy in self._busy.items()
        )

    def _read(self) -> dict[int, int]:
        # Two hundred bytes a core; the counts of single interrupts that follow are not wanted.
        return parse_busy(os.pread(self._descriptor, 1 << 17, 0).decode("ascii"))
