"""What an interpreter's file says of itself, and that no file can do harm by what it says."""

import contextlib
import os
import resource
import struct
import zlib
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gilscope.probe.binary import Binary, _parse, read_binary
from gilscope.probe.maps import images, read_maps

SOME_ELF = Path(os.path.realpath("/bin/true")).read_bytes()


def parse(path):
    return _parse(str(path), library=".so" in str(path))


@contextlib.contextmanager
def memory_limit(size):
    """Fail an allocation of much more than is in use now instead of taking the machine down."""
    before = resource.getrlimit(resource.RLIMIT_AS)
    with open("/proc/self/statm", encoding="ascii") as file:
        used = int(file.read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)


def test_this_interpreter_is_found_in_its_own_file():
    binaries = [read_binary(os.getpid(), image) for image in images(read_maps(os.getpid()))]
    (found,) = [b for b in binaries if b is not None and b.runtime is not None]
    assert found.hex_version is not None
    assert found.versions == ()
    assert found.base % 4096 == 0


def pyenv_versions():
    root = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    return sorted(root.glob("*/lib/libpython[23].*.so.*"))


@pytest.mark.parametrize("path", pyenv_versions(), ids=lambda path: path.parent.parent.name)
def test_an_interpreters_file_names_its_version_and_its_runtime(path):
    version = path.parent.parent.name
    binary = parse(path)
    minor = tuple(int(part) for part in version.split(".")[:2])
    assert binary is not None
    assert (binary.runtime is not None) == (minor >= (3, 7))
    if minor >= (3, 11):
        assert binary.hex_version is not None
    else:
        assert version in binary.versions


def test_a_program_without_an_interpreter_has_neither():
    binary = parse(os.path.realpath("/bin/true"))
    assert binary is not None
    assert (binary.runtime, binary.hex_version, binary.versions) == (None, None, ())


@pytest.mark.parametrize("content", [b"", b"#!/bin/sh\n", b"\x7fELF", b"\x7fELF" + b"\xff" * 100])
def test_a_file_that_is_no_program_is_none(tmp_path, content):
    path = tmp_path / "file"
    path.write_bytes(content)
    assert parse(path) is None


def test_a_file_that_is_not_there_or_a_folder_is_none(tmp_path):
    assert parse(tmp_path / "nothing") is None
    assert parse(tmp_path) is None


tolerant = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@tolerant
@given(st.binary(max_size=400))
def test_random_bytes_after_the_magic_number_are_read_or_none(tmp_path, content):
    path = tmp_path / "file"
    path.write_bytes(b"\x7fELF\x02\x01\x01" + content)
    assert parse(path) is None or isinstance(parse(path), Binary)


@tolerant
@given(st.integers(0, len(SOME_ELF)))
def test_a_truncated_program_is_read_or_none(tmp_path, length):
    path = tmp_path / "file"
    path.write_bytes(SOME_ELF[:length])
    parse(path)


HEADER = struct.Struct("<16sHHIQQQIHHHHHH")
SECTION = struct.Struct("<IIQQQQIIQQ")


def sections():
    """Return where in SOME_ELF the section headers are."""
    _, _, _, _, _, _, start, _, _, _, _, size, count, _ = HEADER.unpack_from(SOME_ELF)
    return [start + size * index for index in range(count)]


HEADERS = [
    *range(0, 64, 2),
    *[place + part for place in sections() for part in (4, 8, 16, 24, 32, 40, 44, 48, 56)],
]


@tolerant
@given(
    st.lists(
        st.tuples(
            st.sampled_from(HEADERS),
            st.sampled_from(
                [b"\0", b"\xff", b"\x01", b"\0" * 8, b"\xff" * 8, b"\x08", b"\xff\x7f"]
            ),
        ),
        min_size=1,
        max_size=4,
    )
)
def test_a_program_with_damaged_headers_is_read_or_none(tmp_path, damages):
    data = bytearray(SOME_ELF)
    for place, damage in damages:
        data[place : place + len(damage)] = damage
    path = tmp_path / "file"
    path.write_bytes(data)
    with memory_limit(1 << 30):
        parse(path)


