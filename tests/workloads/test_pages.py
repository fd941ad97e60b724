"""The server of pages: what it makes of a request, and of clients that behave as they like."""

import asyncio
import http.client
import signal
import socket
import subprocess
import zlib
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gilscope.workloads.pages import (
    JITTER,
    LARGEST_REQUEST,
    LATENCY,
    LONGEST,
    MOST_PAGES,
    SHORTEST,
    Asked,
    Connection,
    body,
    latency,
    page_of,
    read_head,
)
from tests.workloads.serving import server

PATIENCE = 10


@pytest.mark.parametrize(
    ("head", "meant"),
    [
        (b"GET /pages/1 HTTP/1.1", Asked("/pages/1", keep=True)),
        (b"GET /pages/1 HTTP/1.1\r\nHost: here", Asked("/pages/1", keep=True)),
        (b"GET /pages/1 HTTP/1.1\r\nCONNECTION: Close", Asked("/pages/1", keep=False)),
        (b"GET /pages/1 HTTP/1.0", Asked("/pages/1", keep=False)),
        (b"GET /pages/1 HTTP/1.0\r\nConnection: keep-alive", Asked("/pages/1", keep=True)),
        (b"GET /pages/1 HTTP/1.1\r\nContent-Length: 0", Asked("/pages/1", keep=True)),
        (b"GET /pages/1 HTTP/1.1\r\nContent-Length: 5", 400),
        (b"GET /pages/1 HTTP/1.1\r\nTransfer-Encoding: chunked", 400),
        (b"GET /pages/1 HTTP/1.1\r\nno colon", 400),
        (b"GET /pages/1 HTTP/2", 400),
        (b"GET /pages/1", 400),
        (b"", 400),
        (b"\x16\x03\x01\x02\x00\x01", 400),
        (b"POST /pages/1 HTTP/1.1", 405),
    ],
)
def test_a_request_is_understood_or_refused(head, meant):
    assert read_head(head) == meant


@given(st.binary(max_size=200))
def test_whatever_comes_is_understood_or_refused(head):
    asked = read_head(head)
    assert asked in (400, 405) or isinstance(asked, Asked)


@pytest.mark.parametrize(
    ("target", "page"),
    [
        ("/pages/0", 0),
        ("/pages/42", 42),
        (f"/pages/{MOST_PAGES}", None),
        ("/pages/" + "9" * 5000, None),
        ("/pages/", None),
        ("/pages/-1", None),
        ("/pages/٣", None),
        ("/pages/1/2", None),
        ("/", None),
        ("", None),
    ],
)
def test_a_page_has_a_number(target, page):
    assert page_of(target) == page


@given(st.integers(0, MOST_PAGES - 1))
def test_a_page_is_the_same_every_time_and_of_a_likely_size_and_latency(page):
    assert body(page) == body(page)
    assert f"<title>Page {page}</title>".encode() in body(page)
    assert SHORTEST <= len(body(page)) < LONGEST
    assert LATENCY <= latency(page) == latency(page) < LATENCY + JITTER


@pytest.fixture(scope="module")
def address():
    """Where a server is that all tests share: none of them may do it any harm."""
    with server() as (process, url):
        parts = urlsplit(url)
        yield parts.hostname, parts.port
        assert process.poll() is None


def talk(address, sent):
    """Return all that the server answers until it hangs up."""
    with socket.create_connection(address, PATIENCE) as connection:
        connection.sendall(sent)
        come = b""
        while more := connection.recv(65536):
            come += more
    return come


@pytest.mark.e2e
def test_pages_come_over_one_connection_with_their_checksums(address):
    connection = http.client.HTTPConnection(*address, timeout=PATIENCE)
    for page in (7, 8):
        connection.request("GET", f"/pages/{page}")
        answer = connection.getresponse()
        assert answer.status == 200
        assert (content := answer.read()) == body(page)
        assert answer.getheader("ETag") == f'"{zlib.crc32(content):08x}"'
    connection.request("GET", "/elsewhere")
    answer = connection.getresponse()
    assert (answer.status, answer.read()) == (404, b"")
    connection.close()


@pytest.mark.e2e
def test_requests_that_come_at_once_are_answered_in_their_order(address):
    requests = [b"GET /pages/1 HTTP/1.1\r\n\r\n", b"GET /pages/2 HTTP/1.0\r\n\r\n"]
    first, _, second = talk(address, b"".join(requests)).partition(body(1))
    assert first.startswith(b"HTTP/1.1 200 OK\r\n")
    assert second.endswith(body(2))


@pytest.mark.e2e
@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"garbage\r\n\r\n", 400),
        (b"\x00\xff" * 10 + b"\r\n\r\n", 400),
        (b"DELETE /pages/1 HTTP/1.1\r\n\r\n", 405),
        (b"GET /pages/1 HTTP/1.1\r\nCookie: " + b"x" * LARGEST_REQUEST, 431),
        (b"GET /pages/1 HTTP/1.1\r\n\r\n" + b"x" * LARGEST_REQUEST, 431),
    ],
)
def test_what_is_no_request_is_refused_and_hung_up_on(address, sent, status):
    assert talk(address, sent).startswith(b"HTTP/1.1 %d " % status)


@pytest.mark.e2e
def test_a_client_that_goes_away_harms_nobody(address):
    for sent in (b"", b"GET /pa", b"GET /pages/3 HTTP/1.1\r\n\r\n"):
        with socket.create_connection(address, PATIENCE) as connection:
            connection.sendall(sent)
    assert talk(address, b"GET /pages/3 HTTP/1.0\r\n\r\n").endswith(body(3))


class Open(asyncio.Transport):
    """A transport that nothing is written to."""

    def is_closing(self):
        return False


async def test_a_client_that_does_not_read_waits_for_the_next_page():
    connection = Connection()
    connection.connection_made(Open())
    connection.pause_writing()
    connection.data_received(b"GET /pages/1 HTTP/1.1\r\n\r\n")
    assert connection.timer is None
    connection.resume_writing()
    assert connection.timer is not None
    connection.connection_lost(None)
    assert connection.timer.cancelled()


@pytest.mark.e2e
def test_the_server_ends_with_its_input_and_not_on_ctrl_c():
    with server() as (process, url):
        parts = urlsplit(url)
        process.send_signal(signal.SIGINT)
        connection = socket.create_connection((parts.hostname, parts.port), PATIENCE)
        connection.sendall(b"GET /pages/1 HTTP/1.1\r\n\r\n")
        assert connection.recv(5) == b"HTTP/"
    connection.close()


@pytest.mark.e2e
def test_without_an_input_the_server_ends_at_once():
    with server(stdin=subprocess.DEVNULL) as (process, url):
        assert url.startswith("http://127.0.0.1:")
        assert process.wait(PATIENCE) == 0
