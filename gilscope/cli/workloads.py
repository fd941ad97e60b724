"""`gilscope workloads`: what there is to compare, and to watch, without code of one's own."""

import shutil
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

import click

from gilscope.cli.arguments import json_option
from gilscope.workloads.catalogue import DEMONSTRATIONS
from gilscope.workloads.works import WORKS

COMPARE = "compare"
RUN = "run"

WIDEST = 100
NARROWEST = 40
"""Columns: sentences are wrapped to the terminal, but no wider or narrower than this."""

GIL = (
    "The GIL is the lock of a Python interpreter: of all threads of a process only the one that "
    "holds it runs Python code."
)

HEADINGS = {
    COMPARE: "To compare in threads, processes and every other way: gilscope compare NAME",
    RUN: "To watch: gilscope run --demo NAME",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One workload.

    Attributes:
        title: what it does; `shows`: a sentence on what there is to see.
        kind: the command that it is for, COMPARE or RUN.
        command: the command line.
    """

    name: str
    title: str
    shows: str
    kind: str
    command: str


@click.command("workloads")
@json_option
def command(as_json: bool) -> int:
    """List the work that can be compared, and the demonstrations that can be watched."""
    if as_json:
        # Not above: it comes with what reads a probe, which the text has no use for.
        from gilscope.cli.plain import print_json

        print_json(rows())
    else:
        click.echo(listing(rows(), shutil.get_terminal_size().columns))
    return 0


def rows() -> list[Row]:
    """Return every workload, those to compare first."""
    return [
        *(
            Row(work.name, work.title, work.shows, COMPARE, f"gilscope compare {work.name}")
            for work in WORKS
        ),
        *(
            Row(each.name, each.title, each.shows, RUN, f"gilscope run --demo {each.name}")
            for each in DEMONSTRATIONS
        ),
    ]


def listing(workloads: Sequence[Row], width: int) -> str:
    """Return the workloads of each kind under its heading, their sentences wrapped."""
    width = max(NARROWEST, min(width, WIDEST))
    names = max(len(each.name) for each in workloads)
    parts = ["\n".join(textwrap.wrap(GIL, width))]
    for kind, heading in HEADINGS.items():
        lines = textwrap.wrap(heading, width)
        for each in workloads:
            if each.kind == kind:
                lines += textwrap.wrap(
                    each.shows,
                    width,
                    initial_indent=f"  {each.name:{names}}  ",
                    subsequent_indent=" " * (names + 4),
                )
        parts.append("\n".join(lines))
    return "\n\n".join(parts)
