"""gilscope in a real terminal, on real processes: what a user sees, and what is left behind."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from gilscope.workloads.catalogue import find
from tests.terminal import GILSCOPE, Terminal, in_terminal, processes_naming, wait_until_none

pytestmark = in_terminal

PYTHON = Path(sys.executable).name[:15]
"""What the kernel calls the only thread of a program that this Python runs."""


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
    terminal.until(lane_has(PYTHON, "S"))
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
    terminal.until(lane_has(PYTHON, "S"))
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


def test_a_command_that_failed_shows_why_and_leaves_it_behind(terminal: Terminal):
    terminal.type(
        f"{GILSCOPE} run -- {sys.executable} -c 'print(1/0)'; echo ended with $?", "Enter"
    )
    terminal.until(lambda screen: "o: close" in screen and "ZeroDivisionError" in screen)
    terminal.type("q")
    terminal.until_text("ended with 1")
    terminal.until(lambda screen: "ZeroDivisionError" in screen and "o: close" not in screen)
