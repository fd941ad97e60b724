"""Opens Scope on threads that do not exist, or on a process that does.

    python -m tests.ui.synthetic_scope [THREADS | -p PID] [why | no-why]

The last word says whether the panel that says why is shown; without it, where there is room.
"""

import sys

from gilscope.stream.launch import ProbeRequest
from gilscope.stream.local import LocalProbe
from gilscope.ui.feed import Feed
from gilscope.ui.screens.scope import ScopeScreen
from gilscope.ui.shell import Gilscope, run

PANEL = {"why": True, "no-why": False}


def main(words: list[str]) -> int:
    why = PANEL.get(words[-1]) if words else None
    if "-p" in words:
        source = LocalProbe(ProbeRequest(pids=[int(words[words.index("-p") + 1])], rate=1000.0))
    else:
        threads = words[0] if words and words[0].isdecimal() else "8"
        program = [sys.executable, "-m", "tests.ui.synthetic", threads]
        source = LocalProbe(ProbeRequest(pids=[4242]), program=lambda _: program)
    feed = Feed(lambda: source)
    return run(Gilscope(lambda: ScopeScreen(feed, why=why)), feed.close)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
