"""A child that cannot be launched costs nothing."""

import asyncio
import os
import resource
import sys
from contextlib import contextmanager

import pytest

from gilscope.compare.child import Child
from gilscope.errors import GilscopeError


def descriptors():
    return set(os.listdir("/proc/self/fd"))


@contextmanager
def room_for(more):
    """Let this process open so many descriptors more."""
    highest = max(map(int, descriptors()))
    fillers = [os.open(os.devnull, os.O_RDONLY)]
    while fillers[-1] < highest:
        fillers.append(os.dup(fillers[-1]))
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (fillers[-1] + 1 + more, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        for filler in fillers:
            os.close(filler)


@pytest.mark.parametrize("more", range(6))
def test_without_room_for_its_pipes_no_descriptor_stays_open(more):
    """A pipe takes four for a moment and two for good: from four on the first is made."""

    async def launched():
        before = descriptors()
        with room_for(more), pytest.raises(GilscopeError, match="Too many open files"):
            await Child.launch(sys.executable)
        assert descriptors() == before

    asyncio.run(launched())
