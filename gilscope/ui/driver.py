"""Puts what Textual writes on a diet: the same picture in less than half the bytes.

Textual ends every piece of text with a reset, begins the next with its whole style, and moves the
cursor after each line only to move it again. Over a slow line that is most of what is sent. To
measure it again: tests/benchmarks/terminal.py. Can go when Textual writes differences of styles.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import IO, NamedTuple

from textual.app import App
from textual.drivers.linux_driver import LinuxDriver

_TOKEN = re.compile(r"\x1b\[[0-9;:<=>?]*[ -/]*[@-~]|\x1b[^\[]?|\n|[^\x1b\n]+")
_MOVE = re.compile(r"\x1b\[\d+;\d+H")
_SYNC = ("\x1b[?2026h", "\x1b[?2026l")


class Pen(NamedTuple):
    """How text is drawn: parameters of colours and of all else, empty for the terminal's own."""

    ink: str = ""
    paper: str = ""
    rest: frozenset[str] = frozenset()


PLAIN = Pen()


class Slimmer:
    """Rewrites escape codes, remembering how the terminal's pen stands between two writes."""

    def __init__(self) -> None:
        self._pen = PLAIN

    def slim(self, data: str) -> str:
        """Return a shorter text that draws the same."""
        out: list[str] = []
        pen, wanted = self._pen, PLAIN
        pending: list[str] = []
        for token in _TOKEN.findall(data):
            if token[0] != "\x1b" and token != "\n":
                out += pending
                pending.clear()
                if pen != wanted:
                    out.append(change(pen, wanted))
                    pen = wanted
                out.append(token)
            elif token == "\n":
                pending.append(token)
            elif token[-1] == "m" and token[1:2] == "[":
                wanted = read_pen(token[2:-1])
            elif _MOVE.fullmatch(token):
                # Absolute, so that where the cursor went before is of no consequence.
                pending = [token]
            else:
                out += pending
                pending.clear()
                if pen != PLAIN and token not in _SYNC:
                    out.append("\x1b[0m")
                    pen = PLAIN
                out.append(token)
        out += pending
        self._pen = pen
        return "".join(out)


@lru_cache(1024)
def read_pen(parameters: str) -> Pen:
    """Return the pen that a whole set of parameters stands for."""
    ink = paper = ""
    rest: set[str] = set()
    words = iter(parameters.split(";"))
    for word in words:
        if word in ("38", "48"):
            kind = next(words, "5")
            count = 1 if kind == "5" else 3
            colour = ";".join([word, kind, *(next(words, "0") for _ in range(count))])
            ink, paper = (colour, paper) if word == "38" else (ink, colour)
        elif word.isdecimal() and (30 <= int(word) <= 37 or 90 <= int(word) <= 97):
            ink = word
        elif word.isdecimal() and (40 <= int(word) <= 47 or 100 <= int(word) <= 107):
            paper = word
        elif word not in ("", "0"):
            rest.add(word)
    return Pen(ink, paper, frozenset(rest))


@lru_cache(1024)
def change(before: Pen, after: Pen) -> str:
    """Return the shortest sequence that turns one pen into another."""
    lost = before.rest - after.rest
    lost_colour = (before.ink and not after.ink) or (before.paper and not after.paper)
    if lost or lost_colour:
        parts = ["0" if any(after) else "", *sorted(after.rest), after.ink, after.paper]
    else:
        parts = [
            *sorted(after.rest - before.rest),
            after.ink if after.ink != before.ink else "",
            after.paper if after.paper != before.paper else "",
        ]
    return f"\x1b[{';'.join(part for part in parts if part)}m"


class LastingFile:
    """A terminal to write to that may hang up: what is written after that goes nowhere.

    Textual's writing thread would die of the error, and the interface wait for ever on the queue
    that nobody empties any more: a dropped ssh line would leave it behind.
    """

    def __init__(self, file: IO[str]) -> None:
        self._file = file
        self._gone = False

    def write(self, text: str) -> int:
        """Write if the terminal is there; return how much was taken."""
        self._try(lambda: self._file.write(text))
        return len(text)

    def flush(self) -> None:
        """Send what was written, if the terminal is there."""
        self._try(self._file.flush)

    def fileno(self) -> int:
        """Return the terminal's descriptor."""
        return self._file.fileno()

    def isatty(self) -> bool:
        """Whether it is a terminal, and there."""
        return self._file.isatty()

    def _try(self, act: Callable[[], object]) -> None:
        if self._gone:
            return
        try:
            act()
        except OSError:
            self._gone = True


class SlimDriver(LinuxDriver):
    """Textual's own driver, with the diet on its way out."""

    _slimmer: Slimmer | None = None

    def __init__(
        self,
        app: App[object],
        *,
        debug: bool = False,
        mouse: bool = True,
        size: tuple[int, int] | None = None,
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        if self._file is not None:
            self._file = LastingFile(self._file)  # type: ignore[assignment]

    def write(self, data: str) -> None:
        """Write to the terminal."""
        if self._slimmer is None:
            self._slimmer = Slimmer()
        super().write(self._slimmer.slim(data))
