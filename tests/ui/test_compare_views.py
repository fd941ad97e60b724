"""What stands above and below the columns of the Compare screen, and the page about a mode."""

from dataclasses import replace

import pytest
from rich.cells import cell_len

from gilscope.cli.compare_table import columns as plain_columns
from gilscope.model import comparison as c
from gilscope.ui.views.compare.detail import mode_detail
from gilscope.ui.views.compare.header import compare_header, notice
from gilscope.ui.views.compare.scene import CompareScene
from gilscope.ui.views.compare.table import FIGURES, chosen_figures, label_width, rows
from gilscope.ui.widgets.compare.detail import mode_lines
from gilscope.ui.widgets.compare.header import header_line, title_line
from gilscope.ui.widgets.compare.table import table_lines
from gilscope.ui.widgets.compare.verdict import verdict_lines
from tests.ui import compare_scenes as scenes
from tests.ui.compare_lines import text


def test_the_table_drops_the_least_telling_figures_first():
    narrow = [figure.title for figure in chosen_figures(40, 14, 1)]
    assert narrow[:2] == ["wall s", "speed-up"]
    wide = [figure.title for figure in chosen_figures(160, 20, 3)]
    assert {"spread", "MB", "start s", "lock"} <= set(wide)
    assert "spread" not in [figure.title for figure in chosen_figures(160, 20, 1)]


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
