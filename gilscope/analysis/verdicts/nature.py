"""Rules on what the work is: waiting for I/O, native code, or Python code that computes."""

from gilscope.analysis.verdicts.case import Case, Finding, Reading
from gilscope.analysis.verdicts.words import counted, mean, percent
from gilscope.model.comparison import COMMAND, SEQUENTIAL, THREADS
from gilscope.model.states import State

MOST = 0.5
"""Share of the time from which on a state is what the work does."""

BY_OTHERS = 0.3
"""Cores that are used while no worker runs from which on it is others that they wait for."""

IDLE = 0.3
"""Share of a core up to which a sequential run whose states are not seen is one that waits."""


def waits_outside(case: Case, reading: Reading) -> Finding | None:
    """Find that a mode mostly waits for I/O, or sleeps: no core is needed for that, and no GIL.

    Workers of a pool of processes read their tasks from a pipe, which is I/O as well: where tasks
    are too small to keep them busy that says nothing about the work, so the sequence is asked then.
    """
    io, sleep = reading.share(State.IO), reading.share(State.SLEEP)
    if io is None or sleep is None:
        used = reading.cores_used
        if reading.kind != SEQUENTIAL or used is None or used > IDLE:
            return None
        return Finding(
            f"it needs a core only {percent(used)} of the time",
            f"{reading.subject} kept a core busy only {percent(used)} of the time: the work waits "
            "for the rest of it.",
            1 - used,
        )
    if io + sleep < MOST or waits_for_what_it_started(case, reading) is not None:
        return None
    if reading.kind != SEQUENTIAL and case.computes:
        return None
    now, then = ("wait for I/O", "waited for I/O") if io >= sleep else ("sleep", "slept")
    one = "waits for I/O" if io >= sleep else "sleeps"
    return Finding(
        f"{reading.verb(f'they {now}', f'it {one}')} {percent(io + sleep)} of the time",
        f"{reading.subject} {then} {percent(io + sleep)} of the time; that needs neither a core "
        "nor the GIL.",
        min(1.0, io + sleep) * 0.9,
    )


def waits_for_what_it_started(case: Case, reading: Reading) -> Finding | None:
    """Find that a mode mostly waits for programs or threads of its own, which use the cores."""
    waits = reading.share(State.IO, State.SLEEP)
    runs, used = reading.share(State.HOLD, State.NATIVE, State.READY), reading.cores_used
    if waits is None or runs is None or used is None or waits < MOST:
        return None
    if reading.kind not in (SEQUENTIAL, THREADS) or used - runs * reading.workers < BY_OTHERS:
        return None
    base = case.in_sequence
    # Handing tasks over is work as well, but none of what the sequence does.
    if reading.kind != SEQUENTIAL and (
        base is None or waits_for_what_it_started(case, base) is None
    ):
        return None
    return Finding(
        f"{reading.verb('they wait', 'it waits')} {percent(waits)} of the time for "
        f"programs or threads that {reading.verb('they', 'it')} started",
        f"{reading.subject} waited {percent(waits)} of the time for programs or "
        f"threads that {reading.verb('they', 'it')} had started, which kept {mean(used)} of "
        f"{counted(case.cores, 'core')} busy.",
        waits * 0.9,
    )


def runs_native_code(case: Case, reading: Reading) -> Finding | None:
    """Find that a mode mostly runs C code that has released the GIL."""
    native = reading.share(State.NATIVE)
    if native is None or native < MOST or not reading.sees_gil:
        return None
    whose = reading.verb("their", "its")
    return Finding(
        f"{percent(native)} of {whose} time is C code that has released the GIL",
        f"{reading.subject} ran C code that had released the GIL {percent(native)} of the time.",
        native * 0.9,
    )


def computes_in_python(case: Case, reading: Reading) -> Finding | None:
    """Find that the work holds the GIL most of the time that it runs in sequence."""
    hold = reading.share(State.HOLD)
    if hold is None or hold < MOST or reading.kind not in (SEQUENTIAL, COMMAND):
        return None
    if reading.outcome.gil is False:
        return None
    return Finding(
        f"it holds the GIL {percent(hold)} of the time",
        f"{reading.subject} held the GIL {percent(hold)} of the time.",
        # It is why others wait, and they are told of with more weight.
        hold * 0.4,
    )
