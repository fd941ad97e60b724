"""`gilscope compare WHAT`: the same work run several ways, side by side."""

import asyncio
import difflib
import json
import os
import shlex
import signal
import sys

import click

from gilscope.cli.arguments import TargetCommand, json_option
from gilscope.cli.compare_options import Asked, compare_options
from gilscope.cli.compare_progress import follow
from gilscope.cli.compare_table import print_comparison
from gilscope.cli.plain import Interruption, console, print_json
from gilscope.cli.terminal import require_screen
from gilscope.compare.check import look_at
from gilscope.compare.engine import Engine
from gilscope.compare.plan import Plan, own_python, usable_cores, usual_workers
from gilscope.compare.ways import commands_of, modes_of
from gilscope.errors import GilscopeError, Misuse, exit_code_of_signal
from gilscope.model.comparison import COMMAND, FAILED, TIMED_OUT, Comparison, Mode
from gilscope.model.text import cut
from gilscope.workloads.works import WORKS, Work, find

LIST_HINT = "to list what can be compared: gilscope workloads"

SHOWN = 60
"""Cells of an argument that makes no sense."""


@click.command("compare", cls=TargetCommand)
@click.argument("what", required=False, metavar="WHAT | -- CMD [ARGS]... -- CMD [ARGS]...")
@compare_options
@click.option("--plain", is_flag=True, help="Print progress and a table; open no screen.")
@json_option
@click.pass_obj
def command(
    launch: tuple[str, ...] | None, what: str | None, asked: Asked, plain: bool, as_json: bool
) -> int:
    """Run the same work several ways, one after another, and lay the runs side by side.

    WHAT is a work of the catalogue (gilscope workloads), or a function of your own:
    package.module:function or path/to/file.py:function, plain or async. Whole commands are
    compared after --: they are watched, but not driven, and the first is the baseline.

    Without a terminal, with --plain and with --json no screen is opened.
    """
    plan = plan_of(what, launch, asked)
    if plain or as_json or not sys.stdout.isatty():
        return compare(plan, as_json)
    require_screen(shlex.join(["gilscope", "compare", "--plain", what or "-- ..."]))
    from gilscope.ui.compare_app import run_compare

    engine = Engine(plan)
    return run_compare(engine) or exit_code(engine.live.comparison)


def plan_of(what: str | None, launch: tuple[str, ...] | None, asked: Asked) -> Plan:
    """Return the plan that a command line asks for.

    Raises:
        Misuse: it makes no sense, or the work is not there.
    """
    if launch is not None and what is not None:
        raise Misuse("a work and commands cannot be compared at once", "leave one of them out")
    cores = usable_cores()
    workers = asked.workers or usual_workers(cores)
    work, target, python = None, None, sys.executable
    arguments = tuple(map(read_arguments, asked.arguments))
    if launch is not None:
        _refuse_driving(asked)
        modes = tuple(Mode(COMMAND, command=each) for each in commands_of(launch))
    else:
        work, target = work_or_function(what)
        pythons = [os.path.expanduser(each) for each in asked.pythons]
        python = pythons[0] if pythons else own_python() if target else sys.executable
        if work is not None and not pythons:
            coroutine = work.has_coroutine  # Of the catalogue all is known without a look.
        else:
            told = target or what or ""
            looking = look_at(
                told, own=work is None, python=python, arguments=arguments, timeout=asked.timeout
            )
            coroutine = asyncio.run(looking).coroutine
        modes = modes_of(asked.modes, pythons[1:], coroutine=coroutine)
    if asked.together and len(cores) < len(modes):
        raise Misuse(
            f"{len(modes)} modes cannot have cores of their own: there are {len(cores)}",
            "run them one after another, without --together, or fewer of them: --modes",
        )
    if asked.arguments and target is None:
        raise Misuse("--args are the arguments of a function of your own", "leave them out")
    if asked.size is not None and work is None:
        raise Misuse("--size is that of a work of the catalogue", "for your own function: --args")
    return Plan(
        work=work,
        target=target,
        arguments=arguments,
        modes=modes,
        python=python,
        tasks=asked.tasks,
        workers=workers,
        cores=cores,
        size=asked.size,
        seconds=asked.seconds,
        repeat=asked.repeat,
        batch=asked.batch,
        timeout=asked.timeout,
        together=asked.together,
        rate=asked.rate,
        budget=asked.budget,
    )


def work_or_function(what: str | None) -> tuple[Work | None, str | None]:
    """Return the work of the catalogue that a word names, or the function that it points to.

    Raises:
        Misuse: it does neither.
    """
    if what is None:
        raise Misuse("it was not said what to compare", LIST_HINT)
    if ":" in what:
        return None, what
    work = find(what)
    if work is None:
        near = difflib.get_close_matches(what, [each.name for each in WORKS], n=1)
        raise Misuse(
            f"there is no work {what!r} in the catalogue",
            f"did you mean: gilscope compare {near[0]}"
            if near
            else f"{LIST_HINT}; a function of your own: gilscope compare module:function",
        )
    return work, None


def read_arguments(text: str) -> tuple[object, ...]:
    """Return the positional arguments that a JSON list stands for.

    Raises:
        Misuse: it is no JSON list.
    """
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Misuse(
            f"--args {cut(text, SHOWN)!r} is not JSON: {error}", "for instance --args '[100000]'"
        ) from error
    if not isinstance(value, list):
        raise Misuse(
            f"--args {cut(text, SHOWN)!r} is not a list", f"one argument: --args '[{text}]'"
        )
    return tuple(value)


def compare(plan: Plan, as_json: bool) -> int:
    """Run a plan without a screen, print what came of it, return the exit code."""
    engine = Engine(plan)
    interruption = Interruption()
    with interruption.awaited():
        asyncio.run(follow(engine, lambda: interruption.happened, quiet=as_json))
    if engine.live.error is not None:
        raise GilscopeError(engine.live.error, engine.live.fix)
    comparison = engine.live.comparison
    if as_json:
        from gilscope.analysis.comparison_summary import summarise_comparison

        print_json(summarise_comparison(comparison))
    else:
        print_comparison(comparison, console())
    return exit_code_of_signal(signal.SIGINT) if interruption.happened else exit_code(comparison)


def exit_code(comparison: Comparison) -> int:
    """Return 1 where a mode went wrong, else 0; that one is not available is nobody's fault."""
    return int(any(each.condition in (FAILED, TIMED_OUT) for each in comparison.outcomes))


def _refuse_driving(asked: Asked) -> None:
    """Refuse the options that make no sense for commands, which are not driven.

    Raises:
        Misuse: one was given.
    """
    for name, value in (
        ("--modes", asked.modes),
        ("--python", asked.pythons),
        ("--args", asked.arguments),
        ("--tasks", asked.tasks),
        ("--workers", asked.workers),
        ("--size", asked.size),
        ("--batch", asked.batch > 1),
        ("--together", asked.together),
    ):
        if value:
            raise Misuse(f"{name} is not for whole commands", "leave it out")
