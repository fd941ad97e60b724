"""Shares of threads that do what they like: true, though only whom a change concerns is read."""

import random
from collections import Counter

import pytest

from gilscope.probe.layouts import WAITERS
from tests.probe.constructed import READS, RUNNING, SLEEPS, WAITS, Constructed
from tests.probe.sampled import FIRST, STEP, Watching

CALLS = {"H": RUNNING, "W": WAITS, "S": SLEEPS, "I": READS, "N": RUNNING}
SAMPLES, SAMPLES_A_FRAME = 1000, 50
THREADS = 6


class Program:
    """Threads that do what they like, one millisecond after the other, as a GIL allows it."""

    def __init__(self, folder, seed, *, counts, count):
        self.files = Constructed(folder, counts=counts)
        self.random = random.Random(seed)
        self.tids = [FIRST + number for number in range(count)]
        self.letters = dict.fromkeys(self.tids, "S")
        self.cpu = dict.fromkeys(self.tids, 0)
        for tid in self.tids:
            self.files.thread(tid, SLEEPS)
        self.states = dict(zip(self.tids, self.files.states(*self.tids), strict=True))
        self.last, self.switches = self.tids[0], 1
        self.write()

    def write(self):
        holder = next((tid for tid, letter in self.letters.items() if letter == "H"), None)
        self.files.gil(self.states[self.last], self.switches, locked=holder is not None)

    def become(self, tid, letter):
        if letter == "H" and tid != self.last:
            self.last = tid
            self.switches += 1
        self.letters[tid] = letter
        self.files.thread(tid, CALLS[letter])

    def step(self):
        """Let a millisecond go by in which at most one thread takes the GIL."""
        chance = self.random.random
        holder = next((tid for tid, letter in self.letters.items() if letter == "H"), None)
        if holder is not None and chance() < 0.3:
            waiting = [tid for tid, letter in self.letters.items() if letter == "W"]
            self.become(holder, self.random.choice("WSIN") if waiting else "S")
            holder = None
            if waiting:
                holder = self.random.choice(waiting)
                self.become(holder, "H")
        for tid in self.tids:
            if self.letters[tid] in "SIN" and chance() < 0.06:
                if holder is not None:
                    self.become(tid, "W")
                elif chance() < 0.5:
                    self.become(tid, "H")
                    holder = tid
                else:  # It has the GIL for a moment only.
                    self.become(tid, "H")
                    self.become(tid, self.random.choice("SI"))
                    holder = tid if tid == holder else None
                    break
        for tid, letter in self.letters.items():
            if letter in "HN":
                self.cpu[tid] += STEP
                self.files.schedule(tid, self.cpu[tid], 0, self.cpu[tid] // STEP)
        self.write()


@pytest.mark.parametrize("counts", [WAITERS[1], None])
@pytest.mark.parametrize("seed", range(3))
def test_shares_are_true_though_few_threads_are_read(tmp_path, seed, counts):
    program = Program(tmp_path, seed, counts=counts, count=THREADS)
    watching = Watching(program.files)
    looker = watching.process._looker
    read, reads = looker._read, Counter()

    def reading(thread):
        reads[thread.tid] += 1
        return read(thread)

    looker._read = reading
    said, true = Counter(), Counter()
    for sample in range(1, SAMPLES + 1):
        program.step()
        true.update(program.letters.items())
        watching.sample()
        if not sample % SAMPLES_A_FRAME:
            for tid, told in watching.frame().items():
                for letter, length in told.items():
                    said[tid, letter] += length / STEP
    watching.process.close()
    for key in true | said:
        if key[1] in "HWN":
            assert said[key] / SAMPLES == pytest.approx(true[key] / SAMPLES, abs=0.025), key
    if counts is not None:
        assert reads.total() < SAMPLES * THREADS / 2
