"""A comparison that is ended, cancelled or hindered at every turn ends well and leaves nothing."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import psutil
import pytest

from gilscope.analysis.verdict import judge
from gilscope.compare.child import Child, ChildEnded
from gilscope.compare.contained import UNKNOWN, Contained
from gilscope.compare.engine import Engine
from gilscope.compare.footprint import cpu_of, memory_of
from gilscope.compare.plan import Plan
from gilscope.model.comparison import COMMAND, DONE, FAILED, SKIPPED, Mode
from gilscope.workloads.reports import Load, Ready

pytestmark = pytest.mark.e2e

JOBS = Path(__file__).with_name("jobs.py")
MODES = (Mode("sequential"), Mode("threads"))
LONG = 60


def plan_of(job, modes=MODES, **more):
    told = {"tasks": 4, "workers": 2, "cores": (0,), "python": sys.executable} | more
    return Plan(work=None, target=f"{JOBS}:{job}", modes=modes, **told)


def children():
    return {child.pid for child in psutil.Process().children(recursive=True)}


@pytest.fixture(autouse=True)
def nothing_is_left():
    """Neither processes nor descriptors are."""
    before = children(), len(os.listdir("/proc/self/fd"))
    yield
    assert (children(), len(os.listdir("/proc/self/fd"))) == before


def run(work):
    async def bounded():
        async with asyncio.timeout(LONG):
            return await work

    return asyncio.run(bounded())


def compared(plan, meanwhile=None):
    engine = Engine(plan)

    async def both():
        running = asyncio.create_task(engine.run())
        if meanwhile is not None:
            await meanwhile(engine)
        await running

    run(both())
    assert engine.live.over
    assert engine.live.error is None
    judge(engine.live.comparison)
    return [column.outcome for column in engine.live.columns]


async def until(true):
    while not true():
        await asyncio.sleep(0.005)


@pytest.mark.parametrize("steps", [0, 1, 2, 3, 5, 8, 13, 40])
def test_a_launch_that_is_cancelled_leaves_no_process(steps):
    async def cancelled():
        before = children()
        launching = asyncio.create_task(Contained.launch(["sleep", "1000"]))
        for _ in range(steps):
            await asyncio.sleep(0.002 if steps > 5 else 0)
        launching.cancel()
        await asyncio.wait([launching])
        if not launching.cancelled():
            await launching.result().close()
        assert children() == before

    run(cancelled())


@pytest.mark.parametrize("steps", [1, 2, 3, 5, 8, 13, 40])
def test_a_child_whose_launch_is_cancelled_leaves_nothing(steps):
    async def cancelled():
        before = children()
        launching = asyncio.create_task(Child.launch(sys.executable))
        for _ in range(steps):
            await asyncio.sleep(0.002 if steps > 5 else 0)
        launching.cancel()
        await asyncio.wait([launching])
        if not launching.cancelled():
            await launching.result().close()
        assert children() == before

    run(cancelled())


def test_arguments_of_any_size_and_kind_arrive():
    odd = (10**40, "\ud800", "a" * 300_000)

    async def loaded():
        child = await Child.launch(sys.executable)
        try:
            return await child.ask(Load(f"{JOBS}:repeat", own=True, arguments=(odd[:2], odd[1:])))
        finally:
            await child.close()

    assert isinstance(run(loaded()), Ready)


def test_a_keeper_that_was_stopped_is_ended_and_may_be_closed_twice(monkeypatch):
    monkeypatch.setattr("gilscope.compare.contained.PATIENCE", 0.2)

    async def closed():
        contained = await Contained.launch(["sleep", "1000"])
        (keeper,) = psutil.Process().children()
        below = keeper.children()
        keeper.suspend()
        first = await contained.close()
        assert (first, await contained.close(), await contained.ended()) == (UNKNOWN,) * 3
        await until(lambda: not any(alive(each) for each in below))

    run(closed())


def test_a_child_that_is_closed_hears_nothing_more():
    async def closed():
        child = await Child.launch(sys.executable)
        await child.close()
        with pytest.raises(ChildEnded):
            await child.ask(Load("primes", own=False))

    run(closed())


def test_a_baseline_that_cannot_be_calibrated_leaves_the_others_something_to_do():
    first, second = compared(plan_of("not_in_main", tasks=None))
    assert (first.condition, second.condition) == (FAILED, DONE)


def test_skipped_while_calibrating_it_leaves_the_others_something_to_do():
    async def skip(engine):
        await until(lambda: engine.live.phase == "calibrating")
        engine.skip(0)

    first, second = compared(plan_of("slow_in_main", tasks=None), skip)
    assert (first.condition, second.condition) == (SKIPPED, DONE)


def test_skipped_while_it_is_being_launched_it_does_not_run():
    modes = tuple(Mode(COMMAND, command=("sleep", seconds)) for seconds in ("1000", "0"))

    async def skip(engine):
        await until(lambda: engine.live.columns[0].outcome.condition == "starting")
        engine.skip(0)

    first, second = compared(plan_of("spin", modes), skip)
    assert (first.condition, second.condition) == (SKIPPED, DONE)


def test_closed_before_it_has_begun_it_does_not_begin():
    engine = Engine(plan_of("never"))

    async def both():
        running = asyncio.create_task(engine.run())
        await engine.close()
        await running

    run(both())
    assert [column.outcome.condition for column in engine.live.columns] == [SKIPPED] * 2


def test_cancelled_again_while_it_ends_it_ends_all_the_same():
    engine = Engine(plan_of("never"))

    async def cancelled():
        running = asyncio.create_task(engine.run())
        await until(lambda: engine.live.columns[0].root is not None)
        while not running.done():
            running.cancel()
            await asyncio.sleep(0)
        await engine.close()
        assert not children()

    run(cancelled())


def test_a_mode_that_has_run_is_done_however_long_its_end_takes():
    (outcome,) = compared(plan_of("strays", (Mode("processes"),), timeout=1.5))
    assert outcome.condition == DONE
    assert any("left" in remark for remark in outcome.remarks)


def test_every_run_is_seen_though_the_modes_rest_between_their_turns():
    modes = (Mode("threads"), Mode("pool", "forkserver"))
    for outcome in compared(plan_of("naps", modes, repeat=2, tasks=8)):
        assert outcome.condition == DONE
        assert len(outcome.runs) == 2
        assert all(run.gils for run in outcome.runs)


def test_a_probe_that_is_killed_leaves_states_unknown_and_says_so():
    async def kill(engine):
        await until(lambda: engine.live.columns[0].outcome.condition == "running")
        os.kill(engine._watching.pid, signal.SIGKILL)

    outcomes = compared(plan_of("naps"), kill)
    for outcome in outcomes:
        assert outcome.condition == DONE
        assert outcome.runs[0].states is None
        assert "SIGKILL" in outcome.remarks[0]


@pytest.mark.parametrize("whom", ["keeper", "child"])
def test_a_process_that_is_killed_ends_its_mode_alone(whom):
    async def kill(engine):
        await until(lambda: engine.live.columns[0].outcome.condition == "running")
        child = psutil.Process(engine.live.columns[0].root)
        (child if whom == "child" else child.parent()).kill()

    first, second = compared(plan_of("naps"), kill)
    assert first.condition == FAILED
    assert "SIGKILL" in first.error
    assert second.condition == DONE


def test_what_is_done_after_the_run_is_no_part_of_its_time_on_a_core():
    (outcome,) = compared(plan_of("large", MODES[:1]))
    assert outcome.runs[0].cpu < 0.1


def test_time_on_a_core_is_told_exactly():
    used = cpu_of(os.getpid())
    sum(range(100_000))
    assert 0 < cpu_of(os.getpid()) - used < 10
    assert memory_of(os.getpid()) > 1 << 20


def test_a_command_s_time_ends_with_itself_and_what_it_leaves_is_told_of():
    modes = (Mode(COMMAND, command=("sh", "-c", "sleep 1000 & exit 0")),)
    (outcome,) = compared(plan_of("spin", modes))
    assert outcome.runs[0].wall < 0.2
    assert outcome.remarks == ("left 1 process behind",)


def test_descriptors_that_a_task_closes_are_told_of():
    first, _ = compared(plan_of("closes"))
    assert first.condition == FAILED
    assert "descriptors" in first.error


def test_what_a_killed_keeper_leaves_is_ended():
    script = "import os, time\nos.fork()\nos.fork()\nprint(1, flush=True)\ntime.sleep(1000)"

    async def killed():
        contained = await Contained.launch([sys.executable, "-c", script])
        (keeper,) = psutil.Process().children()
        await until(lambda: len(keeper.children(recursive=True)) == 4)
        below = keeper.children(recursive=True)
        keeper.kill()
        assert await contained.ended() == UNKNOWN
        await until(lambda: not any(alive(each) for each in below))

    run(killed())


def alive(process):
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
