"""What a blocked thread waits for, in words."""

import os
import socket
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gilscope.model.events import Blocked as Told
from gilscope.model.events import encode
from gilscope.probe.blocked import Describer, parse_inet, parse_unix, read_sockets
from gilscope.probe.classify import Blocked
from gilscope.probe.memory import Memory
from gilscope.probe.syscalls import HERE
from tests.probe.live import leaderless

NUMBER = {name: number for number, name in HERE.names.items()}

TCP = """\
  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:A46B 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 54425 1 00000000c23c8a7c 100 0 0 10 0
   1: 0100007F:A1DC 0100007F:2261 01 00000000:00000000 03:000008DB 00000000     0        0 611 3 0000000039710ee7
   2: 00000000:07E8 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 637 1 00000000a24c3c72 100 0 0 10 0
"""  # noqa: E501
TCP6 = """\
  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000000000000000000001000000:1F90 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 71 1 0000000000000000 100 0 0 10 0
   1: 0000000000000000FFFF00000100007F:1F90 0000000000000000FFFF00000100007F:0050 01 00000000:00000000 00:00000000 00000000     0        0 72 1 0000000000000000 100 0 0 10 0
"""  # noqa: E501
UNIX = """\
Num       RefCount Protocol Flags    Type St Inode Path
0000000004878243: 00000003 00000000 00000000 0001 03 54422
000000007e19e272: 00000002 00000000 00010000 0001 01 45664 /run/a b.sock
00000000edfe4808: 00000003 00000000 00000000 0001 03 45663 @abstract
"""


def test_the_sockets_of_a_tcp_table():
    assert parse_inet(TCP) == {
        "54425": "listening socket 127.0.0.1:42091",
        "611": "socket 127.0.0.1:41436 to 127.0.0.1:8801",
        "637": "socket 0.0.0.0:2024",
    }


def test_the_sockets_of_a_tcp6_table_and_ipv4_inside_it():
    assert parse_inet(TCP6) == {
        "71": "listening socket [::1]:8080",
        "72": "socket 127.0.0.1:8080 to 127.0.0.1:80",
    }


def test_the_sockets_of_a_unix_table():
    assert parse_unix(UNIX) == {
        "54422": "unix socket",
        "45664": "unix socket /run/a b.sock",
        "45663": "unix socket @abstract",
    }


@given(st.text(max_size=300))
def test_any_text_is_read_as_a_table_without_an_error(text):
    parse_inet("header\n" + text)
    parse_unix("header\n" + text)


field = st.one_of(
    st.sampled_from(["0A", "01", "0100007F:A46B", "00:00", "0100007F", ":", "zz:1", "1", "54425"]),
    st.binary(max_size=20).map(lambda b: f"{b.hex()}:0050"),
    st.text("0123456789ABCDEF:", max_size=40),
)


@given(st.lists(st.lists(field, min_size=8, max_size=12), max_size=5))
def test_rows_that_are_nearly_sockets_are_read_or_left_out(rows):
    text = "header\n" + "\n".join(" ".join(row) for row in rows)
    parse_inet(text)
    parse_unix(text)


def test_the_sockets_of_this_process_are_found():
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        inode = os.readlink(f"/proc/self/fd/{server.fileno()}")[8:-1]
        port = server.getsockname()[1]
        assert read_sockets(os.getpid())[inode] == f"listening socket 127.0.0.1:{port}"


def call(name, *arguments):
    return Blocked(NUMBER[name], arguments + (0,) * (6 - len(arguments)))


def describe(blocked, now=0, memory=None):
    return Describer(os.getpid(), memory).describe(blocked, now)


