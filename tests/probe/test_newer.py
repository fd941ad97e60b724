"""CPython 3.14 and 3.15, in another root folder as in a container."""

import os

import pytest

from gilscope.model.events import KERNEL, Frame
from tests.probe.live import TARGET, probing, running, share, tracer

pytestmark = pytest.mark.e2e

VERSIONS = pytest.mark.parametrize("version", ["3.14", "3.15"])
OWN_STATE = {"reader": "I", "gated": "L", "nap": "S"}


@VERSIONS
def test_every_state_is_seen_in_another_root_folder(newer, version):
    python = f"/usr/bin/python{version}"
    with (
        running(TARGET, python, prefix=("chroot", str(newer))) as target,
        probing(target.pid) as probe,
    ):

        def everything_is_seen():
            assert tracer(target.pid) == 0
            threads = {name: probe.thread(target.pid, name) for name in OWN_STATE}
            busy = [probe.thread(target.pid, f"cpu-{number}") for number in (1, 2)]
            return all(
                share(threads[name], letter) >= 0.8 for name, letter in OWN_STATE.items()
            ) and all(share(one, "H") > 0.1 and share(one, "W") > 0.1 for one in busy)

        probe.until(everything_is_seen)
        about = probe.process(target.pid).about
        assert (about.fidelity, about.implementation, about.gil) == (KERNEL, "cpython", True)
        assert about.python.startswith(version)
        assert about.reason is None
        assert os.readlink(f"/proc/{target.pid}/root") == str(newer)
        assert probe.process(target.pid).switches > 0


POOL = """
import concurrent.futures, sys
pool = concurrent.futures.InterpreterPoolExecutor(2)
for _ in range(2):
    pool.submit(exec, "while True: sum(range(1000))", {})
print(1, flush=True)
sys.stdin.readline()
"""


@VERSIONS
def test_each_worker_of_an_interpreter_pool_holds_a_gil_of_its_own(newer, version):
    python = f"/usr/bin/python{version}"
    with (
        running(POOL, python, prefix=("chroot", str(newer))) as target,
        probing(target.pid) as probe,
    ):

        def workers():
            threads = probe.session.threads()
            return [thread for thread in threads if thread.tid != target.pid and thread.interpreter]

        probe.until(lambda: sum(share(thread, "H") > 0.3 for thread in workers()) == 2)
        assert len({thread.interpreter for thread in workers()}) == 2
        probe.until(
            lambda: [
                piece
                for frame in probe.of(Frame)[-1:]
                for piece in frame.processes
                if sum(bool(gil.held) for gil in piece.gils) >= 2
            ]
        )
