"""`gilscope attach PID...`: watch running processes on a live screen."""

import click

from gilscope.cli.arguments import (
    PS_HINT,
    PidCommand,
    fidelity_option,
    pids_argument,
    rate_option,
    read_pids,
)
from gilscope.cli.terminal import require_screen
from gilscope.errors import Misuse
from gilscope.stream.target import check_targets


@click.command("attach", cls=PidCommand)
@pids_argument
@rate_option
@fidelity_option
def command(pids: tuple[str, ...], rate: float, fidelity: str | None) -> int:
    """Watch running processes, and their children, on a live screen.

    Also: gilscope PID, gilscope -p PID.
    """
    numbers = read_pids(pids)
    if not numbers:
        raise Misuse("no process id was given", PS_HINT)
    check_targets(numbers)
    require_screen(f"gilscope stat {' '.join(map(str, numbers))}")
    from gilscope.ui.app import run_scope

    return run_scope(pids=list(numbers), command=None, rate=rate, fidelity=fidelity, title=None)
