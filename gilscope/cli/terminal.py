"""Whether a screen can be opened here; asked before anything is drawn."""

import os
import sys
from collections.abc import Mapping

from gilscope.errors import Misuse

SMALLEST = (20, 5)
"""Columns and lines below which nothing readable fits."""


def require_screen(plainly: str, environment: Mapping[str, str] = os.environ) -> None:
    """Make sure that a screen can be opened.

    Args:
        plainly: the command that shows the same without a screen, "gilscope stat 4242".

    Raises:
        Misuse: it cannot.
    """
    instead = f"without a screen: {plainly}"
    for stream, name in ((sys.stdin, "input"), (sys.stdout, "output"), (sys.stderr, "errors")):
        if not stream.isatty():
            raise Misuse(f"standard {name} is not a terminal, so no screen can be opened", instead)
    term = environment.get("TERM", "")
    if term in {"", "dumb", "unknown"}:
        state = f"TERM={term}" if term else "TERM is not set"
        raise Misuse(
            f"this terminal cannot show a screen ({state})",
            f"where it can: TERM=xterm-256color gilscope ...; {instead}",
        )
    columns, lines = os.get_terminal_size(sys.stdout.fileno())
    width, height = SMALLEST
    if 0 < columns < width or 0 < lines < height:
        raise Misuse(
            f"this terminal has {columns}x{lines} cells; a screen needs {width}x{height}",
            f"enlarge it; {instead}",
        )
