"""Multiply matrices with NumPy: C code that works without the GIL.

NumPy's linear algebra would start threads of its own, one for each core, in whatever mode. It is
held to one here, so that it is the modes that are compared.
"""

from __future__ import annotations

import os
from functools import lru_cache
from importlib import import_module
from typing import Any

LIMITS = (
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "BLIS_NUM_THREADS",
    "OMP_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)
"""The variables that hold the libraries which NumPy may have been built with to one thread."""

# They are read as NumPy is imported, not later.
os.environ.update(dict.fromkeys(LIMITS, "1"))

try:
    numpy: Any = import_module("numpy")
except ImportError:
    numpy = None

CALIBRATES = "size"
SIZE = 1
TASKS = 24

ORDER = 256
"""Rows and columns of a matrix."""


def missing() -> str | None:
    """Return why this interpreter cannot do it; None where it can."""
    return "NumPy is not installed for this interpreter." if numpy is None else None


def argument(index: int, size: int, context: dict[str, str]) -> tuple[int, int]:
    """Return what to add to the first matrix, and how many products to make."""
    return index % 10, size


def task(argument: tuple[int, int]) -> int:
    """Return the sum of what is in the last product.

    The numbers are whole and small enough that nothing is rounded, whatever is added first.

    Raises:
        ImportError: NumPy cannot be imported here, a sub-interpreter perhaps.
    """
    if numpy is None:
        raise ImportError("NumPy cannot be imported here, in a sub-interpreter perhaps")
    shift, size = argument
    left, right = factors()
    left = left + shift
    product = left
    for _ in range(size):
        product = left @ right
    return int(product.sum())


@lru_cache(maxsize=1)
def factors() -> tuple[Any, Any]:
    """Return two matrices of small whole numbers; made once in a process."""
    numbers = numpy.arange(ORDER * ORDER, dtype=numpy.float64).reshape(ORDER, ORDER)
    return numbers % 10, numbers.T % 7
