"""A process that cannot outlive gilscope: it runs inside a keeper, which ends all it started."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
import psutil
from msgspec import Struct

from gilscope import workloads
from gilscope.errors import GilscopeError
from gilscope.model.text import clean
from gilscope.probe.kernel import living_task
from gilscope.stream.launch import signal_name

KEEPER = Path(workloads.__file__).with_name("keeper.py")

PATIENCE = 5.0
"""Seconds that a keeper has to end what it keeps; SIGKILL and the kernel seldom take as long."""

SWEEPS = 50
"""Looks at all processes for those that a keeper has left because it was killed itself."""

LONGEST = 1 << 20
"""Bytes of the longest line that a keeper says: a command's name may be a hundred thousand."""


class _Launched(Struct, frozen=True, tag="launched"):
    pid: int


class _Refused(Struct, frozen=True, tag="refused"):
    error: str


class Ended(Struct, frozen=True, tag="ended"):
    """How a contained process ended.

    Attributes:
        status: its exit code, or minus the number of the signal that ended it.
        wall: seconds from its start to its end; None where nobody has seen that.
        cpu: seconds on a core of it and of all that it started and that has ended.
        left: processes that it left behind, ended since.
        printed: bytes that it printed in all; `tail` is the end of it.
    """

    status: int
    wall: float | None = None
    cpu: float = 0.0
    left: int = 0
    printed: int = 0
    tail: str = ""


_decoder: msgspec.json.Decoder[_Launched | _Refused | Ended] = msgspec.json.Decoder(
    _Launched | _Refused | Ended
)

UNKNOWN = Ended(-9)
"""The end of a process whose keeper was ended itself, and took it along."""


@dataclass(frozen=True)
class Refused(Exception):
    """The command cannot be started; one sentence on why."""

    error: str


class Contained:
    """A command that runs inside a keeper.

    Attributes:
        pid: its process id.
        ending: is done when it has ended, with all that it started.
    """

    def __init__(self, keeper: asyncio.subprocess.Process, pid: int) -> None:
        self.pid = pid
        self._keeper = keeper
        self.ending = asyncio.create_task(self._read_ending())

    @classmethod
    async def launch(
        cls,
        command: Sequence[str],
        pass_fds: Sequence[int] = (),
        environment: Mapping[str, str] | None = None,
    ) -> "Contained":
        """Start a command.

        Args:
            pass_fds: descriptors that it gets, by the same numbers.
            environment: all of its variables; those of this process where that is not told.

        Raises:
            Refused: there is no such program, or it cannot be run.
            GilscopeError: the keeper cannot be started.
        """
        launching = asyncio.create_task(cls._launch(command, pass_fds, environment))
        try:
            return await asyncio.shield(launching)
        except asyncio.CancelledError:
            # It is started all the same by now, and must not be forgotten.
            undoing = asyncio.create_task(_undo(launching))
            _undoings.add(undoing)
            undoing.add_done_callback(_undoings.discard)
            await asyncio.wait([undoing])
            raise

    @classmethod
    async def _launch(
        cls,
        command: Sequence[str],
        pass_fds: Sequence[int],
        environment: Mapping[str, str] | None,
    ) -> "Contained":
        passed = ["--pass", ",".join(map(str, pass_fds))] if pass_fds else []
        try:
            keeper = await asyncio.create_subprocess_exec(
                *(sys.executable, "-I", "-S", str(KEEPER), *passed, "--", *command),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                limit=LONGEST,
                pass_fds=pass_fds,
                env=environment,
                start_new_session=True,
            )
        except OSError as error:
            raise GilscopeError(f"no process can be started: {error.strerror}") from error
        said = await _next(keeper)
        if isinstance(said, _Launched):
            return cls(keeper, said.pid)
        await keeper.wait()
        raise Refused(said.error if isinstance(said, _Refused) else "its keeper was ended")

    @property
    def over(self) -> bool:
        """Whether it has ended, with all that it started."""
        return self.ending.done()

    async def ended(self) -> Ended:
        """Wait until it has ended, with all that it started; return how."""
        await asyncio.wait([self.ending])
        return UNKNOWN if self.ending.cancelled() else self.ending.result()

    def end(self) -> None:
        """End it and all that it started, at once; does nothing once it has ended."""
        assert self._keeper.stdin is not None
        self._keeper.stdin.close()

    async def close(self) -> Ended:
        """End it, and wait until nothing of it is left. May be called more than once."""
        self.end()
        await asyncio.wait([self.ending], timeout=PATIENCE)
        if not self.ending.done():
            # Something in it cannot even be killed, a thread in a dead network file system; or the
            # keeper was stopped, and takes what it keeps along.
            with contextlib.suppress(ProcessLookupError):
                self._keeper.kill()
            await asyncio.wait([self.ending], timeout=PATIENCE)
            self.ending.cancel()
            await asyncio.wait([self.ending])
        return UNKNOWN if self.ending.cancelled() else self.ending.result()

    async def _read_ending(self) -> Ended:
        said = await _next(self._keeper)
        await self._keeper.wait()
        if isinstance(said, Ended):
            return said
        _end_session(self.pid)
        return UNKNOWN


def _end_session(number: int) -> None:
    """End all processes of a session whose keeper is not there to do it; none forks for ever."""
    for _ in range(SWEEPS):
        found = False
        for pid in psutil.pids():
            with contextlib.suppress(OSError, psutil.Error):
                if os.getsid(pid) == number and living_task(pid) is not None:
                    os.kill(pid, signal.SIGKILL)
                    found = True
        if not found:
            return


_undoings: set[asyncio.Task[None]] = set()


async def _undo(launching: "asyncio.Task[Contained]") -> None:
    """End what is about to be launched."""
    with contextlib.suppress(Refused, GilscopeError):
        await (await launching).close()


async def _next(keeper: asyncio.subprocess.Process) -> _Launched | _Refused | Ended | None:
    assert keeper.stdout is not None
    line = await keeper.stdout.readline()
    try:
        return _decoder.decode(line)
    except msgspec.DecodeError:
        return None  # It was ended before it could say anything, or in the middle of it.


def how_it_ended(ended: Ended) -> str:
    """Return how a process ended, to stand behind its name: "ended with exit code 1"."""
    if ended.status < 0:
        return f"was ended by {signal_name(-ended.status)}"
    return f"ended with exit code {ended.status}"


def last_words(ended: Ended) -> str:
    """Return the same and the last line that it printed, if there is one."""
    lines = [line.strip() for line in ended.tail.splitlines() if line.strip()]
    return how_it_ended(ended) + (f": {clean(lines[-1])}" if lines else "")
