import os

import pytest

from gilscope.cli.terminal import require_screen
from gilscope.errors import Misuse


class Stream:
    def __init__(self, terminal=True):
        self.terminal = terminal

    def isatty(self):
        return self.terminal

    def fileno(self):
        return 1


@pytest.fixture
def at_a_terminal(monkeypatch):
    def sit(columns=80, lines=24):
        for name in ("stdin", "stdout", "stderr"):
            monkeypatch.setattr(f"sys.{name}", Stream())
        size = os.terminal_size((columns, lines))
        monkeypatch.setattr("os.get_terminal_size", lambda fd: size)

    return sit


@pytest.mark.parametrize(("columns", "lines"), [(80, 24), (20, 5), (40, 10), (0, 0)])
def test_a_terminal_that_is_large_enough_is_fine(at_a_terminal, columns, lines):
    at_a_terminal(columns, lines)
    require_screen("gilscope stat 1", {"TERM": "xterm-256color"})


@pytest.mark.parametrize(("columns", "lines"), [(19, 24), (80, 4)])
def test_a_terminal_that_is_too_small_is_named_with_its_size(at_a_terminal, columns, lines):
    at_a_terminal(columns, lines)
    with pytest.raises(Misuse, match=f"{columns}x{lines}"):
        require_screen("gilscope stat 1", {"TERM": "xterm-256color"})


@pytest.mark.parametrize("environment", [{}, {"TERM": ""}, {"TERM": "dumb"}, {"TERM": "unknown"}])
def test_a_terminal_that_can_only_print_names_the_plain_command(at_a_terminal, environment):
    at_a_terminal()
    with pytest.raises(Misuse, match="TERM") as raised:
        require_screen("gilscope stat 1", environment)
    assert "gilscope stat 1" in raised.value.fix


@pytest.mark.parametrize("name", ["stdin", "stdout", "stderr"])
def test_every_stream_has_to_be_a_terminal(at_a_terminal, monkeypatch, name):
    at_a_terminal()
    monkeypatch.setattr(f"sys.{name}", Stream(terminal=False))
    with pytest.raises(Misuse, match="is not a terminal"):
        require_screen("gilscope stat 1", {"TERM": "xterm"})
