"""A short text for a result, equal where results are: in another process, another interpreter."""

from __future__ import annotations

import copyreg
import dataclasses
import hashlib
import types
from typing import Any

_SCALARS = frozenset((int, float, complex, str, bytes, bool, type(None)))
_ADDRESS = " at 0x"
_POINTERS = frozenset("OP&")
_PROTOCOL = 4
_NAMED = (type, types.FunctionType, types.BuiltinFunctionType, types.MethodType)


class _Incomparable(Exception):
    """Nothing about the value says whether it equals another."""


def digest(value: object) -> str | None:
    """Return a text that is the same for equal values; None where that cannot be told.

    Dictionaries and sets are equal in any order. Numbers of different types are not equal.
    """
    try:
        return _digest(value).hex()
    except BaseException:  # noqa: BLE001  its class is the user's, and all that is called of it
        return None


def _digest(value: object) -> bytes:
    found = hashlib.blake2b(digest_size=8)
    _add(found, value)
    return found.digest()


def _add(found: Any, value: Any) -> None:
    kind = type(value)
    if kind in _SCALARS:
        _put(found, kind.__name__, _scalar(value))
    elif isinstance(value, (list, tuple)):
        _add_sequence(found, value)
    elif isinstance(value, dict):
        pairs = sorted(_digest(key) + _digest(each) for key, each in value.items())
        _put(found, _name(kind), b"".join(pairs))
    elif isinstance(value, (set, frozenset)):
        _put(found, _name(kind), b"".join(sorted(map(_digest, value))))
    elif isinstance(value, _NAMED):
        _put(found, "name", f"{value.__module__}.{value.__qualname__}".encode())
    elif not _add_buffer(found, value):
        if dataclasses.is_dataclass(value):
            fields = [getattr(value, field.name) for field in dataclasses.fields(value)]
            _put(found, _name(kind), b"dataclass")
            _add_sequence(found, fields)
        else:
            _add_reduced(found, value)


def _put(found: Any, name: str, content: bytes) -> None:
    found.update(f"{name} {len(content)}:".encode())
    found.update(content)


def _name(kind: type) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"


def _scalar(value: Any) -> bytes:
    if isinstance(value, bytes):
        return value
    if isinstance(value, str):
        if _ADDRESS in value:
            raise _Incomparable
        return value.encode("utf-8", "surrogatepass")
    # Digits of a very large number take long, and Python 3.11 and newer refuse them.
    return (hex(value) if type(value) is int else repr(value)).encode()


def _add_sequence(found: Any, values: Any) -> None:
    kind = type(values)
    if kind in (list, tuple) and _SCALARS.issuperset(map(type, values)):
        try:
            text = ascii(values)
        except ValueError:  # One of the numbers is too large.
            pass
        else:
            if _ADDRESS in text:
                raise _Incomparable
            _put(found, kind.__name__ + " of scalars", text.encode())
            return
    _put(found, _name(kind), str(len(values)).encode())
    for each in values:
        _add(found, each)


def _add_buffer(found: Any, value: Any) -> bool:
    """Add a value's memory, if it shows it and there is no address in it."""
    try:
        with memoryview(value) as view:
            if _POINTERS.intersection(view.format):
                return False
            _put(found, _name(type(value)), f"{view.format} {view.shape}".encode())
            _put(found, "memory", view.tobytes())
    except (TypeError, ValueError, BufferError, NotImplementedError):
        return False
    return True


def _add_reduced(found: Any, value: Any) -> None:
    """Add what pickle would make of a value, without the order in which it met the parts."""
    reduce = copyreg.dispatch_table.get(type(value))
    reduced = reduce(value) if reduce else value.__reduce_ex__(_PROTOCOL)
    if isinstance(reduced, str):
        _put(found, _name(type(value)), reduced.encode())
        return
    function, arguments, state, items, pairs = (*reduced, None, None, None)[:5]
    _put(found, _name(type(value)), b"reduced")
    _add(found, function)
    _add(found, arguments)
    _add(found, state)
    _add(found, list(items or ()))
    _add(found, dict(pairs or ()))
