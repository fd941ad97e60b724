"""The longest holds and waits of every thread, followed as the stream comes."""

from dataclasses import dataclass, field

from gilscope.analysis.lanes import Joiner, Run, runs_between
from gilscope.model.events import KERNEL, Call
from gilscope.model.records import ThreadRecord
from gilscope.model.session import Session

ThreadKey = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Longest:
    """A run that stands out, and where the thread was during it as far as a stack was read then."""

    run: Run
    pid: int
    tid: int
    name: str | None
    call: tuple[Call, ...] = ()
    open: bool = False

    @property
    def length(self) -> int:
        """How long it was, in microseconds."""
        return self.run.end - self.run.start


@dataclass(slots=True)
class _Reading:
    seen: int = 0
    runs: Joiner = field(default_factory=Joiner)


class Holds:
    """Follows every thread's holds and waits; each stretch of its history is read once."""

    def __init__(self) -> None:
        self._readings: dict[ThreadKey, _Reading] = {}
        self._longest: dict[tuple[ThreadKey, str], Longest] = {}

    def read(self, session: Session) -> None:
        """Take in what came since the last call; of what py-spy sees nothing.

        A single glance of py-spy stands for all the time up to the next one.
        """
        there = set()
        for process in session.processes.values():
            if process.about.fidelity != KERNEL:
                continue
            for thread in process.threads.values():
                key = (thread.pid, thread.tid, thread.born)
                there.add(key)
                reading = self._readings.get(key)
                if reading is None:
                    reading = self._readings[key] = _Reading()
                if thread.gone is None or reading.seen < thread.gone:
                    self._follow(key, reading, thread, session.now)

        if len(self._readings) > len(there):
            for key in self._readings.keys() - there:
                del self._readings[key]
                for letter in "HW":
                    self._longest.pop((key, letter), None)

    def longest(self, thread: ThreadRecord, letter: str) -> Longest | None:
        """Return a thread's longest hold ("H") or wait ("W"), one still going on included."""
        key = (thread.pid, thread.tid, thread.born)
        found = self._longest.get((key, letter))
        reading = self._readings.get(key)
        run = reading.runs.open if reading else None
        if run and run.letter == letter:
            going_on = _longest(thread, run, going_on=True)
            if found is None or going_on.length > found.length:
                return going_on
        return found

    def _follow(self, key: ThreadKey, reading: _Reading, thread: ThreadRecord, now: int) -> None:
        for run in reading.runs.add(runs_between(thread, reading.seen, now)):
            if run.letter in "HW":
                self._close(key, thread, run)
        reading.seen = now

    def _close(self, key: ThreadKey, thread: ThreadRecord, run: Run) -> None:
        known = self._longest.get((key, run.letter))
        if known is None or known.length < run.end - run.start:
            self._longest[key, run.letter] = _longest(thread, run)


def _longest(thread: ThreadRecord, run: Run, going_on: bool = False) -> Longest:
    # A stack read before the run began is about something else.
    during = thread.calls_at is not None and run.start <= thread.calls_at <= run.end
    calls = thread.calls if during else ()
    return Longest(run, thread.pid, thread.tid, thread.name, calls, going_on)
