"""The two pipes to gilscope: requests come on one, reports go on the other, a line each."""

from __future__ import annotations

import contextlib
import errno
import json
import os
from collections.abc import Iterator
from typing import Any

_PIECE = 1 << 16
_CLOSED = b"A task has closed descriptors that it has not opened, that to gilscope among them.\n"


class Channel:
    """Requests and reports.

    Neither pipe is passed on: programs that the work starts do not inherit them, and processes
    that are forked close them, so that each ends when the process ends that it belongs to.
    """

    def __init__(self, control: int, report: int) -> None:
        self._control = control
        self._report = report
        self._pid = os.getpid()
        for descriptor in (control, report):
            os.set_inheritable(descriptor, False)
        os.register_at_fork(after_in_child=self._forget)

    def _forget(self) -> None:
        if self._report < 0:
            return
        for descriptor in (self._control, self._report):
            os.close(descriptor)
        self._control = self._report = -1

    def requests(self) -> Iterator[dict[str, Any]]:
        """Yield what is asked for, until the pipe ends."""
        lines = b""
        while True:
            piece = os.read(self._control, _PIECE)
            if not piece:
                return
            *whole, lines = (lines + piece).split(b"\n")
            for line in whole:
                yield json.loads(line)

    def report(self, kind: str, **fields: object) -> None:
        """Send a report.

        A process that the work has forked, and that comes back here in place of this one, ends: it
        has nothing to say. So does this one when nobody listens any more.
        """
        if self._report < 0:
            os._exit(0)
        # Half a surrogate pair, in what an exception says, is no JSON.
        line = json.dumps({"type": kind, **fields}, ensure_ascii=False).encode("utf-8", "replace")
        line += b"\n"
        try:
            while line:
                line = line[os.write(self._report, line) :]
        except OSError as error:
            if error.errno == errno.EBADF:
                with contextlib.suppress(OSError):
                    os.write(2, _CLOSED)
            os._exit(1)
