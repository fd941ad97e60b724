"""Stacks in memory that is another process's, and may be anything."""

import dataclasses
import os
import random
import struct

import pytest

from gilscope.model.events import Call
from gilscope.probe.frame_layouts import FRAME_LAYOUTS
from gilscope.probe.frames import MOST_LEVELS, FrameReader
from gilscope.probe.memory import Memory, Unreadable

BASE = 0x10000
STATE = BASE + 0x100
GENERATOR, CSTACK = 1, 3
LAYOUTS = pytest.mark.parametrize("layout", FRAME_LAYOUTS.values(), ids=map(str, FRAME_LAYOUTS))
NEW = pytest.mark.parametrize("version", [(3, 11), (3, 12)])


class Built(Memory):
    """Memory in which code objects and frames are put together."""

    def __init__(self, layout, size=1 << 20):
        self.layout = layout
        self.content = bytearray(size)
        self.end = BASE + 0x1000
        self.reads = 0
        self.types = {name: self.type(name) for name in (b"code", b"str", b"bytes")}

    def read(self, address, size):
        self.reads += 1
        start = address - BASE
        if start < 0 or start + size > len(self.content):
            raise Unreadable(f"{address:#x}")
        return bytes(self.content[start : start + size])

    def write(self, address, data):
        self.content[address - BASE : address - BASE + len(data)] = data

    def word(self, address, value):
        self.write(address, struct.pack("<Q", value))

    def take(self, size):
        address = self.end
        self.end += (size + 63) & ~63
        return address

    def type(self, name):
        kind, text = self.take(64), self.take(len(name) + 1)
        self.write(text, name + b"\0")
        self.word(kind + self.layout.type_name, text)
        return kind

    def text(self, text):
        layout = self.layout
        highest = max(map(ord, text), default=0)
        width = 1 if highest < 256 else 2 if highest < 65536 else 4
        address = self.take(layout.text_data + 4 * len(text))
        self.word(address + layout.object_type, self.types[b"str"])
        self.word(address + layout.text_length, len(text))
        state = (width | 8 | 16 * (highest < 128)) << layout.text_kind
        self.word(address + layout.text_state, state)
        encoding = {1: "latin-1", 2: "utf-16-le", 4: "utf-32-le"}[width]
        place = layout.text_ascii if highest < 128 else layout.text_data
        self.write(address + place, text.encode(encoding, "surrogatepass"))
        return address

    def bytes(self, data):
        layout = self.layout
        address = self.take(layout.bytes_data + len(data))
        self.word(address + layout.object_type, self.types[b"bytes"])
        self.word(address + layout.bytes_size, len(data))
        self.write(address + layout.bytes_data, data)
        return address

    def code(self, name="f", file="f.py", first_line=1, table=b"", resume=0, address=None):
        layout = self.layout
        address = address or self.take(256)
        self.word(address + layout.object_type, self.types[b"code"])
        self.word(address + layout.code_name, self.text(name))
        self.word(address + layout.code_file, self.text(file))
        self.word(address + layout.code_table, self.bytes(table))
        self.write(address + layout.code_first_line, struct.pack("<i", first_line))
        if layout.code_resume is not None:
            self.write(address + layout.code_resume, struct.pack("<i", resume))
        return address

    def frame(self, code, previous=0, offset=0, owner=0, address=None):
        layout = self.layout
        address = address or self.take(128)
        self.word(address + layout.frame_code, code)
        self.word(address + layout.frame_previous, previous)
        if layout.frame_owner is None:
            number = struct.pack("<i", offset // layout.instruction_size)
            self.write(address + layout.frame_instruction, number)
        else:
            instruction = code + layout.code_instructions + offset
            self.word(address + layout.frame_instruction, instruction)
            self.write(address + layout.frame_owner, bytes([owner]))
        return address

    def enter(self, frame):
        """Make a frame the innermost one of the thread."""
        layout = self.layout
        if layout.cframe_frame is None:
            self.word(STATE + layout.thread_frame, frame)
        else:
            cframe = BASE + 0x800
            self.word(STATE + layout.thread_frame, cframe)
            self.word(cframe + layout.cframe_frame, frame)

    def stack(self, *names):
        """Enter functions of these names, the outermost first; return the innermost frame."""
        frame = self.root()
        for name in names:
            frame = self.frame(self.code(name), frame)
        self.enter(frame)
        return frame

    def root(self):
        return self.frame(0, owner=CSTACK) if self.layout.has_entry_frames else 0


def names(built):
    return [call.name for call in FrameReader(built, built.layout).stack(STATE)]


def current(built):
    code = FrameReader(built, built.layout).current(STATE)
    return code and code.name


@LAYOUTS
def test_a_stack_is_told_from_the_innermost_call_outwards(layout):
    built = Built(layout)
    built.stack("main", "work", "step")
    assert names(built) == ["step", "work", "main"]
    assert current(built) == "step"


@LAYOUTS
def test_a_call_has_its_file_and_line(layout):
    built = Built(layout)
    table = {0: b"\x04\x03", 1: b"\x04\x00\x10\x03", 2: b"\xe9\x00\xe9\x06"}[layout.lines.value - 1]
    code = built.code("f", "目.py", 10, table)
    built.enter(built.frame(code, built.root(), offset=4))
    assert FrameReader(built, layout).stack(STATE) == (Call("f", "目.py", 13),)


@LAYOUTS
def test_a_thread_in_no_function_has_no_stack(layout):
    built = Built(layout)
    built.enter(0)
    assert names(built) == []
    assert current(built) is None
    assert built.reads <= 4


@LAYOUTS
def test_a_thread_that_has_ended_has_no_stack(layout):
    reader = FrameReader(Built(layout), layout)
    for state in (0, 1, 2**63, 2**64 - 1, BASE - 8):
        assert reader.stack(state) == ()
        assert reader.current(state) is None


@LAYOUTS
def test_a_recursion_is_told_as_deep_as_it_is_read(layout):
    built = Built(layout)
    frame, code = built.root(), built.code("f")
    for _ in range(MOST_LEVELS + 100):
        frame = built.frame(code, frame)
    built.enter(frame)
    assert names(built) == ["f"] * MOST_LEVELS
    # Each page and each code object is read once.
    assert built.reads < 100


@LAYOUTS
def test_a_chain_of_frames_that_loops_is_told_once(layout):
    built = Built(layout)
    frame = built.stack("main", "work")
    built.frame(built.code("loop"), frame, address=frame)
    assert names(built) == ["loop"]
    assert current(built) == "loop"


@LAYOUTS
@pytest.mark.parametrize("previous", [8, BASE - 4096, 2**63, 2**64 - 8])
def test_a_chain_of_frames_that_leads_to_nowhere_is_told_so_far(layout, previous):
    built = Built(layout)
    outer = built.frame(built.code("outer"), previous)
    built.enter(built.frame(built.code("inner"), outer))
    assert names(built) == ["inner", "outer"]


@LAYOUTS
def test_a_frame_without_a_code_object_is_left_out(layout):
    built = Built(layout)
    frame = built.frame(built.text("text"), built.stack("main"))
    built.enter(built.frame(built.code("work"), frame))
    assert names(built) == ["work", "main"]
    built.enter(frame)
    assert names(built) == ["main"]
    assert current(built) == "main"


@NEW
def test_frames_of_the_interpreter_itself_are_left_out(version):
    built = Built(FRAME_LAYOUTS[version])
    frame = built.stack("main")
    for owner in (3, 4):
        frame = built.frame(built.code("shim"), frame, owner=owner)
        frame = built.frame(built.code("callback"), frame)
    built.enter(built.frame(0, frame, owner=3))
    assert names(built) == ["callback", "callback", "main"]
    assert current(built) == "callback"


@NEW
def test_a_frame_that_is_still_being_made_is_left_out(version):
    built = Built(FRAME_LAYOUTS[version])
    main = built.stack("main")
    code = built.code("closure", resume=3)
    for offset, seen in [(-2, False), (0, False), (4, False), (6, True), (100, True)]:
        built.enter(built.frame(code, main, offset))
        assert names(built) == (["closure", "main"] if seen else ["main"])
        assert current(built) == ("closure" if seen else "main")
    built.enter(built.frame(code, main, 0, GENERATOR))
    assert names(built) == ["closure", "main"]


def test_the_tags_of_a_pointer_to_the_code_are_taken_off():
    layout = FRAME_LAYOUTS[3, 12]
    built = Built(layout)
    frame = built.stack("main")
    built.word(frame + layout.frame_code, built.pointer(frame + layout.frame_code) | 1)
    assert names(built) == ["main"]
    assert current(built) == "main"


class Changing(Built):
    """Memory in which a stack breaks, and is whole again a few reads later."""

    def __init__(self, layout):
        super().__init__(layout)
        self.broken = 0

    def read(self, address, size):
        self.broken = max(self.broken - 1, 0)
        if self.broken and address >= BASE + 0x1000 and size < 4096:
            return os.urandom(size)
        return super().read(address, size)


@LAYOUTS
def test_a_stack_that_breaks_is_read_again(layout):
    built = Changing(layout)
    built.stack("main", "work")
    reader = FrameReader(built, layout)
    assert len(reader.stack(STATE)) == 2
    built.broken = 6
    assert reader.current(STATE).name == "work"
    built.broken = 6
    assert [call.name for call in reader.stack(STATE)] == ["work", "main"]


@NEW
def test_before_a_new_cframe_is_filled_the_one_before_tells(version):
    layout = FRAME_LAYOUTS[version]
    built = Built(layout)
    built.stack("main", "work")
    cframe, before = BASE + 0x900, built.pointer(STATE + layout.thread_frame)
    built.word(STATE + layout.thread_frame, cframe)
    built.word(cframe + layout.cframe_frame, built.frame(0, 8, owner=CSTACK))
    built.word(cframe + layout.cframe_frame + 8, before)
    assert current(built) == "work"
    assert names(built) == ["work", "main"]


class Noise(Memory):
    """Memory that holds anything at all, with a liking for what gets a reader further."""

    def __init__(self, chance):
        self.chance = chance
        self.reads = 0

    def read(self, address, size):
        self.reads += 1
        assert self.reads < 20_000, "a reading that does not end"
        chance = self.chance
        if not 0 < address < 1 << 63 or chance.random() < 0.05:
            raise Unreadable(f"{address:#x}")
        known = {5: b"code\0", 4: b"str\0", 6: b"bytes\0"}
        if size in known and chance.random() < 0.9:
            return known[size]
        if chance.random() < 0.2:
            return chance.randbytes(size)
        words = chance.choices([0, 1, 8, 0x29, 0x65, 0x69, 0x1000, 0x2000, 0x2040, 0x3F80], k=8)
        return (struct.pack("<8Q", *words) * (size // 64 + 1))[:size]


@LAYOUTS
def test_any_memory_is_read_to_an_end(layout):
    chance = random.Random(7)
    for kind in (2, 8):
        odd = dataclasses.replace(layout, text_kind=kind)
        for _ in range(300):
            noise = Noise(chance)
            reader = FrameReader(noise, odd)
            for _ in range(3):
                noise.reads = 0
                for call in reader.stack(chance.choice([0x1000, 0x2000, 2**64 - 8])):
                    call.name.encode()
                found = reader.current(0x1000)
                if found is not None:
                    assert found.line(chance.randrange(-10, 100)) >= 0


class Torn(Built):
    """Memory in which a word changes now and then, and parts cannot be read."""

    def __init__(self, layout, chance):
        super().__init__(layout)
        self.chance = chance

    def read(self, address, size):
        data = bytearray(super().read(address, size))
        if self.chance.random() < 0.01:
            raise Unreadable(f"{address:#x}")
        if self.chance.random() < 0.05 and size >= 8:
            place = self.chance.randrange(0, size - 7)
            word = self.chance.choice(
                [
                    0,
                    1,
                    2**64 - 1,
                    self.chance.getrandbits(64),
                    self.chance.randrange(BASE, self.end),
                ]
            )
            data[place : place + 8] = struct.pack("<Q", word)
        return bytes(data)


@LAYOUTS
def test_a_torn_stack_is_read_as_far_as_it_goes(layout):
    chance = random.Random(11)
    built = Torn(layout, chance)
    built.stack(*(f"f{number}" for number in range(10)))
    reader = FrameReader(built, layout)
    whole = 0
    for _ in range(1000):
        before = built.reads
        whole += len(reader.stack(STATE)) >= 10
        reader.current(STATE)
        assert built.reads - before < 20_000
    assert whole > 500
