"""A real terminal to run gilscope in, and what runs in it."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

PATIENCE = 30.0
"""Seconds after which what has not happened will not happen."""

STEP = 0.05
"""Seconds between two looks."""

GILSCOPE = f"{sys.executable} -m gilscope"

MARK = "GILSCOPE_TERMINAL"
"""A variable that all that runs in a terminal inherits, whoever its parent is by then."""

in_terminal = [
    pytest.mark.e2e,
    pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed"),
]


class Terminal:
    """A tmux session of its own server, 80x24 unless told otherwise."""

    def __init__(self, folder: Path, columns: int = 80, rows: int = 24) -> None:
        self._socket = str(folder / "tmux")
        self._tmux("new-session", "-d", "-x", str(columns), "-y", str(rows), "sh")
        self._tmux("set-option", "-g", "remain-on-exit", "on")
        self.until(lambda screen: bool(screen.strip()))

    def type(self, *keys: str) -> None:
        """Press keys, by tmux's names for them."""
        self._tmux("send-keys", *keys)

    def screen(self) -> str:
        """Return the text on screen."""
        return self._tmux("capture-pane", "-p")

    def until(self, seen: Callable[[str], bool]) -> str:
        """Wait until the screen is as it should be, and return it."""
        deadline = time.monotonic() + PATIENCE
        while True:
            screen = self.screen()
            if seen(screen):
                return screen
            assert time.monotonic() < deadline, f"never came:\n{screen}"
            time.sleep(STEP)

    def until_text(self, *texts: str) -> str:
        """Wait for texts that are there at the same time."""
        return self.until(lambda screen: all(text in screen for text in texts))

    def resize(self, columns: int, rows: int) -> None:
        """Give the terminal another size."""
        self._tmux("resize-window", "-x", str(columns), "-y", str(rows))

    def modes(self) -> str:
        """Return whether the alternate screen and the mouse are on: "0 0" when neither is."""
        return self._tmux("display-message", "-p", "#{alternate_on} #{mouse_any_flag}").strip()

    def title(self) -> str:
        """Return what the terminal was told to be called."""
        return self._tmux("display-message", "-p", "#{pane_title}").strip()

    def hang_up(self) -> None:
        """Close the terminal, as a dropped line does."""
        subprocess.run(["tmux", "-S", self._socket, "kill-server"], capture_output=True)

    def commands(self) -> dict[int, list[str]]:
        """Return what runs that was started in here, and is no part of the terminal itself."""
        found = {}
        for process in psutil.process_iter(["cmdline", "environ"]):
            command, environment = process.info["cmdline"], process.info["environ"] or {}
            ours = environment.get(MARK) == self._socket
            if ours and command and Path(command[0]).name not in ("sh", "tmux"):
                found[process.pid] = command
        return found

    def process(self, *words: str) -> int:
        """Return the oldest process in here that has all these words among its arguments."""
        found = [pid for pid, command in self.commands().items() if set(words) <= set(command)]
        return min(found, key=lambda pid: psutil.Process(pid).create_time())

    def until_nothing_runs(self, *words: str) -> None:
        """Wait until nothing is left that was started in here, or nothing that names a word."""

        def left() -> list[list[str]]:
            found = self.commands().values()
            return [each for each in found if not words or set(words) & {*each, *names(each)}]

        deadline = time.monotonic() + PATIENCE
        while left():
            assert time.monotonic() < deadline, f"left behind: {left()}"
            time.sleep(STEP)

    def _tmux(self, *words: str) -> str:
        done = subprocess.run(
            ["tmux", "-S", self._socket, "-f", os.devnull, *words],
            capture_output=True, text=True, check=True,
            env={**os.environ, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8", "PS1": "$ ",
                 MARK: self._socket},
        )  # fmt: skip
        return done.stdout


def names(command: list[str]) -> set[str]:
    """Return the names of the files among a command's arguments."""
    return {Path(word).name for word in command}


def processes_naming(word: str) -> list[int]:
    """Return the processes that have a word among their arguments."""
    processes = psutil.process_iter(["cmdline"])
    return [process.pid for process in processes if word in (process.info["cmdline"] or [])]


def wait_until_none(word: str) -> None:
    """Wait until no process is left that names a word."""
    deadline = time.monotonic() + PATIENCE
    while processes_naming(word):
        assert time.monotonic() < deadline, f"left behind: {processes_naming(word)}"
        time.sleep(STEP)
