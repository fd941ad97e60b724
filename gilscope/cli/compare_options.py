"""The options of `gilscope compare`."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import wraps

import click

from gilscope.cli.numbers import Number, WholeNumber
from gilscope.compare.plan import BUDGET, RATE, SECONDS
from gilscope.compare.ways import ALL

MOST_WORKERS = 1024

MOST_TASKS = 100_000


@dataclass(frozen=True, slots=True)
class Asked:
    """What the options ask for, word for word; None leaves a choice to gilscope."""

    modes: str | None
    pythons: tuple[str, ...]
    arguments: tuple[str, ...]
    tasks: int | None
    workers: int | None
    size: int | None
    seconds: float
    repeat: int
    batch: int
    timeout: float | None
    together: bool
    rate: float
    budget: float


_OPTIONS = (
    click.option(
        "--modes",
        metavar="M,...",
        help="Ways to run, for instance threads,processes:spawn,threads@/path/to/python3.14; "
        "sequential, the baseline, is always one. "
        f"{ALL}: all there are. Default: sequential,threads,processes, "
        "and asyncio where the work has a coroutine.",
    ),
    click.option(
        "--python",
        "pythons",
        multiple=True,
        metavar="PATH",
        help="Run it by this interpreter; with several, every mode by each of them. Default: "
        "the active virtual environment's for your own functions, else gilscope's.",
    ),
    click.option(
        "--args",
        "arguments",
        multiple=True,
        metavar="JSON",
        help="Arguments of your function, a JSON list; tasks take several in turn.",
    ),
    click.option(
        "--tasks",
        type=WholeNumber("tasks", 1, MOST_TASKS),
        metavar="N",
        help="How many tasks. Default: found out.",
    ),
    click.option(
        "--workers",
        type=WholeNumber("workers", 1, MOST_WORKERS),
        metavar="N",
        help="How many tasks may run at once. Default: as many as there are cores, 2 at least.",
    ),
    click.option(
        "--size",
        type=WholeNumber("units", 1, 1 << 40),
        metavar="N",
        help="Size of a task of the catalogue. Default: found out.",
    ),
    click.option(
        "--seconds",
        type=Number("seconds", 0.1, 3600),
        default=SECONDS,
        metavar="S",
        help=f"How long the baseline shall take, about. Default: {SECONDS:g}.",
    ),
    click.option(
        "--repeat",
        type=WholeNumber("runs", 1, 1000),
        default=1,
        metavar="N",
        help="Run each mode so often, and tell medians and spread.",
    ),
    click.option(
        "--batch",
        type=WholeNumber("tasks", 1, MOST_TASKS),
        default=1,
        metavar="N",
        help="Hand tasks over so many at a time.",
    ),
    click.option(
        "--timeout",
        type=Number("seconds", 0.1, 1e6),
        metavar="S",
        help="End a mode whose run takes longer.",
    ),
    click.option(
        "--together",
        is_flag=True,
        help="Run the modes at the same time, each on cores of its own: for show.",
    ),
    click.option(
        "--rate",
        type=Number("samples a second", 1, 10_000),
        default=RATE,
        metavar="HZ",
        help=f"Samples a second. Default: {RATE:g}.",
    ),
    click.option(
        "--budget",
        type=Number("percent", 0.1, 100),
        default=BUDGET,
        metavar="PERCENT",
        help=f"Of one core, for the sampling. Default: {BUDGET:g}.",
    ),
)


def compare_options(function: Callable[..., int]) -> Callable[..., int]:
    """Give a command the options of a comparison; they come to it as `asked`, an Asked."""

    @wraps(function)
    def command(*arguments: object, **options: object) -> int:
        told = {field.name: options.pop(field.name) for field in fields(Asked)}
        return function(*arguments, asked=Asked(**told), **options)  # type: ignore[arg-type]

    wrapped: Callable[..., int] = command
    for option in reversed(_OPTIONS):
        wrapped = option(wrapped)
    return wrapped
