"""Fetch pages from a real HTTP server on the loopback interface, which takes its time."""

from __future__ import annotations

import http.client
import zlib
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from asyncio import StreamReader, StreamWriter

CALIBRATES = "size"
SIZE = 1
TASKS = 24

PATIENCE = 30.0
"""Seconds after which a server that says nothing is given up."""


class BadPage(Exception):
    """What came is not the page that was asked for."""


def argument(index: int, size: int, context: dict[str, str]) -> tuple[str, int, int]:
    """Return the server's address, and the first and the number of the pages of this task."""
    return context["url"], index * size, size


def task(argument: tuple[str, int, int]) -> int:
    """Return a checksum of the pages, fetched over one connection."""
    url, first, count = argument
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=PATIENCE)
    checksum = 0
    try:
        for page in range(first, first + count):
            connection.request("GET", path(page))
            answer = connection.getresponse()
            body = answer.read()
            check(page, answer.status, answer.getheader("ETag"), body)
            checksum = zlib.crc32(body, checksum)
    finally:
        connection.close()
    return checksum


async def coroutine(argument: tuple[str, int, int]) -> int:
    """Return the same without blocking the thread."""
    # Not above: the other modes should not pay for its import.
    import asyncio

    url, first, count = argument
    host, port = urlsplit(url).hostname, urlsplit(url).port
    reader, writer = await asyncio.wait_for(asyncio.open_connection(host, port), PATIENCE)
    checksum = 0
    try:
        for page in range(first, first + count):
            body = await asyncio.wait_for(read_page(reader, writer, page), PATIENCE)
            checksum = zlib.crc32(body, checksum)
    finally:
        writer.close()
        await asyncio.wait_for(writer.wait_closed(), PATIENCE)
    return checksum


async def read_page(reader: StreamReader, writer: StreamWriter, page: int) -> bytes:
    """Return one page, checked."""
    writer.write(f"GET {path(page)} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    _, status, *_ = (await reader.readline()).split(None, 2)
    headers = {}
    while True:
        name, colon, value = (await reader.readline()).decode().partition(":")
        if not colon:
            break
        headers[name.lower()] = value.strip()
    body = await reader.readexactly(int(headers["content-length"]))
    check(page, int(status), headers.get("etag"), body)
    return body


def path(page: int) -> str:
    """Return where a page is, on any server."""
    return f"/pages/{page}"


def check(page: int, status: int, tag: str | None, body: bytes) -> None:
    """Make sure that this is the page, and all of it.

    Raises:
        BadPage: it is not.
    """
    if status != 200:
        raise BadPage(f"page {page} came with status {status}")
    if tag != f'"{zlib.crc32(body):08x}"':
        raise BadPage(f"page {page} did not come whole")
