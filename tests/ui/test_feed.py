"""The feed: events in, a session out, whatever becomes of the source."""

from gilscope.model import events as e
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


async def test_starting_over_closes_the_old_source_and_keeps_its_session_until_there_is_another():
    sources = [FakeSource(fight()), FakeSource(fight(1))]
    waiting = iter(sources)
    feed = Feed(lambda: next(waiting))
    sources[0].die("gone")
    await feed.read()
    before = feed.session
    assert await feed.start_over()
    assert sources[0].closed
    assert feed.source is sources[1]
    assert feed.session is before
    assert feed.ended is None
    assert feed.reading.starting
    sources[1].die("gone")
    await feed.read()
    assert feed.session is not before
    assert not feed.reading.starting


ENDED = [*fight(), e.Gone(4_000_000, PID), e.Bye(4_000_000, "every watched process has ended")]


async def test_what_has_ended_is_not_looked_for_again():
    sources: list[FakeSource] = []

    def begin() -> FakeSource:
        sources.append(FakeSource(ENDED))
        sources[-1].die(None)
        return sources[-1]

    feed = Feed(begin)
    await feed.read()
    assert not await feed.start_over()
    assert feed.reading.nothing_left
    assert len(sources) == 1
    assert feed.session.processes


async def test_a_command_that_has_ended_is_launched_again():
    source = FakeSource(ENDED)
    source.die(None)
    feed = Feed(lambda: source, launches=True)
    await feed.read()
    assert await feed.start_over()


async def test_what_was_seen_stays_where_a_new_probe_sees_nothing():
    gone = [e.Note(1, "error", "There is no process 4242."), e.Bye(2, "every one has ended")]
    sources = [FakeSource(fight()), FakeSource(gone)]
    waiting = iter(sources)
    feed = Feed(lambda: next(waiting))
    sources[0].die("The probe was ended by SIGKILL.")
    await feed.read()
    assert await feed.start_over()
    sources[1].die(None)
    await feed.read()
    assert PID in feed.session.processes
    assert feed.reading.nothing_left


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
