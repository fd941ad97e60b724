"""A summary as text for people: for each process a few lines and a table of its threads.

What follows below that table is in summary_sections.py.
"""

import shlex
from collections.abc import Sequence

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from gilscope.analysis.ended import Together, ended_soon, together, too_many_to_list
from gilscope.analysis.interpreters import interpreter_name
from gilscope.analysis.summarise import UNSEEN
from gilscope.analysis.summary import (
    GilSummary,
    OneGil,
    ProcessSummary,
    SamplerSummary,
    Summary,
    ThreadSummary,
    Total,
)
from gilscope.cli.summary_sections import milliseconds, name_width, sections, shorter, thread_name
from gilscope.model.events import KERNEL, PYSPY
from gilscope.model.states import STATES, State
from gilscope.model.text import clean, counted, cut, cut_middle

COLOURS = {
    State.HOLD: "green",
    State.WAIT: "yellow",
    State.NATIVE: "cyan",
    State.IO: "blue",
    State.LOCK: "magenta",
    State.SLEEP: "bright_black",
    State.READY: "red",
    State.UNKNOWN: "dim",
}
"""The interface's colours, by the names that every terminal has."""

ALWAYS = (State.HOLD, State.WAIT)
"""States whose column is there even if no thread was in them for as much as NOTABLE; their figures
are told with how far they may be off."""

NOTABLE = 0.005
"""A share that rounds to a whole percent."""

QUIET = 0.01
"""A native thread that used less of a core than this is folded into one line with its like."""

FIGURE_WIDTH = 4
EXACT_WIDTH = 8
MIN_WHERE = 10


def print_summary(summary: Summary, console: Console) -> None:
    """Print the whole summary; what is not Python is named in one line, unless there is no more."""
    shown = [process for process in summary.processes if process.implementation]
    shown = shown or summary.processes[:1]
    others = [process for process in summary.processes if process not in shown]
    for process in shown:
        console.print(process_block(process, summary.sampler, console.width))
    if others:
        names = sorted({(process.command or ["?"])[0].rpartition("/")[2] for process in others})
        number = counted(len(others), "other process")
        line = f"{number}, not known to be Python: {', '.join(names)}"
        console.print(Text(cut(line, console.width), style="dim"))
    if len(shown) > 1:
        console.print(total_line(summary.total, summary.sampler, console.width))
    if summary.forgotten:
        line = f"{summary.forgotten} that ended earlier are left out"
        console.print(Text(cut(line, console.width), style="dim"))


def process_block(process: ProcessSummary, sampler: SamplerSummary, width: int) -> RenderableType:
    """Return the block of one process; it is one line where nothing was seen of it."""
    if process.reason == UNSEEN:
        return Group(unseen_line(process, width), Text())
    ended = too_many_to_list(process)
    left_out = {thread.tid for thread in ended}
    threads, quiet = fold([thread for thread in process.threads if thread.tid not in left_out])
    threads.sort(key=lambda thread: (ended_soon(thread, process), thread.gone, *_by_gil(thread)))
    return Group(
        header(process, width),
        sampling(process, sampler),
        gil_line(process),
        thread_table(threads, together(ended) if ended else None, width),
        *([Text(f"  {folded_line(quiet)}", style="dim")] if quiet else []),
        *([Text(f"  {forgotten_line(process)}", style="dim")] if process.forgotten else []),
        *([Text(), *below] if (below := sections(process, width)) else []),
        Text(),
    )


def total_line(total: Total, sampler: SamplerSummary, width: int) -> Text:
    """Return the line on all processes together, with their fidelities where these differ."""
    parts = [f"{total.processes} processes", f"{total.threads} threads"]
    if len(sampler.fidelities) > 1:
        told = [f"{number} at {fidelity}" for fidelity, number in sampler.fidelities.items()]
        parts.append(f"{' and '.join(told)} fidelity")
    if total.cpu is not None:
        parts.append(f"{total.cpu:.2f} cores in use")
    if total.gil_load is not None:
        parts.append(f"GIL loads {total.gil_load:.2f}")
    return Text(cut(f"in all: {', '.join(parts)}", width), style="bold")


