"""The sampler: one loop that looks at every watched process, and tells what it saw."""

import gc
import os
import time
from collections.abc import Callable, Sequence

from gilscope.model.events import (
    Event,
    Frame,
    Gone,
    Note,
    Output,
    SamplerSlice,
)
from gilscope.probe import kernel
from gilscope.probe.cores import Cores
from gilscope.probe.dumps import Dumps
from gilscope.probe.launch import Launched
from gilscope.probe.newcomers import Newcomers
from gilscope.probe.pace import Pace
from gilscope.probe.process import SampledProcess
from gilscope.probe.stacks import Stacks
from gilscope.probe.telling import in_order
from gilscope.probe.waits import Waits
from gilscope.probe.watched import PERMIT, Watched
from gilscope.probe.wishes import Wishes

SEE_CORES = 80_000
"""Microseconds between two looks at which core each thread is on."""

LATE = 2.0
"""Intervals between samples after which the sampler was kept from its core: none is that long."""

OWED = 2.0
"""Samples that may be missing, or too many, by chance."""

STALL = 50_000
"""Microseconds without a sample of which nothing is claimed, if they are STALL_SAMPLES or more."""

STALL_SAMPLES = 20

ADAPT = 500_000
"""Microseconds over which the cost of sampling is averaged before the rate follows it."""

ADAPT_SAMPLES = 10
"""Samples over which it is, too: each of a few may cost half as much as another, or twice."""

CHORES = 10_000
"""Microseconds between two reads of what a launched command printed: its terminal holds 64 kB."""

MANY = 8
"""Processes from which on, and times how many, each is looked at less often for what seldom
changes: whether it is stopped, its command, what its threads are blocked in; 0.5 ms each."""

QUIET_STRIDE = 8
"""A process in which nothing happened is sampled at every eighth sample, where it still is often
enough: QUIET_RATE samples a second."""

QUIET_RATE = 50

FOLLOW = 400_000
"""Microseconds between two searches for new children."""


def _no_process(pid: int, error: OSError, now: int) -> Note:
    """Return the note that a process cannot be watched."""
    if isinstance(error, PermissionError):
        return Note(now, "error", f"Process {pid} may not be read.", PERMIT, pid)
    return Note(now, "error", f"There is no process {pid}.", None, pid)


