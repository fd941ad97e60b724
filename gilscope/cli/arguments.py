"""Arguments that several commands share: process ids, a command after `--`, options."""

import re
from collections.abc import Callable, Sequence
from functools import wraps
from itertools import pairwise

import click

from gilscope.cli.numbers import Number
from gilscope.errors import Misuse
from gilscope.model.events import KERNEL, PYSPY
from gilscope.stream.launch import ProbeRequest

RATE = 1000.0
"""Samples a second unless told otherwise."""

HOG = 50.0
"""Milliseconds."""

BUDGET = 5.0
"""Percent of one core."""

rate_option = click.option(
    "--rate",
    type=Number("samples a second", 1, 10_000),
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

_hog_option = click.option(
    "--hog",
    type=Number("milliseconds", 1, 3_600_000),
    default=HOG,
    metavar="MS",
    help="Milliseconds from which on one hold of the GIL is a hog. Default: 50.",
)

_budget_option = click.option(
    "--budget",
    type=Number("percent", 0.1, 100),
    default=BUDGET,
    metavar="PERCENT",
    help="Of one core, for the sampling; the rate is lowered to keep it. Default: 5.",
)


def sampling_options(function: Callable[..., int]) -> Callable[..., int]:
    """Give a command the options of sampling; they come to it as `asked`, a ProbeRequest."""

    @rate_option
    @fidelity_option
    @_hog_option
    @_budget_option
    @wraps(function)
    def command(
        *arguments: object,
        rate: float,
        fidelity: str | None,
        hog: float,
        budget: float,
        **others: object,
    ) -> int:
        asked = ProbeRequest(rate=rate, fidelity=fidelity, hog=hog, budget=budget)
        return function(*arguments, asked=asked, **others)

    return command


json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")

pids_argument = click.argument("pids", nargs=-1, metavar="PID...")

LONGEST_PID = 40
"""Digits, leading zeros among them."""

_NEGATIVE = re.compile(r"-\d+")


class PidCommand(click.Command):
    """A command on processes, told by their ids. Click alone would take -5 for an option."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        told, command = split_command(args)
        self.take_command(ctx, command)
        for before, word in pairwise(["", *told]):
            if _NEGATIVE.fullmatch(word) and not before.startswith("-"):
                raise Misuse(f"{word} is not a process id", PS_HINT)
        return super().parse_args(ctx, told)

    def take_command(self, ctx: click.Context, command: tuple[str, ...] | None) -> None:
        """Do with a command line after `--` what is to be done with it; here there is no use."""
        if command:
            raise Misuse(
                f"gilscope {ctx.info_name} takes process ids and no command",
                "to launch a command and watch it: gilscope run -- CMD",
            )


class TargetCommand(PidCommand):
    """A command on processes or on a command line after `--`, which it puts into `ctx.obj`."""

    def take_command(self, ctx: click.Context, command: tuple[str, ...] | None) -> None:
        """Keep it."""
        ctx.obj = command


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
        # Python refuses to read a number of thousands of digits.
        if len(word) > LONGEST_PID or not 0 < int(word) < 1 << 31:
            raise Misuse(f"{word} is not a process id", PS_HINT)
        pids[int(word)] = None
    return tuple(pids)
