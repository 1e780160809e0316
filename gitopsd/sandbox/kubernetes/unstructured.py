"""How the server turns an object it holds in untyped form into its own type.

After an apply or a strategic merge the result is not decoded from JSON but converted, value by
value, by the rules of Go: integers wrap around, whole floats become integers.
"""

from __future__ import annotations

from typing import Any, Final

from gitopsd.sandbox.kubernetes import gotext
from gitopsd.sandbox.kubernetes.scalars import READERS, DecodeError, Place, canonical_base64
from gitopsd.sandbox.kubernetes.schema import Type

_NOWHERE: Final = Place("", "")
_RESTORED: Final = {
    "object": (dict, "cannot restore struct from: "),
    "map": (dict, "cannot restore map from "),
    "list": (list, "cannot restore slice from "),
}
_GO_KINDS: Final = {"string": "string", "boolean": "bool"}
_KINDS: Final = {str: "string", int: "int64", float: "float64", dict: "map", list: "slice"}


def converted(type_: Type, value: Any) -> Any:
    """The value as its type takes it; what is inside of it is not looked at.

    Raises:
        DecodeError: it cannot be converted.
    """
    form = type_.form
    if form in _RESTORED:
        wanted, refusal = _RESTORED[form]
        if not isinstance(value, wanted):
            raise DecodeError(refusal + _kind(value))
        return value
    if form == "bytes":
        return _bytes(value)
    if form in ("string", "boolean", "integer", "number"):
        return _scalar(type_, value)
    if form in ("time", "micro-time") and not isinstance(value, str):
        shown = gotext.json_kind(value)
        raise DecodeError(f"json: cannot unmarshal {shown} into Go value of type string")
    if form in ("int-or-string", "quantity"):
        return READERS[form](type_, value, _NOWHERE)
    return value


def _kind(value: Any) -> str:
    return "bool" if isinstance(value, bool) else _KINDS[type(value)]


def _bytes(value: Any) -> str:
    if not isinstance(value, str):
        raise DecodeError("cannot restore slice from " + _kind(value))
    try:
        return canonical_base64(value)
    except DecodeError as error:
        raise DecodeError(f"error decoding from json: {error}") from error


def _scalar(type_: Type, value: Any) -> Any:
    given = _kind(value)
    numeric = given in ("int64", "float64")
    if type_.form == "number" and numeric:
        return value
    if type_.form == "integer" and numeric:
        if value == int(value):
            return _wrapped(int(value), type_.bits)
        raise DecodeError(f"cannot convert {given} to {type_.go}")
    if given == {"string": "string", "boolean": "bool"}.get(type_.form):
        return value
    if type_.form == "string" and given == "int64":
        raise DecodeError(f"cannot convert {given} to {type_.go}")
    raise DecodeError(f"unrecognized type: {_GO_KINDS.get(type_.form, type_.go)}")


def _wrapped(number: int, bits: int) -> int:
    half = 1 << (bits - 1)
    return (number + half) % (2 * half) - half
