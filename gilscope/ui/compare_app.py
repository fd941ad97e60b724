"""Where the command line opens the Compare screen; nothing here imports Textual before it must."""

from typing import Protocol

from gilscope.compare.live import Live


class Engine(Protocol):
    """What runs a comparison.

    Attributes:
        live: how it stands; read, and never written, by the screen.
    """

    live: Live

    async def run(self) -> None:
        """Run all modes to their end."""
        ...

    def skip(self, column: int) -> None:
        """End one mode; the others go on."""
        ...

    async def close(self) -> None:
        """End everything, and every process with it."""
        ...


def run_compare(engine: Engine) -> int:
    """Run a comparison on the Compare screen until the user quits.

    Returns:
        The exit status: 128 and the number of a signal that ended the interface, 1 if nothing
        could be run, otherwise 0.
    """
    from gilscope.ui.screens.compare import CompareScreen
    from gilscope.ui.shell import Gilscope, run

    code = run(Gilscope(lambda: CompareScreen(engine)), engine.close)
    return code or (1 if engine.live.error else 0)
