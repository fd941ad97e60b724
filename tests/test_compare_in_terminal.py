"""Comparisons in a real terminal, on real runs: what a user sees, and what is left behind."""

import os
import re
import signal
import sys
from functools import partial
from pathlib import Path

import pytest

from tests.terminal import GILSCOPE, Terminal, in_terminal, names

pytestmark = in_terminal

JOBS = Path(__file__).parent / "compare" / "jobs.py"

SLEEPS = """
import threading, time
def sleeps(seconds):
    time.sleep(seconds)
def sleeps_in_threads(seconds):
    in_main = threading.current_thread() is threading.main_thread()
    time.sleep(0.01 if in_main else seconds)
"""

FOR_EVER = ("--args", "[0.01]", "--args", "[1000]")
"""Arguments of the first task, with which workers warm up, and of the second."""

UNRULY = r"""
import sys
def unruly(_=None):
    print("\x1b[2J\x1b]0;taken over\x07printed by the work", flush=True)
    raise ValueError("\x1b[31mred\x1b]0;taken over\x07 [bold]\u202e")
"""


def compare(terminal: Terminal, *arguments: str) -> None:
    words = " ".join(arguments)
    terminal.type(f"{GILSCOPE} compare {words}; echo ended with $?", "Enter")


def job(name: str, *arguments: str) -> tuple[str, ...]:
    return (f"{JOBS}:{name}", "--tasks", "4", "--workers", "2", *arguments)


def begin_one_that_never_ends(terminal: Terminal, folder: Path) -> None:
    """Have a mode with processes of its own run, and no end of it."""
    script = folder / "work.py"
    script.write_text(SLEEPS)
    compare(terminal, f"{script}:sleeps", "--tasks", "4", "--modes", "processes", *FOR_EVER)
    terminal.until_text("running sequential")
    terminal.type("Escape")
    terminal.until_text("SKIPPED", "running processes")
    parts = [name for command in terminal.commands().values() for name in names(command)]
    assert parts.count("keeper.py") == 1
    # The child, its two workers, and the keeper that names what it keeps.
    assert parts.count("start.py") == 4
    assert parts.count("probe") == 1


def label(name: str, said: str) -> re.Pattern[str]:
    """Return how the heading of a column says something of a mode."""
    return re.compile(rf"[ ▸]{name} +{said}")


@pytest.mark.parametrize("size", [(80, 24), (160, 50)])
def test_a_work_is_run_in_every_mode_to_a_verdict(terminal: Terminal, size):
    terminal.resize(*size)
    compare(terminal, "primes", "--seconds", "1")
    screen = terminal.until_text("finished", "w why", "\n · ")
    for mode in ("sequential", "threads", "processes"):
        assert label(mode, "done").search(screen), screen
        assert re.search(rf"^.■ {mode} +[\d.]+ +[\d.]+x +\d+%", screen, re.M), screen
    assert re.search(r"^ +main +H{4,}", screen, re.M), screen
    assert re.search(r" w-1 +[HW]*HW", screen), screen
    assert re.search(r"GIL load 0\.\d+ each|GIL load 1\.\d+ each", screen), screen
    terminal.type("w")
    terminal.until_text("Esc back", "\n · ")
    terminal.type("Escape")
    terminal.until_text("wall s")
    terminal.type("q")
    terminal.until_text("ended with 0")
    assert terminal.modes() == "0 0"
    terminal.until_nothing_runs()


def test_modes_run_together_where_that_is_asked_for(terminal: Terminal):
    if len(os.sched_getaffinity(0)) < 2:
        pytest.skip("each mode needs a core of its own")
    compare(terminal, *job("spin", "--modes", "threads", "--together", "--repeat", "2"))
    terminal.until_text("TOGETHER", "finished", "2 runs")
    terminal.type("q")
    terminal.until_text("ended with 0")


def test_escape_ends_the_running_mode_alone(terminal: Terminal, tmp_path: Path):
    script = tmp_path / "work.py"
    script.write_text(SLEEPS)
    compare(terminal, f"{script}:sleeps_in_threads", "--tasks", "4", *FOR_EVER)
    terminal.until_text("running threads")
    terminal.type("Escape")
    screen = terminal.until_text("finished")
    assert label("sequential", "done").search(screen)
    assert label("processes", "done").search(screen)
    assert re.search(r"■ threads +skipped: It was ended by hand", screen)
    terminal.type("q")
    terminal.until_text("ended with 0")
    terminal.until_nothing_runs()


def test_resizing_in_the_middle_keeps_the_picture(terminal: Terminal, tmp_path: Path):
    begin_one_that_never_ends(terminal, tmp_path)

    def shows(seen: str, both: bool, screen: str) -> bool:
        return seen in screen and ("sequential" in screen) == both

    for size, seen in [
        ((160, 50), "running processes"),
        ((40, 12), "results"),
        ((20, 5), "processes"),
        ((15, 4), "too small"),
        ((80, 24), "running processes"),
    ]:
        terminal.resize(*size)
        terminal.until(partial(shows, seen, size[0] >= 40))
    terminal.type("q")
    terminal.until_text("ended with 0")
    terminal.until_nothing_runs()


