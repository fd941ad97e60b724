"""Whether two modes came to the same results, told from one digest for each task."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Results:
    """What the tasks of a run came to.

    Attributes:
        digests: one for each task, equal where the results are; None for one that cannot be
            compared, or is another every time.
        whole: the same for what the work says of all of it together; None where it says nothing.
    """

    digests: tuple[str | None, ...]
    whole: str | None = None


def compare_results(baseline: Results | None, other: Results) -> tuple[bool | None, str | None]:
    """Return whether results are those of the baseline, and what differs or cannot be told.

    Returns:
        True and None; False and a sentence on what differs; None and a sentence on why it cannot
        be told.
    """
    if baseline is None:
        return None, "there are no results of the baseline to compare with"
    pairs = list(zip(baseline.digests, other.digests, strict=False))
    wrong = [number for number, (one, two) in enumerate(pairs, 1) if one and two and one != two]
    if len(baseline.digests) != len(other.digests):
        return False, f"{len(other.digests)} results instead of {len(baseline.digests)}"
    if wrong:
        if len(wrong) == len(pairs):
            return False, "no result is that of the baseline"
        which = "task" if len(wrong) == 1 else f"{len(wrong)} tasks, the first is task"
        return False, f"another result than the baseline's in {which} {wrong[0]} of {len(pairs)}"
    if baseline.whole != other.whole:
        return False, "every task came to the same as in the baseline, but their total did not"
    blind = sum(one is None or two is None for one, two in pairs)
    if blind:
        which = "results" if blind == len(pairs) else f"{blind} of {len(pairs)} results"
        return None, f"{which} cannot be compared: objects without a value, or others every time"
    return True, None
