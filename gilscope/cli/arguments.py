"""Arguments that several commands share: process ids, a command after `--`, options."""

import re
from collections.abc import Callable, Sequence
from typing import TypeVar

import click

from gilscope.errors import Misuse
from gilscope.model.events import KERNEL, PYSPY

RATE = 1000.0
"""Samples a second unless told otherwise."""

F = TypeVar("F", bound=Callable[..., object])

rate_option = click.option(
    "--rate",
    type=click.FloatRange(1, 10_000),
    default=RATE,
    metavar="HZ",
    help="Samples a second. Default: 1000.",
)

fidelity_option = click.option(
    "--fidelity",
    type=click.Choice([KERNEL, PYSPY]),
    default=None,
    help="The best fidelity to use. Default: the best there is.",
)

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")

pids_argument = click.argument("pids", nargs=-1, metavar="PID...")

_NEGATIVE = re.compile(r"-\d+")


class TargetCommand(click.Command):
    """A command on processes, or on a command line after `--`, which it puts into `ctx.obj`.

    Click drops the first `--`, and would take -5 for an option.
    """

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        told, command = split_command(args)
        for word in told:
            if _NEGATIVE.fullmatch(word):
                raise Misuse(f"{word} is not a process id", PS_HINT)
        ctx.obj = command
        return super().parse_args(ctx, told)


PS_HINT = "to see the Python processes and their ids: gilscope ps"


def split_command(arguments: list[str]) -> tuple[list[str], tuple[str, ...] | None]:
    """Return what stands before the first `--`, and what stands behind it (None without one)."""
    if "--" not in arguments:
        return arguments, None
    position = arguments.index("--")
    return arguments[:position], tuple(arguments[position + 1 :])


def read_pids(words: Sequence[str]) -> tuple[int, ...]:
    """Return the process ids that these words are, each once.

    Raises:
        Misuse: a word is none.
    """
    pids: dict[int, None] = {}
    for word in words:
        if not (word.isascii() and word.isdecimal()):
            raise Misuse(f"{word!r} is not a process id, which is a number", PS_HINT)
        if not 0 < int(word) < 1 << 31:
            raise Misuse(f"{word} is not a process id", PS_HINT)
        pids[int(word)] = None
    return tuple(pids)
