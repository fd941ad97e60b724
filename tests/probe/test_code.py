"""Code objects in memory that is another process's, and may be anything."""

import sys

import pytest

from gilscope.probe import code as module
from gilscope.probe.code import LONGEST_NAME, LONGEST_TABLE, NEVER, Code, Codes
from gilscope.probe.frame_layouts import FRAME_LAYOUTS, Lines
from tests.probe.test_frames import Built

LAYOUTS = pytest.mark.parametrize("layout", FRAME_LAYOUTS.values(), ids=map(str, FRAME_LAYOUTS))


def lines(form, table, first_line=10, offsets=range(0, 20, 2)):
    code = Code("f", "f.py", first_line, 64, _form=form, _table=bytes(table))
    return [code.line(offset) for offset in offsets]


@pytest.mark.parametrize(
    ("form", "table", "expected"),
    [
        (Lines.LNOTAB, [], [10] * 10),
        (Lines.LNOTAB, [4, 1, 4, 254, 4, 3], [10, 10, 11, 11, 9, 9, 12, 12, 12, 12]),
        # A step of more than 127 lines, or 255 bytes, takes several entries.
        (Lines.LNOTAB, [4, 127, 0, 127, 0, 6], [10, 10, *[270] * 8]),
        (
            Lines.LINETABLE,
            [4, 0, 4, 1, 4, 254, 4, 128, 2, 1, 2, 0, 0, 7],
            [10, 10, 11, 11, 9, 9, 0, 0, 10, 10],
        ),
        (Lines.LINETABLE, [4, 0, 4, 128], [10, 10, 0, 0, 0, 0, 0, 0, 0, 0]),
        (Lines.LINETABLE, [], [0] * 10),
        # Without columns by +1 and +70, long by -2, one line by +2, short, none.
        (
            Lines.LOCATIONS,
            [0xE8, 2, 0xE8, 0x4C, 2, 0xF1, 5, 0, 0, 0, 0xE1, 0, 0, 0x80, 0, 0xF8],
            [11, 81, 79, 79, 81, 81, 81, 0, 0, 0],
        ),
        # A line below 0 is none.
        (Lines.LOCATIONS, [0xE8, 0x4D, 2], [0] * 10),
        (Lines.LOCATIONS, [0xE8], [10, *[0] * 9]),
        (Lines.LOCATIONS, [0, 1, 2], [0] * 10),
    ],
)
def test_a_table_tells_the_line_of_each_instruction(form, table, expected):
    assert lines(form, table) == expected


@pytest.mark.skipif(sys.version_info < (3, 11), reason="an older form of table")
def test_lines_are_those_that_this_interpreter_tells_itself():
    def codes(code):
        yield code
        for inner in code.co_consts:
            if hasattr(inner, "co_lines"):
                yield from codes(inner)

    with open(module.__file__, encoding="utf-8") as source:
        top = compile(source.read(), module.__file__, "exec")
    for code in codes(top):
        told = {}
        for start, end, line in code.co_lines():
            told.update(dict.fromkeys(range(start, end, 2), line or 0))
        table = code.co_linetable
        found = lines(Lines.LOCATIONS, table, code.co_firstlineno, told)
        assert found == list(told.values())


def test_before_the_first_instruction_it_is_the_first_line():
    assert lines(Lines.LOCATIONS, [0xE8, 0x02], offsets=[-2, -1, -3]) == [10, 10, 0]


@pytest.mark.parametrize("form", Lines)
@pytest.mark.parametrize("byte", [0, 0x3F, 0x7F, 0x80, 0xE8, 0xFF])
def test_the_longest_table_of_nonsense_is_read_to_its_end(form, byte):
    lines(form, [byte] * LONGEST_TABLE)
    lines(form, [0xE8, *[byte] * (LONGEST_TABLE - 1)])


@LAYOUTS
@pytest.mark.parametrize(
    "text",
    ["", "name", "größe", "函数", "\U00010428", "a" * LONGEST_NAME],
    ids=["empty", "ascii", "latin-1", "2 bytes", "4 bytes", "longest"],
)
def test_a_name_of_any_characters_is_read(layout, text):
    built = Built(layout)
    codes = Codes(built, layout)
    code = codes.find(built.code(name=text, file=text + ".py" if len(text) < 100 else "f.py"))
    assert code.name == text


@LAYOUTS
def test_a_byte_of_a_file_name_that_is_no_utf_8_is_replaced(layout):
    built = Built(layout)
    code = Codes(built, layout).find(built.code(file="\udcff.py"))
    assert code.file == "\ufffd.py"


