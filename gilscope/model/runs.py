"""The runs of a thread as the stream spells them: "H5120W94880"; see events.ThreadSlice."""

import re

_RUN = re.compile(r"([A-Z?])([0-9]{1,16})")
"""Python refuses to read a number of thousands of digits."""


def read_runs(runs: str) -> list[tuple[str, int]]:
    """Return (letter, microseconds) of each run in `ThreadSlice.runs`; skip what is no run."""
    return [(letter, int(length)) for letter, length in _RUN.findall(runs)]
