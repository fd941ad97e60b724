"""Draws everything that is known of one hog."""

from textwrap import wrap

from gilscope.ui import theme
from gilscope.ui.views.figures import clock, span
from gilscope.ui.views.hogs import HogDetail
from gilscope.ui.widgets.board import Line
from gilscope.ui.widgets.detail import call_line, pair_line

MOST_WAITED = 12
"""Threads listed that waited meanwhile."""


def hog_page(view: HogDetail | None, longest: int, width: int) -> list[Line]:
    """Return the page about one hog.

    Args:
        longest: microseconds from which on a hold is a hog.
    """
    if view is None:
        return [[(" This hog is so old that it is forgotten.", theme.FAINT)]]
    line = view.line
    length = span(line.length) + (" so far" if line.open else "")
    meaning = (
        f"A hog is a hold of {span(longest)} or longer. No other thread could run Python code "
        "while it lasted: threads normally hand the GIL on after 5 ms."
    )
    lines: list[Line] = [
        [
            (" gilscope ", theme.BADGE),
            (f" {line.name} ", theme.STRONG),
            (f" held the GIL for {length} ", theme.LANES["H"]),
        ],
        [],
        *([(f" {part}", theme.FAINT)] for part in wrap(meaning, max(width - 2, 10))),
        [],
        pair_line("thread", f"{view.tid} of process {view.pid}", width),
        pair_line("began", f"at {clock(line.since)}", width),
        [],
    ]
    if view.calls:
        when = "" if view.read is None else f", read {span(view.read)} after it began"
        lines.append(pair_line("stack", f"innermost call first{when}", width))
        lines += [call_line(call, width, index == 0) for index, call in enumerate(view.calls)]
    else:
        lines.append(pair_line("stack", "none could be read while it lasted", width))
    lines += [[], pair_line("meanwhile", _waited(view), width)]
    for name, length_ in view.waited[:MOST_WAITED]:
        lines.append([(f" {span(length_):>10}  ", theme.INKS["W"]), (name, theme.PLAIN)])
    return lines


def _waited(view: HogDetail) -> str:
    if not view.waited:
        return "no thread waited for the GIL"
    count = len(view.waited)
    together = f", {span(view.whole)} together" if view.whole and count > 1 else ""
    return f"{count} thread{'s' if count > 1 else ''} waited for the GIL{together}"
