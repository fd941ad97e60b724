"""Where the command line enters the interface; nothing here imports Textual before it must.

The probe is started first, so that it finds the interpreter's structures while Textual is imported.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from gilscope.model.session import Session
from gilscope.stream.launch import ProbeRequest
from gilscope.stream.local import LocalProbe
from gilscope.stream.source import Source
from gilscope.ui.feed import Feed

if TYPE_CHECKING:
    from gilscope.compare.engine import Engine
    from gilscope.ui.screens.compare import CompareScreen
    from gilscope.ui.views.home import Choice
    from gilscope.workloads.works import Work

HOME_RATE = 100.0
"""Samples a second for the list of processes: enough for a GIL load over a second."""

Begin = Callable[[ProbeRequest], Source]


def run_scope(
    request: ProbeRequest,
    title: str | None = None,
    begin: Begin = LocalProbe,
    leave: Callable[[Session], None] = lambda session: None,
) -> int:
    """Watch processes, or launch a command and watch it, until the user quits.

    Args:
        leave: what is done with the session once the terminal is as it was before.

    Returns:
        The exit status: that of the command when it ended, 128 and the number of a signal that
        ended the interface, 1 if the probe had nothing to show, otherwise 0.
    """
    source = begin(request)
    from gilscope.ui.screens.scope import ScopeScreen
    from gilscope.ui.shell import Gilscope, run

    feed = Feed(lambda: begin(request), source, launches=bool(request.command))
    code = run(Gilscope(lambda: ScopeScreen(feed, title)), feed.close)
    leave(feed.session)
    if code:
        return code
    if feed.failed:
        return 1
    return command_status(feed.session) if request.command else 0


def run_home(*, rate: float, begin: Begin = LocalProbe) -> int:
    """List what can be watched or compared, and open what the user picks; return the exit status.

    Args:
        rate: samples a second of what is picked; the list itself makes do with HOME_RATE.
    """
    from gilscope.stream.discover import Discovery
    from gilscope.ui.screens.home import HomeScreen
    from gilscope.ui.screens.scope import ScopeScreen
    from gilscope.ui.shell import Gilscope, run
    from gilscope.workloads import works
    from gilscope.workloads.catalogue import DEMONSTRATIONS, find

    feeds: list[Feed] = []
    engines: list[Engine] = []

    def feed_of(request: ProbeRequest) -> Feed:
        # What is closed holds a whole session, and the user may go to and fro all day.
        feeds[:] = [feed for feed in feeds if not feed.closed]
        feeds.append(Feed(lambda: begin(request), launches=bool(request.command)))
        return feeds[-1]

    def learn() -> Feed:
        return feed_of(ProbeRequest(rate=HOME_RATE, stack_rate=0, children=False))

    def open_choice(choice: "Choice") -> None:
        work = works.find(choice.work) if choice.work else None
        if work:
            engines[:] = [engine for engine in engines if not engine.live.over]
            screen, engine = comparison(work)
            engines.append(engine)
            app.push_screen(screen)
            return
        demonstration = find(choice.demonstration) if choice.demonstration else None
        if demonstration:
            request = ProbeRequest(command=demonstration.command(), rate=rate)
        else:
            request = ProbeRequest(pids=[choice.pid] if choice.pid else [], rate=rate)
        title = demonstration.title if demonstration else None
        app.push_screen(ScopeScreen(feed_of(request), title))

    async def close() -> None:
        for engine in engines:
            await engine.close()
        for feed in feeds:
            await feed.close()

    discovery = Discovery()
    home = HomeScreen(discovery.scan, DEMONSTRATIONS, learn, open_choice)
    app = Gilscope(lambda: home)
    return run(app, close)


def comparison(work: "Work") -> tuple["CompareScreen", "Engine"]:
    """Return a screen that compares a work of the catalogue in the usual ways, and what runs it."""
    from gilscope.compare.engine import Engine
    from gilscope.compare.plan import usual_plan
    from gilscope.ui.screens.compare import CompareScreen

    engine = Engine(usual_plan(work))
    return CompareScreen(engine), engine


def command_status(session: Session) -> int:
    """Return the exit status of the launched command, 0 while it runs or where it is not known."""
    for record in session.processes.values():
        if not record.about.followed and record.gone is not None:
            status = record.gone.status or 0
            return 128 - status if status < 0 else status
    return 0
