"""Random bytes for memory, for binaries and for the files of /proc: no crash, no hang.

Seeded, so that what fails once fails again; the tests of each module hold what hypothesis finds.
"""

import contextlib
import os
import random
import struct
import time
from pathlib import Path

import pytest

from gilscope.probe import binary, find, kernel
from gilscope.probe.binary import Binary
from gilscope.probe.blocked import Describer, parse_inet, parse_unix
from gilscope.probe.classify import Blocked, Span, parse_call, state_in
from gilscope.probe.gil import GilReader
from gilscope.probe.implementations import by_arguments, recognise
from gilscope.probe.interpreter import Gil, Interpreter
from gilscope.probe.layouts import COOKIE, DEBUG_OFFSETS_SIZE, LAYOUTS, published_layout
from gilscope.probe.maps import Mapping, find_stacks, images, owner, parse_maps
from gilscope.probe.memory import Memory, Unreadable
from tests.probe.constructed import PID

ROUNDS = 60
SIZE = 0x8000

KINDS = (
    "noise", "pointers", "zeros", "ones", "small",
)  # fmt: skip


def contents(chance, kind, size=SIZE):
    """Return memory of a kind."""
    words = size // 8
    match kind:
        case "noise":
            return chance.randbytes(size)
        case "pointers":
            return struct.pack(f"<{words}Q", *(chance.randrange(0, size, 8) for _ in range(words)))
        case "zeros":
            return bytes(size)
        case "ones":
            return b"\xff" * size
    return struct.pack(f"<{words}Q", *(chance.randrange(4) for _ in range(words)))


@pytest.fixture
def memory(tmp_path):
    """Return a function that opens memory with something in it."""
    opened = []

    def make(data):
        folder = tmp_path / f"{len(opened)}" / f"{PID}"
        folder.mkdir(parents=True)
        (folder / "mem").write_bytes(data)
        (folder / "maps").write_text("1000-2000 rw-p 0 00:00 0\n")
        opened.append(Memory(PID, proc=str(folder.parent)))
        return opened[-1]

    yield make
    for one in opened:
        one.close()


def table(chance, version):
    """Return a `_Py_DebugOffsets` that is right as far as it is checked, and random beyond."""
    words = [chance.choice((0, 8, chance.randrange(1 << 21))) for _ in range(40)]
    words[0] = int.from_bytes(COOKIE, "little")
    words[1] = version[0] << 24 | version[1] << 16
    words[2] = chance.randrange(2)
    return struct.pack("<40Q", *words)


@pytest.mark.parametrize("kind", KINDS)
def test_any_memory_is_no_interpreter_or_one_that_can_be_walked(memory, monkeypatch, kind):
    chance = random.Random(kind)
    began = time.monotonic()
    for _ in range(ROUNDS):
        version = chance.choice([*LAYOUTS, (3, 13), (3, 14), (3, 15)])
        data = bytearray(contents(chance, kind))
        runtime = chance.randrange(8, SIZE - 400, 8)
        if version not in LAYOUTS:
            data[runtime : runtime + DEBUG_OFFSETS_SIZE] = table(chance, version)
        number = chance.randrange(8, SIZE, 4)
        data[number : number + 4] = struct.pack("<I", version[0] << 24 | version[1] << 16)
        found = Binary((), runtime, number, 0, bits=64)
        monkeypatch.setattr(find, "read_binary", lambda pid, mapping, found=found: found)
        image = Mapping(0, SIZE, "r-xp", 0, 1, "/usr/bin/python3")
        here = memory(bytes(data))
        with contextlib.suppress(find.NotReady, find.NotReadable, find.NotPython):
            interpreter = find._find(os.getpid(), here, [image])
            for state in interpreter.threads:
                interpreter.kernel_id(state)
    assert time.monotonic() - began < 60


@pytest.mark.parametrize("kind", KINDS)
def test_any_memory_is_a_gil_that_can_be_read_or_none(memory, kind):
    chance = random.Random(kind)
    here = memory(contents(chance, kind))
    for _ in range(ROUNDS):
        address = chance.choice((chance.randrange(SIZE), chance.getrandbits(64), SIZE - 8))
        try:
            gil = GilReader(here, Gil(address, 0), 0)
        except (Unreadable, OSError):
            continue
        assert gil.locked in (True, False)
        gil.read()


@pytest.mark.parametrize("kind", KINDS)
def test_any_memory_names_the_threads_of_any_layout(memory, kind):
    chance = random.Random(kind)
    here = memory(contents(chance, kind))
    for _ in range(ROUNDS):
        version = chance.choice((13, 14, 15))
        layout = published_layout(table(chance, (3, version)), (3, version))
        if layout is None:
            continue
        interpreter = Interpreter(here, f"3.{version}.0", chance.randrange(SIZE), layout)
        with contextlib.suppress(Unreadable):
            interpreter.walk()


WORDS = (
    "0", "-1", "1", "ffff", "0x0", "18446744073709551616", "running", "(a)", ")", "(", "R", "S",
    "\n", "\t", " ", ":", "/", "::", "0::/", "freezer", "State:", "TracerPid:", "cgroup2", " - ",
    "7f00-8000", "rw-p", "[stack]", "\N{SNAKE}", "\x00", "\x1b[31m", "9" * 400, "tcp", "0A",
    "0100007F:1F90", "00000000000000000000000001000000:0050", "zz:zz", ":",
)  # fmt: skip


