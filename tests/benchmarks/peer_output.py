"""What each peer wrote, read as the share of the time that each thread held the GIL."""

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

Shares = dict[int, float]
"""Share of the time by kernel thread id; a thread that is not named has none."""

THREAD = re.compile(r"(?:thread \((\d+)\)|tid:(\d+)).* (\d+)$")
"""A folded stack: py-spy writes `thread (TID): ... COUNT`, CPython `tid:TID;... COUNT`."""

STACK, TIME = 2, 9
FOLLOWS = {
    1: "ss",
    STACK: "vvs",
    3: "vvvvvvv",
    4: "",
    5: "v",
    6: "s",
    7: "",
    8: "",
    TIME: "v",
    10: "v",
    11: "vs",
    12: "v",
}
"""Events of MOJO version 3 and what follows each: v a number, s a string that ends in a zero."""


def of_summary(out: Path, printed: str, asked: int) -> Shares:
    """Read the object that `gilscope stat --json` printed."""
    process = json.loads(printed)["processes"][0]
    return {thread["tid"]: thread["states"]["hold"] for thread in process["threads"]}


def of_py_spy(out: Path, printed: str, asked: int) -> Shares:
    """Read `py-spy record --gil --threads --format raw`, which took `asked` samples less errors."""
    failed = re.search(r"Errors: (\d+)", printed)
    return _folded(out, asked - (int(failed[1]) if failed else 0))


def of_profiling(out: Path, printed: str, asked: int) -> Shares:
    """Read `profiling.sampling attach --mode gil --collapsed`; failed samples are not counted."""
    taken = re.search(r"Captured ([\d,.]+) samples", printed)
    failed = re.search(r"Error rate: ([\d.]+)", printed)
    assert taken is not None
    assert failed is not None
    return _folded(out, float(taken[1].replace(",", "")) * (1 - float(failed[1]) / 100))


def _folded(out: Path, samples: float) -> Shares:
    counts: dict[int, int] = defaultdict(int)
    for line in out.read_text().splitlines():
        if found := THREAD.match(line):
            counts[int(found[1] or found[2])] += int(found[3])
    return {tid: count / samples for tid, count in counts.items()}


def of_austin(out: Path, printed: str, asked: int) -> Shares:
    """Read what `austin --cpu` wrote: time on a core, of `asked` microseconds."""
    spent: dict[int, int] = defaultdict(int)
    tid = 0
    for event, values in _mojo(out.read_bytes()):
        if event == STACK:
            tid = int(values[2], 16)
        elif event == TIME:
            spent[tid] += int(values[0])
    return {tid: time / asked for tid, time in spent.items()}


def _mojo(data: bytes) -> Iterator[tuple[int, list[str]]]:
    """Yield the events of austin's binary format, each with its numbers and strings.

    The format: https://p403n1x87.github.io/austin/4.1/formats/mojo/

    Raises:
        ValueError: this is another version of the format.
    """
    if data[:4] != b"MOJ\x03":
        raise ValueError("not MOJO version 3")
    at = 4
    while at < len(data):
        event, values = data[at], []
        at += 1
        for kind in FOLLOWS[event]:
            if kind == "s":
                end = data.index(0, at)
                values.append(data[at:end].decode(errors="replace"))
                at = end + 1
            else:
                number, at = _number(data, at)
                values.append(str(number))
        yield event, values


def _number(data: bytes, at: int) -> tuple[int, int]:
    """Return the number at that place, and the place after it.

    Its first byte has a flag that more follow, the sign, and six bits; any other a flag and seven.
    """
    byte = data[at]
    negative, number, shift = byte & 0x40, byte & 0x3F, 6
    while byte & 0x80:
        at += 1
        byte = data[at]
        number |= (byte & 0x7F) << shift
        shift += 7
    return (-number if negative else number), at + 1
