"""What a check of `gilscope doctor` comes to."""

from dataclasses import dataclass
from pathlib import Path

OK = "ok"
WARN = "warn"
FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Check:
    """What one check found.

    Attributes:
        verdict: OK, WARN (something is restricted) or FAIL (full fidelity is impossible, even
            for this user's own processes).
        what: one sentence on what is so.
        fix: one sentence on what would change it; None where nothing need be done.
    """

    name: str
    verdict: str
    what: str
    fix: str | None = None


def contents(path: str) -> str | None:
    """Return what is in a file; None where it cannot be read."""
    try:
        return Path(path).read_text(errors="replace")
    except OSError:
        return None
