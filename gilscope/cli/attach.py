"""`gilscope attach PID...`: watch running processes on a live screen."""

from dataclasses import replace

import click

from gilscope.cli.arguments import (
    PS_HINT,
    PidCommand,
    pids_argument,
    read_pids,
    sampling_options,
)
from gilscope.cli.terminal import require_screen
from gilscope.errors import Misuse
from gilscope.stream.launch import ProbeRequest
from gilscope.stream.target import check_targets


@click.command("attach", cls=PidCommand)
@pids_argument
@click.option(
    "-p", "--pid", "more", multiple=True, metavar="PID", help="The same as PID; may come again."
)
@sampling_options
def command(pids: tuple[str, ...], more: tuple[str, ...], asked: ProbeRequest) -> int:
    """Watch running processes, and their children, on a live screen.

    Also: gilscope PID, gilscope -p PID.
    """
    numbers = read_pids([*pids, *more])
    if not numbers:
        raise Misuse("no process id was given", PS_HINT)
    check_targets(numbers)
    require_screen(f"gilscope stat {' '.join(map(str, numbers))}")
    from gilscope.ui.app import run_scope

    return run_scope(replace(asked, pids=numbers))
