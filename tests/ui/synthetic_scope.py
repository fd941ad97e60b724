"""Opens Scope on threads that do not exist: python -m tests.ui.synthetic_scope [THREADS]."""

import sys

from gilscope.stream.launch import ProbeRequest
from gilscope.stream.local import LocalProbe
from gilscope.ui.app import run_scope


def begin(request: ProbeRequest) -> LocalProbe:
    threads = sys.argv[1] if len(sys.argv) > 1 else "8"
    return LocalProbe(
        request, program=lambda _: [sys.executable, "-m", "tests.ui.synthetic", threads]
    )


if __name__ == "__main__":
    sys.exit(run_scope(ProbeRequest(pids=[4242]), begin=begin))