def unseen_line(process: ProcessSummary, width: int) -> Text:
    """Return all there is to say of a process that ended too early."""
    right = "ended before anything could be seen of it"
    if process.status is not None:
        right += f" ({ending(process.status)})"
    return _line_of(process, right, width)


def header(process: ProcessSummary, width: int) -> Text:
    """Return the line that says what was watched, and at what fidelity."""
    told = [
        interpreter_name(process.implementation, process.python),
        f"{process.fidelity} fidelity",
    ]
    if process.halted or process.stopped:
        told.append(process.halted or "stopped")
    if process.gone:
        told.append(ending(process.status))
    return _line_of(process, "   ".join(told), width)


def _line_of(process: ProcessSummary, right: str, width: int) -> Text:
    branch = "  " * (process.depth - 1) + "└ " if process.depth else ""
    program, *rest = process.command or ("?",)
    left = f"{branch}{process.pid}  {shlex.join([program.rpartition('/')[2], *rest])}"
    return Text(f"{cut(left, max(20, width - len(right) - 3))}   {right}", style="bold")


def ending(status: int | None) -> str:
    """Return how a process ended, in words."""
    if status is None:
        return "ended"
    return f"exit code {status}" if status >= 0 else f"ended by signal {-status}"


def sampling(process: ProcessSummary, sampler: SamplerSummary) -> Text:
    """Return the line on how well it was looked."""
    looked = f"{process.duration:.1f} s"
    if process.rate_got is not None and process.fidelity == PYSPY:
        looked += f" at {process.rate_got:.1f} samples/s by py-spy"
    elif process.rate_got is not None and sampler.rate_asked is not None:
        looked += f" at {process.rate_got:.0f} of {sampler.rate_asked:.0f} samples/s"
    parts = [looked, f"{sampler.lost} lost"]
    if sampler.cpu_percent is not None:
        parts.append(f"sampler {sampler.cpu_percent:.1f}% of a core")
    if sampler.stacks_cpu_percent:
        parts.append(f"py-spy {sampler.stacks_cpu_percent:.1f}%")
    if sampler.bad_lines:
        parts.append(f"{sampler.bad_lines} lines of the stream unreadable")
    text = Text("  " + ", ".join(parts))
    if process.fidelity != KERNEL:
        for sentence in (process.reason, process.fix):
            if sentence:
                text.append(f"\n  {clean(sentence)}", style="yellow")
    return text


def gil_line(process: ProcessSummary) -> Text:
    """Return the line on the GIL itself."""
    gil = process.gil
    if gil.enabled is False:
        return Text("  GIL  none in this interpreter")
    if gil.held is None:
        return Text("  GIL  cannot be seen")
    parts = _gil_parts(gil)
    if gil.hogs is not None:
        holds = "hold" if gil.hogs == 1 else "holds"
        parts.append(f"{gil.hogs} {holds} of {gil.hog_ms or 50:.0f} ms and more")
    title = f"{len(process.gils)} GILs" if len(process.gils) > 1 else "GIL"
    lines = [f"  {title}  {'   '.join(parts)}"]
    if len(process.gils) > 1:
        lines += [
            f"    of interpreter {each.interpreter}  {'   '.join(_gil_parts(each))}"
            for each in process.gils
        ]
    if (gil.unknown or 0) >= NOTABLE:
        lines.append(f"       not known for {gil.unknown:.1%} of the time; these are of the rest")
    return Text("\n".join(lines))


def _gil_parts(gil: GilSummary | OneGil) -> list[str]:
    parts = [] if gil.held is None else [f"held {gil.held:.1%}"]
    if gil.load is not None:
        parts.append(f"load {gil.load:.2f}")
    if gil.switches_per_s is not None:
        parts.append(f"{gil.switches_per_s:.0f} switches/s")
    return parts


