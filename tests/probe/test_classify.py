"""From a line of /proc/PID/task/TID/syscall to a state, on lines from real interpreters."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gilscope.probe.classify import Blocked, Span, parse_call, resumed, state_in
from gilscope.probe.layouts import GIL_SIZE
from gilscope.probe.syscalls import Calls, Kind
from tests.probe.captured import captured

X86 = Calls("x86_64")
ARM = Calls("aarch64")
GIL_38 = Span(0x7FA789573280, 0x7FA789573280 + GIL_SIZE)
GIL_312 = Span(0x7F2D892561B8, 0x7F2D892561B8 + GIL_SIZE)


def seen(version):
    """Return what the threads of one program were doing: the state, and the kernel's line."""
    return [line.split(" ", 1) for line in captured(f"syscall-{version}.txt").splitlines()]


@pytest.mark.parametrize(("state", "line"), seen("3.8"))
def test_what_threads_of_cpython_38_were_doing(state, line):
    assert state_in(parse_call(line.encode()), [GIL_38], X86) == state


@pytest.mark.parametrize(("state", "line"), seen("3.12"))
def test_what_threads_of_cpython_312_were_doing(state, line):
    assert state_in(parse_call(line.encode()), [GIL_312], X86) == state


def futex(address):
    return Blocked(202, (address, 0x189, 0, 0, 0, 0xFFFFFFFF))


@pytest.mark.parametrize("offset", [0, 32, 36, 40, 80, 120, 128, 168, GIL_SIZE - 1])
def test_a_futex_anywhere_in_the_structure_of_the_gil_is_a_wait(offset):
    assert state_in(futex(GIL_38.start + offset), [GIL_38], X86) == "W"


@pytest.mark.parametrize("address", [0, GIL_38.start - 1, GIL_38.end, GIL_312.start, 2**64 - 1])
def test_a_thread_in_another_futex_is_not_waiting_for_the_gil(address):
    assert state_in(futex(address), [GIL_38], X86) == "L"


def test_a_wait_for_the_gil_of_any_interpreter_is_a_wait():
    assert state_in(futex(GIL_312.start + 40), [GIL_38, GIL_312], X86) == "W"


def test_a_futex_of_a_program_without_a_known_gil_is_a_lock():
    assert state_in(futex(GIL_38.start), [], X86) == "L"


@pytest.mark.parametrize(
    ("state", "line"),
    [
        ("S", "7 0x7f00 0x0 0xffffffff 0x0 0x0 0x0 0x1 0x2"),
        ("I", "7 0x7f00 0x1 0xffffffff 0x0 0x0 0x0 0x1 0x2"),
        ("S", "23 0x0 0x0 0x0 0x0 0x7ffd 0x0 0x1 0x2"),
        # The number of descriptors is an int: what stands above its 32 bits is left from before.
        ("S", "23 0x100000000 0x0 0x0 0x0 0x7ffd 0x0 0x1 0x2"),
        ("I", "23 0x1 0x7f00 0x0 0x0 0x7ffd 0x0 0x1 0x2"),
        ("S", "35 0x7ffd 0x0 0x0 0x0 0x0 0x0 0x1 0x2"),
        ("I", "232 0x4 0x7f00 0x40 0xffffffff 0x0 0x0 0x1 0x2"),
        ("I", "281 0x4 0x7f00 0x40 0xffffffff 0x0 0x8 0x1 0x2"),
        ("L", "73 0x3 0x2 0x0 0x0 0x0 0x0 0x1 0x2"),
        # F_SETLKW and F_OFD_SETLKW wait for a lock; F_SETLK does not, but may be slow on a network.
        ("L", "72 0x3 0x7 0x7ffd 0x0 0x0 0x0 0x1 0x2"),
        ("L", "72 0x3 0x26 0x7ffd 0x0 0x0 0x0 0x1 0x2"),
        ("L", "72 0x3 0x100000007 0x7ffd 0x0 0x0 0x0 0x1 0x2"),
        ("I", "72 0x3 0x6 0x7ffd 0x0 0x0 0x0 0x1 0x2"),
        ("L", "449 0x7f00 0x1 0x0 0x0 0x0 0x0 0x1 0x2"),
        # None of the calls that are resumed after a stop has such arguments.
        ("?", "219 0x1 0x0 0x0 0x0 0x0 0x0 0x1 0x2"),
        ("I", "9999 0x1 0x0 0x0 0x0 0x0 0x0 0x1 0x2"),
        ("?", "-1 0x7ffd14e2ba90 0x7f2d88b162ec"),
    ],
)
def test_other_calls_of_x86_64(state, line):
    assert state_in(parse_call(line.encode()), [GIL_38], X86) == state


