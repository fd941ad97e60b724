"""Which threads to read at which sample, though no GIL says that anything has happened to them."""

from gilscope.probe.thread import SampledThread

DOZE = 4
"""At every fourth sample a thread is read that is blocked in something other than the GIL: Python
threads want the GIL as soon as they are not, and then one more waits, or another one holds it."""

SLEEP = 32
"""At every thirty-second, a multiple of that, where it hardly ever runs code without the GIL."""

LIVELY_NATIVE = 0.005
"""Share of its time: below that, it hardly ever does."""

LOOK_AT_HOLDER = 8
"""At every eighth sample the holder's own system call is read, to tell a hold off its core."""

IDLE_STRIDE = 8
"""An idle thread is read at every eighth sample, where there are few."""

IDLE_READS = 16
"""Idle threads that are read at one sample; the more there are, the less often each is."""

SPARSELY = 8
"""How many times less often an idle thread is read whose GIL counts who waits for it: it can do
nothing before it takes that or waits for it, and either shows."""


class Rounds:
    """Sorts the threads that are not idle, and neither hold the GIL nor wait for it.

    Attributes:
        lively: those that may change their state without any sign in a GIL.
        stride: samples from one at which anything but idle threads is due to the next: others, or
            the holders. DOZE divides LOOK_AT_HOLDER, and that SLEEP, so that none is missed.
    """

    def __init__(self) -> None:
        self.lively: list[SampledThread] = []
        self.stride = 1
        self._dozing: list[SampledThread] = []
        self._asleep: list[SampledThread] = []

    def due(self, idle: list[SampledThread], tick: int) -> list[SampledThread]:
        """Return the threads to be read at a sample whatever has happened.

        Args:
            idle: the idle ones that it is the turn of.
            tick: number of the sample.
        """
        due = self.lively + idle
        if not tick % DOZE:
            due += self._dozing
            if not tick % SLEEP:
                due += self._asleep
        return due

    def rouse(self, thread: SampledThread) -> bool:
        """Take a thread off its list if it is to be read less often than at every sample."""
        for some in (self._dozing, self._asleep):
            if thread in some:
                some.remove(thread)
                return True
        return False

    def sort_out(self, threads: list[SampledThread], tick: int, *, all_of_them: bool) -> None:
        """Sort threads that were looked at by when to look at them again.

        Args:
            threads: those that were due at this sample, at least.
            all_of_them: they are all there are.
        """
        self.lively = []
        if all_of_them or not tick % DOZE:
            self._dozing = []
        if all_of_them or not tick % SLEEP:
            self._asleep = []
        for thread in threads:
            letter = thread.letter
            if letter == "H" or thread.queues or thread.idle:
                continue
            gil = thread.gil
            # The last one that took a GIL may take it again, and leave no trace.
            if letter not in "ILS" or gil is None or gil.waiters is None or gil.taker is thread:
                self.lively.append(thread)
            elif thread.native_time >= LIVELY_NATIVE:
                self._dozing.append(thread)
            else:
                self._asleep.append(thread)
        self.stride = 1 if self.lively else DOZE if self._dozing else LOOK_AT_HOLDER


def spread(idle: list[SampledThread]) -> list[list[SampledThread]]:
    """Return which idle threads are to be read at each of a round of samples."""
    counted: list[SampledThread] = []
    others: list[SampledThread] = []
    for thread in idle:
        shows = thread.gil is not None and thread.gil.waiters is not None
        (counted if shows else others).append(thread)
    stride = IDLE_STRIDE
    while stride * IDLE_READS < len(others) + len(counted) // SPARSELY:
        stride *= 2
    sparse = SPARSELY * stride
    return [others[turn % stride :: stride] + counted[turn::sparse] for turn in range(sparse)]
