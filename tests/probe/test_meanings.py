"""What a blocked thread's system call means, remembered."""

from gilscope.probe.gil import GilReader
from gilscope.probe.interpreter import Gil
from gilscope.probe.meanings import MOST, Meanings
from gilscope.probe.syscalls import HERE
from tests.probe.constructed import GIL, NUMBER, Constructed

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


def test_waits_for_the_gil_are_told_by_how_they_begin(tmp_path):
    gil = GilReader(Constructed(tmp_path).memory(), Gil(GIL, 0), 0)
    meanings = Meanings()
    meanings.use([gil])

    def of(address, operation, expected):
        line = f"{NUMBER['futex']} {address:#x} {operation:#x} {expected:#x} 0x7f00 0x0 0xffffffff"
        return meanings.of(line.encode())

    for expected in range(MOST + 10):
        wait = of(GIL + 40, 0x189, expected)
        assert (wait.letter, wait.gil, wait.counted) == ("W", gil, True)
    assert of(GIL + 44, 0x89, 4) is of(GIL + 44, 0x89, 4)
    assert not of(GIL + 80, 0x80, 2).counted  # Its mutex.
    assert of(GIL + 0x1000, 0x189, 2).gil is None
    meanings.use([])
    assert of(GIL + 40, 0x189, 2).gil is None
