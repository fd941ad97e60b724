"""The conversation with the child that runs the work: a request goes out, a report comes back."""

import asyncio
import fcntl
import os
from pathlib import Path

from gilscope import workloads
from gilscope.compare.contained import Contained, Ended
from gilscope.errors import GilscopeError
from gilscope.workloads.reports import (
    BadReport,
    Failed,
    Report,
    Request,
    decode_report,
    encode_request,
)

START = Path(workloads.__file__).parent / "child" / "start.py"

SAME = {"PYTHONHASHSEED": "0"}
"""Variables that have every mode come to the same results, unless the user sets them: the order of
a set of words depends on this one."""

LONGEST = 64 << 20
"""Bytes of the longest report: a digest for each of a hundred thousand tasks is 5 MB."""


STEP = 0.01
"""Seconds between two tries to write to a child that has not read what is in the pipe."""


class ChildEnded(Exception):
    """The child ended, or closed its end, in the middle of the conversation."""


class Child:
    """A child that runs the work by some interpreter.

    Attributes:
        contained: the process.
    """

    def __init__(
        self,
        contained: Contained,
        control: int,
        reports: asyncio.StreamReader,
        transport: asyncio.ReadTransport,
    ) -> None:
        self.contained = contained
        self._control = control
        self._reports = reports
        self._transport: asyncio.ReadTransport | None = transport

    @classmethod
    async def launch(cls, python: str) -> "Child":
        """Start one.

        Raises:
            Refused: there is no such interpreter.
            GilscopeError: no process can be started.
        """
        try:
            (control_out, control_in), (reports_out, reports_in) = _pipes()
        except OSError as error:
            raise GilscopeError(f"no process can be started: {error.strerror}") from error
        handed = (control_out, reports_in)
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader(LONGEST)
        transport: asyncio.ReadTransport | None = None
        try:
            transport, _ = await loop.connect_read_pipe(
                lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(reports_out, "rb", 0)
            )
            command = (python, str(START), *map(str, handed))
            contained = await Contained.launch(command, handed, {**SAME, **os.environ})
        except BaseException:
            os.close(control_in)
            if transport is not None:
                transport.close()
            raise
        finally:
            for fd in handed:
                os.close(fd)
        os.set_blocking(control_in, False)
        return cls(contained, control_in, reader, transport)

    async def say(self, request: Request) -> None:
        """Send a request, however long it is.

        Raises:
            ChildEnded: nobody is there to read it.
        """
        line = encode_request(request)
        while True:
            if self._transport is None:
                raise ChildEnded
            try:
                line = line[os.write(self._control, line) :]
            except BrokenPipeError as error:
                raise ChildEnded from error
            except BlockingIOError:
                await asyncio.sleep(STEP)
            if not line:
                return

    async def hear(self) -> Report:
        """Return the next report.

        Raises:
            ChildEnded: there is none.
        """
        try:
            line = await self._reports.readline()
        except ValueError:
            return Failed("run", f"it reported more than {LONGEST >> 20} MB at once")
        if not line.endswith(b"\n"):
            raise ChildEnded
        try:
            return decode_report(line)
        except BadReport as error:
            return Failed("run", f"what it reported makes no sense: {error}")

    async def ask(self, request: Request) -> Report:
        """Send a request and return the report that answers it; raises as `say` and `hear`."""
        await self.say(request)
        return await self.hear()

    async def close(self) -> Ended:
        """End it and all that it started; return how it ended. May be called more than once."""
        ended = await self.contained.close()
        if self._transport is not None:
            self._transport.close()
            self._transport = None
            os.close(self._control)
        return ended


def _pipes() -> tuple[tuple[int, int], tuple[int, int]]:
    """Make two pipes, or none."""
    first = _pipe()
    try:
        return first, _pipe()
    except OSError:
        for end in first:
            os.close(end)
        raise


def _pipe() -> tuple[int, int]:
    """Make a pipe whose numbers are above 2: where those are free, the child's own take them."""
    ends = os.pipe()
    try:
        read = fcntl.fcntl(ends[0], fcntl.F_DUPFD_CLOEXEC, 3)
        try:
            return read, fcntl.fcntl(ends[1], fcntl.F_DUPFD_CLOEXEC, 3)
        except OSError:
            os.close(read)
            raise
    finally:
        for end in ends:
            os.close(end)