@LAYOUTS
def test_a_code_object_is_the_same_each_time(layout):
    built = Built(layout)
    codes = Codes(built, layout)
    address = built.code(name="f")
    found = codes.find(address)
    before = built.reads
    assert codes.find(address) is found
    assert built.reads == before + 1


@LAYOUTS
def test_an_address_that_goes_to_another_code_object_is_read_again(layout):
    built = Built(layout)
    codes = Codes(built, layout)
    address = built.code(name="f", first_line=7)
    assert codes.find(address).name == "f"
    built.code(name="g", first_line=7, address=address)
    assert codes.find(address).name == "g"
    built.code(name="g", first_line=8, address=address)
    assert codes.find(address).first_line == 8
    built.word(address + layout.object_type, 0)
    assert codes.find(address) is None
    built.code(name="h", address=address)
    assert codes.find(address).name == "h"


@LAYOUTS
def test_what_is_no_code_object_is_none(layout):
    built = Built(layout)
    codes = Codes(built, layout)
    good = built.code()
    assert codes.find(0) is None
    assert codes.find(good + 1) is None
    assert codes.find(built.text("text")) is None
    assert codes.find(built.code(first_line=-1)) is None
    assert codes.find(built.code(name="a" * (LONGEST_NAME + 1))) is None
    for field in (layout.code_name, layout.code_file, layout.code_table):
        for wrong in (0, 8, good, 2**64 - 8):
            address = built.code()
            built.word(address + field, wrong)
            assert codes.find(address) is None
    address = built.code()
    name = built.text("name")
    built.word(address + layout.code_name, name)
    for offset, wrong in [
        (layout.text_length, 2**63),
        (layout.text_length, 1 << 40),
        (layout.text_state, 0),
        (layout.text_state, (8 | 3) << layout.text_kind),
        (layout.text_state, 4 << layout.text_kind),
    ]:
        kept = built.pointer(name + offset)
        built.word(name + offset, wrong)
        assert codes.find(address) is None
        built.word(name + offset, kept)
    assert codes.find(address).name == "name"
    table = built.bytes(b"")
    built.word(address + layout.code_table, table)
    built.word(table + layout.bytes_size, 2**63)
    assert codes.find(address) is None


def test_characters_beyond_unicode_are_no_name():
    layout = FRAME_LAYOUTS[3, 12]
    built = Built(layout)
    name = built.text("\U00010428")
    built.word(name + layout.text_data, 0xFFFFFFFF)
    address = built.code()
    built.word(address + layout.code_name, name)
    assert Codes(built, layout).find(address) is None


def test_a_table_that_is_too_long_costs_the_lines_but_not_the_name():
    layout = FRAME_LAYOUTS[3, 12]
    built = Built(layout)
    code = Codes(built, layout).find(built.code(table=b"\xe8\x02" * LONGEST_TABLE))
    assert (code.name, code.line(0), code.line(-1)) == ("f", 0, 1)


def test_the_oldest_code_objects_are_forgotten(monkeypatch):
    layout = FRAME_LAYOUTS[3, 12]
    built = Built(layout)
    monkeypatch.setattr(module, "MOST_CODES", 3)
    codes = Codes(built, layout)
    places = [built.code(name=f"f{number}") for number in range(5)]
    found = [codes.find(place) for place in places]
    assert [codes.find(place) is one for place, one in zip(places[2:], found[2:], strict=True)] == [
        True
    ] * 3
    assert codes.find(places[0]) is not found[0]
    assert codes.find(places[0]).name == "f0"


def test_all_tables_together_are_bounded(monkeypatch):
    layout = FRAME_LAYOUTS[3, 12]
    built = Built(layout)
    monkeypatch.setattr(module, "MOST_TABLES", 1000)
    codes = Codes(built, layout)
    places = [built.code(table=bytes(400)) for _ in range(4)]
    for _ in range(3):
        assert all(codes.find(place) for place in places)
        assert codes._tables <= 1000


def test_calls_at_one_place_are_one_object():
    code = Code("f", "f.py", 10, 64, _table=b"\xe8\x02")
    assert code.call(0) is code.call(0)
    assert (code.call(0).line, code.call(2).line) == (11, 0)
    for offset in range(10_000):
        code.call(offset)
    assert len(code._calls) <= 256


def test_a_trampoline_of_the_interpreter_never_shows():
    layout = FRAME_LAYOUTS[3, 12]
    built = Built(layout)
    assert Codes(built, layout).find(built.code(name="<interpreter trampoline>")).start == NEVER
