"""gilscope in a real terminal, on real processes: what a user sees, and what is left behind."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from gilscope.workloads.catalogue import find

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed"),
]

PATIENCE = 30.0
"""Seconds after which what has not happened will not happen."""

GILSCOPE = f"{sys.executable} -m gilscope"


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
            time.sleep(0.05)

    def until_text(self, text: str) -> str:
        """Wait for a text."""
        return self.until(lambda screen: text in screen)

    def resize(self, columns: int, rows: int) -> None:
        """Give the terminal another size."""
        self._tmux("resize-window", "-x", str(columns), "-y", str(rows))

    def modes(self) -> str:
        """Return whether the alternate screen and the mouse are on: "0 0" when neither is."""
        return self._tmux("display-message", "-p", "#{alternate_on} #{mouse_any_flag}").strip()

    def hang_up(self) -> None:
        """Close the terminal, as a dropped line does."""
        subprocess.run(["tmux", "-S", self._socket, "kill-server"], capture_output=True)

    def _tmux(self, *words: str) -> str:
        done = subprocess.run(
            ["tmux", "-S", self._socket, "-f", os.devnull, *words],
            capture_output=True, text=True, check=True,
            env={**os.environ, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8", "PS1": "$ "},
        )  # fmt: skip
        return done.stdout


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    terminal = Terminal(tmp_path)
    yield terminal
    terminal.hang_up()


@pytest.fixture
def demonstration() -> Iterator[int]:
    mixed = find("mixed")
    assert mixed is not None
    process = subprocess.Popen(mixed.command(), stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()
    yield process.pid
    process.kill()
    process.wait()
    process.stdout.close()


def lane_has(name: str, letter: str) -> Callable[[str], bool]:
    """Return whether a thread's row shows a letter more than once in its lane."""
    row = re.compile(rf"^ *[A-Z?].*\b{re.escape(name)}\b(.*)$", re.M)
    return lambda screen: any(match[1].count(letter) > 2 for match in row.finditer(screen))


def processes_naming(word: str) -> list[int]:
    """Return the processes that have a word among their arguments."""
    processes = psutil.process_iter(["cmdline"])
    return [process.pid for process in processes if word in (process.info["cmdline"] or [])]


def wait_until_none(word: str) -> None:
    """Wait until no process is left that names a word."""
    deadline = time.monotonic() + PATIENCE
    while processes_naming(word):
        assert time.monotonic() < deadline, f"left behind: {processes_naming(word)}"
        time.sleep(0.05)


def attach(terminal: Terminal, pid: int) -> None:
    terminal.type(f"{GILSCOPE} {pid}; echo ended with $?", "Enter")


def test_every_state_of_the_demonstration_is_seen_and_the_keys_work(
    terminal: Terminal, demonstration: int
):
    attach(terminal, demonstration)
    for name, letter in [
        ("primes-1", "H"),
        ("primes-2", "W"),
        ("zlib", "N"),
        ("reader", "I"),
        ("lock-waiter", "L"),
        ("sleeper", "S"),
    ]:
        terminal.until(lane_has(name, letter))
    terminal.until_text("kernel")
    terminal.type("Space")
    terminal.until_text("PAUSED")
    terminal.type("Space")
    terminal.until(lambda screen: "PAUSED" not in screen)
    terminal.type("?")
    terminal.until_text("wants the GIL")
    terminal.type("Escape")
    terminal.until_text("primes-1")
    terminal.type("/", *"sleeper", "Enter")
    terminal.until(lambda screen: "sleeper" in screen and "primes-1" not in screen)
    terminal.type("Enter")
    terminal.until_text("nap")
    terminal.type("q")
    terminal.until_text("ended with 0")
    assert terminal.modes() == "0 0"
    wait_until_none("probe")


def test_resizing_keeps_the_picture(terminal: Terminal, demonstration: int):
    attach(terminal, demonstration)
    terminal.until(lane_has("sleeper", "S"))
    for columns, rows in [(160, 50), (40, 10), (15, 4), (80, 24)]:
        terminal.resize(columns, rows)
        terminal.until_text("sleeper" if columns >= 80 else "small" if columns < 20 else "held")
    terminal.type("q")
    terminal.until_text("ended with 0")


BACKTRACKING = """
import re, threading, time
def match():
    while True:
        re.match(r"(a+)+$", "a" * 23 + "b")
        time.sleep(0.2)
def count():
    while True:
        sum(i * i for i in range(10_000))
for work, name in ((match, "matcher"), (count, "counter")):
    threading.Thread(target=work, name=name, daemon=True).start()
threading.Event().wait()
"""