def thread_table(threads: Sequence[ThreadSummary], ended: Together | None, width: int) -> Table:
    """Return the table of threads, and in its last line what became of those that ended soon."""
    rows = [thread.states for thread in threads] + ([ended.states] if ended else [])
    shown = [
        state
        for state in STATES
        if state in ALWAYS or any((states[state.value] or 0) >= NOTABLE for states in rows)
    ]
    names = [thread_name(thread) for thread in threads]
    names += [ended_name(ended)] if ended else []
    wide = name_width(["thread", *names], width)
    labels = [state.letter if state is State.UNKNOWN else state.value for state in shown]
    least = [EXACT_WIDTH if state in ALWAYS else FIGURE_WIDTH for state in shown]
    figures = [max(size, len(label)) for size, label in zip(least, labels, strict=True)]
    figures.append(FIGURE_WIDTH)
    # Every width is set, and what is left is for the last column: Rich would shorten them all.
    where_width = max(MIN_WHERE, width - 2 - wide - 1 - sum(figures) - len(figures))
    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, show_edge=False)
    table.add_column("  thread", width=wide + 2, no_wrap=True)
    for state, label, figure in zip(shown, labels, figures, strict=False):
        table.add_column(label, justify="right", width=figure, no_wrap=True, style=COLOURS[state])
    table.add_column("cpu", justify="right", width=figures[-1], no_wrap=True)
    table.add_column("where", width=where_width, no_wrap=True)
    for thread in threads:
        table.add_row(
            Text("  " + cut_middle(thread_name(thread), wide)),
            *(Text(figure_of(thread, state)) for state in shown),
            Text(percent(thread.cpu)),
            Text(
                cut(thread.detail, where_width)
                if thread.detail
                else shorter(thread.where or "", where_width)
            ),
        )
    if ended:
        table.add_row(
            Text(f"  {ended_name(ended)}"),
            *(Text(percent(ended.states[state.value])) for state in shown),
            Text(percent(ended.cpu)),
            Text(cut(f"threads of {milliseconds(ended.mean * 1000)} ms on average", where_width)),
        )
    return table


def ended_name(ended: Together) -> str:
    """Return what stands for threads that ended soon."""
    return f"{ended.number} ended"


def forgotten_line(process: ProcessSummary) -> str:
    """Return the line on the threads whose shares are not known any more."""
    return f"{counted(process.forgotten, 'thread')} that ended earlier left out"


def figure_of(thread: ThreadSummary, state: State) -> str:
    """Return a state's share in percent, with its uncertainty where that is told."""
    share, width = thread.states[state.value], thread.uncertainty.get(state.value)
    return percent(share) if state not in ALWAYS else percent_within(share, width)


def percent(share: float | None) -> str:
    """Return a share as a whole percentage: a dot for none at all, a dash where it is not known."""
    if share is None:
        return "-"
    if share == 0:
        return "·"
    return "<1" if share < NOTABLE else str(int(share * 100 + 0.5))


def percent_within(share: float | None, half_width: float | None) -> str:
    """Return a share in percent and how far it may be off, in as many decimals as that allows."""
    if not share or half_width is None or share < half_width:
        return percent(share)
    digits = 0 if half_width >= 0.00995 else 1
    return f"{share * 100:.{digits}f}±{max(half_width * 100, 0.1):.{digits}f}"


def fold(
    threads: Sequence[ThreadSummary],
) -> tuple[list[ThreadSummary], list[ThreadSummary]]:
    """Return the threads worth a line each, and the quiet native ones."""
    quiet = [thread for thread in threads if thread.native and (thread.cpu or 0) < QUIET]
    return [thread for thread in threads if thread not in quiet], quiet


def folded_line(threads: Sequence[ThreadSummary]) -> str:
    """Return the line that stands for native threads which did nothing."""
    number = len(threads)
    return f"{number} native thread{'s' if number > 1 else ''} without Python, idle"


def _by_gil(thread: ThreadSummary) -> tuple[float, float, str]:
    gil = (thread.states["hold"] or 0) + (thread.states["wait"] or 0)
    return (-gil, -(thread.cpu or 0), thread.name or "")
