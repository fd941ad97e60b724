"""Reading a process's mappings: which file lies where, and which of them may be the interpreter."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gilscope.probe.maps import Mapping, images, is_python_file, parse_maps, read_maps
from tests.probe.captured import captured

LINE = "7f2d88c00000-7f2d88d06000 r-xp 00001000 fe:00 86612     "


@pytest.mark.parametrize(
    ("version", "library"),
    [
        ("3.8", "/opt/python/3.8.18/lib/libpython3.8.so.1.0"),
        ("3.12", "/opt/python/3.12.1/lib/libpython3.12.so.1.0"),
    ],
)
def test_the_shared_library_is_the_likeliest_home_of_the_interpreter(version, library):
    found = images(parse_maps(captured(f"maps-{version}.txt")))
    assert found[0].path == library
    assert found[0].offset == 0
    assert found[1].path.endswith(f"bin/python{version}")


@pytest.mark.parametrize("version", ["3.8", "3.12"])
def test_every_line_the_kernel_prints_is_a_mapping(version):
    text = captured(f"maps-{version}.txt")
    mappings = parse_maps(text)
    assert len(mappings) == text.count("\n")
    assert mappings == sorted(mappings, key=lambda m: m.start)
    assert all(m.start < m.end for m in mappings)


def test_one_line_is_read_field_by_field():
    assert parse_maps(LINE + "/usr/lib/a b  c.so (deleted)\n") == [
        Mapping(
            0x7F2D88C00000,
            0x7F2D88D06000,
            "r-xp",
            0x1000,
            86612,
            "/usr/lib/a b  c.so (deleted)",
        )
    ]


@pytest.mark.parametrize("path", ["/a\rb", "/a\x0cb", "/a\x0bb", "/a\x1cb", "/a\x85b", "/a\u2028b"])
def test_a_file_name_cannot_end_its_line(path):
    forged = "1000-2000 r-xp 00000000 08:01 1 /usr/lib/libpython3.12.so.1.0"
    assert [m.path for m in parse_maps(f"{LINE}{path}{forged}\n")] == [path + forged]


def test_a_mapping_of_a_file_named_with_a_carriage_return_is_read_whole(tmp_path):
    name = tmp_path / "a\rb\x85c"
    name.write_bytes(b"x" * 4096)
    import mmap
    import os

    with name.open("rb") as file, mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ):
        assert str(name) in [m.path for m in read_maps(os.getpid())]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("python", True),
        ("python3", True),
        ("python3.12", True),
        ("python3.8m", True),
        ("python3.13t", True),
        ("python3.13d", True),
        ("libpython3.12.so.1.0", True),
        ("libpython3.so", True),
        ("libpython2.7.so.1.0", True),
        ("libpython3.7m.so.1.0", True),
        ("pythonista", False),
        ("mypython", False),
        ("libc.so.6", False),
        ("python3.12-config", False),
        ("", False),
    ],
)
def test_the_names_that_interpreters_go_by(name, expected):
    assert is_python_file(name) is expected


def test_a_deleted_file_keeps_its_name():
    (mapping,) = parse_maps(LINE + "/usr/bin/python3.11 (deleted)\n")
    assert mapping.name == "python3.11"


def test_a_program_that_embeds_an_interpreter_is_looked_into_but_other_libraries_are_not():
    lines = [
        "1000-2000 r-xp 00000000 08:01 7 /usr/bin/server",
        "2000-3000 r-xp 00000000 08:01 8 /usr/lib/libc.so.6",
        "3000-4000 r--p 00000000 08:01 9 /usr/share/data",
        "4000-5000 r-xp 00000000 00:00 0 [vdso]",
    ]
    assert [m.path for m in images(parse_maps("\n".join(lines)))] == ["/usr/bin/server"]


@given(st.text(max_size=300))
def test_any_text_gives_mappings_or_none(text):
    for mapping in images(parse_maps(text)):
        assert isinstance(mapping.name, str)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["1-2", "-", "1-2-3", "zz-1", "ffffffffffffffff-0", ""]),
            st.sampled_from(["r-xp", "----", ""]),
            st.sampled_from(["0", "00001000", "x"]),
            st.sampled_from(["08:01", ""]),
            st.sampled_from(["0", "17", "-1", "9" * 5000]),
            st.text(max_size=20),
        )
    )
)
def test_lines_that_are_nearly_mappings_are_read_or_left_out(rows):
    mappings = parse_maps("\n".join(" ".join(row) for row in rows))
    assert len(mappings) <= sum(1 + "\n".join(row).count("\n") for row in rows)
    images(mappings)
