"""The interface in a real terminal, on a real process: shown, driven by keys, and left in order."""

import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gilscope.workloads.catalogue import find

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not there"),
    pytest.mark.skipif(sys.platform != "linux", reason="needs /proc"),
]

PATIENCE = 30.0
"""Seconds after which what is waited for has failed; nothing here depends on being fast."""


class Terminal:
    """A terminal of 80x24 of our own, in a tmux server of our own."""

    def __init__(self, socket: Path, command: str) -> None:
        self._tmux = ["tmux", "-S", str(socket), "-f", "/dev/null"]
        self._call("new-session", "-d", "-s", "t", "-x", "80", "-y", "24", command)

    def _call(self, *arguments: str) -> str:
        done = subprocess.run(
            [*self._tmux, *arguments], capture_output=True, text=True, check=False
        )
        return done.stdout

    @property
    def screen(self) -> str:
        return self._call("capture-pane", "-p", "-t", "t")

    @property
    def colours(self) -> str:
        return self._call("capture-pane", "-p", "-e", "-t", "t")

    def press(self, *keys: str) -> None:
        self._call("send-keys", "-t", "t", *keys)

    def resize(self, width: int, height: int) -> None:
        self._call("resize-window", "-t", "t", "-x", str(width), "-y", str(height))

    def close(self) -> None:
        self._call("kill-server")

    def until(self, there: Callable[[str], bool]) -> str:
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if there(screen := self.screen):
                return screen
            time.sleep(0.1)
        pytest.fail(f"never seen; the screen was:\n{self.screen}")


@pytest.fixture
def demonstration() -> Iterator[subprocess.Popen[bytes]]:
    found = find("mixed")
    assert found is not None
    with subprocess.Popen(found.command(), stdout=subprocess.DEVNULL) as process:
        yield process
        process.kill()


@pytest.fixture
def terminals(tmp_path: Path) -> Iterator[Callable[[str], Terminal]]:
    opened: list[Terminal] = []

    def open_terminal(command: str) -> Terminal:
        script = f'{command}; echo "ended with $?"; stty -a | grep -o "[-]*icanon"; exec sleep 60'
        opened.append(Terminal(tmp_path / f"tmux{len(opened)}", f"sh -c '{script}'"))
        return opened[-1]

    yield open_terminal
    for terminal in opened:
        terminal.close()


GILSCOPE = f"{sys.executable} -m gilscope"


def lanes(screen: str) -> dict[str, str]:
    """Return the first letter of each named line."""
    found = {}
    for line in screen.split("\n"):
        words = line[1:].split()
        if len(words) > 2 and len(words[0]) == 1 and words[0] in "HWNILSR?":
            found[words[1] if not words[1].isdigit() else words[2]] = words[0]
    return found


def children_named(word: str) -> list[str]:
    done = subprocess.run(["pgrep", "-f", word], capture_output=True, text=True, check=False)
    return done.stdout.split()


def test_attach_shows_every_kind_of_thread_and_q_leaves_all_in_order(terminals, demonstration):
    terminal = terminals(f"{GILSCOPE} attach {demonstration.pid}")

    def all_kinds(screen: str) -> bool:
        drawn = set("".join(line[40:66] for line in screen.split("\n")))
        return set("HWILS") <= drawn and lanes(screen).get("sleeper") == "S"

    screen = terminal.until(all_kinds)
    assert lanes(screen)["reader"] == "I"
    assert lanes(screen)["lock-waiter"] == "L"
    assert "mixed.py" in screen
    assert "48;5;" in terminal.colours

    terminal.press("Space")
    terminal.until(lambda screen: "PAUSED" in screen)
    terminal.press("Left", "Left")
    terminal.until(lambda screen: " AGO" in screen)
    terminal.press("Escape")
    terminal.until(lambda screen: " AGO" not in screen)
    terminal.press("Down", "Enter")
    terminal.until(lambda screen: "longest wait" in screen)
    terminal.press("Escape")
    terminal.press("?")
    terminal.until(lambda screen: "wants the GIL" in screen)
    terminal.press("Escape")
    terminal.resize(40, 10)
    terminal.until(lambda screen: "thread" in screen and len(screen.split("\n")[0]) <= 40)
    terminal.press("q")
    screen = terminal.until(lambda screen: "icanon" in screen)
    assert "ended with 0" in screen
    assert "-icanon" not in screen
    assert not children_named(f"gilscope probe.*{demonstration.pid}")
    assert demonstration.poll() is None


@pytest.mark.parametrize(("name", "code"), [("TERM", 143), ("HUP", 129)])
def test_a_signal_restores_the_terminal_and_leaves_no_process(terminals, tmp_path, name, code):
    pid_file = tmp_path / "pid"
    mark = tmp_path / "launched.py"
    mark.write_text("import threading\nthreading.Event().wait()\n")
    terminal = terminals(
        f'sh -c "echo \\$\\$ > {pid_file}; exec {GILSCOPE} run -- {sys.executable} {mark}"'
    )
    terminal.until(lambda screen: "MainThread" in screen)
    subprocess.run(["kill", f"-{name}", pid_file.read_text().strip()], check=True)
    screen = terminal.until(lambda screen: "icanon" in screen)
    assert f"ended with {code}" in screen
    assert "-icanon" not in screen
    assert not children_named(f"^[^ ]*python[^ ]* .*{mark}")
