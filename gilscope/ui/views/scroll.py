"""Which part of a list is on screen."""


def scrolled(offset: int, selected: int, lines: int, height: int) -> int:
    """Return how many lines to leave out above, so that the selected one is in sight.

    Args:
        offset: how many were left out so far; it changes no more than it must.
        lines: how many there are.
        height: how many are on screen.
    """
    offset = min(offset, max(selected, 0))
    offset = max(offset, selected - height + 1)
    return max(min(offset, lines - height), 0)
