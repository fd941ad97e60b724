"""What the parts of the Compare screen show, computed without a screen."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from gilscope.analysis.workers import seen_between, workers_of
from gilscope.cli.compare_table import columns as plain_columns
from gilscope.model import comparison as c
from gilscope.model import events as e
from gilscope.ui.views.compare import figures, scale
from gilscope.ui.views.compare.column import Frame, on_screen
from gilscope.ui.views.compare.cores import core_bars
from gilscope.ui.views.compare.detail import mode_detail
from gilscope.ui.views.compare.gil import gil_figures
from gilscope.ui.views.compare.header import at_work, compare_header, notice
from gilscope.ui.views.compare.lanes import Memory, fold, workers
from gilscope.ui.views.compare.layout import BIG, plan
from gilscope.ui.views.compare.scene import CompareScene
from gilscope.ui.views.compare.table import FIGURES, chosen_figures, label_width, rows
from gilscope.ui.views.compare.words import hint, sentence, what_it_is
from gilscope.ui.widgets.board import Line
from gilscope.ui.widgets.compare.column import column_lines
from gilscope.ui.widgets.compare.cores import core_line
from gilscope.ui.widgets.compare.detail import mode_lines
from gilscope.ui.widgets.compare.digits import large
from gilscope.ui.widgets.compare.header import header_line, title_line
from gilscope.ui.widgets.compare.paragraph import paragraph
from gilscope.ui.widgets.compare.table import table_lines
from gilscope.ui.widgets.compare.verdict import verdict_lines
from tests.ui import compare_scenes as scenes
from tests.ui.synthetic import EVERY


def text(line: Line) -> str:
    return "".join(part for part, _ in line)


def drawn(scene: CompareScene, number: int, size: tuple[int, int] = (80, 24)) -> list[str]:
    scene.look()
    found = plan(*size, len(scene.live.columns), scene.name, scene.lanes, 3, scene.enlarged)
    cell = scene.cell(found)
    return [
        text(line) for line in column_lines(scene.view(number, found, cell), found, cell, False)
    ]


@settings(deadline=None)
@given(st.integers(0, 10**11), st.integers(1, 300))
def test_a_run_fits_its_lanes_and_fills_most_of_them(length, cells):
    cell = scale.cell_for(length, cells)
    assert scale.cells_of(length, cell, over=True) <= cells
    assert cell * cells * 2 / 3 <= max(length, scale.SHORTEST) + cell * cells // 100 + cells


@settings(deadline=None)
@given(st.integers(0, 10**11), st.integers(1, 300))
def test_the_ruler_is_as_wide_as_the_lanes_and_begins_at_the_run_s_begin(length, cells):
    line = scale.ruler(scale.cell_for(length, cells), cells)
    assert len(line) == cells
    assert line[0] == "╷"


@pytest.mark.parametrize(
    ("at", "said"),
    [
        (0, "0"),
        (200_000, "200ms"),
        (1_500_000, "1.5s"),
        (90_000_000, "90s"),
        (100_000_000, "1m40s"),
        (120_000_000, "2m"),
    ],
)
def test_marks_of_the_ruler_are_short(at, said):
    assert scale.when(at) == said


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0.0, "·"),
        (0.0004, "<.001"),
        (0.0421, "0.042"),
        (4.123, "4.12"),
        (41.23, "41.2"),
        (412.3, "412"),
        (None, "-"),
    ],
)
def test_seconds_have_three_figures(value, said):
    assert figures.seconds(value) == said


@pytest.mark.parametrize(
    ("value", "said"),
    [(0.0042, "4.2 ms"), (0.042, "42 ms"), (4.123, "4.12 s"), (750.0, "12:30"), (None, "-")],
)
def test_how_long_something_took_has_its_unit(value, said):
    assert figures.long(value) == said


def test_how_long_something_has_run_changes_ten_times_a_second_at_most():
    assert [figures.running_for(at) for at in (0.04, 2.63, 75.9)] == ["0.0 s", "2.6 s", "01:15"]


def test_large_figures_have_lines_of_one_length():
    for shown in ("0.98x", "12.4x", "120x", "-"):
        assert len({len(line) for line in large(shown)}) == 1
    assert large("1") == ["▄█ ", " █ ", "▀▀▀"]


def test_a_paragraph_counts_cells_and_says_where_it_ends_too_soon():
    assert paragraph("one two three", 7) == ["one two", "three"]
    assert paragraph("one two three four", 7, 2) == ["one two", "three…"]
    assert paragraph("漢字漢字", 5) == ["漢字", "漢字"]
    assert paragraph("\x1b[31mred", 20) == ["\\e[31mred"]
    assert paragraph("one", 7, 0) == []
    assert paragraph("", 7) == []


@settings(deadline=None)
@given(st.integers(20, 250), st.integers(5, 80), st.integers(1, 12), st.integers(1, 300))
def test_the_parts_of_the_screen_fit_any_terminal(width, height, modes, lanes):
    for verdict in (0, 2, 30):
        for enlarged in (False, True):
            found = plan(width, height, modes, 5, lanes, verdict, enlarged)
            used = 1 + found.title + 1 + found.body + found.table + found.verdict + found.legend + 1
            assert used + found.spare == height
            assert found.fit * found.column + found.fit - 1 <= width
            assert found.lanes >= 1
            assert found.cells >= 1


def test_three_modes_fit_80_cells_and_six_fit_160():
    assert plan(80, 24, 3, 4, 2, 3).fit == 3
    assert plan(160, 50, 6, 4, 2, 3).fit == 6
    assert plan(80, 24, 6, 4, 2, 3).fit == 3


def test_80x24_shows_every_part_of_three_modes():
    found = plan(80, 24, 3, 4, 2, 3)
    assert (found.figure, found.table, found.verdict) == (BIG, 4, 3)
    assert min(found.title, found.progress, found.cores, found.ruler, found.gil, found.legend) == 1


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


def test_the_table_drops_the_least_telling_figures_first():
    narrow = [figure.title for figure in chosen_figures(40, 14, 1)]
    assert narrow[:2] == ["wall s", "speed-up"]
    wide = [figure.title for figure in chosen_figures(160, 20, 3)]
    assert {"spread", "MB", "start s", "lock"} <= set(wide)
    assert "spread" not in [figure.title for figure in chosen_figures(160, 20, 1)]


@pytest.mark.parametrize(
    ("value", "shares", "megabytes", "startup"),
    [
        (None, "-", "-", "-"),
        (0.0, "·", "·", "·"),
        (0.0004, "<1%", "<1", "·"),
        (0.5, "50%", "<1", "0.500"),
        (1.0, "100%", "1", "1.00"),
    ],
)
def test_nothing_and_next_to_nothing_look_unlike_each_other(value, shares, megabytes, startup):
    size = value and value * 900_000
    assert figures.share(value) == shares
    assert figures.megabytes(size) == megabytes
    assert figures.startup(value) == startup


def test_what_is_nothing_is_a_dot_here_as_in_the_plain_table():
    idle = c.Run(1.0, 0.0, 0, scenes.shares(sleep=1.0), 0.0, 0.0, 0.0, 0.0, 1)
    busy = replace(idle, cpu=1.0, memory=8_000_000, states=scenes.shares(io=1.0))
    outcomes = tuple(
        c.Outcome(c.Mode(c.THREADS), c.DONE, startup=startup, runs=(run,))
        for startup, run in ((0.0, idle), (0.1, busy))
    )
    comparison = c.Comparison("a:b", "", 8, 2, 2, outcomes=outcomes)
    plain = {column.title: column.cells[0] for column in plain_columns(comparison)}
    row, _ = rows(comparison, ("one", "two"), FIGURES)
    shown = dict(zip((figure.title for figure in FIGURES), row.figures, strict=True))
    for title in ("cpu s", "MB", "start s", "io"):
        assert (shown[title], plain[title]) == ("·", "·")


def test_the_table_has_a_row_for_each_mode_and_fills_in():
    scene = CompareScene(scenes.running())
    label = label_width(scene.labels, 80)
    found = chosen_figures(80, label, 1)
    lines = [text(line) for line in table_lines(scene.rows(found), found, label, 1, 80)]
    assert "4.12" in lines[1]
    assert "1.00x" in lines[1]
    assert lines[2].split() == ["▸■", "threads", "running"]
    assert lines[3].split() == ["■", "processes", "waiting"]
    assert all(cell_len(line) <= 80 for line in lines)


def test_the_verdict_comes_when_all_has_ended():
    assert CompareScene(scenes.running()).verdict is None
    verdict = CompareScene(scenes.finished()).verdict
    assert verdict is not None
    assert verdict.best == scenes.PROCESSES


def test_evidence_that_does_not_fit_names_the_key_that_shows_it():
    verdict = CompareScene(scenes.six()).verdict
    whole = verdict_lines(verdict, ("", ""), 80)
    some = verdict_lines(verdict, ("", ""), 80, 3)
    assert len(whole) > len(some) == 3
    assert text(some[-1]).endswith("w: all of it")
    assert cell_len(text(some[-1])) <= 80


def test_what_went_wrong_with_all_of_it_comes_first():
    made = scenes.running()
    made.error, made.fix = "there is no function resize in app.jobs", "look at its name"
    lines = [text(line) for line in verdict_lines(None, notice(made), 80)]
    assert lines == [" There is no function resize in app.jobs.", " Look at its name"]


@pytest.mark.parametrize("width", [20, 40, 80, 160])
def test_the_first_lines_fit_and_say_what_matters_most(width):
    made = scenes.running()
    scene = CompareScene(made)
    found = compare_header(made, scene.comparison, scene.labels)
    first, second = text(header_line(found, width)), text(title_line(found, width, 1, 2))
    assert cell_len(first) <= width
    assert cell_len(second) <= max(width, 40)
    if width >= 80:
        assert "compare primes  8 tasks, 2 workers, 2 cores" in first
        assert "kernel 980/1000 Hz" in first
        assert "running threads" in second
        assert "◂ 1 more" in second


def test_together_is_said():
    made = scenes.live(scenes.SEQUENTIAL, scenes.THREADS, together=True, cores_each=1)
    scene = CompareScene(made)
    found = compare_header(made, scene.comparison, scene.labels)
    assert "TOGETHER, 1 core each" in text(title_line(found, 80, 0, 0))


def test_the_page_about_a_mode_tells_all_of_it():
    made = scenes.six()
    scene = CompareScene(made)
    found = mode_detail(made.columns[3], 3, scene.labels[3], scene.comparison, 0.9)
    page = "\n".join(text(line) for line in mode_lines(found, 80))
    for words in ("FAILED", "ZeroDivisionError", "spawn", "python 3.12.1", "Traceback", "4211"):
        assert words in page
    found = mode_detail(made.columns[2], 2, scene.labels[2], scene.comparison, 1.23)
    page = "\n".join(text(line) for line in mode_lines(found, 100))
    for words in ("median", "3.35x", "the same as the baseline's", "hold", "3 runs"):
        assert words in page


@settings(deadline=None)
@given(st.text(max_size=40))
def test_text_from_elsewhere_becomes_a_harmless_sentence(said):
    for made in (sentence(said), hint(said)):
        assert "\n" not in made
        assert "\x1b" not in made


def test_names_of_modules_keep_their_small_letters():
    assert sentence("os.fork is not there") == "os.fork is not there."
    assert sentence("it ended") == "It ended."
    assert sentence(None) == ""


@pytest.mark.parametrize("kind", [*c.KINDS, c.COMMAND])
def test_every_mode_is_explained(kind):
    plan_ = scenes.live(c.Mode(kind)).comparison
    assert what_it_is(c.Mode(kind), plan_) not in ("", kind)
