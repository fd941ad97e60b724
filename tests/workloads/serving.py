"""The server of pages, running."""

import subprocess
import sys
from contextlib import contextmanager

from gilscope.workloads import pages


@contextmanager
def server(**options):
    """Yield the server's process and its address; close its input at the end."""
    command = [sys.executable, "-I", pages.__file__]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, **{"stdin": subprocess.PIPE} | options
    ) as process:
        yield process, process.stdout.readline().strip()
        if process.stdin:
            process.stdin.close()
        assert process.wait(10) == 0
