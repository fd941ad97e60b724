"""What the probe can be told while it runs: control messages, one JSON object a line.

They go to its standard input; what comes back are events (events.py). The probe ends when its
standard input closes.
"""

import msgspec
from msgspec import Struct

from gilscope.model.events import BadLine


class Watch(Struct, frozen=True, tag="watch"):
    """Control: watch this process too, and its children."""

    pid: int


class Unwatch(Struct, frozen=True, tag="unwatch"):
    """Control: leave this process and its children alone."""

    pid: int


class Rate(Struct, frozen=True, tag="rate"):
    """Control: take this many samples a second from now on."""

    hertz: float


class StackRate(Struct, frozen=True, tag="stack_rate"):
    """Control: read stacks this many times a second from now on; 0 for never."""

    hertz: float


class Stop(Struct, frozen=True, tag="stop"):
    """Control: say `Bye` and end."""


Control = Watch | Unwatch | Rate | StackRate | Stop

_decoder: msgspec.json.Decoder[Control] = msgspec.json.Decoder(Control)


def decode_control(line: bytes) -> Control:
    """Return the control message on one line.

    Raises:
        BadLine: the line is not a control message.
    """
    try:
        return _decoder.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadLine(str(error)) from error
