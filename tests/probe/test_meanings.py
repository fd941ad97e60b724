"""What a blocked thread's system call means, remembered."""

from gilscope.probe.meanings import Meanings
from gilscope.probe.syscalls import HERE

RESTART = HERE.numbers["restart_syscall"]


def test_of_two_resumed_calls_that_begin_alike_each_keeps_its_own_meaning():
    meanings = Meanings()
    wait = f"{RESTART} 0x7f4658000dc0 0x89 0x0 0x7f465f0f93a0 0x0 0xffffffff 0x7f46 0x7f47"
    other = f"{RESTART} 0x7f4658000dc0 0x89 0x0 0x0 0x0 0x0 0x7f46 0x7f47"
    for _ in range(2):
        assert meanings.of(wait.encode()).letter == "L"
        assert meanings.of(other.encode()).letter == "?"


def test_of_other_calls_the_first_two_arguments_are_enough_to_be_remembered():
    meanings = Meanings()
    read = HERE.numbers["read"]
    first = meanings.of(f"{read} 0x3 0x7f00 0x10 0x0 0x0 0x0 0x1 0x2".encode())
    assert meanings.of(f"{read} 0x3 0x7f00 0x20 0x1 0x1 0x1 0x3 0x4".encode()) is first
