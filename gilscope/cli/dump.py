"""`gilscope dump PID`: one moment, with every thread, its state and its stack."""

from collections.abc import Sequence
from dataclasses import dataclass

import click
from rich.console import Console
from rich.text import Text

from gilscope.analysis.fidelity import unanswered
from gilscope.analysis.summarise import summarise
from gilscope.analysis.summary import ProcessSummary, ThreadSummary
from gilscope.cli.arguments import (
    PS_HINT,
    PidCommand,
    fidelity_option,
    json_option,
    read_pids,
)
from gilscope.cli.plain import (
    Enough,
    console,
    everything_gone,
    nothing_seen,
    print_json,
    tell_warnings,
    watch,
)
from gilscope.cli.summary_table import COLOURS, NOTABLE, gil_line, header, percent, sampling
from gilscope.errors import Misuse
from gilscope.model.records import ProcessRecord, ThreadRecord
from gilscope.model.session import Session
from gilscope.model.states import BY_LETTER, STATES, State
from gilscope.model.text import clean, cut_middle
from gilscope.stream.launch import ProbeRequest
from gilscope.stream.local import ProbeProcess
from gilscope.stream.target import check_targets

MOMENT = 0.3
"""Seconds that are watched, to tell a state from a passing one."""

LONGEST_MOMENT = 2.0
"""Seconds after which stacks that have not come are given up."""

FRAME = 50
"""Milliseconds a frame: the states shown are those at the end of the last."""

STACK_RATE = 5.0

NAME_WIDTH = 40
"""Cells of a thread's name."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A thread at the last moment, and what it did just before.

    Attributes:
        state: the word for its state; null where it had ended.
        thread: what it did in the time watched.
        stack: its calls, the innermost first; empty where they could not be read.
    """

    state: str | None
    thread: ThreadSummary
    stack: list[str]


@click.command("dump", cls=PidCommand)
@click.argument("pids", nargs=-1, metavar="PID")
@fidelity_option
@json_option
def command(pids: tuple[str, ...], fidelity: str | None, as_json: bool) -> int:
    """Print one moment of a process: every thread, its state, its stack.

    The process is not stopped, so a stack can be newer or older than the state beside it by a
    moment.
    """
    numbers = read_pids(pids)
    if len(numbers) != 1:
        raise Misuse("one process id is needed", PS_HINT)
    (pid,) = numbers
    check_targets(numbers)
    session = Session()
    request = ProbeRequest(
        pids=(pid,), stack_rate=STACK_RATE, every=FRAME, fidelity=fidelity, children=False
    )
    with ProbeProcess(request) as probe:
        watch(probe, session, seen_enough(pid), seconds=LONGEST_MOMENT)
    record = session.processes.get(pid)
    if record is None or not record.span or unanswered(session) is not None:
        raise nothing_seen(session, probe.ending)
    summary = summarise(session, probe.bad_lines)
    (process,) = [each for each in summary.processes if each.pid == pid]
    told = moments(process, record)
    tell_warnings(summary.warnings)
    if as_json:
        print_json(
            {
                "process": process,
                "sampler": summary.sampler,
                "threads": told,
                "warnings": summary.warnings,
            }
        )
        return 0
    screen = console()
    screen.print(header(process, screen.width))
    screen.print(sampling(process, summary.sampler))
    screen.print(gil_line(process))
    print_moments(told, screen)
    return 0


def seen_enough(pid: int) -> Enough:
    """Return a condition: a moment has been watched, and stacks have come or are late."""

    def enough(session: Session) -> bool:
        record = session.processes.get(pid)
        if record is None:
            return False
        late = record.span >= LONGEST_MOMENT * 1_000_000
        stacks = any(thread.calls for thread in record.threads.values())
        seen = record.span >= MOMENT * 1_000_000 and stacks
        return seen or late or everything_gone(session, (pid,))

    return enough


def moments(process: ProcessSummary, record: ProcessRecord) -> list[Moment]:
    """Return its threads at the last moment: the main thread first, the others by their ids."""
    return [
        moment(record.threads[thread.tid], thread)
        for thread in sorted(process.threads, key=lambda each: (each.tid != process.pid, each.tid))
        if not thread.gone or process.gone
    ]


def moment(record: ThreadRecord, thread: ThreadSummary) -> Moment:
    """Return a thread at the last moment."""
    state = BY_LETTER.get(record.state, State.UNKNOWN)
    stack = [f"{call.name} ({call.file}:{call.line})" for call in record.calls]
    return Moment(None if thread.gone else state.value, thread, stack)


def print_moments(moments: Sequence[Moment], screen: Console) -> None:
    """Print each thread: its state, what it did, what it is blocked in, its stack."""
    for each in moments:
        thread = each.thread
        state = next((state for state in STATES if state.value == each.state), State.UNKNOWN)
        line = Text("\n")
        line.append(state.letter, style=COLOURS[state])
        line.append(f" {cut_middle(thread.name or 'no name', NAME_WIDTH)}", style="bold")
        line.append(f"  {thread.tid}  {state.value if each.state else 'ended'}")
        line.append(f"  {shares(thread)}", style="dim")
        screen.print(line, soft_wrap=True)
        if thread.detail:
            screen.print(Text(f"    {clean(thread.detail)}"), soft_wrap=True)
        for call in each.stack:
            screen.print(Text(f"    {clean(call)}"), soft_wrap=True)
        if not each.stack:
            told = (
                "native thread without Python" if thread.native else "its stack could not be read"
            )
            screen.print(Text(f"    {told}", style="dim"))


def shares(thread: ThreadSummary) -> str:
    """Return what a thread did in words: "hold 33% wait 67%"."""
    told = [
        f"{state.value} {percent(share)}%"
        for state in STATES
        if (share := thread.states[state.value]) and share >= NOTABLE
    ]
    return " ".join(told)
