import io
from dataclasses import replace

import pytest
from hypothesis import given, settings
from rich.cells import cell_len
from rich.console import Console

from gilscope.cli.compare_table import print_comparison
from gilscope.model.comparison import FAILED, TIMED_OUT, UNAVAILABLE, Mode, Outcome
from tests.analysis import compared
from tests.analysis.any_comparison import comparisons
from tests.analysis.compared import primes
from tests.analysis.outcomes import a_comparison, an_outcome, cpu_processes, sequential


def printed(comparison, width=80, terminal=False):
    file = io.StringIO()
    console = Console(
        file=file,
        width=width,
        highlight=False,
        markup=False,
        emoji=False,
        force_terminal=terminal,
        color_system="standard" if terminal else None,
    )
    print_comparison(comparison, console)
    return file.getvalue()


def lines(comparison, width=80):
    return [line.rstrip() for line in printed(comparison, width).splitlines()]


def test_a_comparison_is_told_with_its_figures_and_the_verdict():
    assert lines(primes(), 120) == [
        "primes  count primes",
        "8 tasks, 2 workers, 2 cores, python 3.12.1",
        "",
        "mode        wall s speed-up eff % cores cpu s MB start s GIL load hold wait native io"
        " lock ready ?",
        "sequential    4.00    1.00x   100  0.99  3.96 25       ·     1.00   99    ·      ·  ·"
        "    ·     · 1",
        "threads       4.10    0.98x    49  0.99  4.05 26   0.001     2.00   50   50      ·  ·"
        "    ·     · ·",
        "processes     2.10    1.90x    95  1.93  4.05 52   0.030     1.00   95    ·      ·  ·"
        "    ·     5 ·",
        "",
        "Threads gain nothing (1.0x): 1.0 of 2 workers was always waiting for the GIL. Processes:"
        " 1.9x on 2 cores. Use processes,",
        "or a free-threaded build.",
        "  - Sequential took 4.00 s; threads 4.10 s, 0.98x; processes 2.10 s, 1.90x.",
        "  - Threads: 1.0 of 2 workers waited for the GIL on average, 50% of their time; the GIL"
        " load was 2.0.",
        "  - Sequential held the GIL 99% of the time.",
    ]


@pytest.mark.parametrize(
    ("width", "heading"),
    [
        (80, "mode        wall s speed-up cores cpu s MB start s GIL load hold wait ready"),
        (60, "mode        wall s speed-up cores GIL load hold wait ready"),
        (40, "mode        wall s speed-up hold wait"),
    ],
)
def test_columns_worth_least_give_way_when_there_is_little_room(width, heading):
    told = lines(primes(), width)
    assert next(line for line in told if line.startswith("mode ")) == heading
    assert all(cell_len(line) <= width for line in told)


def test_labels_stay_whole_while_there_are_columns_to_leave_out():
    assert any(line.startswith("sequential 3.13.5t ") for line in lines(compared.free_threaded()))


def test_results_that_differ_cannot_be_missed():
    told = lines(compared.counter())
    row = next(line for line in told if line.startswith("processes "))
    assert "WRONG" in row
    assert "x" not in row.split()[2]
    assert (
        " WRONG RESULTS  processes: results differ from those of sequential: the counter"
        in "\n".join(told)
    )
    assert "\x1b[1;37;41m" in printed(compared.counter(), terminal=True)


def test_results_that_cannot_be_compared_are_told():
    odd = cpu_processes(equal=None, unequal="The results are not comparable.")
    assert "processes: the results are not comparable" in lines(a_comparison(sequential(), odd))


def test_what_is_the_same_of_several_modes_is_told_once():
    odd = {"equal": None, "unequal": "The results are not comparable."}
    told = lines(a_comparison(sequential(**odd), cpu_processes(**odd)))
    assert "sequential and processes: the results are not comparable" in told


def test_no_line_ends_in_blanks():
    wide = primes(Outcome(Mode("pool"), FAILED, error="It failed " + "again and " * 20))
    for width in (60, 80, 100):
        text = [line for line in printed(wide, width).splitlines() if not line.startswith("mode")]
        assert [line for line in text[8:] if line != line.rstrip()] == []


def test_a_speed_up_far_below_one_is_no_zero():
    assert " 0.004x " in printed(a_comparison(sequential(0.01), cpu_processes(2.5)))


def test_what_went_wrong_is_told_below_in_words_with_what_to_do():
    told = lines(
        primes(
            Outcome(Mode("pool"), FAILED, error="The function cannot be pickled.", fix="Move it."),
            Outcome(Mode("interpreters"), UNAVAILABLE, error="Python 3.12 has none."),
            an_outcome("asyncio", 4.0, condition=TIMED_OUT, equal=None),
            repeat=3,
        )
    )
    assert "pool: failed: the function cannot be pickled; move it" in told
    assert "interpreters: not available: Python 3.12 has none" in told
    assert "asyncio: timed out (figures of 1 of 3 runs)" in told
    assert any(line.startswith("pool ") and "failed" in line for line in told)
    assert any(line.startswith("interpreters ") and "n/a" in line for line in told)


def test_remarks_are_told():
    noisy = replace(sequential(), remarks=("It printed 3 MB, of which the end is kept.",))
    assert "sequential: it printed 3 MB, of which the end is kept" in lines(a_comparison(noisy))


def test_how_much_several_runs_differ_is_told():
    told = lines(a_comparison(sequential(4.0, 4.1, 4.3), repeat=3))
    assert told[1] == "8 tasks, 2 workers, 2 cores, 3 runs each, python 3.12.1"
    assert told[3].startswith("mode        wall s    ± speed-up")
    assert told[4].startswith("sequential    4.10 0.15    1.00x")


def test_modes_that_ran_at_the_same_time_say_so():
    told = lines(primes(together=True, cores_each=1), 120)
    assert "all at the same time, on 1 core each" in told[1]


def test_commands_have_no_tasks_and_no_efficiency():
    told = lines(compared.commands(), 120)
    assert told[1] == "2 cores, python 3.12.1"
    assert "eff %" not in told[3]
    assert told[4].startswith("python a.py    4.20    1.00x")


def test_an_interpreter_without_a_gil_has_no_load():
    row = next(
        line for line in lines(compared.free_threaded(), 120) if line.startswith("threads 3.13")
    )
    assert " none " in row


def test_nothing_that_was_run_can_inject_anything():
    wrong = cpu_processes(equal=False, unequal="\x1b[2J[red]x[/]")
    bad = Outcome(
        Mode("command", command=("\x1b]0;x\x07", "y\nz")),
        FAILED,
        error="\x9b31m\u202e",
        fix="\x1b[0m",
        remarks=("\x1b[5m",),
    )
    text = printed(a_comparison(sequential(), wrong, bad, work="\x1b[31m", title="a\nb"))
    assert "\x1b" not in text
    assert "\x9b" not in text
    assert "\u202e" not in text
    assert "[red]x[/]" in text


def test_nothing_run_is_a_table_without_rows():
    assert lines(a_comparison())[-1] == "No verdict: nothing was run."


@pytest.mark.parametrize("case", compared.CASES)
@pytest.mark.parametrize("width", [40, 60, 80, 120])
def test_no_line_is_wider_than_the_terminal(case, width):
    assert all(cell_len(line) <= width for line in lines(case(), width))


@settings(max_examples=40, deadline=None)
@given(comparisons())
def test_any_comparison_can_be_printed(comparison):
    assert "\x1b" not in printed(comparison)
