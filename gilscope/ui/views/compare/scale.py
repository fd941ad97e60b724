"""How much time a cell of the lanes stands for: the same in every column, so that runs compare."""

SECOND = 1_000_000

SHORTEST = 100_000
"""Microseconds that lanes are long at least: what one frame of the probe tells."""

_SPANS = (10, 12, 15, 20, 25, 30, 40, 50, 60, 80)
"""Lengths of lanes, in tenths of a power of ten; so close that little stays empty."""

_STEPS = (1, 2, 5)
"""Time from one mark of the ruler to the next, times a power of ten."""

APART = 2
"""Cells that a mark needs besides its time: one for itself, one behind the time."""


def cell_for(longest: int, cells: int) -> int:
    """Return how many microseconds a cell is long where so many hold a run so long."""
    decade = SHORTEST
    while True:
        for tenths in _SPANS:
            span = decade * tenths // 10
            if span >= longest:
                return -(-span // max(cells, 1))
        decade *= 10


def cells_of(length: int, cell: int, over: bool) -> int:
    """Return how many cells a run has filled; of one that is over, the begun one counts too."""
    return -(-length // cell) if over else length // cell


def ruler(cell: int, cells: int) -> str:
    """Return the line above lanes that says when: "╷0   ╷1s  ╷2s  "."""
    step = _step(cell, cells)
    line = [" "] * cells
    for at in range(0, cell * cells, step):
        mark, place = f"╷{when(at)}", at // cell
        mark = mark if place + len(mark) <= cells else mark[:1]
        line[place : place + len(mark)] = mark
    return "".join(line)


def _step(cell: int, cells: int) -> int:
    """Return the shortest round time between marks that leaves room for what they say."""
    decade = 10_000
    while True:
        for digit in _STEPS:
            step = decade * digit
            if step // cell <= APART:
                continue
            widest = max(len(when(at)) for at in range(0, cell * cells, step))
            if step // cell >= widest + APART:
                return step
        decade *= 10


def when(at: int) -> str:
    """Return a round time in as few letters as possible: "0", "200ms", "4s", "1m40s"."""
    if at == 0:
        return "0"
    if at < SECOND:
        return f"{at // 1000}ms"
    if at < 100 * SECOND:
        return f"{at // SECOND}s" if at % SECOND == 0 else f"{at / SECOND:.1f}s"
    minutes, seconds = divmod(at // SECOND, 60)
    return f"{minutes}m{seconds}s" if seconds else f"{minutes}m"
