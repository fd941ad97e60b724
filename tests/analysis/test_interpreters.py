"""What an interpreter is called."""

import pytest

from gilscope.analysis.interpreters import interpreter_name, short_name


@pytest.mark.parametrize(
    ("implementation", "version", "name", "short"),
    [
        ("cpython", "3.12.1", "python 3.12.1", "3.12.1"),
        (None, "3.13.0t", "python 3.13.0t", "3.13.0t"),
        ("pypy", "3.10.14", "pypy 3.10.14", "pypy 3.10.14"),
        ("\x1b[1mpypy", "3.10", "\\e[1mpypy 3.10", "\\e[1mpypy 3.10"),
    ],
)
def test_an_interpreter_has_one_name_and_a_short_one(implementation, version, name, short):
    assert interpreter_name(implementation, version) == name
    assert short_name(implementation, version) == short


@pytest.mark.parametrize(
    ("implementation", "name"),
    [("cpython", "python"), ("pypy", "pypy"), (None, "not known to be Python")],
)
def test_without_a_version_as_much_is_said_as_is_known(implementation, name):
    assert interpreter_name(implementation, None) == name
