"""Real processes for the tests, ended whatever happens."""

import subprocess

import pytest


@pytest.fixture
def sleeper():
    """A child that sleeps, to be killed at will."""
    child = subprocess.Popen(["sleep", "1000"])
    yield child
    child.kill()
    child.wait()
