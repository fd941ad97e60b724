"""Large figures: each is five squares high, two squares to a cell."""

_SHAPES = {
    "0": ("###", "# #", "# #", "# #", "###"),
    "1": (" # ", "## ", " # ", " # ", "###"),
    "2": ("###", "  #", "###", "#  ", "###"),
    "3": ("###", "  #", " ##", "  #", "###"),
    "4": ("# #", "# #", "###", "  #", "  #"),
    "5": ("###", "#  ", "###", "  #", "###"),
    "6": ("###", "#  ", "###", "# #", "###"),
    "7": ("###", "  #", "  #", "  #", "  #"),
    "8": ("###", "# #", "###", "# #", "###"),
    "9": ("###", "# #", "###", "  #", "###"),
    ".": (" ", " ", " ", " ", "#"),
    "x": ("   ", "   ", "# #", " # ", "# #"),
    "-": ("   ", "   ", "###", "   ", "   "),
}

_SQUARES = {"  ": " ", "# ": "▀", " #": "▄", "##": "█"}

LINES = 3


def large(text: str) -> list[str]:
    """Return a number in large figures, LINES lines of the same length."""
    shapes = [_SHAPES[letter] for letter in text if letter in _SHAPES]
    rows = [" ".join(shape[row] for shape in shapes) for row in range(5)]
    rows.append(" " * len(rows[0]))
    return [
        "".join(_SQUARES[upper + lower] for upper, lower in zip(*rows[row : row + 2], strict=True))
        for row in range(0, 2 * LINES, 2)
    ]
