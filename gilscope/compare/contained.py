"""A process that cannot outlive gilscope: it runs inside a keeper, which ends all it started."""

import asyncio
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
from msgspec import Struct

from gilscope import workloads
from gilscope.errors import GilscopeError
from gilscope.stream.launch import signal_name

KEEPER = Path(workloads.__file__).with_name("keeper.py")

PATIENCE = 5.0
"""Seconds that a keeper has to end what it keeps; SIGKILL and the kernel seldom take as long."""


class _Launched(Struct, frozen=True, tag="launched"):
    pid: int


class _Refused(Struct, frozen=True, tag="refused"):
    error: str


class Ended(Struct, frozen=True, tag="ended"):
    """How a contained process ended.

    Attributes:
        status: its exit code, or minus the number of the signal that ended it.
        cpu: seconds on a core of it and of all that it started and that has ended.
        left: processes that it left behind, ended since.
        printed: bytes that it printed in all; `tail` is the end of it.
    """

    status: int
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
    """

    def __init__(self, keeper: asyncio.subprocess.Process, pid: int) -> None:
        self.pid = pid
        self._keeper = keeper
        self._ending = asyncio.create_task(self._read_ending())

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
        passed = ["--pass", ",".join(map(str, pass_fds))] if pass_fds else []
        try:
            keeper = await asyncio.create_subprocess_exec(
                *(sys.executable, "-I", "-S", str(KEEPER), *passed, "--", *command),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
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
        return self._ending.done()

    async def ended(self) -> Ended:
        """Wait until it has ended, with all that it started; return how."""
        return await asyncio.shield(self._ending)

    def end(self) -> None:
        """End it and all that it started, at once; does nothing once it has ended."""
        assert self._keeper.stdin is not None
        self._keeper.stdin.close()

    async def close(self) -> Ended:
        """End it, and wait until nothing of it is left."""
        self.end()
        try:
            async with asyncio.timeout(PATIENCE):
                return await self.ended()
        except TimeoutError:
            # Something in it cannot even be killed, a thread in a dead network file system.
            self._ending.cancel()
            return UNKNOWN

    async def _read_ending(self) -> Ended:
        said = await _next(self._keeper)
        await self._keeper.wait()
        return said if isinstance(said, Ended) else UNKNOWN


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
