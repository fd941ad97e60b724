"""Waiting for the probe to see what it is to see, and whose its events are."""

import asyncio

from gilscope.compare.live import Column
from gilscope.compare.watching import Router, Watching
from gilscope.model import events as e
from gilscope.model.comparison import Mode, Outcome
from gilscope.model.control import Unwatch, Watch
from gilscope.stream.launch import ProbeRequest


class Silent:
    """A source that says nothing."""

    ending = None

    def __init__(self, request):
        self.closed = asyncio.Event()
        self.sent = []

    async def events(self):
        await self.closed.wait()
        return
        yield

    def send(self, control):
        self.sent.append(control)

    async def close(self):
        self.closed.set()


def test_workers_that_cannot_be_seen_are_waited_for_once(monkeypatch):
    monkeypatch.setattr("gilscope.compare.watching.SIGHT", 0.05)

    async def wait():
        watching = Watching(ProbeRequest(), Silent)
        column = Column(Outcome(Mode("threads")), workers=((1, 1),))
        assert not await watching.sees(column)
        monkeypatch.setattr("gilscope.compare.watching.SIGHT", 1000.0)
        column.round = 1
        async with asyncio.timeout(5):
            assert not await watching.sees(column)
        await watching.close()

    asyncio.run(wait())


def test_nobody_waits_for_workers_of_a_mode_that_was_given_up(monkeypatch):
    monkeypatch.setattr("gilscope.compare.watching.SIGHT", 1000.0)

    async def wait():
        watching = Watching(ProbeRequest(), Silent)
        column = Column(Outcome(Mode("threads")), workers=((1, 1),))
        async with asyncio.timeout(5):
            assert not await watching.sees(column, lambda: True)
        await watching.close()

    asyncio.run(wait())


def test_what_rests_is_left_alone_and_each_of_its_processes_is_watched_again():
    async def rest():
        sources = []

        def begin(request):
            sources.append(Silent(request))
            return sources[0]

        watching = Watching(ProbeRequest(), begin)
        column = Column(Outcome(Mode("processes")), root=10, workers=((11, 11), (12, 12)))
        watching.watch(column, 10)
        watching.go_on(column)
        watching.rest(column)
        watching.go_on(column)
        await watching.close()
        return sources[0].sent

    resting, again = map(Unwatch, (10, 11, 12)), map(Watch, (10, 11, 12))
    assert asyncio.run(rest()) == [Watch(10), *resting, *again]


def test_a_process_id_that_is_given_again_goes_to_the_column_of_its_new_parent():
    router, one, two = (
        Router(),
        Column(Outcome(Mode("threads"))),
        Column(Outcome(Mode("processes"))),
    )
    router.follow(one, 10)
    router.follow(two, 20)
    for pid, parent in ((11, 10), (11, 20)):
        router.take(e.Process(0, pid, parent, ("python",), "3.12.1", "cpython", e.KERNEL, gil=True))
    assert 11 in two.session.processes
