"""What a column of the Compare screen shows, computed without a screen."""

import pytest
from rich.cells import cell_len

from gilscope.analysis.workers import seen_between, workers_of
from gilscope.model import comparison as c
from gilscope.model import events as e
from gilscope.ui.views.compare.column import Frame, on_screen
from gilscope.ui.views.compare.cores import core_bars
from gilscope.ui.views.compare.gil import gil_figures
from gilscope.ui.views.compare.header import at_work
from gilscope.ui.views.compare.lanes import Memory, fold, workers
from gilscope.ui.views.compare.layout import plan
from gilscope.ui.views.compare.scene import CompareScene
from gilscope.ui.views.compare.table import chosen_figures
from gilscope.ui.widgets.compare.column import column_lines
from gilscope.ui.widgets.compare.cores import core_line
from tests.ui import compare_scenes as scenes
from tests.ui.compare_lines import drawn, text
from tests.ui.synthetic import EVERY


@pytest.mark.parametrize("made", [scenes.running, scenes.finished, scenes.six, scenes.crowd])
@pytest.mark.parametrize("size", [(20, 5), (40, 12), (80, 24), (160, 50), (250, 80)])
def test_every_line_of_a_column_is_as_wide_as_the_column(made, size):
    scene = CompareScene(made())
    found = plan(*size, len(scene.live.columns), scene.name, scene.lanes, 3)
    cell = scene.cell(found)
    for number in range(len(scene.live.columns)):
        lines = column_lines(scene.view(number, found, cell), found, cell, number == 0)
        assert {cell_len(text(line)) for line in lines} == {found.column}
        assert len(lines) == found.body + 1


def test_a_finished_column_says_how_fast_it_was_and_what_its_workers_did():
    lines = drawn(CompareScene(scenes.finished()), 1)
    whole = "\n".join(lines)
    assert "4.20 s" in whole
    assert "8/8" in whole
    assert "GIL load 1.98" in whole
    lanes = [line for line in lines if "w-1" in line or "w-2" in line]
    columns = {"".join(sorted(pair)) for pair in zip(*(line[9:23] for line in lanes), strict=True)}
    assert columns == {"HW"}


def test_all_columns_have_one_scale():
    scene = CompareScene(scenes.finished())
    lines = [drawn(scene, number) for number in range(3)]
    assert len({line for column in lines for line in column if "╷0" in line}) == 1
    ran = [next(line for line in column if "H" in line[9:]).count("H") for column in lines]
    assert ran[2] < 0.6 * ran[0]


def test_a_running_column_says_how_fast_it_is_so_far():
    scene = CompareScene(scenes.running())
    assert any("so far" in line for line in drawn(scene, 1))
    found = plan(80, 24, 3, 4, 2, 0)
    faster = scene.view(1, found, 100_000).speedup
    assert faster is not None
    assert not faster.sure
    assert faster.value == pytest.approx(4.12 * 5 / 8 / 2.6)


def test_the_speed_up_so_far_is_that_of_the_last_task_that_was_done():
    made = scenes.running()
    scene = CompareScene(made)
    made.columns[1].began -= 10.0
    scene.look()
    faster = scene.view(1, plan(80, 24, 3, 4, 2, 0), 100_000).speedup
    assert faster is not None
    assert faster.value == pytest.approx(4.12 * 5 / 8 / 2.6)


def test_before_as_many_tasks_are_done_as_run_at_once_nothing_is_guessed():
    made = scenes.live(scenes.SEQUENTIAL, scenes.THREADS)
    scenes.finish(made.columns[0], 4.12, scenes.ONE)
    scenes.begin(made.columns[1], 0.4, 1)
    scene = CompareScene(made)
    assert scene.view(1, plan(80, 24, 2, 4, 2, 0), 100_000).speedup is None


def test_a_waiting_column_says_what_is_to_come():
    whole = " ".join(" ".join(drawn(CompareScene(scenes.running()), 2)).split())
    assert "waiting" in whole
    assert "2 processes with a GIL each" in whole


def test_a_column_that_failed_says_why_and_keeps_its_lanes():
    scene = CompareScene(scenes.six())
    whole = "\n".join(drawn(scene, 3, (160, 50)))
    assert "FAILED" in whole
    assert "ZeroDivisionError" in whole
    assert "4211" in whole


def test_a_mode_that_is_not_available_says_what_to_do():
    whole = " ".join(" ".join(drawn(CompareScene(scenes.six()), 5, (160, 50))).split())
    assert "NOT AVAILABLE" in whole
    assert "Name a newer interpreter" in whole


def test_wrong_results_stand_in_place_of_a_speed_up():
    scene = CompareScene(scenes.six())
    found = plan(160, 50, 6, 4, 4, 3)
    view = scene.view(4, found, 100_000)
    assert view.badge == "WRONG RESULTS"
    assert view.speedup is None
    row = scene.rows(chosen_figures(160, 20, 3))[4]
    assert not row.good
    assert "task 3 of 8" in row.words


def test_between_two_runs_a_column_stands_still():
    made = scenes.live(scenes.SEQUENTIAL, scenes.THREADS, repeat=3)
    first = made.columns[0]
    scenes.finish(first, 4.12, scenes.ONE, condition=c.RUNNING)
    scenes.begin(made.columns[1], 2.6, 5)
    assert at_work(made) == (1,)
    lines = drawn(CompareScene(made), 0)
    assert "1 of 3 runs" in lines[0]
    assert any("run 1/3" in line for line in drawn(CompareScene(made), 1))


