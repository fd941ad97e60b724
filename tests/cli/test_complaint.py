"""How complaints look: styled on a terminal that can, plain everywhere else."""

import sys

import pytest

from gilscope.cli.complaint import complain


@pytest.mark.parametrize(
    ("environment", "styled"),
    [
        ({"TERM": "xterm-256color"}, True),
        ({"TERM": "xterm-256color", "NO_COLOR": "1"}, False),
        ({"TERM": "dumb"}, False),
        ({}, False),
    ],
)
def test_a_complaint_is_styled_only_where_the_terminal_can(
    monkeypatch, capsys, environment, styled
):
    for name in ("TERM", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    complain("it is wrong", "do this")
    said = capsys.readouterr().err
    assert ("\x1b[" in said) is styled
    assert "it is wrong" in said
    assert "do this" in said
