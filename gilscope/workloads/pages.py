"""The HTTP server that pages are fetched from: a web site far away, as near as it can be here.

Run as a script by gilscope's own interpreter. Binds a port of the loopback interface that the
system picks, says its address in a first line, and ends when its standard input does. A page takes
as long as a round trip to another country, and little processor time: this is a protocol without
streams and tasks, so that some hundred pages a second disturb nothing that is measured beside it.
"""

import asyncio
import os
import signal
import sys
import threading
import zlib
from contextlib import suppress
from dataclasses import dataclass

HOST = "127.0.0.1"
STDIN = 0

LATENCY = 0.04
JITTER = 0.02
"""Seconds: a page takes the one and some share of the other, the same one every time."""

SHORTEST = 8_000
LONGEST = 40_000
"""Bytes of a page."""

PREFIX = "/pages/"
MOST_PAGES = 1_000_000_000

LARGEST_REQUEST = 16_384
"""Bytes of a request, and of those that come while one is answered; a browser sends a thousand."""

PARAGRAPH = "<p>Whoever waits for a page has time, and somebody else could use it meanwhile.</p>\n"
FILLER = PARAGRAPH * (LONGEST // len(PARAGRAPH) + 1)

OK = 200
NOT_HTTP = 400
NO_SUCH_PAGE = 404
NOT_ALLOWED = 405
TOO_LARGE = 431
BACKLOG = 1024
"""Connections that may wait to be taken: asyncio may open hundreds at once."""

REASONS = {
    OK: "OK",
    NOT_HTTP: "Bad Request",
    NO_SUCH_PAGE: "Not Found",
    NOT_ALLOWED: "Method Not Allowed",
    TOO_LARGE: "Request Header Fields Too Large",
}


def latency(page: int) -> float:
    """Return how long a page takes, in seconds."""
    return LATENCY + JITTER * (_chance(page) % 1000) / 1000


def body(page: int) -> bytes:
    """Return what is on a page."""
    size = SHORTEST + _chance(page + 1) % (LONGEST - SHORTEST)
    head = f"<!doctype html>\n<title>Page {page}</title>\n<h1>Page {page}</h1>\n"
    return (head + FILLER)[:size].encode()


def page_of(target: str) -> int | None:
    """Return which page is at that path; None where there is none."""
    digits = target.removeprefix(PREFIX)
    if digits == target or not (digits.isascii() and digits.isdecimal() and len(digits) < 11):
        return None
    page = int(digits)
    return page if page < MOST_PAGES else None


def answer(status: int, content: bytes, keep: bool) -> bytes:
    """Return a whole answer; its tag is a checksum of the content."""
    head = (
        f"HTTP/1.1 {status} {REASONS[status]}\r\n"
        "Content-Type: text/html; charset=utf-8\r\n"
        f"Content-Length: {len(content)}\r\n"
        f'ETag: "{zlib.crc32(content):08x}"\r\n'
        f"Connection: {'keep-alive' if keep else 'close'}\r\n\r\n"
    )
    return head.encode() + content


@dataclass(frozen=True, slots=True)
class Asked:
    """A request: the path of a page, and whether there may be another one after it."""

    target: str
    keep: bool


def read_head(head: bytes) -> Asked | int:
    """Return what a request asks for, or the status to refuse it with."""
    first, *lines = head.decode("latin-1").split("\r\n")
    words = first.split(" ")
    if len(words) != 3 or words[2] not in {"HTTP/1.0", "HTTP/1.1"}:
        return NOT_HTTP
    method, target, version = words
    if method != "GET":
        return NOT_ALLOWED
    headers = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon:
            return NOT_HTTP
        headers[name.lower()] = value.strip().lower()
    # What follows would be taken for the next request.
    if headers.get("content-length", "0") != "0" or "transfer-encoding" in headers:
        return NOT_HTTP
    connection = headers.get("connection", "keep-alive" if version == "HTTP/1.1" else "close")
    return Asked(target, keep=connection == "keep-alive")


class Connection(asyncio.Protocol):
    """One client: its requests are answered one after another, each after its time."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None
        self.come = bytearray()
        self.timer: asyncio.TimerHandle | None = None
        self.full = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        self.transport = None
        if self.timer:
            self.timer.cancel()

    def data_received(self, data: bytes) -> None:
        self.come += data
        if len(self.come) > LARGEST_REQUEST:
            self.refuse(TOO_LARGE)
        else:
            self.read_request()

    def pause_writing(self) -> None:
        self.full = True

    def resume_writing(self) -> None:
        self.full = False
        self.read_request()

    def read_request(self) -> None:
        """Begin to answer the next request, where it is there and nothing else is under way."""
        if self.timer or self.full or self.transport is None or self.transport.is_closing():
            return
        head, end, rest = bytes(self.come).partition(b"\r\n\r\n")
        if not end:
            return
        self.come[:] = rest
        asked = read_head(head)
        if isinstance(asked, int):
            self.refuse(asked)
            return
        loop = asyncio.get_running_loop()
        page = page_of(asked.target)
        self.timer = loop.call_later(latency(page or 0), self.send, page, asked.keep)

    def send(self, page: int | None, keep: bool) -> None:
        """Answer a request, and go on with the next one."""
        self.timer = None
        if self.transport is None or self.transport.is_closing():
            return
        status, content = (NO_SUCH_PAGE, b"") if page is None else (OK, body(page))
        self.transport.write(answer(status, content, keep))
        if keep:
            self.read_request()
        else:
            self.transport.close()

    def refuse(self, status: int) -> None:
        """Say what is wrong and hang up: what else has come may not be read from its beginning."""
        if self.transport is not None:
            self.transport.write(answer(status, b"", keep=False))
            self.transport.close()


async def serve() -> None:
    """Serve pages until standard input has ended."""
    loop = asyncio.get_running_loop()
    over = asyncio.Event()
    server = await loop.create_server(Connection, HOST, 0, backlog=BACKLOG)
    port = server.sockets[0].getsockname()[1]
    print(f"http://{HOST}:{port}/", flush=True)
    # A thread, because a standard input that is a file cannot be polled.
    threading.Thread(target=wait_for_end, args=(loop, over), daemon=True).start()
    await over.wait()
    # Connections are not waited for: whoever still holds one has gone, or goes with gilscope.
    server.close()


def wait_for_end(loop: asyncio.AbstractEventLoop, over: asyncio.Event) -> None:
    """Wait until standard input ends, then say so to the loop."""
    with suppress(OSError):
        while os.read(STDIN, 4096):
            pass
    # The loop may have ended first.
    with suppress(RuntimeError):
        loop.call_soon_threadsafe(over.set)


def _chance(number: int) -> int:
    """Return a number that looks drawn by chance, the same one every time."""
    return zlib.crc32(b"%d" % number)


def main() -> int:
    """Serve until whoever started this has gone."""
    # Ctrl-C is for gilscope, which shares the terminal and ends the server when it has finished.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    asyncio.run(serve())
    return 0


if __name__ == "__main__":
    sys.exit(main())