def test_more_workers_than_lanes_are_counted_by_state():
    made = scenes.crowd(200)
    found = workers(made.columns[1])
    shown, left = on_screen(found, Frame(100_000, 16, 5))
    assert len(shown) == 4
    folded = fold(made.columns[1], left)
    assert folded.count == 196
    assert sum(count for _, count in folded.states) == 196
    shown, left = on_screen(found, Frame(100_000, 16, 5, offset=10))
    assert [each.name for each in shown] == ["w-11", "w-12", "w-13", "w-14"]
    assert len(left) == 196
    shown, _ = on_screen(found, Frame(100_000, 16, 5, offset=1000))
    assert shown[-1].name == "w-200"


def test_threads_are_counted_and_processes_named_by_their_id():
    made = scenes.finished()
    names = [[each.name for each in workers(column)] for column in made.columns]
    assert names == [["main"], ["w-1", "w-2"], ["4211", "4212"]]


def test_a_worker_that_the_probe_has_not_seen_has_an_empty_lane():
    column = scenes.finished().columns[1]
    column.workers = (*column.workers, (scenes.ROOT, 9999))
    lane = Memory().lane(column, workers(column)[-1], 300_000, 16)
    assert lane.cells.strip() == ""


def test_cells_wait_for_the_last_frame_of_a_run():
    """It comes after the run's end: what is not told yet must not stay empty."""
    made = scenes.live(scenes.SEQUENTIAL)
    column = scenes.begin(made.columns[0], 1.0, 8)
    column.ended, column.end = scenes.NOW, scenes.BEGIN + 1_200_000
    memory = Memory()
    before = memory.lane(column, workers(column)[0], 100_000, 16)
    for frame in scenes.frames(column.workers, scenes.ROOT, True, 1.3, "HH"):
        if frame.at > column.session.now:
            column.session.apply(frame)
    after = memory.lane(column, workers(column)[0], 100_000, 16)
    assert (len(before.cells), len(after.cells)) == (10, 12)
    assert " " not in after.cells


def test_a_command_shows_the_threads_that_run_python():
    made = scenes.live(c.Mode(c.COMMAND, command=("python", "a.py")), tasks=0, workers=0)
    column = made.columns[0]
    said, _ = scenes.watched(c.THREADS, 2, 1.0)
    said += [e.Thread(0, scenes.ROOT, 4290, "openblas", True)]
    for event in said:
        column.session.apply(event)
    column.root = scenes.ROOT
    assert [each.name for each in workers(column)] == ["main", "w", "w"]


def test_the_cores_of_a_finished_mode_are_those_of_its_whole_run():
    one, two = core_bars(scenes.finished().columns[0])
    assert one.mode == pytest.approx(1.0, abs=0.02)
    assert two.mode == 0.0
    assert two.busy == pytest.approx(0.06, abs=0.02)


def test_many_cores_have_a_cell_each_and_more_share_one():
    found = core_bars(scenes.finished().columns[0])
    many = [found[0].__class__(number, 0.5, 1.0) for number in range(128)]
    assert len(text(core_line(many[:16], 0, 26))) == 7 + 16
    assert len(text(core_line(many, 0, 26))) <= 26
    assert core_line((), 0, 26) == []


def test_a_build_without_a_gil_says_so():
    made = scenes.live(scenes.THREADS)
    column = scenes.begin(made.columns[0], 1.0, 3, gil=False)
    assert gil_figures(column).words == "no GIL in this build"


def test_several_gils_are_told_together():
    made = scenes.live(scenes.PROCESSES)
    found = gil_figures(scenes.begin(made.columns[0], 1.0, 3))
    assert found.several == 2
    assert found.load == pytest.approx(1.0, abs=0.05)


def test_interpreters_have_a_gil_each_while_they_run_as_at_the_end():
    column = scenes.begin(scenes.live(c.Mode(c.INTERPRETERS)).columns[0], 1.5, 3)
    found = gil_figures(column)
    assert found.several == 2
    assert found.load == pytest.approx(1.0, abs=0.05)
    threads = workers_of(column.session, column.workers)
    whole = seen_between(column.session, threads, scenes.BEGIN, column.session.now)
    assert (whole.gils, whole.load) == (2, pytest.approx(found.load, abs=0.05))


def test_the_load_of_a_running_mode_is_that_of_its_last_second():
    column = scenes.begin(scenes.live(scenes.THREADS).columns[0], 3.0, 3)
    now = column.session.now
    for number in range(1, 15):
        quiet = [e.ThreadSlice(tid, "L", "L100000", 0) for _, tid in column.workers]
        piece = e.ProcessSlice(scenes.ROOT, tuple(quiet), (e.GilSlice(0, 0, 0),), 98)
        sampler = e.SamplerSlice(1000.0, 98)
        column.session.apply(e.Frame(now + number * EVERY, EVERY, sampler, (piece,)))
    assert gil_figures(column).load == 0.0


def test_what_cannot_be_seen_is_not_a_load_of_nought():
    made = scenes.live(scenes.THREADS)
    found = gil_figures(scenes.begin(made.columns[0], 1.0, 3, fidelity=e.NO_FIDELITY))
    assert found.words == "GIL cannot be seen"
    assert found.load is None
