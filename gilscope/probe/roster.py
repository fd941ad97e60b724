"""The threads of one process: which there are, and which of them are Python's."""

import os
from operator import attrgetter

from gilscope.probe.gils import Find, Gils
from gilscope.probe.interpreter import Interpreter
from gilscope.probe.memory import Unreadable
from gilscope.probe.thread import SampledThread, ThreadGone

LIST_EVERY = 5
"""Frames between two looks at which threads there are, while their number stays the same."""

WALK = 1_000_000
"""Microseconds between two walks of the whole of the interpreter's list of threads."""

WALK_ONE = 10_000
"""Microseconds more for each of its threads."""


_NO_STACK = b"-1 0x0 0x0\n"
"""What stands in the `syscall` file of a task that has ended. Only the first one of a process is
found so: it stays until all others have ended, too."""


class ProcessGone(Exception):
    """The process has ended, or has become another program."""


class Roster:
    """Finds threads as they come and go.

    Attributes:
        threads: those that are there, by kernel thread id.
        dead: those that have ended since this was last cleared.
        news: some have come, gone or become known better since this was last cleared.
        doubtful: one was found to be gone, so that the number of threads does not tell.
    """

    def __init__(
        self,
        pid: int,
        tasks: int,
        threads: dict[int, SampledThread],
        gils: Gils,
        interpreter: Interpreter | None,
    ) -> None:
        """Args: tasks: descriptor of /proc/PID/task; threads: filled here."""
        self.threads = threads
        self.dead: list[SampledThread] = []
        self.news = True
        self.doubtful = True
        self._pid = pid
        self._tasks = tasks
        self._gils = gils
        self._interpreter = interpreter
        self._links = 0
        self._changed = False
        self._walk_at = 0

    def open(self, tid: int, now: int) -> SampledThread | None:
        """Take in a thread; None where there is none of that id any more."""
        try:
            thread = SampledThread(self._tasks, tid, now)
        except ThreadGone:
            return None
        self.threads[tid] = thread
        self.news = True
        return thread

    def refresh(self, find: Find, frame: int, now: int, last: int) -> None:
        """Find out at the end of a frame who has come and gone.

        Args:
            find: returns the thread of a kernel thread id.
            frame: number of the frame.
            last: when the process was sampled last.

        Raises:
            ProcessGone: no thread is left, or the interpreter is gone.
        """
        changed = self._list(frame, now, last)
        # A new thread gets its thread state a little after its birth: one more walk finds it.
        interpreter = self._interpreter
        if interpreter is not None:
            whole = now >= self._walk_at
            if whole:
                self._walk_at = now + WALK + WALK_ONE * len(self.threads)
            if whole or changed or self._changed:
                self._walk(interpreter, find, now, whole=whole)
        self._changed = changed

    def _list(self, frame: int, now: int, last: int) -> bool:
        """Look which threads there are, and return whether any has come or gone."""
        try:
            # A folder has as many links as it has folders in it, and some more.
            links = os.fstat(self._tasks).st_nlink
            same = links - len(self.threads) == self._links and not self.doubtful
            if same and frame % LIST_EVERY:
                return False
            there = {int(name) for name in os.listdir(self._tasks)}
        except OSError as error:
            raise ProcessGone from error
        alive = there - {self._pid} if self._pid in there and self._main_has_ended() else there
        if not alive:
            raise ProcessGone
        self._links, self.doubtful = links - len(alive), False
        if alive == self.threads.keys():
            return False
        for thread in [t for t in self.threads.values() if t.tid not in alive]:
            del self.threads[thread.tid]
            self._gils.forget(thread, last)
            self.dead.append(thread)
            thread.close()
        for tid in sorted(alive - self.threads.keys()):
            self.open(tid, now)
        self.news = True
        return True

    def _main_has_ended(self) -> bool:
        """Tell whether the first thread has ended although it is listed."""
        known = self.threads.get(self._pid)
        if known is not None:
            return known.line == _NO_STACK
        try:
            descriptor = os.open(f"{self._pid}/syscall", os.O_RDONLY, dir_fd=self._tasks)
        except OSError:
            return False  # Whoever opens it finds out.
        with open(descriptor, "rb") as file:
            try:
                return file.read(64) == _NO_STACK
            except OSError:
                return False

    def _walk(self, interpreter: Interpreter, find: Find, now: int, *, whole: bool) -> None:
        try:
            interpreter.walk(whole=whole)
        except Unreadable as error:
            raise ProcessGone from error
        gils = self._gils
        try:
            gils.find(interpreter, find, now)
        except OSError as error:
            raise ProcessGone from error
        by_interpreter = {gil.interpreter: gil for gil in gils.readers}
        main = gils.readers[0] if gils.readers else None
        # The main interpreter comes first: a thread that is in two belongs to the other one.
        for who in sorted(interpreter.new, key=attrgetter("interpreter")):
            thread = self.threads.get(who.tid)
            if thread is None:
                continue
            thread.is_python, thread.pthread, thread.state = True, who.pthread, who.state
            own = by_interpreter.get(thread.interpreter) if thread.interpreter else None
            # One that works in another interpreter may have a thread state there only now and then.
            if own is None or main is None or who.interpreter != main.interpreter:
                thread.interpreter = who.interpreter
            if thread.gil not in gils.readers:
                thread.gil = by_interpreter.get(who.interpreter, main)
        self.news = self.news or whole or bool(interpreter.new)
        for thread in self.threads.values():
            thread.looked_for += not thread.is_python
            if thread.gil not in gils.readers:
                thread.gil = None  # Its interpreter has ended, and may have left it locked.
