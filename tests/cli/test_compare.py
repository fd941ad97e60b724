"""`gilscope compare` on real work, as a user runs it without a screen."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from gilscope.model.states import STATES
from tests.probe.interpreters import installed

pytestmark = pytest.mark.e2e

GILSCOPE = (sys.executable, "-m", "gilscope", "compare")
JOBS = Path(__file__).parent.parent / "compare" / "jobs.py"
LONG = 120
QUICK = ("--tasks", "4", "--workers", "2")


def compare(*arguments, **options):
    return subprocess.run(
        [*GILSCOPE, *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=LONG,
        check=False,
        **{"stdin": subprocess.DEVNULL} | options,
    )


def outcomes(job, *arguments, modes="threads,processes"):
    """Compare one of the jobs; return exit code and modes by name."""
    done = compare(f"{JOBS}:{job}", *QUICK, "--modes", modes, "--json", *arguments)
    told = json.loads(done.stdout)
    return done.returncode, {mode["mode"]: mode for mode in told["modes"]}, told


@pytest.fixture(scope="module")
def primes():
    done = compare("primes", "--seconds", "1", "--workers", "2", "--modes", "all", "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_every_way_to_run_comes_to_the_same(primes):
    modes = {mode["mode"]: mode for mode in primes["modes"]}
    assert list(modes) == ["sequential", "threads", "processes", "pool", "asyncio", "interpreters"]
    for name, mode in modes.items():
        if sys.version_info < (3, 14) and name == "interpreters":
            assert not mode["ok"]
            assert "3.14" in mode["fix"]
            continue
        assert mode["ok"], mode
        assert mode["results_equal"] is True
        assert mode["wall"] > 0
        assert mode["cpu"] > 0
        assert mode["memory_mb"] > 1
        assert mode["tasks_done"] == primes["tasks"]


def test_threads_that_compute_wait_for_the_gil_and_processes_do_not(primes):
    modes = {mode["mode"]: mode for mode in primes["modes"]}
    assert set(modes["threads"]["states"]) == {state.value for state in STATES}
    assert sum(modes["threads"]["states"].values()) == pytest.approx(1)
    assert modes["threads"]["gil"]["load"] > 1.5
    assert modes["threads"]["states"]["wait"] > 0.3
    assert modes["sequential"]["states"]["hold"] > 0.8
    assert modes["processes"]["states"]["wait"] < 0.1
    assert modes["processes"]["gil"]["load"] < 1.2


def test_the_object_has_what_the_contract_says(primes):
    assert set(primes) >= {"schema", "work", "tasks", "workers", "cores", "modes", "verdict"}
    assert primes["schema"] == 1
    assert (primes["work"], primes["workers"]) == ("primes", 2)
    for mode in primes["modes"]:
        assert set(mode) >= {
            *("mode", "python", "ok", "error", "wall", "startup", "speedup", "efficiency", "cpu"),
            *("cores_used", "memory_mb", "results_equal", "gil", "states"),
        }
        assert set(mode["gil"]) >= {"enabled", "load", "switches_per_s"}
    assert set(primes["verdict"]) >= {"best", "text", "evidence"}
    assert primes["modes"][0]["speedup"] == 1.0


def test_without_a_terminal_a_table_is_printed():
    done = compare(f"{JOBS}:spin", *QUICK, "--modes", "threads", "--repeat", "2")
    assert done.returncode == 0, done.stderr
    assert "\x1b" not in done.stdout + done.stderr
    assert "sequential" in done.stdout
    assert "threads" in done.stdout
    assert "threads: " in done.stderr


def test_pages_are_fetched_from_a_real_server():
    done = compare("fetch", "--seconds", "0.5", "--workers", "4", "--json")
    told = json.loads(done.stdout)
    modes = {mode["mode"]: mode for mode in told["modes"]}
    assert all(mode["ok"] for mode in modes.values()), modes
    assert modes["threads"]["speedup"] > 2
    assert modes["asyncio"]["speedup"] > 2
    assert modes["threads"]["states"]["io"] > 0.5


def test_a_coroutine_function_is_run_in_every_mode():
    code, modes, _ = outcomes("pause", modes="threads,processes,asyncio")
    assert code == 0
    assert all(mode["ok"] and mode["results_equal"] for mode in modes.values()), modes


@pytest.mark.parametrize("python", installed("3.8", "3.13"))
def test_other_interpreters_stand_beside(python):
    code, _, told = outcomes("spin", modes=f"threads@{python}")
    assert code == 0
    (mode,) = [mode for mode in told["modes"] if mode["mode"] == "threads"]
    assert mode["python"] == python.parent.parent.name
    assert mode["results_equal"] is True


def test_a_counter_that_processes_do_not_share_is_marked_wrong():
    done = compare("counter", "--seconds", "0.3", "--workers", "2", "--json")
    modes = {mode["mode"]: mode for mode in json.loads(done.stdout)["modes"]}
    assert modes["threads"]["results_equal"] is True
    assert modes["processes"]["results_equal"] is False
    assert json.loads(done.stdout)["verdict"]["best"] != "processes"


def test_tasks_take_arguments_in_turn():
    told = ("--args", '["ab", 2]', "--args", '["c", 3]')
    code, modes, _ = outcomes("repeat", *told)
    assert code == 0
    assert all(mode["results_equal"] for mode in modes.values())
    done = compare(f"{JOBS}:repeat", "--args", '["ab"]')
    assert done.returncode == 2
    assert "cannot be called with 1 argument" in done.stderr


def test_the_order_of_a_set_of_words_is_the_same_in_every_mode():
    code, modes, _ = outcomes("letters", modes="threads,processes:spawn")
    assert code == 0
    assert all(mode["results_equal"] for mode in modes.values())


def test_results_that_are_others_every_time_are_called_neither_wrong_nor_equal():
    code, modes, _ = outcomes("chance", modes="threads")
    assert code == 0
    assert modes["threads"]["results_equal"] is None


@pytest.mark.parametrize(
    ("job", "mode", "said"),
    [
        ("raises", "threads", "ValueError: no such luck"),
        ("raises", "processes", "ValueError: no such luck"),
        ("dies", "processes", "SIGKILL"),
        ("dies", "pool", "SIGKILL"),
        ("dies", "threads", "SIGKILL"),
        ("nested", "processes", "pickle"),
        ("closure", "processes", "pickle"),
        ("leaves", "threads", "sys.exit(3)"),
    ],
)
def test_a_mode_that_goes_wrong_says_how(job, mode, said):
    code, modes, _ = outcomes(job, modes=mode)
    assert code == 1
    assert not modes[mode]["ok"]
    assert said in modes[mode]["error"]


def test_what_cannot_be_sent_to_processes_still_runs_in_threads():
    code, modes, _ = outcomes("nested", modes="threads,processes")
    assert modes["threads"]["ok"]
    assert not modes["processes"]["ok"]
    assert code == 1


def test_a_job_that_prints_megabytes_and_reads_its_input_ends_like_any_other():
    code, modes, _ = outcomes("shouts", modes="threads")
    assert code == 0
    assert any("MB" in remark for remark in modes["threads"]["remarks"])
    code, modes, _ = outcomes("asks", modes="threads,processes")
    assert code == 0
    assert all(mode["ok"] for mode in modes.values())


def test_a_job_that_never_ends_is_ended_alone():
    code, modes, told = outcomes("never", "--timeout", "1", modes="threads")
    assert code == 1
    assert [mode["condition"] for mode in told["modes"]] == ["timed out", "timed out"]
    assert "1 s" in modes["threads"]["error"]


@pytest.mark.parametrize(("job", "what"), [("forks", "process"), ("strays", "thread")])
def test_what_a_job_leaves_behind_is_told_and_ended(job, what):
    before = set(psutil.pids())
    code, modes, _ = outcomes(job, modes="threads")
    assert code == 0
    (remark,) = modes["threads"]["remarks"]
    assert what in remark
    assert "behind" in remark
    assert not sleepers(before)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nonsense",), "no work 'nonsense'"),
        (("prime",), "gilscope compare primes"),
        ((), "gilscope workloads"),
        ((f"{JOBS}:spinn",), "spin"),
        ((f"{JOBS}:NUMBER",), "NUMBER"),
        ((f"{JOBS}:numbers",), "generator"),
        (("/nowhere/at/all.py:f",), "/nowhere/at/all.py"),
        (("nosuch.module:f",), "no module named nosuch"),
        (("primes", "--python", "/nowhere/python"), "/nowhere/python"),
        (("primes", "--modes", "thread"), "threads"),
        (("primes", "--args", "[1]"), "--args"),
        ((f"{JOBS}:spin", "--args", "100"), "[100]"),
        ((f"{JOBS}:spin", "--args", "[1"), "JSON"),
        (("--", "python3", "a.py"), "two or more"),
    ],
)
def test_what_cannot_be_run_is_said_in_a_line_or_two(arguments, said):
    done = compare(*arguments)
    assert done.returncode == 2
    assert not done.stdout
    assert said in done.stderr
    assert len(done.stderr.splitlines()) <= 2, done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("python", installed("2.7", "3.6"))
def test_an_interpreter_that_is_too_old_is_an_outcome(python):
    code, _, told = outcomes("spin", modes=f"threads@{python}")
    assert code == 0
    mode = told["modes"][-1]
    assert mode["condition"] == "unavailable"
    assert "3.8" in mode["fix"]


def test_an_interpreter_that_is_not_there_is_an_outcome():
    code, modes, _ = outcomes("spin", modes="threads@/nowhere/python")
    assert code == 0
    assert modes["threads"]["condition"] == "unavailable"
    assert "/nowhere/python" in modes["threads"]["error"]


def test_whole_commands_are_watched_and_the_first_is_the_baseline():
    script = "import threading\ndef f():\n for i in range(20000000): pass\n"
    two = script + "a = [threading.Thread(target=f) for _ in 'ab']\n[t.start() for t in a]"
    done = compare("--json", "--", sys.executable, "-c", two, "--", sys.executable, "-c", "1/0")
    told = json.loads(done.stdout)
    first, second = told["modes"]
    assert done.returncode == 1
    assert first["ok"]
    assert first["speedup"] == 1.0
    assert first["gil"]["load"] is not None
    assert "ZeroDivisionError" in second["error"]


def test_ctrl_c_keeps_what_there_is_and_leaves_nothing_behind():
    before = set(psutil.pids())
    command = [*GILSCOPE, f"{JOBS}:never", *QUICK, "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        wait_for(lambda: workers(process.pid))
        process.send_signal(signal.SIGINT)
        told = json.loads(process.stdout.read())
    assert process.returncode == 128 + signal.SIGINT
    assert {mode["condition"] for mode in told["modes"]} == {"skipped"}
    assert not sleepers(before)


def test_a_killed_gilscope_leaves_nothing_behind():
    before = set(psutil.pids())
    command = [*GILSCOPE, f"{JOBS}:forks", *QUICK, "--tasks", "100000", "--plain"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        wait_for(lambda: sleepers(before))
        process.kill()
    wait_for(lambda: not sleepers(before))
    wait_for(lambda: not [pid for pid in set(psutil.pids()) - before if is_ours(pid)])


def sleepers(before):
    """Return the processes since then that are left of the jobs."""
    found = []
    for pid in set(psutil.pids()) - before:
        try:
            if "time.sleep(1000)" in " ".join(psutil.Process(pid).cmdline()):
                found.append(pid)
        except psutil.NoSuchProcess:
            continue
    return found


def is_ours(pid):
    """Whether a process is one that a comparison starts."""
    try:
        words = " ".join(psutil.Process(pid).cmdline())
    except psutil.NoSuchProcess:
        return False
    return any(name in words for name in ("keeper.py", "child/start.py", "pages.py"))


def workers(pid):
    """Whether a comparison's child runs by now."""
    try:
        family = psutil.Process(pid).children(recursive=True)
        return any("start.py" in " ".join(each.cmdline()) for each in family) and has_begun(family)
    except psutil.NoSuchProcess:
        return False


def has_begun(family):
    """Whether one of these processes is the probe: then the comparison itself has begun."""
    return any("probe" in each.cmdline() for each in family)


def wait_for(condition):
    """Wait until a condition holds; a minute at most."""
    end = time.monotonic() + LONG / 2
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_the_work_runs_in_the_folder_that_gilscope_was_called_in(tmp_path):
    (tmp_path / "here.py").write_text("import os\ndef where(): return os.getcwd()\n")
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent.parent)}
    done = compare(
        "here:where",
        *QUICK,
        "--modes",
        "threads,processes:spawn",
        "--json",
        cwd=tmp_path,
        env=environment,
    )
    told = json.loads(done.stdout)
    assert all(mode["results_equal"] for mode in told["modes"]), told


@pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="needs two cores")
def test_together_each_mode_has_cores_of_its_own_and_results_are_compared():
    code, modes, told = outcomes("spin", "--together", modes="threads")
    assert code == 0
    assert told["together"] is True
    assert modes["threads"]["results_equal"] is True
    assert modes["threads"]["cores_used"] < 1.2
