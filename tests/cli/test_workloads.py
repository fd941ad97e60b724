"""`gilscope workloads`: both kinds, wrapped for a terminal or a pipe, and as JSON."""

import json
import subprocess
import sys

import pytest

from gilscope.cli.main import main
from gilscope.cli.workloads import COMPARE, NARROWEST, RUN, WIDEST, listing, rows
from gilscope.workloads.catalogue import DEMONSTRATIONS
from gilscope.workloads.works import WORKS


def test_every_work_and_every_demonstration_is_listed():
    names = [(each.kind, each.name) for each in rows()]
    assert names == [
        *((COMPARE, work.name) for work in WORKS),
        *((RUN, each.name) for each in DEMONSTRATIONS),
    ]


@pytest.mark.parametrize("width", [0, 20, 40, 80, 200])
def test_sentences_are_wrapped_between_the_narrowest_and_the_widest(width):
    told = listing(rows(), width)
    assert max(map(len, told.splitlines())) <= min(max(width, NARROWEST), WIDEST)
    # Nothing is lost, however narrow it is.
    words = told.split()
    for each in rows():
        assert each.name in words
        assert set(each.shows.split()) <= set(words)


def test_the_text_names_the_command_of_each_kind(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    assert main(["workloads"]) == 0
    told = capsys.readouterr().out
    assert told.isascii()
    assert told.startswith("The GIL is the lock of a Python interpreter")
    assert "\x1b" not in told
    assert told.index("gilscope compare NAME") < told.index("  primes ")
    assert told.index("  tiny ") < told.index("gilscope run --demo NAME") < told.index("  web ")


def test_as_json_it_is_a_list(capsys):
    assert main(["workloads", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [each["name"] for each in told] == [each.name for each in rows()]
    assert set(told[0]) == {"name", "title", "shows", "kind", "command"}
    assert told[0]["command"] == "gilscope compare primes"
    assert told[-1]["command"] == "gilscope run --demo web"


def test_the_text_needs_neither_a_console_nor_a_probe():
    script = (
        "import sys; from gilscope.cli.main import main; main(['workloads']);"
        "print([name for name in ('rich.console', 'psutil', 'asyncio') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"
