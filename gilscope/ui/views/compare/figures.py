"""Figures of a comparison as text: seconds, factors, sizes; as in the plain table."""

from gilscope.ui.views.figures import clock

UNKNOWN = "-"
"""Stands for what is not known; `NOTHING`, for what is nothing at all."""

NOTHING = "·"

MEGABYTE = 1_000_000


def seconds(value: float | None) -> str:
    """Return seconds with three figures: "0.042", "4.12", "41.2", "412"."""
    if value is None:
        return UNKNOWN
    if value < 0.0005:
        return "<.001" if value else NOTHING
    if value < 0.9995:
        return f"{value:.3f}"
    return three(value)


def startup(value: float | None) -> str:
    """Return a start-up in seconds; nobody notices less than a millisecond."""
    return NOTHING if value is not None and value < 0.0005 else seconds(value)


def long(value: float | None) -> str:
    """Return how long something took, with its unit: "42 ms", "4.12 s", "12:30"."""
    if value is None:
        return UNKNOWN
    if value < 0.0995:
        return f"{value * 1000:.0f} ms" if value >= 0.0095 else f"{value * 1000:.1f} ms"
    if value < 600:
        return f"{three(value)} s"
    return clock(round(value * 1_000_000))


def running_for(value: float | None) -> str:
    """Return how long something has run by now: tenths of a second in the first minute."""
    if value is None:
        return UNKNOWN
    return f"{value:.1f} s" if value < 60 else clock(round(value * 1_000_000))


def factor(value: float | None) -> str:
    """Return a speed-up without its sign: "0.98", "12.4", "120"."""
    return UNKNOWN if value is None else three(value)


def three(value: float) -> str:
    """Return a number with three figures, and no more than two behind the point."""
    if value < 9.995:
        return f"{value:.2f}"
    return f"{value:.1f}" if value < 99.95 else f"{value:.0f}"


def cores(value: float | None) -> str:
    """Return a number of cores, or a GIL load."""
    return UNKNOWN if value is None else f"{value:.2f}" if value < 9.995 else f"{value:.1f}"


def share(value: float | None) -> str:
    """Return a fraction as a percentage with its sign."""
    if not value:
        return UNKNOWN if value is None else NOTHING
    return "<1%" if value < 0.005 else f"{value * 100:.0f}%"


def megabytes(size: int | float | None) -> str:
    """Return a size in megabytes."""
    if not size:
        return UNKNOWN if size is None else NOTHING
    return "<1" if size < MEGABYTE / 2 else f"{size / MEGABYTE:,.0f}"


def size(value: int | None) -> str:
    """Return a size with its unit: "120 B", "4.1 kB", "8.0 MB"."""
    if value is None:
        return UNKNOWN
    if value < 1000:
        return f"{value} B"
    if value < MEGABYTE:
        return f"{value / 1000:.1f} kB"
    return f"{value / MEGABYTE:.1f} MB"
