import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from gilscope.analysis.labels import LONGEST, command_labels, labels, path_labels
from gilscope.model.comparison import COMMAND, KINDS, METHODS, Mode, Outcome
from tests.analysis.outcomes import a_comparison


def of(*outcomes):
    return labels(a_comparison(*outcomes))


def test_a_mode_is_called_by_the_way_it_runs():
    assert of(Outcome(Mode("sequential")), Outcome(Mode("threads"))) == ("sequential", "threads")


def test_a_start_method_is_told_where_it_was_chosen():
    chosen = Outcome(Mode("processes", "spawn"), method="spawn")
    assert of(Outcome(Mode("pool"), method="fork"), chosen) == ("pool", "processes spawn")


def test_start_methods_are_told_where_they_differ():
    fork = Outcome(Mode("processes"), method="fork")
    chosen = Outcome(Mode("processes", "spawn"), method="spawn")
    assert of(fork, chosen) == ("processes fork", "processes spawn")


def test_interpreters_are_told_apart_by_their_versions():
    ours = Outcome(Mode("threads"), version="3.12.1", implementation="cpython")
    other = Outcome(Mode("threads", python="/opt/t/python3.13t"), version="3.13.5t")
    pypy = Outcome(Mode("threads", python="/opt/pypy3"), version="3.12.1", implementation="pypy")
    assert of(ours, other, pypy) == ("threads 3.12.1", "threads 3.13.5t", "threads pypy 3.12.1")


def test_interpreters_of_the_same_version_are_told_apart_by_their_paths():
    modes = [Mode("threads"), *(Mode("threads", python=f"/opt/{x}/bin/python3") for x in "ab")]
    assert of(*(Outcome(mode, version="3.12.1") for mode in modes)) == (
        "threads 3.12.1",
        "threads 3.12.1 a",
        "threads 3.12.1 b",
    )


def test_an_interpreter_that_has_not_told_its_version_is_called_by_its_path():
    assert of(Outcome(Mode("threads")), Outcome(Mode("threads", python="/x/python3.13t"))) == (
        "threads",
        "threads python3.13t",
    )


def test_the_same_mode_twice_is_numbered():
    assert of(*[Outcome(Mode("threads"))] * 3) == ("threads", "threads 2", "threads 3")


@pytest.mark.parametrize(
    ("commands", "expected"),
    [
        (["python a.py", "python b.py"], ["python a.py", "python b.py"]),
        (["/usr/bin/python /srv/a.py", "python3 b.py"], ["python a.py", "python3 b.py"]),
        (
            [
                "python -O /srv/long/bench.py --workers 5 --verbose",
                "python -O /srv/long/bench.py --workers 6 --verbose",
            ],
            ["python … 5", "python … 6"],
        ),
        (
            ["python /srv/old/program.py --fast", "python /srv/new/program.py --fast"],
            ["python /srv/old/program.py", "python /srv/new/program.py"],
        ),
        (["make", "make"], ["make", "make"]),
    ],
)
def test_commands_are_called_by_the_words_that_tell_them_apart(commands, expected):
    assert command_labels([command.split() for command in commands]) == expected


def test_paths_are_called_by_the_last_part_in_which_they_differ():
    assert path_labels(["/a/bin/python", "/b/bin/python"]) == ["a", "b"]
    assert path_labels(["/a/python3", "/a/python4"]) == ["python3", "python4"]
    assert path_labels(["/x/a", "/y/a", "/x/b"]) == ["x/a", "y", "b"]


def test_a_command_line_cannot_inject_anything():
    (label,) = of(Outcome(Mode(COMMAND, command=("\x1b[2Jx", "a\nb"))))
    assert "\x1b" not in label
    assert "\n" not in label


words = st.text(max_size=60)
modes = st.builds(
    Mode,
    st.sampled_from([*KINDS, COMMAND]),
    st.sampled_from([None, *METHODS]),
    st.none() | words,
    st.lists(words, max_size=5).map(tuple),
)
outcomes = st.builds(
    Outcome,
    modes,
    version=st.none() | words,
    implementation=st.sampled_from([None, "cpython", "pypy"]),
    method=st.sampled_from([None, *METHODS]),
)


@given(st.lists(outcomes, max_size=8))
def test_every_outcome_has_a_short_label_of_its_own(outcomes):
    told = of(*outcomes)
    assert len(set(told)) == len(told) == len(outcomes)
    assert all(0 < cell_len(label) <= LONGEST for label in told)
    assert all("\x1b" not in label and "\n" not in label for label in told)
