"""How the Compare screen shares a terminal among its parts."""

from dataclasses import dataclass

NARROWEST = 24
"""Cells of a column that still says all that matters; 80 cells have room for three of 26."""

BEFORE, GAP = 4, 1
"""Cells around the name of a lane, for its letter and blanks, and behind the lane."""

NAMES = range(4, 9)
"""How long the names of lanes may be; process ids have up to seven figures."""

BIG = 3
"""Lines of a speed-up in large figures."""

TALL = 2
"""Lines of a lane where there is room: seen from the last row."""

PARTS_APART = 3
"""Lines that keep the parts apart where there is room."""

UNSAID = 4
"""Lines that lanes leave free for a verdict that is still to come."""

MOST_EVIDENCE = 12
"""Lines that the verdict takes at most; a key shows all of it."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Cells and lines of each part; a part that is left out has none.

    Attributes:
        fit: columns that stand side by side; `column`: how wide each is.
        name: of the names of lanes; `cells`: of the lanes themselves.
        figure: of the speed-up: BIG, or 1 where it is written small.
        lanes: how many there are in each column at most; `tall`: how many lines each of them has.
        table: with its titles.
        spare: lines that nobody needs; they stand between the parts.
    """

    width: int
    fit: int
    column: int
    name: int
    cells: int
    title: int = 0
    figure: int = 1
    progress: int = 0
    cores: int = 0
    ruler: int = 0
    lanes: int = 1
    tall: int = 1
    gil: int = 0
    table: int = 0
    verdict: int = 0
    legend: int = 0
    spare: int = 0

    @property
    def body(self) -> int:
        """Lines of a column below its label."""
        lanes = self.lanes * self.tall
        return self.figure + self.progress + self.cores + self.ruler + lanes + self.gil


def plan(
    width: int,
    height: int,
    modes: int,
    name: int,
    lanes: int,
    verdict: int,
    enlarged: bool = False,
) -> Plan:
    """Return how the parts share a terminal of this size.

    Args:
        name: cells of the longest name of a lane.
        lanes: most lanes that a column has.
        verdict: lines that the verdict needs with all its evidence.
        enlarged: one column has the whole width, and all lines that its lanes can use.
    """
    fit = 1 if enlarged else max(min((width + 1) // (NARROWEST + 1), modes), 1)
    column = (width - (fit - 1)) // fit
    name = min(max(name, NAMES.start), NAMES.stop - 1)
    lines = {"lanes": 1, "figure": 1}
    left = height - 5  # The first line, the label, the speed-up, a lane, the keys.
    for part, wanted in _wishes(modes, lanes, verdict, enlarged):
        more = wanted - lines.get(part, 0)
        if part in _WHOLE and more > left:
            continue
        more = max(min(more, left), 0)
        lines[part] = lines.get(part, 0) + more
        left -= more
    cells = max(column - BEFORE - name - GAP, 1)
    kept = PARTS_APART + (0 if verdict else UNSAID)
    if left >= lines["lanes"] + kept and lines["lanes"] >= lanes:
        lines["tall"] = TALL
        left -= lines["lanes"]
    return Plan(width, fit, column, name, cells, spare=left, **lines)


_WHOLE = {"figure", "title", "progress", "cores", "ruler", "gil", "legend"}
"""Parts that are there with all their lines or not at all."""


def _wishes(modes: int, lanes: int, verdict: int, enlarged: bool) -> tuple[tuple[str, int], ...]:
    """Return parts and the lines each wants in all, what matters most first."""
    if enlarged:
        return (
            ("progress", 1),
            ("cores", 1),
            ("gil", 1),
            ("ruler", 1),
            ("lanes", min(lanes, 8)),
            ("title", 1),
            ("legend", 1),
            ("figure", BIG),
            ("lanes", lanes),
        )
    return (
        ("progress", 1),
        ("table", modes + 1),
        ("verdict", min(verdict, 2)),
        ("lanes", min(lanes, 2)),
        ("cores", 1),
        ("gil", 1),
        ("title", 1),
        ("lanes", min(lanes, 3)),
        ("ruler", 1),
        ("figure", BIG),
        ("verdict", min(verdict, 3)),
        ("lanes", min(lanes, 4)),
        ("legend", 1),
        ("lanes", min(lanes, 8)),
        ("verdict", min(verdict, MOST_EVIDENCE)),
        ("lanes", lanes),
    )