class Sampler:
    """Samples until it is told to stop, or until nothing is left to watch.

    Attributes:
        watched: the processes by process id.
        launched: the command that was launched, if one was.
        stopping: why to stop, once that is decided.
    """

    def __init__(
        self,
        emit: Callable[[Sequence[Event]], None],
        clock: Callable[[], int],
        *,
        pace: Pace,
        stacks: Stacks,
        wishes: Wishes,
        follow: bool,
    ) -> None:
        """Prepare to sample.

        Args:
            emit: takes what there is to say.
            clock: microseconds since the stream began.
            pace: how often to sample, and to tell of it.
            wishes: how to watch each process.
            follow: watch the children of what is watched, too.
        """
        self.watched: dict[int, Watched] = {}
        self.launched: Launched | None = None
        self.stopping: str | None = None
        self.pace = pace
        self.stacks = stacks
        self.keep_waiting = False
        self._emit = emit
        self._clock = clock
        self.wishes = wishes
        self._follow = follow
        self._cores = Cores()
        self._frames = 0
        self._frame_start = clock()
        self._samples = self._lost = 0
        self._cpu = time.process_time_ns()
        self._adapted = (clock(), self._cpu)
        self._chores_cpu = self._cpu
        self._frames_cpu = self._judged = 0
        self._met = False
        self._waits = Waits()
        self._before = 0
        self._owed = 0.0
        self._see_cores_at = self._chores_at = self._follow_at = 0
        self._newcomers = Newcomers()
        self._watching: list[Watched] = []
        self._quiet: list[list[Watched]] = []
        self._dumps = Dumps(stacks, emit)
        self._family: set[int] = set()  # Descendants of the launched command.
        self._ignored: set[int] = set()  # Children that are not to be followed (again).

    def watch(self, pid: int, *, followed: bool = False) -> None:
        """Begin to watch a process; one that does not exist is said to be gone."""
        now = self._clock()
        known = self.watched.get(pid)
        if known is not None and not known.gone:
            return
        self._ignored.discard(pid)
        if pid == os.getpid():
            # Whenever it looks at itself it is in the system call that looks.
            self._emit([Note(now, "error", "The probe cannot watch itself.", None, pid)])
            return
        try:
            watched = Watched(pid, now, followed=followed, wishes=self.wishes)
        except OSError as error:
            if not followed:
                self._emit([_no_process(pid, error, now)])
            return
        self.watched[pid] = watched
        self._watching.append(watched)
        self._met = True
        self._emit([event for event in watched.take_events() if not self._is_early(event)])

    def unwatch(self, pid: int) -> None:
        """Leave a process and its children alone."""
        watched = self.watched.pop(pid, None)
        if watched is None:
            return
        watched.close()
        self._ignored.add(pid)
        self._emit([Gone(self._clock(), pid, how="lost", text="It is not watched any more.")])
        for child in [w.pid for w in self.watched.values() if w.followed and w.parent == pid]:
            self.unwatch(child)

    def run(self, each_frame: Callable[[], None]) -> None:
        """Sample until `stopping` is set.

        Args:
            each_frame: called after each frame, to read control messages.
        """
        gc.freeze()
        gc.disable()  # A collection would delay samples; frames make no cycles.
        self._before = self._clock()
        self._adapted = self._before, time.process_time_ns()
        while self.stopping is None:
            now = self._take_samples((self._before // self.pace.frame + 1) * self.pace.frame)
            if now is not None:
                self._end_frame(now)
                each_frame()
                self._sort_out()

    def _take_samples(self, end: int) -> int | None:
        """Sample until the end of a frame.

        Returns:
            When the last sample was; None where the sampler is to stop before the end.
        """
        clock, begun = self._clock, self._before
        period = 1e6 / self.pace.rate
        late, stall = LATE * period, max(STALL, STALL_SAMPLES * period)
        waits = self._waits.begin(period, clock() - begun)
        before, gaps, came_late = begun, 0, 0
        watching, quiet = self._watching, self._quiet
        for samples, _ in enumerate(waits, 1):
            now = clock()
            if now - before > late:
                gaps, came_late = gaps + now - before, came_late + 1
                if now - before > stall:
                    self._lose_sight(now, now - before)
            before = now
            for watched in watching:
                watched.sample(now)
            if quiet:
                for watched in quiet[samples % len(quiet)]:
                    watched.sample(now)
            if now >= self._chores_at:
                self._chores_at = now + (CHORES if self.launched else SEE_CORES)
                self._do_chores(now)
            if now >= end:
                self._before, self._samples = now, samples
                self._owe((now - begun) / period)
                # Nothing to be made up for: whoever has no core wants more of it then.
                self._waits.learn(period, now - begun - gaps, samples - came_late)
                return now
            if self.stopping is not None:
                break
        return None

    def _owe(self, samples: float) -> None:
        """Count what is missing of so many samples that were to be taken as lost.

        Intervals are random, so that there may be one more or less.
        """
        self._owed = max(self._owed + samples - self._samples, -OWED)
        if self._owed >= OWED:
            self._lost += int(self._owed)
            self._owed -= int(self._owed)

    def close(self) -> None:
        """End what was launched, and let go of everything."""
        descendants = self._descendants()
        try:
            self.stacks.close()
            for watched in self.watched.values():
                watched.close()
        finally:
            if self.launched is not None:
                self.launched.end(descendants)
                self._read_output(self._clock())
                self.launched.close()

    def _sort_out(self) -> None:
        """Sort the processes by how often to sample them."""
        self.wishes.patience = max(1, len(self.watched) // MANY)
        self._watching = [watched for watched in self.watched.values() if not watched.quiet]
        quiet = [watched for watched in self.watched.values() if watched.quiet]
        stride = min(QUIET_STRIDE, max(1, int(self.pace.rate / QUIET_RATE)))
        self._quiet = [quiet[turn::stride] for turn in range(stride)] if quiet else []

    def _descendants(self) -> list[int]:
        """Return the launched command's descendants, those of the last moment too."""
        found = [w.pid for w in self.watched.values() if w.pid in self._family and not w.gone]
        looked = set(found)
        if self.launched is not None and self.launched.poll() is None:
            looked.add(self.launched.pid)
        todo = list(looked)
        while todo:
            new = [pid for pid in kernel.children(todo.pop()) if pid not in looked]
            looked.update(new)
            found += new
            todo += new
        return found

    def _lose_sight(self, now: int, gap: int) -> None:
        """It was kept from sampling for so many microseconds: nothing is known of them.

        They count for nothing but what they cost: that nothing was spent while it was stopped is no
        reason to sample more afterwards.
        """
        for watched in self.watched.values():
            watched.skip(now)
        spent = (time.process_time_ns() - self._chores_cpu) // 1000
        then, cpu = self._adapted
        self._adapted = then + max(gap - spent, 0), cpu

    def _do_chores(self, now: int) -> None:
        """Do what is needed more often than once a frame, but not at every sample."""
        self._chores_cpu = time.process_time_ns()
        self._read_output(now)
        if now >= self._see_cores_at:
            self._see_cores_at = now + SEE_CORES
            for watched in self._watching:
                if isinstance(watched.target, SampledProcess):
                    self._cores.see(watched.pid, watched.target.on_core())

    def _read_output(self, now: int) -> None:
        if self.launched is not None and (text := self.launched.output()):
            self._emit([Output(now, text)])

    def _end_frame(self, now: int) -> None:
        began = time.process_time_ns()
        start, self._frame_start = self._frame_start, now
        events: list[Event] = []
        slices = []
        torn = 0
        for watched in tuple(self.watched.values()):
            piece = watched.end_frame(now, start)
            if piece is not None:
                slices.append(piece)
            if watched.target is not None:
                torn += watched.target.take_torn()
        if self._follow:
            self._follow_children(now)
        self._dumps.poll(self.watched, now)
        for watched in self.watched.values():
            events.extend(watched.take_events())
        before, self._cpu = self._cpu, time.process_time_ns()
        spent, self.stacks.spent = self.stacks.spent, 0
        sampler = SamplerSlice(
            rate=round(self.pace.rate, 1),
            samples=self._samples,
            lost=self._lost + torn,
            cpu=(self._cpu - before) // 1000,
            stacks_cpu=spent,
        )
        self._judged += self._samples
        self._samples = self._lost = 0
        events, gone = in_order([event for event in events if not self._is_early(event)])
        events.append(
            Frame(now, now - start, sampler, tuple(slices), self._cores.end_frame(slices))
        )
        self._emit([*events, *gone])
        self._reap(now)
        self._frames += 1
        ended = time.process_time_ns()
        then, cpu = self._adapted
        if self._met:
            # Getting to know a process costs much, once: no reason to see it less sharply.
            self._met = False
            self._adapted = then, cpu = then, cpu + ended - began
        else:
            self._frames_cpu += ended - began
        if now - then >= ADAPT and self._judged >= ADAPT_SAMPLES:
            span = (now - then) * 1000
            self.pace.adapt((ended - cpu - self._frames_cpu) / span, self._frames_cpu / span)
            self._adapted, self._frames_cpu, self._judged = (now, ended), 0, 0

    def _follow_children(self, now: int) -> None:
        if now < self._follow_at:
            return
        self._follow_at = now + FOLLOW
        self._ignored = {pid for pid in self._ignored if os.path.exists(f"/proc/{pid}")}
        found = self._newcomers.look()
        for watched in self.watched.values():
            if not watched.searched:
                watched.searched = True
                # What it had started before it was watched.
                found += [(child, watched.pid) for child in kernel.children(watched.pid)]
        for child, parent in found:
            starter = self.watched.get(parent)
            if starter is None or starter.gone:
                continue
            if parent in self._family or (self.launched and parent == self.launched.pid):
                self._family.add(child)
            if child not in self.watched and not self._is_ours(child):
                self.watch(child, followed=True)

    def _is_ours(self, pid: int) -> bool:
        """Tell whether a process is the probe itself or its py-spy: never a target.

        Nor is one to be followed that was left alone, that may not be read, or that has ended and
        waits for its parent.
        """
        return pid == os.getpid() or pid == self.stacks.child or pid in self._ignored

    def _is_early(self, event: Event) -> bool:
        """Tell whether a Gone is about the launched command, whose status is still to come."""
        if not isinstance(event, Gone) or self.launched is None:
            return False
        return event.tid is None and event.pid == self.launched.pid

    def _reap(self, now: int) -> None:
        status = None
        launched = self.launched
        if launched is not None and launched.status is None:
            status = launched.poll()
        for pid, watched in tuple(self.watched.items()):
            if watched.gone:
                del self.watched[pid]
                self._ignored.add(pid)
                self._family.discard(pid)
        if launched is not None and status is not None:
            self._read_output(now)
            self._emit([Gone(now, launched.pid, status=status)])
        ended = launched is None or launched.status is not None
        if ended and not self.watched and not self.keep_waiting:
            self.stopping = "every watched process has ended"
