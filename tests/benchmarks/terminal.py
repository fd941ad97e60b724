"""What the Scope screen costs to watch: bytes to the terminal, CPU, time to the first picture.

    TERMCOST=path/to/termcost python -m tests.benchmarks.terminal [SECONDS]

Watches eight threads that compute at 80x24 and at 160x50, with the panel that says why and without,
with a real probe and with made-up events, so that the interface's own share can be told. Limits, at
4 pictures a second: 5 kB/s at 80x24, 8 kB/s at 160x50, 10% of a core for probe and interface
together, 3% for the interface alone without the panel, first picture within 0.7 s.
"""

import json
import os
import subprocess
import sys

SIZES = ("24x80", "50x160")

EIGHT = """
import threading
def compute():
    while True:
        sum(i * i for i in range(10_000))
for _ in range(8):
    threading.Thread(target=compute, daemon=True).start()
threading.Event().wait()
"""


def measure(size: str, seconds: float, command: list[str]) -> dict[str, object]:
    """Return what termcost says of a command on a terminal of that size."""
    termcost = [sys.executable, os.environ["TERMCOST"], size, str(seconds), "--", *command]
    done = subprocess.run(termcost, capture_output=True, text=True, check=True)
    said: dict[str, object] = json.loads(done.stdout)
    return said


def main() -> None:
    if "TERMCOST" not in os.environ:
        sys.exit(__doc__)
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 15.0
    target = subprocess.Popen([sys.executable, "-c", EIGHT])
    scope = [sys.executable, "-m", "tests.ui.synthetic_scope"]
    runs = [(size, panel) for size in SIZES for panel in ("why", "no-why")]
    try:
        for size, panel in runs:
            said = measure(size, seconds, [*scope, "-p", str(target.pid), panel])
            print(size, panel, "real", json.dumps(said))
    finally:
        target.kill()
        target.wait()
    for size, panel in runs:
        print(size, panel, "made up", json.dumps(measure(size, seconds, [*scope, "8", panel])))


if __name__ == "__main__":
    main()
