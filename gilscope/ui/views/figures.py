"""Figures as text: percentages, rates, spans of time."""

SECOND = 1_000_000


def percent(share: float | None) -> str:
    """Return a fraction as a whole percentage without its sign; "-" where it is not known."""
    return "-" if share is None else f"{share * 100:.0f}"


def load(value: float | None) -> str:
    """Return a GIL load; "-" where it is not known."""
    return "-" if value is None else f"{value:.1f}"


def clock(at: int) -> str:
    """Return microseconds as minutes and seconds, "00:42", with hours from the first one on."""
    minutes, seconds = divmod(at // SECOND, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes:02}:{seconds:02}"


def span(length: int) -> str:
    """Return a length of time with three figures or so: "740 µs", "5.1 ms", "164 ms", "2.4 s"."""
    if length < 1_000:
        return f"{length} µs"
    if length < 10_000:
        return f"{length / 1_000:.1f} ms"
    if length < SECOND:
        return f"{length / 1_000:.0f} ms"
    if length < 60 * SECOND:
        return f"{length / SECOND:.1f} s"
    return clock(length)


def hertz(rate: float) -> str:
    """Return a rate: "100 Hz", "1.0 kHz"."""
    return f"{rate:.0f} Hz" if rate < 1000 else f"{rate / 1000:.1f} kHz"