@pytest.mark.parametrize(
    ("state", "line"),
    [
        ("W", f"98 {GIL_38.start + 44:#x} 0x89 0x0 0x0 0x0 0xffffffff 0x1 0x2"),
        ("L", "98 0x55f286e0e230 0x189 0x0 0x0 0x0 0xffffffff 0x1 0x2"),
        ("S", "115 0x1 0x1 0x7f2d67ffec30 0x0 0x0 0x0 0x1 0x2"),
        ("S", "72 0x0 0x0 0x0 0x0 0x0 0x0 0x1 0x2"),
        ("L", "25 0x3 0x7 0x7ffd 0x0 0x0 0x0 0x1 0x2"),
        ("I", "25 0x3 0x6 0x7ffd 0x0 0x0 0x0 0x1 0x2"),
        ("I", "207 0x3 0x7fa788c8a260 0xa 0x0 0x0 0x0 0x1 0x2"),
        ("I", "22 0x4 0x7f00 0x40 0xffffffff 0x0 0x8 0x1 0x2"),
    ],
)
def test_calls_of_aarch64(state, line):
    assert state_in(parse_call(line.encode()), [GIL_38], ARM) == state


def test_a_resumed_wait_for_the_gil_is_still_a_wait():
    call = parse_call(f"219 {GIL_38.start + 40:#x} 0x0 0x0 0x0 0x0 0x0 0x1 0x2".encode())
    assert state_in(call, [GIL_38], X86) == "W"


@pytest.mark.parametrize(
    ("state", "name", "arguments"),
    [
        # As they stood there after SIGSTOP and SIGCONT, on CPython 3.9 and 3.12.
        ("L", "futex", "0x7f4658000dc0 0x89 0x0 0x7f465f0f93a0 0x0 0xffffffff"),
        ("L", "futex", "0x7f4658000dc0 0x189 0x2 0x7f465f0f93a0 0x0 0xffffffff"),
        ("S", "clock_nanosleep", "0x0 0x0 0x7f465f203f90 0x0 0x0 0x7f465f38ab70"),
        ("S", "clock_nanosleep", "0x1 0x0 0x7f465f124990 0x0 0x0 0x7f465f236230"),
        ("S", "clock_nanosleep", "0x7f465f124690 0x7f465f124910 0x7f465f7ec8c1 0x0 0x0 0x6"),
        ("S", "clock_nanosleep", "0x7effcedb6c20 0x0 0x55c2775bc010 0x0 0x7effcf3b715e 0x6"),
        ("S", "clock_nanosleep", "0x55a524e2e510 0x0 0xf4240 0x0 0x0 0x7f465f9ad100"),
        ("S", "clock_nanosleep", "0x0 0x0 0xf4240 0x0 0x0 0x7f465f9ad100"),
        ("I", "poll", "0x7f465f350650 0x1 0xf4240 0x7f465f1ae920 0x0 0x0"),
        ("I", "poll", "0x7f465f350660 0x1 0xffffffff 0x0 0x0 0x7f465f9ad100"),
        ("I", "poll", "0x7f465f1ca530 0x9 0xf4240 0x7f465f13b620 0x0 0x0"),
        ("I", "poll", "0x7f4624000df0 0x89 0xf4240 0x7f4624001b00 0x0 0x0"),
        ("I", "poll", "0x7eff98000de0 0x80 0xf4240 0x80 0x0 0x0"),
        # A poll of 128 descriptors, and a wait without a bitset, of 1,000,000 in a futex.
        ("?", "restart_syscall", "0x7f4630000df0 0x80 0xf4240 0x7f4630001b00 0x0 0x0"),
        # A poll would have returned at once.
        ("L", "futex", "0x7f4630000df0 0x80 0x0 0x7f4630001b00 0x0 0x0"),
        # A sleep, and a wait for a futex that other processes share.
        ("?", "restart_syscall", "0x7f465f203d10 0x0 0x55a524e1b910 0x7f465f9571c0 0x0 0x6"),
        ("?", "restart_syscall", "0x7f465f203d10 0x9 0x1 0x7f465f9571c0 0x0 0xffffffff"),
        # No futex lies at such an address, and one without a timeout is not resumed.
        ("I", "poll", "0x7f4658000dc2 0x89 0x1 0x7f465f0f93a0 0x0 0xffffffff"),
        ("I", "poll", "0x7f4658000dc0 0x89 0x1 0x0 0x0 0xffffffff"),
    ],
)
def test_what_a_call_was_that_is_resumed_after_a_stop(state, name, arguments):
    call = parse_call(f"219 {arguments} 0x7f465f0f92f0 0x7f465f4a3f16".encode())
    assert state_in(call, [GIL_38], X86) == state
    assert X86.name(resumed(call, X86).number) == name


