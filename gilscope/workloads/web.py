"""A small threaded web server with clients of its own: what a loaded server's GIL looks like.

Plain standard library, CPython 3.8 and newer, run as a script. Listens on the loopback interface,
on a port that the system picks. Ends with its parent, or on SIGTERM.
"""

from __future__ import annotations

import http.client
import http.server
import json
import os
import sys
import threading
import time
from collections.abc import Callable

CLIENTS = 4
PAUSE = 0.05
"""Seconds that a client rests between two requests."""


class Page(http.server.BaseHTTPRequestHandler):
    """Answers every request with some JSON, made with a moment of work."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Answer a request."""
        body = render(200)
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: a line for each request would be all that is seen."""


class Server(http.server.ThreadingHTTPServer):
    """A thread for each connection, named after the client."""

    def process_request_thread(self, request: object, client_address: object) -> None:
        """Serve one connection."""
        port = client_address[1]  # type: ignore[index]
        threading.current_thread().name = f"request-{port}"
        super().process_request_thread(request, client_address)  # type: ignore[arg-type]

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that goes away is no news."""


def render(rows: int) -> bytes:
    """Return a page: some arithmetic, some JSON, all of it with the GIL held."""
    table = [{"row": row, "sum": sum(range(row))} for row in range(rows)]
    return json.dumps(table).encode()


def report() -> None:
    """Compute a report for ever, as a background job that should not be in this process would."""
    while True:
        render(2_000)


def browse(port: int) -> None:
    """Ask for the page again and again, over one connection."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    while True:
        connection.request("GET", "/")
        connection.getresponse().read()
        time.sleep(PAUSE)


def start(name: str, work: Callable[..., None], *arguments: object) -> None:
    """Start a thread that does not keep the process from ending."""
    threading.Thread(name=name, target=work, args=arguments, daemon=True).start()


def main() -> int:
    """Serve and browse until the parent is gone."""
    parent = os.getppid()
    server = Server(("127.0.0.1", 0), Page)
    port = server.server_address[1]
    print(f"web: process {os.getpid()}, http://127.0.0.1:{port}/", flush=True)
    start("server", server.serve_forever)
    start("report", report)
    for number in range(1, CLIENTS + 1):
        start(f"client-{number}", browse, port)
    while os.getppid() == parent:
        time.sleep(1)
    return 0


if __name__ == "__main__":
    sys.exit(main())
