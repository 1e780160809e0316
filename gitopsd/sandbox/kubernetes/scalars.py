"""Scalars of a request's JSON read into their Go types, refused in the decoder's words."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from gitopsd.sandbox.kubernetes import gotext
from gitopsd.sandbox.kubernetes.gotimes import RFC3339, RFC3339_MICRO, TimeError, parse_instant
from gitopsd.sandbox.kubernetes.quantities import canonical
from gitopsd.sandbox.kubernetes.schema import INT32, STRING, Type

_INT_LIMIT: Final = {32: 2**31, 64: 2**63}


class DecodeError(Exception):
    """The JSON does not fit the type; the text is the decoder's."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value stands: its path from the root, and the Go type that declares it."""

    path: str
    owner: str


def mismatch(type_: Type, value: Any, place: Place, shown: str = "") -> DecodeError:
    """The refusal of a value of another kind; `shown` is what it is called when not by its kind."""
    kind = shown or gotext.json_kind(value)
    path = re.sub(r"\[\d+\]|[<>]", "", place.path)
    into = f"Go struct field {place.owner}.{path}" if place.owner else "Go value"
    return DecodeError(f"json: cannot unmarshal {kind} into {into} of type {_go_name(type_)}")


def _go_name(type_: Type) -> str:
    if type_.form == "list" and not type_.go.startswith("["):
        return f"v1.{type_.go}"
    if type_.form == "list" and type_.element is not None and type_.element.form == "object":
        return f"[]v1.{type_.element.go}"
    element = type_.element
    if type_.form == "map" and element is not None and element.form == "object":
        return f"map[string]v1.{element.go}"
    return f"v1.{type_.go}" if type_.form == "object" else type_.go


def _read_string(type_: Type, value: Any, place: Place) -> str:
    if not isinstance(value, str):
        raise mismatch(type_, value, place)
    return value


def _read_boolean(type_: Type, value: Any, place: Place) -> bool:
    if not isinstance(value, bool):
        raise mismatch(type_, value, place)
    return value


def _read_integer(type_: Type, value: Any, place: Place) -> int:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise mismatch(type_, value, place)
    if isinstance(value, float) or not -_INT_LIMIT[type_.bits] <= value < _INT_LIMIT[type_.bits]:
        raise mismatch(type_, value, place, f"number {value}")
    return value


def _read_number(type_: Type, value: Any, place: Place) -> float | int:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise mismatch(type_, value, place)
    return value


def _read_int_or_string(_type: Type, value: Any, place: Place) -> int | str:
    if isinstance(value, str):
        return value
    return _read_integer(INT32, value, place)


def _read_bytes(type_: Type, value: Any, place: Place) -> str:
    if isinstance(value, list):  # Go reads bytes from a list of numbers, too
        for one in value:
            if not isinstance(one, int) or isinstance(one, bool):
                raise mismatch(_BYTE, one, place)
        return base64.b64encode(bytes(one % 256 for one in value)).decode()
    if not isinstance(value, str):
        raise mismatch(type_, value, place)
    return canonical_base64(value)


_BYTE: Final = Type("integer", "uint8")
_LINE_ENDS: Final = {ord("\r"): None, ord("\n"): None}


def canonical_base64(text: str) -> str:
    """Base64 as the server writes it.

    Raises:
        DecodeError: it is none.
    """
    try:
        plain = text.translate(_LINE_ENDS)
        if len(plain) % 4:  # Python passes over some padding too much
            raise ValueError(plain)
        return base64.b64encode(base64.b64decode(plain, validate=True)).decode()
    except (binascii.Error, ValueError) as error:
        at = _bad_base64_at(text)
        raise DecodeError(f"illegal base64 data at input byte {at}") from error


def _bad_base64_at(text: str) -> int:
    """Where the decoder stops: at the group of four in which nothing makes sense any more.

    Go decodes groups of eight and of four first, so that a bad character in a later place of a
    group shows as its beginning only where the text ends there.
    """
    match = re.match(r"[A-Za-z0-9+/]*", text)
    good = match.end() if match else 0
    if good == len(text):
        return good - good % 4
    padding = {2: "==", 3: "="}.get(good % 4, "")
    return good + len(padding) if text.startswith(padding, good) else good


def _read_time(type_: Type, value: Any, place: Place) -> str:
    return _instant(type_, value, place).strftime("%Y-%m-%dT%H:%M:%SZ")


def _read_micro_time(type_: Type, value: Any, place: Place) -> str:
    return _instant(type_, value, place).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _instant(type_: Type, value: Any, place: Place) -> datetime:
    if not isinstance(value, str):
        raise mismatch(STRING, value, place)
    layout = RFC3339_MICRO if type_.form == "micro-time" else RFC3339
    try:
        return parse_instant(layout, value)
    except TimeError as error:
        raise DecodeError(str(error)) from error


def _read_quantity(_type: Type, value: Any, _place: Place) -> str:
    """A quantity's own reader takes the text of a number as well as a text."""
    try:
        return canonical(gotext.plain(value) if not isinstance(value, (dict, list)) else "-")
    except ValueError as error:
        raise DecodeError(str(error)) from error


#: Forms whose values read themselves: what they refuse ends the decoding at once.
OWN_READERS: Final = ("int-or-string", "time", "micro-time", "quantity")
READERS: Final[dict[str, Callable[[Type, Any, Place], Any]]] = {
    "string": _read_string,
    "boolean": _read_boolean,
    "integer": _read_integer,
    "number": _read_number,
    "int-or-string": _read_int_or_string,
    "bytes": _read_bytes,
    "time": _read_time,
    "micro-time": _read_micro_time,
    "quantity": _read_quantity,
}
