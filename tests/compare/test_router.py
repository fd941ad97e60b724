"""Each mode's events go into its own session."""

from gilscope.compare.live import Column
from gilscope.compare.watching import Router
from gilscope.model import events as e
from gilscope.model.comparison import Mode, Outcome

HELLO = e.Hello(1, "1", 1, "host", "Linux", 2, 100.0, 1000.0, 100_000)


def column():
    return Column(Outcome(Mode("threads")))


def frame(at, *pids):
    pieces = tuple(
        e.ProcessSlice(pid, (e.ThreadSlice(pid, "H", "H100000"),), (), 100) for pid in pids
    )
    shares = tuple(e.CoreShare(pid, pid, 50_000) for pid in pids)
    cores = (e.CoreSlice(0, 90_000, shares),)
    return e.Frame(at, 100_000, e.SamplerSlice(1000.0, 100), pieces, cores)


def process(pid, parent):
    return e.Process(0, pid, parent, ("python",), "3.12.1", "cpython", e.KERNEL, gil=True)


def test_children_belong_to_the_column_of_their_parent():
    router, one, two = Router(), column(), column()
    router.take(HELLO)
    router.follow(one, 10)
    router.follow(two, 20)
    for event in (process(10, 1), process(20, 1), process(11, 10), process(12, 11)):
        router.take(event)
    assert set(one.session.processes) == {10, 11, 12}
    assert set(two.session.processes) == {20}


def test_a_frame_is_divided_between_the_columns():
    router, one, two = Router(), column(), column()
    router.take(HELLO)
    router.follow(one, 10)
    router.follow(two, 20)
    for event in (process(10, 1), process(20, 1), e.Thread(0, 10, 10), e.Thread(0, 20, 20)):
        router.take(event)
    router.take(frame(100_000, 10, 20, 30))
    assert one.session.processes[10].threads[10].spent[0] == 100_000
    (core,) = one.session.frames[-1].cores
    assert core.busy == 90_000
    assert [share.pid for share in core.watched] == [10]


def test_a_column_hears_who_speaks_however_late_it_comes():
    router, late = Router(), column()
    router.take(HELLO)
    assert router.begun
    router.follow(late, 10)
    assert late.session.hello == HELLO


def test_a_column_that_is_left_stays_as_it_is():
    router, one = Router(), column()
    router.follow(one, 10)
    for event in (HELLO, process(10, 1), frame(100_000, 10)):
        router.take(event)
    router.leave(one)
    router.take(frame(200_000, 10))
    router.take(e.Gone(200_000, 10))
    assert one.session.now == 100_000
    assert one.session.processes[10].gone is None


def test_a_column_that_rests_keeps_its_picture_and_goes_on_with_it():
    router, one = Router(), column()
    one.workers = ((10, 10),)
    router.follow(one, 10)
    introduction = (process(10, 1), e.Thread(0, 10, 10))
    for event in (HELLO, *introduction, frame(100_000, 10)):
        router.take(event)
    assert router.knows(one)
    router.leave(one)
    router.take(e.Gone(150_000, 10, how="lost"))
    router.follow(one, 10)
    assert not router.knows(one)
    for event in (*introduction, frame(900_000, 10)):
        router.take(event)
    assert router.knows(one)
    thread = one.session.processes[10].threads[10]
    assert [stretch.end for stretch in thread.history] == [100_000, 900_000]


def test_notes_about_nobody_are_for_all_that_are_watched():
    router, one, two = Router(), column(), column()
    router.follow(one, 10)
    router.follow(two, 20)
    router.take(e.Note(0, "warning", "it is late"))
    assert [len(each.session.notes) for each in (one, two)] == [1, 1]
