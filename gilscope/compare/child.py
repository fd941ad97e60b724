"""The conversation with the child that runs the work: a request goes out, a report comes back."""

import asyncio
import os
from pathlib import Path

from gilscope import workloads
from gilscope.compare.contained import Contained, Ended
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


class ChildEnded(Exception):
    """The child ended, or closed its end, in the middle of the conversation."""


class Child:
    """A child that runs the work by some interpreter.

    Attributes:
        contained: the process.
    """

    def __init__(self, contained: Contained, control: int, reports: asyncio.StreamReader) -> None:
        self.contained = contained
        self._control = control
        self._reports = reports
        self._transport: asyncio.ReadTransport | None = None

    @classmethod
    async def launch(cls, python: str) -> "Child":
        """Start one.

        Raises:
            Refused: there is no such interpreter.
            GilscopeError: no process can be started.
        """
        control_out, control_in = os.pipe()
        reports_out, reports_in = os.pipe()
        handed = (control_out, reports_in)
        try:
            command = (python, str(START), *map(str, handed))
            contained = await Contained.launch(command, handed, {**SAME, **os.environ})
        except BaseException:
            os.close(control_in)
            os.close(reports_out)
            raise
        finally:
            for fd in handed:
                os.close(fd)
        os.set_blocking(control_in, False)
        reader = asyncio.StreamReader(LONGEST)
        child = cls(contained, control_in, reader)
        child._transport, _ = await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(reports_out, "rb", 0)
        )
        return child

    def say(self, request: Request) -> None:
        """Send a request.

        Raises:
            ChildEnded: nobody is there to read it.
        """
        try:
            os.write(self._control, encode_request(request))
        except (BrokenPipeError, BlockingIOError) as error:
            raise ChildEnded from error

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
        self.say(request)
        return await self.hear()

    async def close(self) -> Ended:
        """End it and all that it started; return how it ended. May be called more than once."""
        ended = await self.contained.close()
        if self._transport is not None:
            self._transport.close()
            self._transport = None
            os.close(self._control)
        return ended
