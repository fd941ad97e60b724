"""What is to be compared, and on which cores."""

import sys

from gilscope.compare import plan as p
from gilscope.model.comparison import Mode


def plan_of(*modes, **fields):
    given = {"work": None, "target": "a:b", "python": "python", "workers": 2, "cores": (0, 1, 2, 3)}
    return p.Plan(modes=modes, **{**given, **fields})


def test_together_each_mode_has_cores_of_its_own():
    plan = plan_of(Mode("sequential"), Mode("threads"), Mode("pool"), cores=(0, 2, 4, 6, 8, 10, 12))
    assert plan.cores_each == ((0, 2), (4, 6), (8, 10))


def test_a_comparison_begins_with_modes_that_wait():
    comparison = plan_of(Mode("sequential"), Mode("threads"), tasks=8, repeat=3).comparison()
    assert [outcome.condition for outcome in comparison.outcomes] == ["waiting", "waiting"]
    assert (comparison.tasks, comparison.repeat, comparison.work) == (8, 3, "a:b")
    assert comparison.cores_each is None


def test_commands_are_called_commands():
    plan = plan_of(Mode("command", command=("a",)), target=None)
    assert plan.commands
    assert plan.name == "commands"


def test_the_active_environment_runs_the_users_own_work(tmp_path):
    python = tmp_path / "bin" / "python"
    python.parent.mkdir()
    python.touch()
    assert p.own_python({"VIRTUAL_ENV": str(tmp_path)}) == str(python)
    assert p.own_python({"VIRTUAL_ENV": str(tmp_path / "gone")}) == sys.executable
    assert p.own_python({}) == sys.executable


def test_a_container_with_the_time_of_two_cores_has_two(tmp_path):
    groups, root = tmp_path / "cgroup", tmp_path / "root"
    (root / "box").mkdir(parents=True)
    groups.write_text("0::/box\n")
    assert p._quota(groups, root) is None
    (root / "box" / "cpu.max").write_text("max 100000\n")
    assert p._quota(groups, root) is None
    (root / "box" / "cpu.max").write_text("150000 100000\n")
    assert p._quota(groups, root) == 2
    groups.write_text("4:cpu:/old\n")
    assert p._quota(groups, root) is None


def test_there_is_at_least_one_core():
    assert p.usable_cores()