@pytest.mark.parametrize(("key", "code"), [("q", 0), ("C-c", 130)])
def test_leaving_in_the_middle_leaves_no_process(
    terminal: Terminal, tmp_path: Path, key: str, code: int
):
    begin_one_that_never_ends(terminal, tmp_path)
    terminal.type(key)
    terminal.until_text(f"ended with {code}")
    assert terminal.modes() == "0 0"
    terminal.until_nothing_runs()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_restores_the_terminal(terminal: Terminal, tmp_path: Path, number: signal.Signals):
    begin_one_that_never_ends(terminal, tmp_path)
    os.kill(terminal.process("gilscope", "compare"), number)
    terminal.until_text(f"ended with {128 + number}")
    assert terminal.modes() == "0 0"
    terminal.until_nothing_runs()


def test_an_interface_that_is_killed_leaves_no_process(terminal: Terminal, tmp_path: Path):
    begin_one_that_never_ends(terminal, tmp_path)
    os.kill(terminal.process("gilscope", "compare"), signal.SIGKILL)
    terminal.until_text("ended with 137")
    terminal.until_nothing_runs()


@pytest.mark.parametrize("key", ["w", "q"])
def test_a_dropped_line_leaves_no_process(terminal: Terminal, tmp_path: Path, key: str):
    begin_one_that_never_ends(terminal, tmp_path)
    terminal.type(key)
    terminal.hang_up()
    terminal.until_nothing_runs()


def test_a_server_of_pages_ends_with_the_interface(terminal: Terminal):
    compare(terminal, "fetch")
    terminal.until_text("running sequential")
    os.kill(terminal.process("gilscope", "compare"), signal.SIGKILL)
    terminal.until_text("ended with 137")
    terminal.until_nothing_runs()


def test_what_the_work_says_cannot_reach_the_terminal(terminal: Terminal, tmp_path: Path):
    script = tmp_path / "work.py"
    script.write_text(UNRULY)
    title = terminal.title()
    compare(terminal, f"{script}:unruly", "--tasks", "4", "--modes", "threads")
    screen = terminal.until_text("finished")
    assert label("threads", "").search(screen)
    assert screen.count("FAILED") == 2
    assert "\\e[31mred" in screen
    assert "printed by the work" not in screen
    terminal.type("Enter")
    terminal.until_text("ValueError", "traceback")
    terminal.type("Escape")
    terminal.until_text("wall s")
    assert terminal.title() == title
    terminal.type("q")
    terminal.until_text("ended with 1")
    assert terminal.modes() == "0 0"


def test_whole_commands_are_watched_side_by_side(terminal: Terminal, tmp_path: Path):
    first, second = tmp_path / "first.py", tmp_path / "second.py"
    first.write_text("print('printed by the command')\nsum(n * n for n in range(3_000_000))\n")
    second.write_text("import time\ntime.sleep(1000)\n")
    commands = (f"-- {sys.executable} {path}" for path in (first, second))
    compare(terminal, *commands)
    screen = terminal.until_text("running", "second.py", "done")
    assert "printed by the command" not in screen
    assert "second.py" in {
        Path(word).name for each in terminal.commands().values() for word in each
    }
    terminal.type("Escape")
    terminal.until_text("finished", "SKIPPED")
    terminal.type("q")
    terminal.until_text("ended with 0")
    terminal.until_nothing_runs()


def open_primes_from_home(terminal: Terminal) -> None:
    terminal.type(f"{GILSCOPE}; echo ended with $?", "Enter")
    terminal.until_text("Works to compare")
    terminal.type(*"primes", "Enter")
    terminal.until_text("compare primes", "running sequential")


def test_home_opens_a_comparison_and_comes_back_when_all_has_ended(terminal: Terminal):
    open_primes_from_home(terminal)
    for mode in ("threads", "processes"):
        terminal.type("Escape")
        terminal.until_text(f"running {mode}")
    terminal.type("Escape")
    screen = terminal.until_text("finished")
    assert screen.count("SKIPPED") == 3
    terminal.type("Escape")
    terminal.until_text("Works to compare")
    terminal.until_nothing_runs("keeper.py", "start.py")
    terminal.type("q")
    terminal.until_text("ended with 0")
    assert terminal.modes() == "0 0"
    terminal.until_nothing_runs()


def test_home_comes_back_from_what_still_runs_and_ends_it(terminal: Terminal):
    open_primes_from_home(terminal)
    descriptors = Path(f"/proc/{terminal.process('gilscope')}/fd")
    counts = []
    for _ in range(2):
        terminal.type("b")
        terminal.until_text("Works to compare")
        terminal.until_nothing_runs("keeper.py", "start.py")
        # Whoever looks for processes opens a file for a moment.
        counts.append(min(len(list(descriptors.iterdir())) for _ in range(10)))
        terminal.type(*"loop", "Enter")
        terminal.until_text("compare loop", "running sequential")
    assert counts[0] == counts[1]
    terminal.type("b")
    terminal.until_text("Works to compare")
    terminal.type(*"fetch", "Enter")
    terminal.until_text("compare fetch", "running sequential")
    terminal.type("q")
    terminal.until_text("ended with 0")
    assert terminal.modes() == "0 0"
    terminal.until_nothing_runs()
