"""`gilscope ps`: the Python processes of this machine, with version, threads and GIL load."""

import shlex
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from gilscope.analysis.load import gil_load, held_share
from gilscope.analysis.summarise import cautions
from gilscope.cli.arguments import json_option
from gilscope.cli.numbers import Number
from gilscope.cli.plain import Enough, console, print_json, stream_ended, tell_warnings, watch
from gilscope.model.events import Event, Note
from gilscope.model.session import Session
from gilscope.model.text import clean, cut
from gilscope.stream.discover import Discovery, PythonProcess
from gilscope.stream.launch import ProbeRequest
from gilscope.stream.local import ProbeProcess

WAIT = 1.0
"""Seconds that the processes are watched for their GIL load."""

RATE = 200.0
"""Samples a second: many processes, and only a mean is wanted."""

USER_WIDTH = 10
MIN_COMMAND = 10
GAP = 2
HEADINGS = ("pid", "user", "python", "threads", "cpu%", "load", "held%")


@dataclass(frozen=True, slots=True)
class Row:
    """One process; null where a figure is not known.

    Attributes:
        cpu_percent: of one core; `rss`: bytes of memory.
        load: GIL load; `held`: share of the time that the GIL was held.
        fidelity: how well it can be seen, "none" where not at all; `reason`, `fix`: why.
    """

    pid: int
    parent: int
    user: str
    python: str | None
    implementation: str | None
    threads: int
    cpu_percent: float | None
    rss: int
    started: float
    load: float | None
    held: float | None
    fidelity: str | None
    reason: str | None
    fix: str | None
    command: list[str]


@click.command("ps")
@click.option(
    "--wait",
    type=Number("seconds", 0, 86_400),
    default=WAIT,
    metavar="SECONDS",
    help="How long to watch for the GIL load, 0 for not at all. Default: 1.",
)
@json_option
def command(wait: float, as_json: bool) -> int:
    """List the Python processes of this machine.

    Processes of other users show their version and GIL load only to those who may read them.
    """
    discovery = Discovery()
    found = discovery.scan()
    session = Session()
    notes: dict[int, Note] = {}
    if wait and found:
        notes = look(found, session, wait)
        tell_warnings(cautions(session))
        found = discovery.scan()
    rows = [row(process, session, notes.get(process.pid)) for process in found]
    if as_json:
        print_json(rows)
    else:
        print_table(rows, console())
    return 0


def look(processes: Sequence[PythonProcess], session: Session, seconds: float) -> dict[int, Note]:
    """Watch all processes at once for a while; return what is wrong with some.

    A session remembers too few notes for a machine full of processes that may not be read.
    """
    notes: dict[int, Note] = {}

    def note(event: Event) -> None:
        if isinstance(event, Note) and event.level == "error" and event.pid is not None:
            notes[event.pid] = event

    pids = tuple(process.pid for process in processes)
    request = ProbeRequest(pids=pids, rate=RATE, stack_rate=0, children=False)
    started = time.monotonic()
    with ProbeProcess(request) as probe:
        watch(probe, session, looked_for(seconds), seconds=seconds, also=note)
    # A probe that could see nothing ends at once; the kernel's own figures still want the time.
    time.sleep(max(0.0, seconds - (time.monotonic() - started)))
    return notes


def looked_for(seconds: float) -> Enough:
    """Return a condition: so much time has been watched, or the probe has nothing left to watch.

    That the last process is gone would not do: what is noted of it comes behind that.
    """
    return lambda session: session.span >= seconds * 1_000_000 or stream_ended(session)


def row(process: PythonProcess, session: Session, note: Note | None = None) -> Row:
    """Return what is known of a process from both sides.

    Args:
        note: what the probe had to say of it.
    """
    record = session.processes.get(process.pid)
    about, gone = (record.about, record.gone) if record else (None, None)
    reason = (about and about.reason) or (gone and gone.text) or (note and note.text)
    fix = (about and about.fix) or (note and note.fix)
    return Row(
        pid=process.pid,
        parent=process.ppid,
        user=process.user,
        python=about.python if about else None,
        implementation=about.implementation if about else None,
        threads=process.threads,
        cpu_percent=None if process.cpu is None else round(process.cpu, 1),
        rss=process.rss,
        started=process.started,
        load=_rounded(gil_load(record, float("inf"))) if record else None,
        held=_rounded(held_share(record, float("inf"))) if record else None,
        fidelity=about.fidelity if about else None,
        reason=reason or None,
        fix=fix or None,
        command=list(process.command),
    )


def print_table(rows: Sequence[Row], screen: Console) -> None:
    """Print the processes, those with the highest GIL load first."""
    if not rows:
        screen.print("No Python process is running here that this user can see.")
        return
    cells = [
        (
            str(each.pid),
            cut(each.user, USER_WIDTH),
            clean(each.python or each.implementation or "-"),
            str(each.threads),
            _figure(each.cpu_percent, 0),
            _figure(each.load, 2),
            _figure(None if each.held is None else each.held * 100, 0),
        )
        for each in sorted(rows, key=_by_load)
    ]
    # Every width is set, and what is left is for the command: Rich would shorten all columns.
    widths = [max(map(len, column)) for column in zip(HEADINGS, *cells, strict=True)]
    left = max(MIN_COMMAND, screen.width - sum(widths) - GAP * len(widths) - GAP)
    table = Table(box=None, padding=(0, GAP, 0, 0), pad_edge=False)
    for name, width in zip(HEADINGS, widths, strict=True):
        justify: Literal["left", "right"] = "left" if name in {"user", "python"} else "right"
        table.add_column(name, justify=justify, width=width, no_wrap=True)
    table.add_column("command", width=left, no_wrap=True)
    for figures, each in zip(cells, sorted(rows, key=_by_load), strict=True):
        table.add_row(*map(Text, figures), Text(cut(shlex.join(each.command), left)))
    screen.print(table)
    hidden = sum(each.load is None for each in rows)
    if hidden:
        fixes = sorted({each.fix for each in rows if each.fix and each.load is None})
        hint = f": {fixes[0]}" if len(fixes) == 1 else ", see gilscope doctor"
        screen.print(Text(clean(f"{hidden} without a GIL load{hint}"), style="dim"))


def _by_load(row: Row) -> tuple[float, float, int]:
    return (-(row.load or 0), -(row.cpu_percent or 0), row.pid)


def _rounded(figure: float | None) -> float | None:
    return None if figure is None else round(figure, 4)


def _figure(figure: float | None, digits: int) -> str:
    return "-" if figure is None else f"{figure:.{digits}f}"
