"""A child inside a keeper, and what is said to it and by it."""

import contextlib
import json
import os
import select
import subprocess
import sys
import time
from pathlib import Path

import gilscope.workloads
from gilscope.workloads.reports import (
    Begun,
    Finished,
    Go,
    Load,
    Progress,
    Ready,
    Start,
    Started,
    Stop,
    decode_report,
    encode_request,
)

HERE = Path(gilscope.workloads.__file__).parent
START = HERE / "child" / "start.py"
KEEPER = (sys.executable, "-I", "-S", str(HERE / "keeper.py"))
DEADLINE = 60.0

KINDS = ("sequential", "threads", "processes", "pool", "asyncio")
OF_PROCESSES = [
    (kind, method)
    for kind in ("processes", "pool")
    for method in (None, "fork", "spawn", "forkserver")
]


class Conversation:
    """A child that runs, and everything it has said."""

    def __init__(self, folder, python=sys.executable, prefix=(), start=START, environment=None):
        control, self.control = os.pipe()
        self.reports, report = os.pipe()
        child = [*prefix, str(python), str(start), str(control), str(report)]
        self.keeper = subprocess.Popen(
            [*KEEPER, "--pass", f"{control},{report}", "--", *child],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            pass_fds=(control, report),
            cwd=folder,
            env={**os.environ, **(environment or {})},
        )
        os.close(control)
        os.close(report)
        self._lines = b""
        self.said = []
        self.told = []

    def ask(self, request):
        """Ask for something; the child may be gone."""
        with contextlib.suppress(BrokenPipeError):
            os.write(self.control, encode_request(request))

    def hear(self):
        """Return the next report; None where the child has closed its pipe."""
        deadline = time.monotonic() + DEADLINE
        while b"\n" not in self._lines:
            assert select.select([self.reports], [], [], deadline - time.monotonic())[0], self.said
            piece = os.read(self.reports, 1 << 20)
            if not piece:
                return None
            self._lines += piece
        line, self._lines = self._lines.split(b"\n", 1)
        self.said.append(decode_report(line))
        return self.said[-1]

    def answer(self, request):
        """Ask for something, and return what comes of it, past what is said on the way."""
        self.ask(request)
        while True:
            report = self.hear()
            if not isinstance(report, Begun | Progress):
                return report

    def load(self, work, *arguments, own=True, **options):
        """Load a work."""
        return self.answer(Load(work, own, arguments, **options))

    def start(self, kind, method=None, workers=2, tasks=4, size=None, batch=1):
        """Start the pool."""
        return self.answer(Start(kind, method, workers, tasks, size, batch))

    def run(self, work, kind, *arguments, own=True, **options):
        """Load, start and go; return the first report that is not hoped for, or Finished."""
        report = self.load(work, *arguments, own=own)
        if isinstance(report, Ready):
            report = self.start(kind, **options)
        if isinstance(report, Started):
            report = self.answer(Go())
        return report

    def stop(self):
        """Let it end; return what it has left behind."""
        return self.answer(Stop())

    def say_no_more(self):
        """Close the child's requests."""
        if self.control >= 0:
            os.close(self.control)
        self.control = -1

    def hang_up(self):
        """Close the keeper's input."""
        with contextlib.suppress(BrokenPipeError):
            self.keeper.stdin.close()

    def of(self, kind):
        """Return the reports of a kind."""
        return [report for report in self.said if isinstance(report, kind)]

    def finish(self):
        """Wait for the keeper's end, and return the last that it told."""
        if not self.told:
            self.told = [json.loads(line) for line in self.keeper.stdout]
            self.keeper.stdout.close()
            self.keeper.wait(DEADLINE)
            self.hang_up()
            self.say_no_more()
            os.close(self.reports)
        return self.told[-1]


@contextlib.contextmanager
def conversing(folder, *arguments, **options):
    """Start a child, and end it and all that came of it whatever happens."""
    child = Conversation(folder, *arguments, **options)
    try:
        yield child
    finally:
        child.hang_up()
        child.finish()


def run_once(folder, work, kind, *arguments, python=sys.executable, own=True, **options):
    """Run a work in a child of its own; return what came of it, what is left, and the end."""
    with conversing(folder, python) as child:
        report = child.run(work, kind, *arguments, own=own, **options)
        left = child.stop()
        return report, left, child.finish()


def digests_of(report):
    """Return the digests of a run that has finished."""
    assert isinstance(report, Finished), report
    return report.digests
