"""Draws what a comparison comes to, with its evidence, or what is wrong with it."""

from rich.cells import cell_len

from gilscope.analysis.verdict import Verdict
from gilscope.model.text import cut
from gilscope.ui import theme
from gilscope.ui.widgets.board import Line
from gilscope.ui.widgets.compare.paragraph import paragraph

MORE = "… w: all of it"
"""Stands at the end of what is shown where there is more."""


def verdict_lines(
    verdict: Verdict | None, notice: tuple[str, str], width: int, height: int | None = None
) -> list[Line]:
    """Return the verdict and its evidence, a line each or more.

    Args:
        notice: what is wrong, and what to do about it; it comes first.
        height: lines there is room for; the last says so where that is not enough.
    """
    lines: list[Line] = []
    room = max(width - 2, 10)
    wrong, fix = notice
    lines += [[(f" {part}", theme.ERROR)] for part in paragraph(wrong, room)]
    lines += [[(f" {part}", theme.KEY)] for part in paragraph(fix, room)]
    if verdict is not None:
        ink = theme.GOOD_STRONG if verdict.best else theme.STRONG
        lines += [[(f" {part}", ink)] for part in paragraph(verdict.text, room)]
        for sentence in verdict.evidence:
            parts = paragraph(sentence, room - 2)
            lines += [
                [(" · " if index == 0 else "   ", theme.FAINT), (part, theme.PLAIN)]
                for index, part in enumerate(parts)
            ]
    if height is None or len(lines) <= height:
        return lines
    if height < 1:
        return []
    last = "".join(text for text, _ in lines[height - 1])
    rest = cut(last, width - len(MORE) - 2)
    ink = lines[height - 1][-1][1]
    gap = " " * (width - cell_len(rest) - len(MORE) - 1)
    return [*lines[: height - 1], [(rest, ink), (gap, theme.PLAIN), (MORE, theme.FAINT)]]
