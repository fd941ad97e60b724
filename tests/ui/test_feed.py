"""The feed: events in, a session out, whatever becomes of the source."""

from gilscope.ui.feed import Feed
from tests.ui.fakes import PID, FakeSource, fight


async def test_events_become_a_session_until_the_source_ends():
    source = FakeSource(fight())
    source.die(None)
    feed = Feed(lambda: source)
    await feed.read()
    assert PID in feed.session.processes
    assert feed.ended == "The probe ended."
    assert not feed.failed


async def test_a_source_that_said_nothing_has_failed():
    source = FakeSource([])
    source.die("The probe ended with exit code 4: no such process")
    feed = Feed(lambda: source)
    await feed.read()
    assert feed.failed
    assert feed.ended == "The probe ended with exit code 4: no such process"


async def test_starting_over_closes_the_old_source_and_forgets_its_session():
    sources = [FakeSource(fight()), FakeSource([])]
    waiting = iter(sources)
    feed = Feed(lambda: next(waiting))
    sources[0].die("gone")
    await feed.read()
    await feed.start_over()
    assert sources[0].closed
    assert feed.source is sources[1]
    assert not feed.session.processes
    assert feed.ended is None


async def test_a_feed_is_closed_once_nothing_is_left_of_its_source():
    feed = Feed(lambda: FakeSource([]))
    await feed.start_over()
    assert not feed.closed
    await feed.close()
    assert feed.closed


async def test_silence_is_measured_from_the_newest_event():
    now = [10.0]
    source = FakeSource(fight())
    feed = Feed(lambda: source, clock=lambda: now[0])
    now[0] = 15.0
    assert feed.silence == 5.0
    source.die(None)
    await feed.read()
    assert feed.silence == 0.0
