"""Sample a process that is made of plain files."""

from collections import Counter

from gilscope.model.runs import read_runs
from gilscope.probe.process import SampledProcess
from tests.probe.constructed import PID

STEP = 1000
FIRST, SECOND, THIRD = PID, PID + 1, PID + 2


class Watching:
    """A constructed process that is sampled once a millisecond."""

    def __init__(self, files, *, python=True):
        self.files = files
        self.now = self.start = 1_000_000
        interpreter = files.interpreter() if python else None
        self.process = SampledProcess(PID, interpreter, self.now, proc=str(files.proc))

    def sample(self, times=1):
        for _ in range(times):
            self.now += STEP
            self.process.sample(self.now)

    def frame(self):
        """End a frame and return what was told of each thread, and of the GIL."""
        piece = self.process.end_frame(self.now, self.start)
        self.start = self.now
        self.slices = {thread.tid: thread for thread in piece.threads}
        self.piece = piece
        self.gil = piece.gils[0] if piece.gils else None
        spent = {tid: Counter() for tid in self.slices}
        for tid, thread in self.slices.items():
            for letter, length in read_runs(thread.runs):
                spent[tid][letter] += length
        return spent

    def warm(self, times=30):
        """Sample for a while and forget it, so that every thread is in its state."""
        self.sample(times)
        return self.frame()
