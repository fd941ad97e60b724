"""The Textual application: its colours, its keys, how it begins and how it ends."""

import asyncio
import select
import signal
import sys
from collections.abc import Awaitable, Callable, Iterable
from functools import partial

from textual.app import App, SystemCommand
from textual.screen import Screen

from gilscope.ui import keys, theme
from gilscope.ui.driver import SlimDriver

ENDINGS = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)
"""Signals that end the interface in good order, with exit status 128 and their number."""


LOOK_AT_TERMINAL = 1.0
"""Seconds between two looks at whether the terminal is still there."""


class Gilscope(App[int]):
    """Holds the screens; knows nothing of what they show."""

    BINDINGS = keys.EVERYWHERE
    CSS = """
    Screen { background: #121212; color: #bcbcbc; }
    CommandPalette > Vertical { margin: 1 4; }
    """
    TITLE = "gilscope"

    def __init__(self, first: Callable[[], Screen[None]]) -> None:
        """Open the screen that `first` returns."""
        super().__init__(driver_class=SlimDriver, ansi_color=True)
        self._first = first
        self.animation_level = "none"
        self.register_theme(theme.THEME)
        self.theme = theme.THEME.name

    def on_mount(self) -> None:
        """Open the first screen."""
        self.push_screen(self._first())
        if sys.stdin is not None and sys.stdin.isatty():
            self.set_interval(LOOK_AT_TERMINAL, self.leave_dead_terminal)

    def leave_dead_terminal(self) -> None:
        """End if the terminal has hung up: under nohup no signal tells."""
        poll = select.poll()
        poll.register(sys.stdin.fileno(), 0)
        if any(event & select.POLLHUP for _, event in poll.poll(0)):
            self.exit(128 + signal.SIGHUP)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Offer in the palette what the keys of this screen do."""
        here = keys.bindings(getattr(screen, "BINDINGS", []))
        everywhere = keys.bindings(keys.EVERYWHERE)
        for owner, found in ((screen, here), (self, everywhere)):
            for binding in found:
                if binding.action != "command_palette":
                    act = partial(owner.run_action, binding.action)
                    text = f"{binding.description[0].upper()}{binding.description[1:]}"
                    yield SystemCommand(text, f"key: {keys.shown_keys(binding)}", act)

    def action_help(self) -> None:
        """Explain states, figures and keys."""
        from gilscope.ui.screens.help import HelpScreen

        if not isinstance(self.screen, HelpScreen):
            self.push_screen(HelpScreen())

    async def action_interrupt(self) -> None:
        """End as Ctrl-C ends other programs."""
        self.exit(128 + signal.SIGINT)


def run(app: Gilscope, close: Callable[[], Awaitable[None]]) -> int:
    """Run the application until it ends; return its exit status.

    Args:
        close: ends whatever the screens read from; called once the terminal is as it was before.
    """
    return asyncio.run(_run(app, close))


async def _run(app: Gilscope, close: Callable[[], Awaitable[None]]) -> int:
    loop = asyncio.get_running_loop()
    for number in ENDINGS:
        loop.add_signal_handler(number, app.exit, 128 + number)
    try:
        await app.run_async()
    finally:
        await close()
    return app.return_value or 0 if app.return_code in (0, None) else app.return_code
