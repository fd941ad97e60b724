"""How the sampler asks to be woken on time."""

import subprocess
import sys

PROGRAM = """
import os
from gilscope.probe.priority import ask_for_short_slices
os.setpriority(os.PRIO_PROCESS, 0, 5)
ask_for_short_slices()
print(os.getpriority(os.PRIO_PROCESS, 0))
"""


def test_a_priority_that_the_user_gave_stays():
    answer = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, check=True)
    assert answer.stdout == b"5\n"
