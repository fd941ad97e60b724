"""`gilscope compare` where something is in its way: the surroundings, or hostile tasks."""

import subprocess
import sys

import pytest

from tests.cli.test_compare import GILSCOPE, JOBS, LONG, QUICK, compare, outcomes

pytestmark = pytest.mark.e2e


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_standard_streams_may_be_closed(closed):
    command = [*GILSCOPE, f"{JOBS}:spin", *QUICK, "--modes", "processes", "--plain"]
    done = subprocess.run(
        ["sh", "-c", f'exec "$@" {closed}', "sh", *command],
        capture_output=True,
        text=True,
        timeout=LONG,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr


def test_a_module_that_takes_for_ever_to_import_ends_with_the_patience(tmp_path):
    (tmp_path / "slow.py").write_text("import time; time.sleep(1000)\ndef job(): pass\n")
    done = compare("slow.py:job", "--timeout", "0.5", cwd=tmp_path)
    assert done.returncode == 1
    assert "takes longer than 0.5 s" in done.stderr


def test_a_file_in_the_way_is_named(tmp_path):
    (tmp_path / "queue.py").write_text("raise RuntimeError('not that queue')\n")
    (tmp_path / "job.py").write_text("def job(): return 1\n")

    def there(*arguments):
        command = [sys.executable, "-P", "-m", "gilscope", "compare", *arguments, *QUICK, "--plain"]
        return subprocess.run(
            command, cwd=tmp_path, capture_output=True, text=True, timeout=LONG, check=False
        )

    done = there("job.py:job", "--modes", "threads")
    assert "queue.py was imported in place of a module" in " ".join(done.stdout.split())
    done = there("tiny", "--modes", "processes:spawn")
    assert done.returncode == 0, done.stdout


def test_a_directory_that_is_gone_is_told_of(tmp_path):
    done = subprocess.run(
        ["sh", "-c", 'rmdir "$PWD" && exec "$@"', "sh", *GILSCOPE, f"{JOBS}:spin", "--plain"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=LONG,
        check=False,
    )
    assert "current directory does not exist" in done.stderr


def test_arguments_of_no_end_are_refused():
    done = compare(f"{JOBS}:spin", "--args", "[" * 50_000)
    assert done.returncode == 2
    assert "not JSON" in done.stderr


@pytest.mark.parametrize(
    "job", ["half_a_letter", "cannot_say", "answers_nothing", "leaves_with_a_long_number"]
)
def test_whatever_a_task_raises_it_is_told_of(job):
    code, modes, _ = outcomes(job)
    assert code == 1
    for mode in modes.values():
        assert mode["error"].startswith("task 0 raised "), mode


def test_a_result_that_refuses_everything_is_not_compared():
    _, modes, _ = outcomes("refuses")
    assert modes["threads"]["ok"]
    assert modes["threads"]["results_equal"] is None
    assert "cannot be sent back" in modes["processes"]["error"]
