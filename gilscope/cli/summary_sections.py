"""What a summary tells of a process below the table of its threads: each section only if it must.

How long holds and waits lasted, who kept whom waiting, the functions that held the GIL, the hogs,
and threads that held it without running.
"""

from collections.abc import Iterable, Sequence

from rich.cells import cell_len
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from gilscope.analysis.stretches import Lengths
from gilscope.analysis.summary import (
    HogSummary,
    ProcessSummary,
    ThreadSummary,
)
from gilscope.model.text import clean, cut, cut_middle

NAME_WIDTH = 16
"""Cells of a thread's name on a terminal of 80; on a wider one it may take a fifth of it."""

LINES = 8
"""Lines of a section; what is left out is the least of it."""

TELLING_WAIT = 0.02
"""Share of its time that a thread has to wait before it is told what for."""

TELLING_BLAME = 0.05
"""Share of a thread's waits that is named."""

TELLING_FUNCTION = 0.005
"""Share of the time that a function has to hold the GIL to be named."""

OFF_CORE = 0.1
"""Share of its hold that a thread has to be off its core for that to be told."""

OFF_CORE_HOLD = 0.01
"""Share of its time that such a thread has to hold the GIL."""


def sections(process: ProcessSummary, width: int) -> list[RenderableType]:
    """Return the sections that have something to tell."""
    threads = sorted(process.threads, key=_by_time)
    return [
        *off_core(threads, width),
        *times(process, threads, width),
        *waiting(process, threads, width),
        *functions(process, width),
        *hogs(process.hogs, width),
    ]


def off_core(threads: Sequence[ThreadSummary], width: int) -> list[RenderableType]:
    """Return a line for each thread that held the GIL while it did not run."""
    lines: list[RenderableType] = []
    for thread in threads:
        if (thread.states["hold"] or 0) < OFF_CORE_HOLD:
            continue
        blocked, starved = thread.hold_blocked or 0, thread.hold_starved or 0
        told = [f"{blocked:.0%} of it blocked in a system call"] if blocked >= OFF_CORE else []
        told += [f"{starved:.0%} of it without a core"] if starved >= OFF_CORE else []
        if told:
            line = f"  {thread_name(thread)} held the GIL, {', '.join(told)}"
            lines.append(Text(cut(line, width), style="red" if blocked >= OFF_CORE else "yellow"))
    return lines[:LINES]


def times(
    process: ProcessSummary, threads: Sequence[ThreadSummary], width: int
) -> list[RenderableType]:
    """Return the table of how long holds and waits lasted."""
    rows = [
        (thread_name(thread), thread.hold_ms, thread.wait_ms)
        for thread in threads
        if _has_figures(thread.hold_ms) or _has_figures(thread.wait_ms)
    ]
    if not rows:
        return []
    rows = rows[:LINES]
    if len(process.threads) > 1 and len(rows) > 1:
        rows.append(("all threads", process.hold_ms, process.wait_ms))
    table = _table()
    names = name_width([name for name, _, _ in rows], width)
    table.add_column("  lengths in ms", min_width=names + 2, no_wrap=True)
    for ink, what in (("green", "holds"), ("yellow", "waits")):
        for title, least in ((what, 7), ("p50", 5), ("p99", 5), ("max", 5)):
            table.add_column(title, justify="right", min_width=least, no_wrap=True, style=ink)
    for name, hold, wait in rows:
        table.add_row(f"  {cut_middle(name, names)}", *_figures(hold), *_figures(wait))
    return [table]


def waiting(
    process: ProcessSummary, threads: Sequence[ThreadSummary], width: int
) -> list[RenderableType]:
    """Return, for the threads that waited, which functions held the GIL meanwhile."""
    waiters = [
        thread
        for thread in threads
        if thread.blame_functions and (thread.states["wait"] or 0) >= TELLING_WAIT
    ]
    if not waiters:
        return []
    waiters.sort(key=lambda thread: -(thread.states["wait"] or 0) * thread.duration)
    names = _names(process)
    wide = name_width([thread_name(thread) for thread in waiters], width)
    rest = width - wide - 3
    table = _table()
    table.add_column("  waited", width=wide + 2, no_wrap=True)
    table.add_column("for", width=rest, no_wrap=True)
    for thread in waiters[:LINES]:
        told = [
            f"{each.share:.0%} {function_name(each.where)} in {_some(each.threads, names)}"
            for each in thread.blame_functions
            if each.share >= TELLING_BLAME
        ]
        text = cut("; ".join(told) or "nobody who is known", rest)
        table.add_row(f"  {cut_middle(thread_name(thread), wide)}", text)
    return [table]