@pytest.mark.parametrize(
    ("blocked", "text"),
    [
        (None, "blocked outside of any system call"),
        (call("futex", 0x1000), "waits on a lock"),
        (call("clock_nanosleep", 1), "sleep"),
        (call("pselect6"), "sleep"),
        (call("ppoll", 0x1000, 0), "sleep"),
        (call("ppoll", 0x1000, 1), "ppoll on 1 descriptor"),
        (call("ppoll", 0x1000, 3), "ppoll on 3 descriptors"),
        (call("epoll_pwait", 999_999), "epoll_pwait on descriptors"),
        (call("wait4", 4242), "wait4 for child 4242"),
        (call("wait4", 0xFFFFFFFF), "wait4 for any child"),
        (call("wait4", 2**64 - 1), "wait4 for any child"),
        (call("waitid", 1, 4242), "waitid for child 4242"),
        (call("waitid", 0, 4242), "waitid for any child"),
        (call("restart_syscall"), "resumed call"),
        (call("restart_syscall", 0x7F00, 0x89, 0, 0x7F80, 0, 0xFFFFFFFF), "waits on a lock"),
        (call("restart_syscall", 1, 0, 0x7F00), "sleep"),
        (call("read", 999_999), "read on descriptor 999999"),
        (call("clone3"), "clone3"),
        (Blocked(99_999, ()), "system call 99999"),
        (Blocked(NUMBER["read"], ()), None),
    ],
)
def test_calls_in_words(blocked, text):
    told = describe(blocked)
    assert told == text if text else told


def test_a_call_on_a_pipe_a_socket_a_file_and_an_event_counter(tmp_path):
    left, right = socket.socketpair()
    read, write = os.pipe()
    path = tmp_path / "data"
    counter = os.eventfd(0)
    with left, right, path.open("w") as file:
        assert describe(call("recvfrom", left.fileno())) == "recvfrom on unix socket"
        assert describe(call("read", read)) == f"read on pipe {read}"
        assert describe(call("read", file.fileno())) == f"read on {path}"
        assert describe(call("read", counter)) == "read on eventfd"
        # The upper half of the register is left from before: a descriptor is an int.
        assert describe(call("read", read | 1 << 40)) == f"read on pipe {read}"
    for descriptor in (read, write, counter):
        os.close(descriptor)


def test_how_many_descriptors_an_epoll_watches():
    import select

    read, write = os.pipe()
    with select.epoll() as poll:
        poll.register(read)
        assert describe(call("epoll_pwait", poll.fileno())) == "epoll_pwait on 1 descriptor"
        poll.register(write)
        assert describe(call("epoll_pwait", poll.fileno())) == "epoll_pwait on 2 descriptors"
    os.close(read)
    os.close(write)


def test_how_many_descriptors_a_select_is_on(tmp_path):
    folder = tmp_path / "9"
    folder.mkdir()
    (folder / "mem").write_bytes(b"\0" * 4096 + struct.pack("<QQ", 0b1011, 1) + b"\0" * 4096)
    with Memory(9, proc=str(tmp_path)) as memory:
        assert describe(call("pselect6", 65, 4096), memory=memory) == "pselect6 on 4 descriptors"
        assert describe(call("pselect6", 64, 4096), memory=memory) == "pselect6 on 3 descriptors"
        assert describe(call("pselect6", 64, 1 << 46), memory=memory) == "pselect6"
    assert describe(call("pselect6", 64, 4096)) == "pselect6"


def test_a_file_whose_name_is_no_text_can_still_be_told(tmp_path):
    path = os.fsencode(tmp_path) + b"/\xff\xfe"
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT)
    text = describe(call("read", descriptor))
    os.close(descriptor)
    assert encode(Told(0, 1, 1, text))


@pytest.mark.e2e
def test_descriptors_are_told_of_a_process_whose_main_thread_has_ended():
    with leaderless() as process:
        describer = Describer(process.pid, None)
        assert describer.describe(call("read", 0), 0) == "read on pipe 0"
        assert describer.describe(call("read", 999_999), 0) == "read on descriptor 999999"


def test_the_tables_of_sockets_are_read_again_only_after_a_while():
    left, right = socket.socketpair()
    describer = Describer(os.getpid(), None)
    with left, right:
        assert describer.describe(call("recvfrom", left.fileno()), 0).endswith("unix socket")
        with socket.socket() as late:
            late.bind(("127.0.0.1", 0))
            late.listen()
            number = late.fileno()
            assert describer.describe(call("accept4", number), 1000) == "accept4 on socket"
            assert "listening" in describer.describe(call("accept4", number), 2_000_000)


arguments = st.lists(st.integers(0, 2**64 - 1), max_size=8).map(tuple)


@given(st.sampled_from([*HERE.names, 77777]), arguments)
def test_any_call_with_any_arguments_can_be_told(number, words):
    text = describe(Blocked(number, words))
    assert encode(Told(0, 1, 1, text))
