"""How something that is wrong is said, on standard error."""

import os
import sys

import click

from gilscope.model.text import clean


def complain(what: str, fix: str | None = None) -> None:
    """Say on standard error what is wrong, and what to do about it."""
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM", "dumb") == "dumb"
    styled = sys.stderr.isatty() and not plain
    name = click.style("gilscope:", fg="red", bold=True) if styled else "gilscope:"
    click.echo(f"{name} {clean(what)}", err=True, color=styled)
    if fix:
        line = f"  {clean(fix)}"
        click.echo(click.style(line, dim=True) if styled else line, err=True, color=styled)
