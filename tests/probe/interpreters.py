"""The interpreters that end-to-end tests run on: this one, and those that pyenv has."""

import os
import sys
from pathlib import Path

import pytest


def installed(*minors):
    """Return the interpreters under pyenv of these versions."""
    root = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    found = [path for minor in minors for path in sorted(root.glob(f"{minor}.*/bin/python"))]
    return [pytest.param(path, id=path.parent.parent.name) for path in found]


THIS = pytest.param(Path(sys.executable), id="this")
MODERN = [THIS, *installed("3.8", "3.9", "3.10", "3.11", "3.12", "3.13")]
OLD = installed("2.7", "3.6", "3.7")
