"""Stacks and functions of threads, and what reading them may cost."""

import subprocess
import sys

import pytest

from gilscope.probe.find import find_interpreter
from gilscope.probe.process import SampledProcess
from gilscope.probe.witness import BUDGET, Purse, Witness, witness_of

PROGRAM = """
import threading
def wait():
    threading.Event().wait()
thread = threading.Thread(target=wait, daemon=True)
thread.start()
print(flush=True)
input()
"""


@pytest.fixture
def process():
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        child.stdout.readline()
        interpreter = find_interpreter(child.pid)
        sampled = SampledProcess(child.pid, interpreter, 0, witness=witness_of(interpreter))
        yield sampled
        sampled.close()


def test_a_purse_is_open_again_once_what_was_spent_is_paid_off():
    purse = Purse()
    assert purse.is_open(1_000_000)
    purse.spend(1_000_000, 1_000_000)
    paid = 1_000_000 - 100_000 + int(1000 / BUDGET)
    assert not purse.is_open(paid - 1)
    assert purse.is_open(paid)


def test_stacks_are_read_of_threads_that_have_run_since(process, monkeypatch):
    monkeypatch.setattr("gilscope.probe.witness.BUDGET", 1e6)
    witness, threads = process.gils.witness, process.threads.values()
    told = witness.stacks(threads, 1_000_000, 500_000, Purse())
    assert {stack.tid for stack in told} == process.threads.keys()
    names = {call.name for stack in told for call in stack.calls}
    assert {"wait", "Event.wait", "<module>"} <= names
    assert witness.stacks(threads, 9_000_000, 500_000, Purse()) == []
    first, second = threads
    first.moved = second.moved = True
    assert witness.stacks(threads, 1_200_000, 500_000, Purse()) == []
    assert len(witness.stacks(threads, 9_000_000, 500_000, Purse())) == 2


def test_a_closed_purse_leaves_the_rest_for_later_and_idle_threads_for_last(process, monkeypatch):
    monkeypatch.setattr("gilscope.probe.witness.BUDGET", 1e-6)  # However fast the machine is.
    witness, threads = process.gils.witness, process.threads.values()
    first, second = threads
    first.idle = True
    purse = Purse()
    (stack,) = witness.stacks(threads, 1_000_000, 500_000, purse)
    assert stack.tid == second.tid
    (stack,) = witness.stacks(threads, 1_000_000 + int(1e12), 500_000, purse)
    assert stack.tid == first.tid


def test_functions_are_numbered_once_and_introduced_once(process):
    witness = process.gils.witness
    states = {thread.tid: thread.state for thread in process.threads.values()}
    main = witness.function(states[process.pid])
    numbers = {witness.function(state) for state in states.values()}
    assert len(numbers) == 2
    assert witness.function(states[process.pid]) == main
    codes = witness.take_codes(7, process.pid)
    assert {code.code for code in codes} == numbers
    assert witness.take_codes(8, process.pid) == []
    assert next(c for c in codes if c.code == main).call.name == "<module>"


def test_of_a_program_that_makes_functions_as_it_runs_not_all_are_numbered(process, monkeypatch):
    witness = process.gils.witness
    monkeypatch.setattr("gilscope.probe.witness.MOST", 0)
    assert all(witness.function(thread.state) is None for thread in process.threads.values())


def test_a_state_that_is_none_has_no_function_and_no_stack(process):
    witness = process.gils.witness
    assert isinstance(witness, Witness)
    assert witness.function(0x1000) is None
    assert witness.calls(0x1000) == ()
