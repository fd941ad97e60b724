"""`gilscope probe`: the sampling process itself, started by all the other commands."""

import signal

import click

from gilscope.cli.arguments import BUDGET, HOG, RATE, TargetCommand, read_pids, sampling_options
from gilscope.cli.numbers import Number, WholeNumber
from gilscope.errors import Misuse
from gilscope.stream.launch import ProbeRequest, Stdio


def read_stdio(_: click.Context, __: click.Parameter, told: str | None) -> Stdio | None:
    """Return the three descriptors that an option names: "3,4,5"."""
    if told is None:
        return None
    numbers = told.split(",")
    if len(numbers) != 3 or not all(number.isdecimal() for number in numbers):
        raise click.BadParameter("three descriptors are needed: IN,OUT,ERR")
    return int(numbers[0]), int(numbers[1]), int(numbers[2])


@click.command("probe", cls=TargetCommand)
@click.argument("pids", nargs=-1, metavar="[PID]... [-- CMD ARGS...]")
@click.option(
    "--stack-rate",
    type=Number("stacks a second", 0, 100),
    default=2.0,
    metavar="HZ",
    help="Stacks a second at the most, 0 for none. Default: 2.",
)
@click.option(
    "--every",
    type=WholeNumber("milliseconds", 10, 10_000),
    default=100,
    metavar="MS",
    help="Milliseconds from one frame to the next. Default: 100.",
)
@sampling_options
@click.option("--no-children", is_flag=True, help="Do not follow the children of what is watched.")
@click.option(
    "--stdio",
    callback=read_stdio,
    metavar="IN,OUT,ERR",
    help="Inherited descriptors that the command uses. Default: a terminal of its own.",
)
@click.pass_obj
def command(
    launch: tuple[str, ...] | None,
    pids: tuple[str, ...],
    asked: ProbeRequest,
    stack_rate: float,
    every: int,
    no_children: bool,
    stdio: Stdio | None,
) -> int:
    """Sample processes; say what is seen as events, one JSON object a line.

    Control lines come on standard input, and the probe ends when that closes. Both are described
    in gilscope/model/.
    """
    numbers = read_pids(pids)
    if stdio is not None and not launch:
        raise Misuse("--stdio is for a command that the probe launches", "add: -- CMD ARGS...")
    if stdio is not None:
        # Then, and only then, the probe is in the group of who started it (see ProbeChild), all of
        # which Ctrl-C reaches: it is for the command in the foreground, and for whoever reads the
        # events. The command would inherit it ignored, but not a handler that does nothing.
        signal.signal(signal.SIGINT, lambda *_: None)
    from gilscope.probe.main import ProbeOptions, main

    return main(
        list(numbers),
        ProbeOptions(
            rate=asked.rate or RATE,
            stack_rate=stack_rate,
            every=every,
            fidelity=asked.fidelity,
            hog=round((asked.hog or HOG) * 1000),
            budget=(asked.budget or BUDGET) / 100,
            children=not no_children,
            stdio=stdio,
            command=launch or (),
        ),
    )
