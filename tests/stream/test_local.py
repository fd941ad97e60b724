"""Both forms of a local probe, against a program that plays the probe."""

import asyncio
import os
import sys
import time

import pytest

from gilscope.errors import GilscopeError
from gilscope.model.control import Watch
from gilscope.model.events import Bye, Note, encode
from gilscope.stream.launch import ProbeRequest, cause_of_death, probe_program
from gilscope.stream.local import LocalProbe, ProbeProcess

NOTE = encode(Note(1, "info", "here")).decode().strip()
BYE = encode(Bye(2, "done")).decode().strip()

ORDERLY = f"print('{NOTE}'); print('{BYE}')"
GARBAGE = f"print('not json'); print('{NOTE}'); print('[]'); print('{BYE}')"
CUT = f"import sys; print('{NOTE}'); print('{NOTE}'[:9], end=''); sys.exit('no more memory')"
KILLED = f"import os; print('{NOTE}', flush=True); os.kill(os.getpid(), 9)"
UNTIL_CLOSED = f"import sys; print('{NOTE}', flush=True); sys.stdin.read(); print('{BYE}')"
ECHO = """
import json, sys
for line in sys.stdin:
    print(json.dumps({"type": "note", "at": 1, "level": "info", "text": line}), flush=True)
"""
STUBBORN = f"""
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print('{NOTE}', flush=True)
while True: time.sleep(60)
"""
FLOOD = f"""
import sys
print('{NOTE}', flush=True)
while True: sys.stdout.write('{NOTE}' * 1000)
"""


def playing(script):
    return lambda arguments: [sys.executable, "-c", script, *arguments]


def gone(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def read_plainly(script, patience=2.0):
    with ProbeProcess(ProbeRequest(), program=playing(script), patience=patience) as probe:
        events = list(probe.events())
    return events, probe


def read_in_a_loop(script, patience=2.0):
    async def read():
        probe = LocalProbe(ProbeRequest(), program=playing(script), patience=patience)
        events = [event async for event in probe.events()]
        await probe.close()
        return events, probe

    return asyncio.run(read())


both = pytest.mark.parametrize("read", [read_plainly, read_in_a_loop])


@both
def test_a_stream_that_says_bye_has_no_bad_ending(read):
    events, probe = read(ORDERLY)
    assert events == [Note(1, "info", "here"), Bye(2, "done")]
    assert probe.ending is None
    assert gone(probe.pid)


@both
def test_garbage_lines_are_counted_and_the_rest_is_read(read):
    events, probe = read(GARBAGE)
    assert len(events) == 2
    assert probe.bad_lines == 2
    assert probe.ending is None


@both
def test_a_probe_that_dies_in_mid_line_loses_only_that_line(read):
    events, probe = read(CUT)
    assert events == [Note(1, "info", "here")]
    assert probe.bad_lines == 1
    assert probe.ending == "The probe ended with exit code 1: no more memory"


@both
def test_a_killed_probe_is_reported_with_its_signal(read):
    events, probe = read(KILLED)
    assert events == [Note(1, "info", "here")]
    assert probe.ending == "The probe was ended by SIGKILL."


def test_a_deadline_ends_the_reading_and_not_the_stream():
    with ProbeProcess(ProbeRequest(), program=playing(UNTIL_CLOSED)) as probe:
        first = next(probe.events())
        assert list(probe.events(deadline=time.monotonic())) == []
        assert probe.ending is None
    assert first == Note(1, "info", "here")
    assert gone(probe.pid)


def test_leaving_the_loop_over_the_events_loses_none():
    with ProbeProcess(ProbeRequest(), program=playing(ORDERLY)) as probe:
        first = next(probe.events())
        assert not probe.ended
        rest = list(probe.events())
    assert [first, *rest] == [Note(1, "info", "here"), Bye(2, "done")]


def test_a_probe_that_cannot_be_started_is_an_error_with_a_next_step():
    with pytest.raises(GilscopeError, match="could not be started") as raised:
        ProbeProcess(ProbeRequest(), program=lambda arguments: ["/nonexistent/probe"])
    assert "gilscope doctor" in raised.value.fix


def test_control_lines_reach_the_probe():
    with ProbeProcess(ProbeRequest(), program=playing(ECHO)) as probe:
        probe.send(Watch(42))
        event = next(probe.events())
    assert event.text.strip() == '{"type":"watch","pid":42}'


def test_sending_after_the_end_does_nothing():
    _, probe = read_plainly(ORDERLY)
    probe.send(Watch(42))


@pytest.mark.parametrize("script", [STUBBORN, FLOOD])
def test_a_probe_that_refuses_to_end_is_killed(script):
    with ProbeProcess(ProbeRequest(), program=playing(script), patience=0.05) as probe:
        assert next(probe.events()) == Note(1, "info", "here")
    assert gone(probe.pid)


@pytest.mark.parametrize("script", [STUBBORN, FLOOD, UNTIL_CLOSED])
async def test_closing_leaves_no_process_while_somebody_reads(script):
    probe = LocalProbe(ProbeRequest(), program=playing(script), patience=0.05)
    first = asyncio.Event()

    async def read():
        async for _ in probe.events():
            first.set()

    reader = asyncio.create_task(read())
    await first.wait()
    await probe.close()
    await probe.close()
    await reader
    assert gone(probe.pid)
    assert probe.ending is None


def test_the_command_gets_the_descriptors_that_are_handed_on(tmp_path):
    script = "import os, sys; os.write(int(sys.argv[2].split(',')[1]), b'from the command')"
    with (tmp_path / "out").open("wb") as out:
        request = ProbeRequest(stdio=(out.fileno(),) * 3)
        with ProbeProcess(request, program=playing(script)) as probe:
            list(probe.events())
    assert (tmp_path / "out").read_bytes() == b"from the command"


def test_the_command_line_of_the_probe_says_all_that_is_asked():
    request = ProbeRequest(
        pids=(1, 2),
        command=("python", "-c", "pass"),
        rate=500.0,
        stack_rate=0.0,
        every=50,
        fidelity="py-spy",
        children=False,
    )
    assert probe_program(request.arguments((3, 4, 5))) == [
        *(sys.executable, "-P", "-m", "gilscope", "probe"),
        *("--rate", "500.0", "--stack-rate", "0.0", "--every", "50"),
        *("--fidelity", "py-spy", "--no-children", "--stdio", "3,4,5"),
        *("1", "2", "--", "python", "-c", "pass"),
    ]


@pytest.mark.parametrize(
    ("code", "last_words", "sentence"),
    [
        (None, b"", "The probe closed its output but runs on."),
        (-9, b"", "The probe was ended by SIGKILL."),
        (-64, b"", "The probe was ended by SIGRTMAX."),
        (-99, b"", "The probe was ended by signal 99."),
        (1, b"Traceback\n  ...\nMemoryError\n\n", "The probe ended with exit code 1: MemoryError"),
        (0, b"\xff", "The probe ended with exit code 0: \N{REPLACEMENT CHARACTER}"),
    ],
)
def test_the_cause_of_death_is_one_sentence(code, last_words, sentence):
    assert cause_of_death(code, last_words) == sentence
