"""A summary as text for people: for each process a few lines and a table of its threads."""

import shlex
from collections.abc import Sequence

from rich.cells import cell_len
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from gilscope.analysis.summary import ProcessSummary, SamplerSummary, Summary, ThreadSummary
from gilscope.model.events import KERNEL, PYSPY
from gilscope.model.states import STATES, State
from gilscope.model.text import clean, cut

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

ONLY_IF_SEEN = {State.READY, State.UNKNOWN}
"""States whose column is left out where no thread was in them for as much as NOTABLE."""

NOTABLE = 0.005
"""A share that rounds to a whole percent."""

QUIET = 0.01
"""A native thread that used less of a core than this is folded into one line with its like."""

NAME_WIDTH = 16
FIGURE_WIDTH = 4
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
        number = f"{len(others)} other process{'es' if len(others) > 1 else ''}"
        line = f"{number}, not known to be Python: {', '.join(names)}"
        console.print(Text(cut(line, console.width), style="dim"))
    if summary.forgotten:
        line = f"{summary.forgotten} that ended earlier are left out"
        console.print(Text(cut(line, console.width), style="dim"))


def process_block(process: ProcessSummary, sampler: SamplerSummary, width: int) -> RenderableType:
    """Return the block of one process."""
    threads, folded = fold(process.threads)
    return Group(
        header(process, width),
        sampling(process, sampler),
        gil_line(process),
        thread_table(threads, width),
        *([Text(f"  {folded_line(folded)}", style="dim")] if folded else []),
        Text(),
    )


def header(process: ProcessSummary, width: int) -> Text:
    """Return the line that says what was watched, and at what fidelity."""
    told = [f"{process.implementation or 'not known to be Python'} {process.python or ''}".strip()]
    told.append(f"{process.fidelity} fidelity")
    if process.stopped:
        told.append("stopped")
    if process.gone:
        told.append(ending(process.status))
    right = "   ".join(told)
    left = f"{process.pid}  {shlex.join(process.command)}"
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
    parts = [f"held {gil.held:.1%}"]
    if gil.load is not None:
        parts.append(f"load {gil.load:.2f}")
    if gil.switches_per_s is not None:
        parts.append(f"{gil.switches_per_s:.0f} switches/s")
    if gil.hogs is not None:
        parts.append(f"{gil.hogs} holds of 50 ms and more")
    return Text("  GIL  " + "   ".join(parts))


def thread_table(threads: Sequence[ThreadSummary], width: int) -> Table:
    """Return the table of threads, those that hold and want the GIL most first."""
    shown = [
        state
        for state in STATES
        if state not in ONLY_IF_SEEN
        or any((thread.states[state.value] or 0) >= NOTABLE for thread in threads)
    ]
    names = [thread_name(thread) for thread in threads]
    name_width = min(NAME_WIDTH, max(cell_len(clean(name)) for name in ["thread", *names]))
    labels = [state.letter if state is State.UNKNOWN else state.value for state in shown]
    figures = [max(FIGURE_WIDTH, len(label)) for label in [*labels, "cpu"]]
    # Every width is set, and what is left is for the last column: Rich would shorten them all.
    where_width = max(MIN_WHERE, width - 2 - name_width - 1 - sum(figures) - len(figures))
    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, show_edge=False)
    table.add_column("  thread", width=name_width + 2, no_wrap=True)
    for state, label, figure in zip(shown, labels, figures, strict=False):
        table.add_column(label, justify="right", width=figure, no_wrap=True, style=COLOURS[state])
    table.add_column("cpu", justify="right", width=figures[-1], no_wrap=True)
    table.add_column("where", width=where_width, no_wrap=True)
    for thread in sorted(threads, key=_by_gil):
        table.add_row(
            Text("  " + cut(thread_name(thread), name_width)),
            *(Text(percent(thread.states[state.value])) for state in shown),
            Text(percent(thread.cpu)),
            Text(cut(thread.detail or thread.where or "", where_width)),
        )
    return table


def thread_name(thread: ThreadSummary) -> str:
    """Return what a thread is called, or its number."""
    name = thread.name or str(thread.tid)
    return f"{name} (ended)" if thread.gone else name


def percent(share: float | None) -> str:
    """Return a share as a whole percentage: a dot for none at all, a dash where it is not known."""
    if share is None:
        return "-"
    if share == 0:
        return "·"
    return "<1" if share < NOTABLE else str(int(share * 100 + 0.5))


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
