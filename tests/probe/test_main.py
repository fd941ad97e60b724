"""The probe's two ends: events out, control lines in."""

import fcntl
import os
import pty
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gilscope.model.events import Note, encode
from gilscope.probe.main import Inlet, Outlet


@pytest.fixture
def pipe():
    read, write = os.pipe()
    yield read, write
    for descriptor in (read, write):
        try:
            os.close(descriptor)
        except OSError:
            continue


NOTE = Note(1, "info", "x" * 1000)


def test_lines_are_returned_once_they_are_whole(pipe):
    inlet = Inlet(pipe[0])
    assert inlet.lines() == []
    os.write(pipe[1], b"one\ntw")
    assert inlet.lines() == [b"one"]
    assert inlet.lines() == []
    os.write(pipe[1], b"o\n\n  \nthree\n")
    assert inlet.lines() == [b"two", b"three"]
    assert not inlet.closed


def test_an_input_that_ends_is_closed_and_gives_its_last_lines(pipe):
    inlet = Inlet(pipe[0])
    os.write(pipe[1], b"one\n")
    os.close(pipe[1])
    assert inlet.lines() == [b"one"]
    assert inlet.lines() == []
    assert inlet.closed
    assert inlet.lines() == []


def test_an_input_that_is_empty_from_the_start_is_closed():
    descriptor = os.open("/dev/null", os.O_RDONLY)
    inlet = Inlet(descriptor)
    inlet.lines()
    os.close(descriptor)
    assert inlet.closed


def test_an_input_that_fails_is_closed(tmp_path):
    descriptor = os.open(tmp_path, os.O_RDONLY)
    inlet = Inlet(descriptor)
    inlet.lines()
    os.close(descriptor)
    assert inlet.closed


@given(st.lists(st.binary(max_size=30), max_size=6))
def test_lines_come_as_they_were_written_however_they_are_cut(pieces):
    read, write = os.pipe()
    inlet = Inlet(read)
    lines = []
    for piece in pieces:
        os.write(write, piece)
        lines += inlet.lines()
    os.close(write)
    while not inlet.closed:
        lines += inlet.lines()
    os.close(read)
    *whole, _ = b"".join(pieces).split(b"\n")
    assert lines == [line for line in whole if line.strip()]


def test_a_writer_without_end_keeps_the_probe_neither_busy_nor_full(pipe):
    inlet = Inlet(pipe[0])
    stop = threading.Event()

    def write():
        while not stop.is_set():
            try:
                os.write(pipe[1], b"x" * 65536)
            except OSError:
                return

    writer = threading.Thread(target=write)
    writer.start()
    for _ in range(100):
        assert inlet.lines() == []
        assert len(inlet._rest) < 1 << 18
    stop.set()
    os.close(pipe[0])
    writer.join()


def test_a_line_after_one_that_is_too_long_is_read(pipe):
    inlet = Inlet(pipe[0])
    for _ in range(5):
        os.write(pipe[1], b"x" * 60_000)
        inlet.lines()
    os.write(pipe[1], b"\nstop\n")
    assert inlet.lines()[-1] == b"stop"


def test_reading_leaves_the_descriptor_as_it_was(pipe):
    before = fcntl.fcntl(pipe[0], fcntl.F_GETFL)
    Inlet(pipe[0]).lines()
    assert fcntl.fcntl(pipe[0], fcntl.F_GETFL) == before


def test_on_a_terminal_much_can_be_written_where_lines_are_read():
    outer, inner = pty.openpty()
    Inlet(inner).lines()
    read = []
    expected = len(encode(NOTE)) * 300

    def drain():
        while sum(map(len, read)) < expected:
            read.append(os.read(outer, 1 << 16))

    reader = threading.Thread(target=drain)
    reader.start()
    Outlet(inner).emit([NOTE] * 300)
    reader.join()
    os.close(outer)
    os.close(inner)


def test_events_are_written_as_lines(pipe):
    Outlet(pipe[1]).emit([NOTE, NOTE])
    assert os.read(pipe[0], 1 << 16) == encode(NOTE) * 2


def test_a_reader_that_went_away_closes_the_outlet(pipe):
    outlet = Outlet(pipe[1])
    os.close(pipe[0])
    outlet.emit([NOTE])
    assert outlet.closed
    outlet.emit([NOTE])


def test_a_reader_that_lags_behind_gets_everything(pipe):
    got = []

    def read():
        while data := os.read(pipe[0], 4096):
            got.append(data)

    reader = threading.Thread(target=read)
    reader.start()
    os.set_blocking(pipe[1], False)
    Outlet(pipe[1]).emit([NOTE] * 5000)
    os.close(pipe[1])
    reader.join()
    assert b"".join(got) == encode(NOTE) * 5000


def test_events_go_to_a_file_too(tmp_path):
    with (tmp_path / "events").open("wb") as file:
        Outlet(file.fileno()).emit([NOTE])
    assert (tmp_path / "events").read_bytes() == encode(NOTE)
