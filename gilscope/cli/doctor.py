"""`gilscope doctor`: what this machine allows, and the exact fix for what it forbids."""

from collections.abc import Sequence

import click
from rich.console import Console
from rich.text import Text

from gilscope.cli.arguments import json_option
from gilscope.cli.checks import check_everything
from gilscope.cli.permissions import PTRACE_SCOPE
from gilscope.cli.plain import console, print_json
from gilscope.cli.verdicts import FAIL, OK, WARN, Check
from gilscope.model.text import clean

_MARKS = {OK: ("ok", "green"), WARN: ("warn", "yellow"), FAIL: ("FAIL", "red")}


@click.command("doctor")
@json_option
def command(as_json: bool) -> int:
    """Check what gilscope can do on this machine, and say how to allow the rest.

    The exit code is 0 where it can watch this user's own processes at full fidelity, else 1.
    """
    checks = check_everything()
    if as_json:
        print_json({"checks": checks})
    else:
        print_checks(checks, console())
    return 1 if any(check.verdict == FAIL for check in checks) else 0


def print_checks(checks: list[Check], screen: Console) -> None:
    """Print a line for each check, and the fix below those that need one."""
    width = max(len(check.name) for check in checks)
    for check in checks:
        mark, colour = _MARKS[check.verdict]
        line = Text(f"{mark:4}  ", style=colour)
        line.append(f"{check.name:{width}}  {clean(check.what)}", style="default")
        screen.print(line, soft_wrap=True)
        if check.fix:
            screen.print(Text(f"{'':{width + 8}}{clean(check.fix)}", style="dim"), soft_wrap=True)
    screen.print(Text(f"\n{conclusion(checks)}"), soft_wrap=True)


def conclusion(checks: Sequence[Check]) -> str:
    """Return one sentence on what all of it comes to."""
    if any(check.verdict == FAIL for check in checks):
        return "gilscope cannot watch at full fidelity here: see what FAILs above."
    if any(check.name == PTRACE_SCOPE and check.verdict == WARN for check in checks):
        return "gilscope can watch at full fidelity what it launches itself."
    return "gilscope can watch this user's own processes at full fidelity."
