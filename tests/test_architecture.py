"""The shape of the code, held by the tools that check it and by what a command imports."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from gilscope.cli.main import COMMANDS

ROOT = Path(__file__).parent.parent


def run(*command):
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    "check",
    [
        pytest.param(("-m", "ruff", "check", "."), id="ruff check"),
        pytest.param(("-m", "ruff", "format", "--check", "."), id="ruff format"),
        pytest.param(("-m", "mypy"), id="mypy"),
        pytest.param(
            (
                "-c",
                "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports())",
            ),
            id="import-linter",
        ),
    ],
)
def test_the_code_passes(check):
    done = run(sys.executable, *check)
    assert done.returncode == 0, done.stdout + done.stderr


IMPORTED = """
import importlib, json, sys
from gilscope.cli.main import COMMANDS, gilscope
for name in sys.argv[1:]:
    importlib.import_module(name if "." in name else f"gilscope.cli.{name}")
print(json.dumps(sorted(sys.modules)))
"""


AT_HOME = ("gilscope.ui.screens.home", "gilscope.ui.screens.scope", "gilscope.ui.shell")
"""What `gilscope.ui.app` imports to open Home."""


def imported_by(*command):
    done = run(sys.executable, "-c", IMPORTED, *command)
    return set(json.loads(done.stdout))


@pytest.mark.parametrize("command", COMMANDS)
def test_no_command_imports_textual_before_a_screen_opens(command):
    assert "textual" not in imported_by(command)


def test_home_imports_nothing_of_compare_before_a_work_is_opened():
    modules = imported_by("home", "gilscope.ui.app", *AT_HOME)
    assert not [name for name in modules if "compare" in name.split(".")]


def test_the_version_and_the_help_need_no_command_and_little_else():
    modules = imported_by()
    assert not modules & {f"gilscope.cli.{command}" for command in COMMANDS}
    assert not modules & {"asyncio", "psutil", "elftools", "rich.console", "textual"}


def test_the_probe_imports_neither_psutil_nor_rich_s_console():
    assert not imported_by("probe") & {"psutil", "rich.console", "asyncio"}


def test_the_command_that_ci_runs_is_the_one_in_the_readme():
    bash = shutil.which("bash")
    script = (ROOT / ".ci" / "run").read_text()
    extract = next(line for line in script.splitlines() if line.startswith("command="))
    done = run(bash, "-c", f'{extract}; printf %s "$command"')
    assert "pytest" in done.stdout
    assert done.stdout in (ROOT / "README.md").read_text()
    assert "\n" not in done.stdout


def test_every_package_says_what_it_owns():
    for package in (ROOT / "gilscope").rglob("__init__.py"):
        assert '"""' in package.read_text(), package
