"""Finding the processes that watched ones start."""

import os
import subprocess
import sys

from gilscope.probe.newcomers import Newcomers


def test_only_processes_that_have_come_since_are_told_with_their_parents():
    newcomers = Newcomers()
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        assert (child.pid, os.getpid()) in newcomers.look()
        assert child.pid not in dict(newcomers.look())


def test_what_has_ended_or_cannot_be_read_is_left_out(tmp_path):
    newcomers = Newcomers(str(tmp_path))
    (tmp_path / "12").mkdir()
    (tmp_path / "13").mkdir()
    (tmp_path / "13" / "stat").write_text("nonsense")
    (tmp_path / "14").mkdir()
    fields = " ".join(["0"] * 20)
    (tmp_path / "14" / "stat").write_text(f"14 (a) 7 (b) S 13 {fields}")
    (tmp_path / "cpuinfo").write_text("")
    assert newcomers.look() == [(14, 13)]
    assert newcomers.look() == []