def text(chance):
    """Return a text that has something of those the kernel writes."""
    return "".join(
        chance.choice(WORDS) + chance.choice((" ", "\n", "", "\t"))
        for _ in range(chance.randrange(40))
    )


def test_any_text_is_parsed_or_refused():
    chance = random.Random(7)
    for _ in range(3000):
        some = text(chance)
        with contextlib.suppress(ValueError):
            kernel.parse_stat(some)
        kernel.parse_groups(some)
        kernel.parse_freezers(some)
        mappings = parse_maps(some)
        images(mappings)
        parse_inet(some)
        parse_unix(some)
        state_in(parse_call(some.encode()), [Span(1, 5)])
        by_arguments(some.split(" "))
        recognise(os.getpid(), some.split(), mappings)
        stacks = find_stacks(mappings, [(chance.getrandbits(64), 5), (0x7F50, 6)], 7)
        owner(stacks, chance.getrandbits(64))


def test_any_file_of_proc_is_read_or_refused(tmp_path):
    chance = random.Random(8)
    folder = tmp_path / f"{PID}"
    (folder / "task" / f"{PID}").mkdir(parents=True)
    (tmp_path / "self").mkdir()
    for _ in range(300):
        for name in ("status", "wchan", "cgroup", "stat", "../self/schedstat", "../self/mountinfo"):
            noise = chance.randbytes(chance.randrange(300))
            (folder / name).write_bytes(chance.choice((noise, text(chance).encode())))
        kernel.accounts.cache_clear()
        kernel._freezers.cache_clear()
        assert kernel.halted(PID, proc=str(tmp_path)) in (None, "stopped", "frozen", "traced")
        kernel.children(PID, proc=str(tmp_path))
        kernel.blindness(PID, proc=str(tmp_path))


def test_any_call_is_described(memory):
    chance = random.Random(9)
    describer = Describer(os.getpid(), memory(contents(chance, "noise")))
    for _ in range(2000):
        arguments = tuple(
            chance.choice((0, 1, 5, chance.getrandbits(32), chance.getrandbits(64), 2**64 - 1))
            for _ in range(chance.randrange(8))
        )
        assert describer.describe(Blocked(chance.randrange(500), arguments), 0)


def elf(sections, *, count=None):
    """Return an ELF file of 64 bits that has one segment and some sections, and then anything."""
    header = 64 + 56
    number = len(sections) if count is None else count
    start = struct.pack(
        "<16sHHIQQQIHHHHHH",
        b"\x7fELF\x02\x01\x01", 3, 62, 1, 0, 64, header, 0, 64, 56, 1, 64, number, 0,
    )  # fmt: skip
    segment = struct.pack("<IIQQQQQQ", 1, 5, 0, 0, 0, 1000, 1000, 4096)
    return start + segment + b"".join(sections)


def section(kind, offset, size, *, link=0, entry=0, name=0):
    return struct.pack("<IIQQQQIIQQ", name, kind, 0, 0, offset, size, link, 0, 8, entry)


def many_sections(_chance):
    return elf([section(1, 0, 64)] * 60_000, count=60_000)


NAMES = section(3, 0, 64)
TABLE = 64 + 56 + 3 * 64
"""Where the third section's contents begin."""


def hashes(body):
    """Return a file with a table of hashes in it."""
    table, symbols = section(0x6FFFFFF6, TABLE, len(body), link=2), section(11, 0, 2400, entry=24)
    return elf([NAMES, table, symbols]) + body


def long_bloom(_chance):
    return hashes(struct.pack("<IIII", 1, 1, 3_000_000, 0) + b"\xff" * 24_000_000)


def long_chain(_chance):
    bloom = struct.pack("<IIIIQI", 1, 1, 1, 0, 2**64 - 1, 1)
    return hashes(bloom + struct.pack("<I", 0xFFFFFFFE) * 6_000_000)


def many_symbols(_chance):
    names = section(3, TABLE, 16)
    symbols = section(2, TABLE + 16, 24 * 900_000, link=0, entry=24, name=1)
    return elf([names, symbols, names]) + b"\0.symtab\0".ljust(16, b"\0") + bytes(24 * 900_000)


@pytest.mark.parametrize("make", [many_sections, long_bloom, long_chain, many_symbols])
def test_a_file_that_would_take_for_ever_is_given_up(tmp_path, monkeypatch, make):
    monkeypatch.setattr(binary, "LONGEST", 0.3)
    path = tmp_path / "python3"
    path.write_bytes(make(random.Random(1)))
    began = time.monotonic()
    binary._parse(str(path), library=False)
    assert time.monotonic() - began < 5


def test_a_damaged_interpreter_is_read_or_given_up(tmp_path):
    """A small one, whole but for some bytes of its headers and tables."""
    chance = random.Random(3)
    whole = Path("/bin/true").read_bytes()
    path = tmp_path / "python3"
    began = time.monotonic()
    for _ in range(200):
        damaged = bytearray(whole)
        for _ in range(chance.randrange(1, 30)):
            place = chance.choice((chance.randrange(4, 1024), chance.randrange(len(whole))))
            damaged[place] = chance.randrange(256)
        path.write_bytes(damaged[: chance.randrange(100, len(whole) + 1)])
        binary._parse(str(path), library=chance.random() < 0.5)
    assert time.monotonic() - began < 60