@tolerant
@given(st.data())
def test_a_program_with_damaged_tables_is_read_or_none(tmp_path, data):
    kinds = {0x6FFFFFF6: "hash", 11: "symbols", 3: "strings", 2: "symbols"}
    content = bytearray(SOME_ELF)
    for place in sections():
        _, kind, _, _, start, size, *_ = SECTION.unpack_from(SOME_ELF, place)
        if kind in kinds and size:
            for _ in range(data.draw(st.integers(0, 3))):
                where = start + data.draw(st.integers(0, min(size, 64) - 1))
                damage = data.draw(st.binary(min_size=1, max_size=8))
                content[where : where + len(damage)] = damage
    path = tmp_path / "file"
    path.write_bytes(content)
    with memory_limit(1 << 30):
        parse(path)


def program(*, kind=1, flags=2, size=64, body=b"\0" * 64):
    """Return a tiny program with one section, `.rodata`."""
    names = b"\0.rodata\0.shstrtab\0"
    start = 64 + 56
    load = struct.pack("<IIQQQQQQ", 1, 5, 0, 0, 0, 4096, 4096, 4096)
    table = start + len(body) + len(names)
    magic = b"\x7fELF\x02\x01\x01" + b"\0" * 9
    return b"".join(
        (
            HEADER.pack(magic, 3, 62, 1, 0, 64, table, 0, 64, 56, 1, 64, 3, 2),
            load,
            body,
            names,
            SECTION.pack(0, 0, 0, 0, 0, 0, 0, 0, 0, 0),
            SECTION.pack(1, kind, flags, 0, start, size, 0, 0, 1, 0),
            SECTION.pack(9, 3, 0, 0, start + len(body), len(names), 0, 0, 1, 0),
        )
    )


def test_a_version_is_found_among_the_constants(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(program(body=b"x 3.8.18\0 3.2.0\0 13.9.1\0 3.9.2+\0".ljust(64, b"\0")))
    binary = parse(path)
    assert binary is not None
    assert binary.versions == ("3.8.18", "3.9.2")


NOBITS = 8
COMPRESSED = 0x800


def test_a_section_that_claims_to_be_endless_takes_no_memory(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(program(kind=NOBITS, size=1 << 40))
    with memory_limit(1 << 28):
        parse(path)


def test_a_section_that_is_larger_than_its_file_takes_no_memory(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(program(size=1 << 40))
    with memory_limit(1 << 28):
        parse(path)


def gnu_hash(words):
    """Return a program whose only section is a table of hashes, and nothing stands behind it."""
    body = struct.pack(f"<{len(words)}I", *words)
    return program(kind=0x6FFFFFF6, size=len(body), body=body)


@pytest.mark.parametrize(
    "words",
    [(0, 0, 0, 0), (0, 1, 1, 0), (1, 0, 1, 0, 1, 1), (1, 0, 1, 0, 2**32 - 1, 2**32 - 1, 2**32 - 1)],
)
def test_a_table_of_hashes_that_makes_no_sense_is_none(tmp_path, words):
    path = tmp_path / "file"
    path.write_bytes(gnu_hash(words))
    assert parse(path) is None


def test_a_compressed_section_is_not_unpacked_without_bound(tmp_path):
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(b"\0" * (1 << 20)) for _ in range(300)) + packer.flush()
    body = struct.pack("<IIQQ", 1, 0, 300 << 20, 1) + packed
    path = tmp_path / "file"
    path.write_bytes(program(flags=2 | COMPRESSED, size=len(body), body=body))
    with memory_limit(1 << 27):
        parse(path)


def test_a_file_is_examined_once_however_many_processes_run_it():
    image = images(read_maps(os.getpid()))[0]
    assert read_binary(os.getpid(), image) is read_binary(os.getpid(), image)


def test_a_mapping_of_another_file_is_none():
    image = images(read_maps(os.getpid()))[0]
    assert read_binary(os.getpid(), replace(image, inode=1, start=0, end=1)) is None
    assert read_binary(1 << 22, image) is None