def test_the_panel_says_who_keeps_whom_waiting_and_leads_to_the_stack_of_a_hog(
    terminal: Terminal, tmp_path: Path
):
    script = tmp_path / "backtracking.py"
    script.write_text(BACKTRACKING)
    target = subprocess.Popen([sys.executable, str(script)])
    try:
        attach(terminal, target.pid)
        terminal.until(lane_has("counter", "H"))
        terminal.type("w")
        terminal.until(lambda screen: re.search(r"held by +\d+% \S", screen) is not None)
        terminal.until(lambda screen: re.search(r"counter +waited .* for:", screen) is not None)
        terminal.until(lambda screen: re.search(r"s +matcher in match ", screen) is not None)
        terminal.until(
            lambda screen: re.search(r"hogs .* matcher .*re/__init__", screen) is not None
        )
        terminal.type("Tab")
        terminal.until_text("Enter: its stack")
        terminal.type("Enter")
        terminal.until_text("innermost call first")
        terminal.until_text("waited for the GIL")
        terminal.type("Escape")
        terminal.until_text("held by")
        terminal.type("q")
        terminal.until_text("ended with 0")
    finally:
        target.kill()
        target.wait()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_restores_the_terminal(terminal: Terminal, demonstration: int, number):
    attach(terminal, demonstration)
    terminal.until(lane_has("sleeper", "S"))
    (gilscope,) = [
        pid
        for pid in processes_naming(str(demonstration))
        if "probe" not in psutil.Process(pid).cmdline()
    ]
    os.kill(gilscope, number)
    terminal.until_text(f"ended with {128 + number}")
    assert terminal.modes() == "0 0"
    wait_until_none("probe")


def test_ctrl_c_restores_the_terminal(terminal: Terminal, demonstration: int):
    attach(terminal, demonstration)
    terminal.until(lane_has("sleeper", "S"))
    terminal.type("C-c")
    terminal.until_text("ended with 130")
    assert terminal.modes() == "0 0"
    wait_until_none("probe")


def test_a_dropped_line_leaves_no_process_behind(terminal: Terminal):
    terminal.type(f"{GILSCOPE} run --demo mixed", "Enter")
    terminal.until(lane_has("sleeper", "S"))
    terminal.hang_up()
    wait_until_none("probe")
    mixed = find("mixed")
    assert mixed is not None
    wait_until_none(str(mixed.script))


@pytest.mark.parametrize("key", ["q", "?", "o"])
def test_a_line_dropped_at_a_key_leaves_no_process_behind(terminal: Terminal, key: str):
    word = f"dropped-at-{key}"
    terminal.type(f"{GILSCOPE} run -- sleep 100 {word}; echo over", "Enter")
    terminal.until_text("GIL")
    terminal.type(key)
    terminal.hang_up()
    wait_until_none(word)


def test_the_interface_outlives_its_target(terminal: Terminal):
    target = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(100)"])
    attach(terminal, target.pid)
    terminal.until_text("sleep")
    target.kill()
    target.wait()
    terminal.until(lambda screen: "ended" in screen or "exited" in screen)
    terminal.type("q")
    terminal.until_text("ended with 0")


def test_the_interface_outlives_its_probe(terminal: Terminal, demonstration: int):
    attach(terminal, demonstration)
    terminal.until(lane_has("sleeper", "S"))
    (probe,) = [
        pid
        for pid in processes_naming(str(demonstration))
        if "probe" in psutil.Process(pid).cmdline()
    ]
    os.kill(probe, signal.SIGKILL)
    terminal.until_text("SIGKILL")
    terminal.until_text("sleeper")
    terminal.type("R")
    terminal.until(lambda screen: "SIGKILL" not in screen)
    terminal.until(lane_has("sleeper", "S"))
    terminal.type("q")
    terminal.until_text("ended with 0")


def test_the_output_of_a_command_stays_off_the_screen(terminal: Terminal):
    program = "import time; print('printed by the command'); time.sleep(100)"
    terminal.type(f'{GILSCOPE} run -- {sys.executable} -c "{program}"; echo ended with $?', "Enter")
    terminal.until_text("sleep")
    terminal.until_text("GIL")
    terminal.type("C-l")
    assert not re.search(r"^printed by the command", terminal.screen(), re.M)
    terminal.type("o")
    terminal.until_text("printed by the command")
    terminal.type("q")
    terminal.until(lambda screen: re.search(r"^ended with \d+", screen, re.M) is not None)
    assert terminal.modes() == "0 0"


def test_home_opens_a_demonstration_and_comes_back(terminal: Terminal):
    terminal.type(f"{GILSCOPE}; echo ended with $?", "Enter")
    terminal.until_text("a thread of each kind")
    terminal.type(*"kind", "Enter")
    terminal.until(lane_has("sleeper", "S"))
    terminal.type("Escape")
    terminal.until_text("a thread of each kind")
    mixed = find("mixed")
    assert mixed is not None
    wait_until_none(str(mixed.script))
    terminal.type("C-c")
    terminal.until_text("ended with 130")
    assert terminal.modes() == "0 0"
