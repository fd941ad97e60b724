"""`gilscope` alone: pick what to watch."""

from gilscope.cli.arguments import RATE
from gilscope.cli.terminal import require_screen


def open_home() -> int:
    """Open the Home screen; return the exit code."""
    require_screen("gilscope ps, then gilscope stat PID")
    from gilscope.ui.app import run_home

    return run_home(rate=RATE)
