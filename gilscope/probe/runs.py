"""A thread's frame as runs, and the settling of those runs whose state sampling cannot tell.

The kernel says `running` of a thread that is on a core and of one that waits for a core. Without
the GIL the first is `native`; the second is `ready`, or `wait` where it is on its way into or out
of the queue for the GIL. The kernel's exact accounting tells how much of the doubtful time can
have been on a core: no more than all of the thread's CPU time less what it spent holding the GIL.
"""

from dataclasses import dataclass

from gilscope.probe.classify import RUNNING

Run = tuple[str, int]
"""A letter and how long, in microseconds."""

SPLIT: Run = ("|", 0)
"""Stands between two runs of one state that are two stretches."""

CARRY = 20_000
"""Microseconds of CPU time that one frame may owe the next.

The kernel accounts for a running thread at its timer tick: every 4 ms at 250 Hz, 10 ms at 100 Hz.
"""

SMOOTHING = 0.2
"""Weight of the newest of the frames over which what is usual of a thread is averaged."""

HAND_OVER = 1_000
"""Microseconds at the beginning of a doubtful run, before the first sample of it, that a thread of
native code is taken to hand the GIL over in if it had no core."""

BUSY_NATIVE = 0.15
"""A thread that spends this share of its CPU time without the GIL is one that runs native code. Of
one that does not, up to a tenth may seem to be, where few samples tell how long it held the GIL."""


@dataclass(slots=True)
class Settlement:
    """Settles a thread's doubtful runs, frame after frame.

    Attributes:
        credit: CPU time not yet accounted for by a hold or by native code, in microseconds.
        native: share of its CPU time that was native, smoothed over about a second;
            `native_time`: the same of all time in which anything is settled.
        last: letter of the last run that was in no doubt.
        turn: which part of a doubtful run comes last: the one on a core when this reaches 1.
    """

    credit: float = 0.0
    native: float = 0.0
    native_time: float = 0.0
    last: str = "?"
    turn: float = 0.0

    def settle(self, runs: list[Run], cpu: int | None, held_on_core: float) -> list[Run]:
        """Return the runs without doubt.

        Args:
            runs: the frame, with RUNNING where the state is in doubt.
            cpu: time on a core in this frame; None where the kernel does not tell.
            held_on_core: how long of it the thread held the GIL while on a core.
        """
        doubtful = time_in(RUNNING, runs)
        if cpu is None:
            return merge([("?" if letter == RUNNING else letter, n) for letter, n in runs])
        self.credit = min(max(self.credit + cpu - held_on_core, -CARRY), CARRY + doubtful)
        if not doubtful:
            self.native_time *= 1 - SMOOTHING
            self.credit = min(self.credit, CARRY)
            self.last = runs[-1][0] if runs else self.last
            return merge(runs)
        native = min(doubtful, max(0, round(self.credit)))
        self.credit = min(self.credit - native, CARRY)
        self.native += SMOOTHING * (native / max(cpu, 1) - self.native)
        length = sum([length for _, length in runs])
        self.native_time += SMOOTHING * (native / length - self.native_time)
        starved = _starved_runs(runs, doubtful - native)
        return merge(self._spell(runs, starved))

    def _spell(self, runs: list[Run], starved: dict[int, int]) -> list[Run]:
        """Write each doubtful run as what it was."""
        settled: list[Run] = []
        before = self.last
        for index, (letter, length) in enumerate(runs):
            if letter == SPLIT[0]:
                settled.append(SPLIT)
                continue
            if length <= 0:
                continue
            if letter == RUNNING:
                without_core = starved.get(index, 0)
                handing_over = 0
                if before in "HW" and _following(runs, index) not in "ILS":
                    # Kept from its core by the next holder, to which it has handed the GIL; but
                    # a thread that runs native code is more likely to be kept from that, and is if
                    # its hold was too short to be sampled: nobody made it let the GIL go.
                    native = self.native >= BUSY_NATIVE
                    longest = HAND_OVER if before == "H" else 0
                    handing_over = min(without_core, longest) if native else without_core
                    if handing_over:
                        settled.append(("W", handing_over))
                rest = length - handing_over
                if rest > 0:
                    settled.extend(self._parts(rest, without_core - handing_over, "R"))
            else:
                settled.append((letter, length))
                before = letter
        self.last = before
        return settled

    def _parts(self, length: int, without_core: int, starved: str) -> list[Run]:
        """Return the two parts of a doubtful run, of which only the lengths are known.

        Which comes last takes turns in proportion to their lengths: lanes show the state at the
        end of a cell, and over many cells shall show each part as often as it was.
        """
        on_core, off_core = ("N", length - without_core), (starved, without_core)
        self.turn += on_core[1] / length
        if self.turn >= 1:
            self.turn -= 1
            return [off_core, on_core]
        return [on_core, off_core]


def _following(runs: list[Run], index: int) -> str:
    """Return the letter of the run after one; "?" where it goes on into the next frame."""
    return next((letter for letter, _ in runs[index + 1 :] if letter != SPLIT[0]), "?")


def _starved_runs(runs: list[Run], starved: int) -> dict[int, int]:
    """Share out the doubtful time without a core, to the shortest runs first.

    A long run is native code; a short one between a hold and a wait is a thread on its way into
    the queue, kept from its core by the thread it has just handed the GIL to.
    """
    doubtful = [(length, index) for index, (letter, length) in enumerate(runs) if letter == RUNNING]
    shared: dict[int, int] = {}
    for length, index in sorted(doubtful):
        shared[index] = min(length, starved)
        starved -= shared[index]
    return shared


def time_in(state: str, runs: list[Run]) -> int:
    """Return how long a state lasted in some runs, in microseconds."""
    time = 0
    for letter, length in runs:
        if letter == state:
            time += length
    return time


def merge(runs: list[Run]) -> list[Run]:
    """Join neighbouring runs of one state, but for a SPLIT, and leave out empty ones."""
    if len(runs) == 1 and runs[0][1] > 0:
        return runs
    merged: list[Run] = []
    joins = True
    for letter, length in runs:
        if letter == SPLIT[0]:
            joins = False
        elif length > 0:
            if joins and merged and merged[-1][0] == letter:
                merged[-1] = (letter, merged[-1][1] + length)
            else:
                merged.append((letter, length))
            joins = True
    return merged


def spell_runs(runs: list[Run]) -> str:
    """Write runs as the stream does: "H5120W94880"."""
    return "".join([f"{letter}{length}" for letter, length in runs])