@pytest.mark.parametrize(
    ("state", "name", "arguments"),
    [
        ("L", "futex", "0xffff8c000dc0 0x89 0x1 0xffff8f0f93a0 0x0 0xffffffff"),
        # There is no poll on this machine, and ppoll is begun anew instead.
        ("L", "futex", "0xffff8c000dc0 0x80 0x1 0xffff8f0f93a0 0x0 0x0"),
        ("?", "restart_syscall", "0xffff8c000dc0 0x1 0xf4240 0xffff8f0f93a0 0x0 0x0"),
        ("S", "clock_nanosleep", "0x1 0x0 0xffff8f0f93a0 0x0 0x0 0x0"),
    ],
)
def test_what_a_resumed_call_was_on_aarch64(state, name, arguments):
    call = parse_call(f"128 {arguments} 0x1 0x2".encode())
    assert state_in(call, [GIL_38], ARM) == state
    assert ARM.name(resumed(call, ARM).number) == name


def test_a_call_that_was_not_resumed_is_itself():
    assert resumed(futex(GIL_38.end), X86) == futex(GIL_38.end)


def test_an_unknown_machine_knows_no_call_and_says_so():
    calls = Calls("riscv64")
    assert calls.kinds == {}
    assert calls.name(98) == "system call 98"


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_no_two_calls_of_a_machine_share_a_number(machine):
    from gilscope.probe.syscalls import _COLUMN, _NUMBERS

    numbers = [n for row in _NUMBERS if (n := row[_COLUMN[machine]]) is not None]
    assert len(numbers) == len(set(numbers))


@pytest.mark.parametrize(
    "line", [b"", b"\n", b"running", b"running\n", b"-1 0x1 0x2", b"0x5 0x1", b"5 0xzz", b"\xff"]
)
def test_a_line_that_names_no_call_is_none(line):
    assert parse_call(line) is None


def test_a_call_without_arguments_has_none():
    assert parse_call(b"34") == Blocked(34, ())


@given(st.binary(max_size=200))
def test_any_line_is_read_without_an_error(line):
    assert state_in(parse_call(line), [GIL_38], X86) in set("WLSI?")


arguments = st.lists(st.integers(0, 2**64 - 1), max_size=8).map(tuple)


@given(st.integers(-5, 500), arguments, st.sampled_from([X86, ARM, Calls("none")]))
def test_any_call_with_any_arguments_has_a_state(number, arguments, calls):
    assert state_in(Blocked(number, arguments), [GIL_38], calls) in set("WLSI?")


registers = st.one_of(
    st.sampled_from([0, 1, 9, 0x80, 0x89, 0x180, 0x189, 0xFFFFFFFF, 2**64 - 1]),
    st.integers(0x7F0000000000, 0x7FFFFFFFFFFF),
)


@given(st.lists(registers, max_size=7).map(tuple), st.sampled_from([X86, ARM]))
def test_a_resumed_call_means_what_the_call_before_it_meant(arguments, calls):
    call = Blocked(calls.numbers["restart_syscall"], arguments)
    before = resumed(call, calls)
    if before == call:
        assert state_in(call, [], calls) == "?"
    else:
        assert state_in(call, [], calls) == state_in(before, [], calls) != "?"


@given(st.integers(0, 500), st.lists(st.integers(0, 2**64 - 1), min_size=8, max_size=8))
def test_a_line_as_the_kernel_prints_it_is_read_back(number, words):
    line = f"{number} " + " ".join(f"{word:#x}" for word in words)
    assert parse_call(line.encode()) == Blocked(number, tuple(words[:6]))


def test_every_kind_is_told_apart_from_io():
    assert set(X86.kinds.values()) == set(Kind) - {Kind.IO}
