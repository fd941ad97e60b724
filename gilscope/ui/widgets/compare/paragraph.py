"""Text in lines of so many cells; textwrap counts letters, and some letters are two cells wide."""

from rich.cells import cell_len, chop_cells

from gilscope.model.text import ELLIPSIS, clean, cut


def paragraph(text: str, width: int, lines: int | None = None) -> list[str]:
    """Return a text broken into lines at its blanks, clean, with an ellipsis where lines run out.

    Args:
        lines: how many there may be.
    """
    width = max(width, 1)
    found: list[str] = []
    line = ""
    for word in clean(text).split():
        if line and cell_len(line) + 1 + cell_len(word) <= width:
            line = f"{line} {word}"
            continue
        if line:
            found.append(line)
        *whole, line = chop_cells(word, width) or [""]
        found += whole
    if line:
        found.append(line)
    if lines is None or len(found) <= lines:
        return found
    if lines < 1:
        return []
    last = found[lines - 1]
    return [*found[: lines - 1], cut(f"{last} {found[lines]}", width) if last else ELLIPSIS]