def functions(process: ProcessSummary, width: int) -> list[RenderableType]:
    """Return the table of the functions that held the GIL longest."""
    shown = [each for each in process.functions if (each.share or 0) >= TELLING_FUNCTION][:LINES]
    if not any(each.name for each in shown):
        return []
    names = _names(process)
    table = _table()
    table.add_column("  held", justify="right", width=6, no_wrap=True, style="green")
    places = [each.where or "functions that are not known" for each in shown]
    place_width = min(_width(places, width), max(20, width - 6 - 1 - 1 - 20))
    table.add_column("in", width=place_width, no_wrap=True)
    table.add_column("by", width=max(10, width - 8 - place_width), no_wrap=True)
    for each, place in zip(shown, places, strict=True):
        by = _some(each.threads, names, most=5)
        held = f"{each.share:.0%}" if each.share is not None else "-"
        table.add_row(held, shorter(place, place_width), cut(by, max(10, width - 8 - place_width)))
    return [table]


def hogs(told: Sequence[HogSummary], width: int) -> list[RenderableType]:
    """Return the longest of the hogs, the longest first."""
    if not told:
        return []
    longest = sorted(told, key=lambda hog: -hog.length_ms)[:LINES]
    table = _table()
    wide = name_width([hog.thread or str(hog.tid) for hog in longest], width)
    table.add_column("  longest holds", justify="right", width=15, no_wrap=True, style="green")
    table.add_column("at", justify="right", width=8, no_wrap=True)
    table.add_column("by", width=wide, no_wrap=True)
    rest = width - 15 - 8 - wide - 3
    table.add_column("in", width=max(10, rest), no_wrap=True)
    for hog in longest:
        more = "" if hog.ended else "+"
        table.add_row(
            f"{hog.length_ms:.0f}{more} ms",
            f"{hog.at:.2f} s",
            cut_middle(hog.thread or str(hog.tid), wide),
            shorter(hog.where or "", max(10, rest)),
        )
    return [table]


def thread_name(thread: ThreadSummary) -> str:
    """Return what a thread is called, or its number."""
    name = thread.name or str(thread.tid)
    return f"{name} (ended)" if thread.gone else name


def milliseconds(value: float | None) -> str:
    """Return a time in milliseconds in few digits; a dash where it is not known."""
    if value is None:
        return "-"
    return f"{value:.1f}" if value < 100 else f"{value:.0f}"


def _figures(lengths: Lengths) -> list[str]:
    count = "-" if lengths.count is None else str(lengths.count)
    return [count, *map(milliseconds, (lengths.p50, lengths.p99, lengths.max))]


def _has_figures(lengths: Lengths) -> bool:
    return any(figure is not None for figure in (lengths.p50, lengths.p99, lengths.max))


def function_name(where: str | None) -> str:
    """Return the name of the function in a place, without the function it is nested in."""
    if where is None:
        return "?"
    return where.rpartition(" (")[0].rpartition(".<locals>.")[2]


def shorter(where: str, width: int) -> str:
    """Return a place in so many cells: what its function is nested in goes first, then its end."""
    if cell_len(clean(where)) > width:
        name, _, place = where.rpartition(" (")
        where = f"{name.rpartition('.')[2]} ({place}" if name else where
    return cut(where, width)


def _some(tids: Sequence[int], names: dict[int, str], most: int = 2) -> str:
    """Return the names of some threads, and how many more there are."""
    told = ", ".join(names.get(tid, str(tid)) for tid in tids[:most])
    return f"{told} and {len(tids) - most} more" if len(tids) > most else told


def _names(process: ProcessSummary) -> dict[int, str]:
    return {thread.tid: thread.name or str(thread.tid) for thread in process.threads}


def name_width(names: Iterable[str], width: int) -> int:
    """Return how many cells a column of names takes of a terminal's width."""
    return _width(names, max(NAME_WIDTH, width // 5))


def _width(texts: Iterable[str], most: int) -> int:
    return min(most, max([6, *(cell_len(clean(text)) for text in texts)]))


def _table() -> Table:
    return Table(
        box=None, padding=(0, 1, 0, 0), pad_edge=False, show_edge=False, header_style="dim"
    )


def _by_time(thread: ThreadSummary) -> tuple[float, str]:
    """Those first that held and wanted the GIL longest, not those that did little else."""
    share = (thread.states["hold"] or 0) + (thread.states["wait"] or 0)
    return (-share * thread.duration, thread.name or "")
