import os
import sys

import pytest

from gilscope import __version__
from gilscope.cli.main import COMMANDS, HIDDEN, attach_by_number, main


@pytest.mark.parametrize(
    ("told", "meant"),
    [
        ([], []),
        (["4242"], ["attach", "4242"]),
        (["4242", "--rate", "100"], ["attach", "4242", "--rate", "100"]),
        (["-p", "4242"], ["attach", "-p", "4242"]),
        (["-p4242"], ["attach", "-p4242"]),
        (["--pid", "4242", "7"], ["attach", "--pid", "4242", "7"]),
        (["--pid=4242"], ["attach", "--pid=4242"]),
        (["--pidgin"], ["--pidgin"]),
        (["-5"], ["attach", "-5"]),
        (["stat", "4242"], ["stat", "4242"]),
        (["--version"], ["--version"]),
    ],
)
def test_a_number_alone_means_attach(told, meant):
    assert attach_by_number(told) == meant


@pytest.mark.parametrize("before", [[], ["attach"]])
@pytest.mark.parametrize(
    "told",
    [
        ["{own}", "{gone}"],
        ["-p", "{own}", "-p", "{gone}"],
        ["-p{own}", "--pid={gone}"],
        ["{own}", "--pid", "{gone}", "--rate", "100"],
        ["-p", "{own}", "{gone}"],
    ],
)
def test_several_processes_are_told_by_numbers_or_options_alike(before, told, capsys):
    assert main([*before, *(word.format(own=os.getpid(), gone=2**31 - 1) for word in told)]) == 4
    assert "there is no process 2147483647" in capsys.readouterr().err


@pytest.mark.parametrize("flag", ["--version", "-V"])
def test_the_version_is_one_line(flag, capsys):
    assert main([flag]) == 0
    assert capsys.readouterr().out == f"gilscope {__version__}\n"


def test_the_help_names_every_command_and_the_exit_codes(capsys):
    assert main(["--help"]) == 0
    told = capsys.readouterr().out
    for name, line in COMMANDS.items():
        assert (line in told) is (name not in HIDDEN)
    assert "3 not permitted" in told


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help(name, capsys):
    assert main([name, "--help"]) == 0
    assert capsys.readouterr().out.startswith(f"Usage: gilscope {name} ")


@pytest.mark.parametrize(
    ("arguments", "code", "what", "fix"),
    [
        (["nonsense"], 2, "there is no command 'nonsense'", "gilscope ps"),
        (["stst"], 2, "there is no command 'stst'", "gilscope stat"),
        (["--nonsense"], 2, "no such option", "gilscope --help"),
        (["stat", "--nonsense"], 2, "no such option", "gilscope stat --help"),
        (["stat", "--rate", "fast", "1"], 2, "samples a second, from 1 to 10000", "stat --help"),
        (["stat", "--rate", "0", "1"], 2, "from 1 to 10000, and not '0'", "stat --help"),
        (["attach", "worker"], 2, "'worker' is not a process id", "gilscope ps"),
        (["attach", "\x1b[2J"], 2, "is not a process id", "gilscope ps"),
        (["attach", "12٣"], 2, "is not a process id", "gilscope ps"),
        (["0"], 2, "0 is not a process id", "gilscope ps"),
        (["-5"], 2, "-5 is not a process id", "gilscope ps"),
        (["-p", "-5"], 2, "'-5' is not a process id", "gilscope ps"),
        (["-p"], 2, "'-p' requires an argument", "gilscope --help"),
        (["99999999999999999999"], 2, "is not a process id", "gilscope ps"),
        (["stat"], 2, "neither a process id nor a command", "gilscope ps"),
        (["attach"], 2, "no process id was given", "gilscope ps"),
        (["dump"], 2, "one process id is needed", "gilscope ps"),
        (["dump", "1", "2"], 2, "one process id is needed", "gilscope ps"),
        (["attach", "2147483647"], 4, "there is no process 2147483647", "gilscope ps"),
        (["2147483647"], 4, "there is no process 2147483647", "gilscope ps"),
        (["stat", "2147483647"], 4, "there is no process 2147483647", "gilscope ps"),
        (["dump", "2147483647"], 4, "there is no process 2147483647", "gilscope ps"),
        (["run"], 2, "no command was given", "gilscope run -- "),
        (["run", "--", "no-such-program"], 2, "there is no program 'no-such-program'", "PATH"),
        (["stat", "--", "no-such-program"], 2, "there is no program", "PATH"),
        (["stat", "1", "--", "true"], 2, "cannot be watched together", "leave one out"),
        (["attach", "1", "--", "true"], 2, "takes process ids and no command", "gilscope run"),
        (["dump", "1", "--", "true"], 2, "takes process ids and no command", "gilscope run"),
        (["stat", "-d", "-5", "1"], 2, "seconds, above 0, and not '-5'", "stat --help"),
        (["run", "--demo", "nonsense"], 2, "no demonstration 'nonsense'", "--demo list"),
        (["run", "--demo", "mixed", "ls"], 2, "a command of its own", "leave one of the two out"),
        (["probe", "--stdio", "3,4", "--", "true"], 2, "three descriptors", "probe --help"),
        (["probe", "--stdio", "3,4,5"], 2, "for a command", "CMD"),
    ],
)
def test_what_is_wrong_is_told_in_two_lines_with_the_next_step(arguments, code, what, fix, capsys):
    assert main(arguments) == code
    told = capsys.readouterr()
    assert told.out == ""
    first, second = told.err.splitlines()
    assert first.startswith("gilscope: ")
    assert what in first.lower()
    assert second.startswith("  ")
    assert fix in second
    assert "\x1b" not in told.err


@pytest.mark.parametrize(
    ("arguments", "instead"),
    [
        ([], "gilscope ps"),
        (["run", "--", sys.executable], "gilscope stat -- "),
        (["run", "--demo", "mixed"], "gilscope stat -- "),
    ],
)
def test_without_a_terminal_a_screen_names_the_plain_command(arguments, instead, capsys):
    assert main(arguments) == 2
    first, second = capsys.readouterr().err.splitlines()
    assert "is not a terminal" in first
    assert instead in second


def test_the_demonstrations_are_listed(capsys):
    assert main(["run", "--demo", "list"]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == ["mixed", "web"]
