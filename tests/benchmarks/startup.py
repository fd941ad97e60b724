"""How soon gilscope is there: its version, its first frame, its first live lanes.

    python tests/benchmarks/startup.py [RUNS]

Starts `gilscope PID` in a pseudo-terminal of 80x24 on eight threads that compute. The first frame
is there when the line of keys, the last one drawn, has come; live lanes are, when cells of H and W
have. Limits: 0.15 s for the version, 0.7 s for the first frame, 1.5 s for the first lanes. Prints
the median and the worst of the runs, in milliseconds.
"""

import fcntl
import os
import pty
import re
import select
import signal
import statistics
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path

TARGET = Path(__file__).with_name("mixture.py")
PATIENCE = 20.0
ESCAPE = re.compile(rb"\x1b\[[0-9;:<=>?]*[ -/]*[@-~]|\x1b[^\[]")
FRAME = re.compile(rb"quit.*help")
LANES = re.compile(rb"[HW]{2}")


def version() -> float:
    """Return how long `gilscope --version` takes, in seconds."""
    start = time.perf_counter()
    subprocess.run([sys.executable, "-m", "gilscope", "--version"], capture_output=True, check=True)
    return time.perf_counter() - start


def screen(pid: int) -> tuple[float, float]:
    """Return the seconds to the first frame and to the first lanes of a process."""
    start = time.perf_counter()
    child, terminal = pty.fork()
    if child == 0:
        os.environ.update(TERM="xterm-256color", COLORTERM="truecolor")
        os.execv(sys.executable, [sys.executable, "-m", "gilscope", str(pid)])
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    seen, frame, lanes = b"", None, None
    while lanes is None and time.perf_counter() - start < PATIENCE:
        if select.select([terminal], [], [], 0.1)[0]:
            seen += os.read(terminal, 1 << 16)
            text = ESCAPE.sub(b"", seen)
            if frame is None and FRAME.search(text):
                frame = time.perf_counter() - start
            if frame is not None and LANES.search(text):
                lanes = time.perf_counter() - start
    os.kill(child, signal.SIGTERM)
    while select.select([terminal], [], [], PATIENCE)[0]:
        try:
            if not os.read(terminal, 1 << 16):
                break
        except OSError:  # The terminal's other end is closed: it has ended.
            break
    os.waitpid(child, 0)
    os.close(terminal)
    assert frame is not None
    assert lanes is not None
    return frame, lanes


def say(what: str, seconds: list[float]) -> None:
    ordered = [1000 * each for each in seconds]
    print(f"{what:12} median {statistics.median(ordered):4.0f} ms  worst {max(ordered):4.0f} ms")


def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    say("version", [version() for _ in range(runs)])
    target = subprocess.Popen([sys.executable, str(TARGET), "8", "0"], stdout=subprocess.DEVNULL)
    try:
        time.sleep(1)
        found = [screen(target.pid) for _ in range(runs)]
    finally:
        target.kill()
        target.wait()
    say("first frame", [frame for frame, _ in found])
    say("first lanes", [lanes for _, lanes in found])


if __name__ == "__main__":
    main()
