"""The plain commands on real processes, as a user runs them."""

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import time

import psutil
import pytest

from gilscope.model.states import STATES
from gilscope.workloads.catalogue import find

pytestmark = pytest.mark.e2e

GILSCOPE = (sys.executable, "-m", "gilscope")
LONG = 60


def gilscope(*arguments, **options):
    return subprocess.run(
        [*GILSCOPE, *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=LONG,
        check=False,
        **{"stdin": subprocess.DEVNULL} | options,
    )


@pytest.fixture(scope="module")
def demonstration():
    """The process id of the demonstration, running."""
    with subprocess.Popen(find("mixed").command(), stdout=subprocess.PIPE) as process:
        process.stdout.readline()
        yield process.pid
        process.terminate()


@pytest.fixture(scope="module")
def summary(demonstration):
    """The summary of a second of the demonstration."""
    done = gilscope("stat", demonstration, "--duration", 1, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def threads_of(summary):
    (process,) = summary["processes"]
    return {thread["name"]: thread for thread in process["threads"]}


def test_stat_tells_every_thread_of_the_demonstration_by_its_state(summary):
    threads = threads_of(summary)
    assert summary["sampler"]["fidelity"] == "kernel"
    for name, state in {
        "reader": "io",
        "lock-waiter": "lock",
        "sleeper": "sleep",
    }.items():
        assert max(threads[name]["states"], key=threads[name]["states"].get) == state
    for name in ("primes-1", "primes-2"):
        states = threads[name]["states"]
        assert states["hold"] > 0
        assert states["wait"] > 0


def test_the_shares_of_each_thread_add_up_to_one(summary):
    for thread in threads_of(summary).values():
        assert set(thread["states"]) == {state.value for state in STATES}
        assert sum(round(share * 10_000) for share in thread["states"].values()) == 10_000


def test_stat_prints_a_table_without_colour_into_a_pipe(demonstration):
    done = gilscope("stat", demonstration, "-d", 0.3)
    assert done.returncode == 0
    assert "primes-1" in done.stdout
    assert "kernel fidelity" in done.stdout
    assert "\x1b" not in done.stdout
    assert done.stderr == ""


def test_stat_writes_its_summary_to_a_file(demonstration, tmp_path):
    done = gilscope("stat", demonstration, "-d", 0.3, "--json", "-o", tmp_path / "summary")
    assert done.stdout == done.stderr == ""
    assert json.loads((tmp_path / "summary").read_text())["schema"] == 1


def test_stat_leaves_a_running_process_running(demonstration):
    assert gilscope("stat", demonstration, "-d", 0.3).returncode == 0
    assert psutil.Process(demonstration).status() != psutil.STATUS_ZOMBIE


def test_a_file_that_cannot_be_written_is_said_before_anything_is_watched(demonstration, tmp_path):
    done = gilscope("stat", demonstration, "-o", tmp_path / "missing" / "summary")
    assert done.returncode == 1
    assert done.stderr.startswith("gilscope: ")
    assert "No such file or directory" in done.stderr
    assert "Traceback" not in done.stderr


def test_ctrl_c_prints_the_summary_so_far(demonstration):
    with subprocess.Popen(
        [*GILSCOPE, "stat", str(demonstration), "-d", str(LONG), "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        wait_for(lambda: has_begun_to_watch(process.pid))
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=LONG)
    assert process.returncode == 130
    assert json.loads(out)["processes"]
    assert err == b""


def test_a_command_keeps_its_input_its_output_and_its_exit_code():
    script = "import sys; print(sys.stdin.read().upper()); sys.exit(7)"
    done = gilscope("stat", "--", sys.executable, "-c", script, stdin=None, input="hello")
    assert done.stdout == "HELLO\n"
    assert done.returncode == 7


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_command_ended_by_a_signal_gives_the_exit_code_of_a_shell(number):
    script = f"import os, time; time.sleep(0.3); os.kill(os.getpid(), {int(number)})"
    done = gilscope("stat", "--", sys.executable, "-c", script)
    assert done.returncode == 128 + number
    assert f"ended by signal {int(number)}" in done.stderr


def test_ctrl_c_reaches_the_command_and_the_summary_is_printed():
    script = "import time\ntry: time.sleep(60)\nexcept KeyboardInterrupt: print('told', flush=True)"
    with subprocess.Popen(
        [*GILSCOPE, "stat", "--", sys.executable, "-c", script],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        wait_for(lambda: sleeps(process.pid, script))
        os.killpg(process.pid, signal.SIGINT)
        out, err = process.communicate(timeout=LONG)
    assert out == "told\n"
    # On a busy machine it may be asleep before the sampler has found its interpreter.
    assert "exit code 0" in err
    assert process.returncode == 0


def test_a_command_that_leaves_a_process_behind_has_ended_and_so_is_that_process():
    # What is left behind holds the pipe open that is read to its end here.
    done = gilscope("stat", "--", "sh", "-c", "sleep 300 & sleep 0.3; exit 6")
    assert done.returncode == 6
    assert "fidelity" in done.stderr


@pytest.mark.parametrize(("trap", "code"), [("", 143), ("trap 'exit 5' TERM;", 5)])
def test_a_command_that_runs_longer_than_it_is_watched_is_asked_to_end(trap, code):
    done = gilscope("stat", "-d", 0.5, "--", "sh", "-c", f"{trap} sleep 300 & wait")
    assert done.returncode == code
    assert "fidelity" in done.stderr


def test_a_terminated_stat_takes_its_command_along():
    script = "import time; time.sleep(60)"
    with subprocess.Popen([*GILSCOPE, "stat", "--", sys.executable, "-c", script]) as process:
        wait_for(lambda: sleeps(process.pid, script))
        family = psutil.Process(process.pid).children(recursive=True)
        process.terminate()
        process.wait(LONG)
    gone, alive = psutil.wait_procs(family, LONG)
    assert len(gone) >= 2
    assert not alive


def test_a_target_that_ends_leaves_a_summary():
    script = "print(1, flush=True); input()"
    command = [sys.executable, "-c", script]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        process.stdout.readline()
        asked = [*GILSCOPE, "stat", str(process.pid), "-d", str(LONG), "--json"]
        with subprocess.Popen(asked, stdout=subprocess.PIPE) as stat:
            wait_for(lambda: is_watched(process.pid, stat.pid))
            process.communicate(b"\n")
            told, _ = stat.communicate(timeout=LONG)
    assert stat.returncode == 0
    (one,) = json.loads(told)["processes"]
    assert one["gone"]


def test_dump_shows_every_thread_with_its_state_and_stack(demonstration):
    rows = (r"I reader ", r"L lock-waiter ", r"S sleeper ", r"    compute \(.*mixed\.py:\d+\)$")

    def shows_them():
        """Whether a dump fell between their wake-ups: right after one, a thread wants the GIL."""
        done = gilscope("dump", demonstration)
        assert done.returncode == 0
        return all(re.search(f"^{row}", done.stdout, re.MULTILINE) for row in rows)

    wait_for(shows_them)


def test_dump_as_json_has_the_stacks(demonstration):
    told = json.loads(gilscope("dump", demonstration, "--json").stdout)
    stacks = {each["thread"]["name"]: each["stack"] for each in told["threads"]}
    assert any("compute" in call for call in stacks["primes-1"])


def test_ps_lists_the_demonstration_with_its_load(demonstration):
    rows = json.loads(gilscope("ps", "--json").stdout)
    (row,) = [row for row in rows if row["pid"] == demonstration]
    assert row["implementation"] == "cpython"
    assert row["load"] > 1
    assert row["cpu_percent"] > 0
    assert str(demonstration) in gilscope("ps", "--wait", 0).stdout


def test_ps_lists_neither_itself_nor_its_probe():
    with subprocess.Popen(
        [*GILSCOPE, "ps", "--json"], stdout=subprocess.PIPE, start_new_session=True
    ) as ps:
        seen = {ps.pid}

        def probe_seen():
            seen.update(child.pid for child in psutil.Process(ps.pid).children())
            return len(seen) > 1

        wait_for(probe_seen)
        rows = json.loads(ps.communicate(timeout=LONG)[0])
    assert not seen & {row["pid"] for row in rows}


def test_a_thread_s_id_is_told_with_its_process(demonstration):
    tid = max(map(int, os.listdir(f"/proc/{demonstration}/task")))
    done = gilscope("stat", tid)
    assert done.returncode == 2
    assert f"{tid} is a thread of process {demonstration}" in done.stderr


@pytest.mark.parametrize("command", ["attach", "stat", "dump"])
def test_a_process_that_is_not_python_is_refused(command):
    with subprocess.Popen(["sleep", "60"]) as process:
        done = gilscope(command, process.pid)
        process.kill()
    assert done.returncode == 4
    assert "does not run Python" in done.stderr


def test_a_process_that_has_ended_is_told_from_one_that_runs():
    process = subprocess.Popen([sys.executable, "-c", ""])
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    done = gilscope("stat", process.pid)
    process.wait()
    assert done.returncode == 4
    assert "has ended" in done.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_a_process_of_another_user_is_refused_with_what_would_help(demonstration):
    # Imported before the change of user, who may not be able to read the files.
    script = (
        "import os, sys; from gilscope.cli.main import main; import gilscope.cli.stat;"
        "os.setgroups([]); os.setuid(65534); sys.exit(main(sys.argv[1:]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, "stat", str(demonstration)],
        capture_output=True,
        text=True,
        timeout=LONG,
        check=False,
    )
    assert done.returncode == 3
    assert f"may not read process {demonstration}" in done.stderr
    assert "sudo gilscope" in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["stat", "{pid}", "-d", "0.2", "--json"],
        ["stat", "{pid}", "-d", "0.2"],
        ["dump", "{pid}"],
        ["dump", "{pid}", "--json"],
        ["ps", "--wait", "0"],
        ["doctor"],
        ["doctor", "--json"],
        ["workloads"],
        ["run", "--demo", "list"],
        ["probe", "{pid}"],
        ["--help"],
        ["stat", "--help"],
        ["--version"],
    ],
    ids=" ".join,
)
def test_output_that_nobody_reads_any_more_is_no_failure(demonstration, arguments):
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [*GILSCOPE, *(word.format(pid=demonstration) for word in arguments)],
        stdin=subprocess.DEVNULL,
        stdout=writer,
        stderr=subprocess.PIPE,
        timeout=LONG,
        check=False,
    )
    os.close(writer)
    assert done.returncode == 0
    assert done.stderr == b""


def test_a_killed_probe_leaves_the_summary_and_says_so(demonstration):
    with subprocess.Popen(
        [*GILSCOPE, "stat", str(demonstration), "-d", str(LONG), "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        wait_for(lambda: has_begun_to_watch(process.pid))
        probe_of(process.pid).kill()
        out, err = process.communicate(timeout=LONG)
    assert process.returncode == 1
    assert "the probe was ended by SIGKILL" in err
    assert json.loads(out)["processes"]


def wait_for(condition):
    """Wait until a condition holds; a minute at most."""
    end = time.monotonic() + LONG
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


def is_watched(pid, watcher):
    """Whether a child of the watcher has opened the threads of a process."""
    for child in psutil.Process(watcher).children():
        folder = f"/proc/{child.pid}/fd"
        with contextlib.suppress(OSError):
            links = [os.readlink(f"{folder}/{number}") for number in os.listdir(folder)]
            if any(link.startswith(f"/proc/{pid}/task/") for link in links):
                return True
    return False


def probe_of(pid):
    """Return the probe that a gilscope process has started, or None."""
    for child in psutil.Process(pid).children():
        if "probe" in child.cmdline():
            return child
    return None


def has_begun_to_watch(pid):
    """Whether a gilscope's probe has said more than who it is and what it watches."""
    probe = probe_of(pid)
    return probe is not None and probe.io_counters().write_chars > 10_000


def sleeps(pid, script):
    """Whether the command launched below a gilscope is in its sleep."""
    for process in psutil.Process(pid).children(recursive=True):
        told = process.cmdline()
        if told[-1:] == [script] and "gilscope" not in told:
            with open(f"/proc/{process.pid}/wchan") as file:
                return "sleep" in file.read()
    return False
