"""One watched thread: its open files, its state by now, and its runs in this frame."""

import os
from contextlib import suppress

from gilscope.model.events import ThreadSlice
from gilscope.probe.classify import RUNNING
from gilscope.probe.doubt import Doubt, Schedule
from gilscope.probe.gil import GilReader
from gilscope.probe.meanings import UNKNOWN
from gilscope.probe.runs import BUSY_NATIVE, CARRY, SPLIT, Run, Settlement, spell_runs, time_in


class ThreadGone(Exception):
    """The thread has ended."""


class SampledThread:
    """A thread that is sampled through descriptors kept open in /proc/PID/task/TID.

    Looker and SampledProcess read and write these attributes directly: a method call for each of
    eight threads at 1 kHz would cost as much as reading the kernel.

    Attributes:
        call: descriptor of its `syscall` file.
        is_python: it has a Python thread state, or had one; `looked_for`: how often that was
            looked for in vain.
        gil: the GIL that it took or waited for last; None for a thread without Python.
        letter: its state, RUNNING while that is in doubt; `before`: the one before that.
        since: when the run of that state began, microseconds since the stream began.
        read_at: when its system call was read last, and found to be one.
        runs: the runs of this frame that have ended.
        line: the newest line that named a system call it was blocked in, and its `meaning`.
        queues: it waits, and its GIL counts it among its waiters.
        waited: its accounting as last read while it waited, and `waited_at`, when that was.
        code: number of the function in which it was last seen holding the GIL, if that is known;
            `code_at`: when.
        doubt: what is known of a run in which it may run or wait for a core.
        hold_seen, hold_blocked: how often it was looked at while holding the GIL in this frame, and
            how often it was then blocked in a system call.
        hold_line: the line that named that call, at the last look at it while it held the GIL.
        ended: it is gone, and its last run has ended.
        entered: when it entered its state, in this frame or an earlier one.
        state: address of its PyThreadState; 0 where it has none.
        moved: it has been on a core since its stack was read, at `witnessed`.
        named: py-spy has told its name; `asked`: how often py-spy was asked since it was born.
        idle: it used no time on a core in the last frame, so it is read less often.
    """

    __slots__ = (
        "_last",
        "_line",
        "_off_core",
        "_read",
        "_schedule",
        "_settlement",
        "_stat",
        "_told",
        "asked",
        "before",
        "call",
        "code",
        "code_at",
        "doubt",
        "ended",
        "entered",
        "gil",
        "hold_blocked",
        "hold_line",
        "hold_seen",
        "idle",
        "interpreter",
        "is_python",
        "letter",
        "line",
        "looked_for",
        "meaning",
        "moved",
        "name",
        "named",
        "pthread",
        "queues",
        "read_at",
        "runs",
        "since",
        "state",
        "tid",
        "waited",
        "waited_at",
        "witnessed",
    )

    def __init__(self, task_folder: int, tid: int, now: int) -> None:
        """Open the files of a thread.

        Args:
            task_folder: descriptor of /proc/PID/task.

        Raises:
            ThreadGone: there is no such thread any more.
            PermissionError: it may not be read.
        """
        self.tid = tid
        opened: list[int] = []
        try:
            opened.extend(
                os.open(f"{tid}/{name}", os.O_RDONLY, dir_fd=task_folder)
                for name in ("syscall", "schedstat", "stat")
            )
            with open(os.open(f"{tid}/comm", os.O_RDONLY, dir_fd=task_folder), "rb") as file:
                self.name = file.read().decode(errors="replace").rstrip("\n")
        except BaseException as error:
            for descriptor in opened:
                os.close(descriptor)
            if isinstance(error, (FileNotFoundError, ProcessLookupError)):
                raise ThreadGone from error
            raise
        self.call, self._schedule, self._stat = opened
        self.is_python = False
        self.looked_for = 0
        self.pthread = 0
        self.interpreter: int | None = None
        self.gil: GilReader | None = None
        self.letter = self.before = "?"
        self.since = self.read_at = now
        self.runs: list[Run] = []
        self.line = b""
        self.meaning = UNKNOWN
        self.queues = False
        self.hold_seen = self.hold_blocked = 0
        self.hold_line = b""
        self.idle = False
        self.ended = False
        self.code: int | None = None
        self.code_at = now
        self.waited: Schedule | None = None
        self.waited_at = now
        self.entered = now
        self.state = 0
        self.moved = True
        self.witnessed = -1_000_000_000
        self.named = False
        self.asked = 0
        self._off_core = 0
        self.doubt = Doubt()
        self._settlement = Settlement()
        self._last = "?"
        self._line = b""
        self._read: Schedule | None = None
        self._told = self.schedule() or Schedule(0, 0, 0)

    def close(self) -> None:
        """Close its files."""
        for descriptor in (self.call, self._schedule, self._stat):
            with suppress(OSError):
                os.close(descriptor)

    def schedule(self) -> Schedule | None:
        """Return the kernel's accounting; None where there is none, or the thread is gone."""
        try:
            line = os.pread(self._schedule, 80, 0)
            if line != self._line:
                on_core, delay, turns = line.split()
                self._read = Schedule(int(on_core) // 1000, int(delay) // 1000, int(turns))
                self._line = line
            return self._read
        except (OSError, ValueError):
            return None

    @property
    def native(self) -> float:
        """Share of its CPU time that was without the GIL of late."""
        return self._settlement.native

    @property
    def native_time(self) -> float:
        """Share of its time that it ran code without the GIL of late, in frames that it did
        anything in."""
        return self._settlement.native_time

    def change(self, new: str, at: int) -> None:
        """Enter another state, at a moment in this frame."""
        letter, since, doubt = self.letter, self.since, self.doubt
        at = max(at, since)
        if letter == RUNNING and (doubt.following or doubt.queued):
            schedule = self.schedule() if doubt.following else None
            self.runs.extend(doubt.end(at - since, schedule))
        else:
            self.runs.append((letter, at - since))
        if new == RUNNING:
            # One that runs no native code can only be on its way into the queue.
            doubtful = self.native >= BUSY_NATIVE and self.was_made_to_let_go(letter, at)
            doubt.begin(self.schedule() if doubtful else None)
        self.before, self.letter = letter, new
        self.since = self.entered = at
        self.queues = False

    def was_made_to_let_go(self, letter: str, at: int) -> bool:
        """Tell whether a thread may have been asked for the GIL that lets it go.

        Who waits asks for it when it has been held for a whole switch interval. Half of one is
        enough here, since holds are known to within a sample; where samples are farther apart than
        that, every hold is that long.

        Args:
            letter: the state that it leaves; `at`: when.
        """
        gil = self.gil
        return letter == "H" and gil is not None and at - self.entered >= gil.interval // 2

    def split(self, at: int) -> None:
        """It left its state for a moment too short for a sample, and is in it again."""
        at = max(at, self.since)
        if self.letter == RUNNING:
            return  # Of that state no lengths are told.
        if at > self.since:
            self.runs.append((self.letter, at - self.since))
        self.runs.append(SPLIT)
        self.since = self.entered = at

    def end(self, at: int) -> None:
        """It is gone since about a moment in this frame."""
        self.change("?", at)
        self.ended = True

    def is_stopped(self) -> bool:
        """Tell whether it is blocked outside of any system call: it may be stopped."""
        try:
            return os.pread(self.call, 3, 0) == b"-1 "
        except OSError:
            return False

    def core(self) -> int | None:
        """Return the core it is on, or was on last; None where it is gone."""
        try:
            return int(self._stat_fields()[36])
        except (OSError, IndexError, ValueError):
            return None

    def _stat_fields(self) -> list[bytes]:
        """Return the fields of its `stat` after the name, which may hold anything."""
        return os.pread(self._stat, 1024, 0).rpartition(b")")[2].split()

    def end_frame(self, now: int) -> ThreadSlice | None:
        """Return what it did in the frame that ends now; None where it only stayed as it was."""
        schedule = self.schedule()
        stayed = not self.runs and self.letter == self._last and self.letter in "ILS"
        if stayed and schedule is self._told:
            self.since, self.idle = now, True
            return None
        runs, self.runs = self.runs, []
        if self.letter == RUNNING:
            runs.extend(self.doubt.end(now - self.since, None))
        elif not self.ended:
            runs.append((self.letter, now - self.since))
        self.since = now
        cpu = delay = None
        if schedule is not None:
            cpu, delay = schedule.cpu - self._told.cpu, schedule.delay - self._told.delay
            self._told = schedule
        fresh = bool(runs) and runs[0] == SPLIT
        held = time_in("H", runs)
        blocked = starved = 0
        if held:
            if self.hold_blocked:
                blocked = round(held * self.hold_blocked / self.hold_seen)
            starved = self._starved(held - blocked, cpu, delay)
        self.hold_seen = self.hold_blocked = 0
        runs = self._settlement.settle(runs, cpu, held - blocked)
        self.moved = self.moved or cpu != 0
        self.idle = len(runs) == 1 and cpu == 0 and runs[0][0] in "ILS?"
        last, self._last = self._last, runs[-1][0] if runs else self._last
        if not runs:
            return None
        if self.idle and last == self._last:
            return None
        return ThreadSlice(
            self.tid, self._last, spell_runs(runs), cpu, delay, fresh, blocked, starved
        )

    def _starved(self, held: int, cpu: int | None, delay: int | None) -> int:
        """Return how long it held the GIL without a core, of the time that it was not blocked.

        That is what it held beyond all of its time on a core, and no more than its whole time
        without one. The kernel accounts for a thread that runs at its timer tick, so that a frame
        may owe the next.
        """
        if cpu is None or delay is None:
            return 0
        self._off_core = max(self._off_core + held - cpu, -CARRY)
        starved = min(max(self._off_core, 0), delay)
        self._off_core = min(self._off_core - starved, CARRY)
        return starved
