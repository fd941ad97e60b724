"""`gilscope run -- CMD ARGS`: launch a command and watch it from its first moment."""

import contextlib
import shlex
import shutil
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from gilscope.cli.arguments import sampling_options
from gilscope.cli.terminal import require_screen
from gilscope.errors import Misuse
from gilscope.stream.launch import ProbeRequest

if TYPE_CHECKING:
    from gilscope.model.session import Session


@click.command("run", context_settings={"allow_interspersed_args": False})
@click.option("--demo", metavar="NAME", help="Launch a demonstration; --demo list lists them.")
@sampling_options
@click.argument("words", nargs=-1, metavar="[--] CMD [ARGS]...", type=click.UNPROCESSED)
def command(words: tuple[str, ...], demo: str | None, asked: ProbeRequest) -> int:
    """Launch a command and watch it, and its children, from its first moment.

    What it prints is kept in a panel of the screen; if it fails, its last lines are left on
    standard error when the screen is closed.
    """
    title = None
    if demo is not None:
        if words:
            raise Misuse("--demo launches a command of its own", "leave one of the two out")
        if demo == "list":
            print_demonstrations()
            return 0
        title, words = demonstration(demo)
    check_command(words)
    require_screen(f"gilscope stat -- {shlex.join(words)}")
    from gilscope.ui.app import run_scope

    return run_scope(replace(asked, command=words), title, leave=print_last_words)


def print_last_words(session: "Session") -> None:
    """Print the end of what the command printed if it failed: the screen that had it is gone."""
    from gilscope.ui.views.printed import last_words

    # A terminal that has hung up cannot be written to, and nobody is there to read.
    with contextlib.suppress(OSError):
        for line in last_words(session):
            click.echo(line, err=True)


def check_command(words: Sequence[str]) -> None:
    """Make sure that there is a command, and a program for it.

    Raises:
        Misuse: there is not.
    """
    if not words:
        raise Misuse("no command was given", "for instance: gilscope run -- python3 app.py")
    if shutil.which(words[0]) is None:
        raise Misuse(
            f"there is no program {words[0]!r} that can be run",
            "give its path, or look at PATH",
        )


def demonstration(name: str) -> tuple[str, tuple[str, ...]]:
    """Return title and command line of a demonstration.

    Raises:
        Misuse: there is none of that name.
    """
    from gilscope.workloads.catalogue import find

    found = find(name)
    if found is None:
        raise Misuse(
            f"there is no demonstration {name!r}", "to list them: gilscope run --demo list"
        )
    return found.title, found.command()


def print_demonstrations() -> None:
    """Print the catalogue, one demonstration a line."""
    from gilscope.workloads.catalogue import DEMONSTRATIONS

    width = max(len(each.name) for each in DEMONSTRATIONS)
    for each in DEMONSTRATIONS:
        click.echo(f"{each.name:{width}}  {each.shows}")
