"""The web server that pages are fetched from, as a process of its own."""

import asyncio
import sys
from pathlib import Path

from gilscope import workloads
from gilscope.errors import GilscopeError

SERVER = Path(workloads.__file__).with_name("pages.py")

PATIENCE = 5.0
"""Seconds that it has to begin, and again to end."""


class Pages:
    """A running server; it ends when its standard input closes, so also when gilscope is killed.

    Attributes:
        url: where its pages are.
    """

    def __init__(self, process: asyncio.subprocess.Process, url: str) -> None:
        self.url = url
        self._process = process

    @classmethod
    async def launch(cls) -> "Pages":
        """Start a server.

        Raises:
            GilscopeError: it does not start.
        """
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-I", str(SERVER)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            start_new_session=True,
        )
        assert process.stdout is not None
        line = b""
        try:
            async with asyncio.timeout(PATIENCE):
                line = await process.stdout.readline()
        except TimeoutError:
            pass
        except asyncio.CancelledError:
            process.kill()
            raise
        pages = cls(process, line.decode().strip())
        if not pages.url:
            await pages.close()
            raise GilscopeError(
                "the server that pages are fetched from did not start",
                "whether programs may listen on 127.0.0.1 is up to this machine",
            )
        return pages

    async def close(self) -> None:
        """End it."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            async with asyncio.timeout(PATIENCE):
                await self._process.wait()
        except TimeoutError:
            self._process.kill()
            await self._process.wait()
