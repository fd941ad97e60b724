"""How long the threads of a process held a GIL and waited for one, by the GIL that they need."""

from collections.abc import Collection

from gilscope.model.events import GilSlice

Use = tuple[int, int]
"""Microseconds for which a thread held its GIL, and waited for it."""


class Uses:
    """What threads did in a frame, added up for each interpreter."""

    def __init__(self) -> None:
        self._uses: dict[int | None, Use] = {}

    def add(self, interpreter: int | None, use: Use) -> None:
        """Count what a thread of an interpreter did."""
        held, waited = self._uses.get(interpreter, (0, 0))
        self._uses[interpreter] = held + use[0], waited + use[1]

    @property
    def waited(self) -> int:
        """How long all of them waited."""
        return sum(waited for _, waited in self._uses.values())

    def of(self, gil: GilSlice, gils: Collection[int]) -> Use:
        """Return what became of one of some GILs, named by interpreter, by those that need it."""
        mine = [use for who, use in self._uses.items() if gil_for(who, gils) == gil.interpreter]
        return sum(held for held, _ in mine), sum(waited for _, waited in mine)


def gil_for(interpreter: int | None, gils: Collection[int]) -> int:
    """Return which GIL an interpreter uses; one without a GIL of its own shares the main one's."""
    return interpreter if interpreter is not None and interpreter in gils else min(gils)
