"""Scalars of a request's JSON read into their Go types, refused in the decoder's words."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from gitopsd.sandbox.kubernetes import gotext
from gitopsd.sandbox.kubernetes.schema import INT32, Type

_INT_LIMIT: Final = {32: 2**31, 64: 2**63}
_RFC3339: Final = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", re.IGNORECASE
)


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
    path = re.sub(r"\[\d+\]", "", place.path)
    into = f"Go struct field {place.owner}.{path}" if place.owner else "Go value"
    return DecodeError(f"json: cannot unmarshal {kind} into {into} of type {_go_name(type_)}")


def _go_name(type_: Type) -> str:
    if type_.form == "list" and type_.element is not None and type_.element.form == "object":
        return f"[]v1.{type_.element.go}"
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
    if not isinstance(value, str):
        raise mismatch(type_, value, place)
    return canonical_base64(value)


def canonical_base64(text: str) -> str:
    """Base64 as the server writes it.

    Raises:
        DecodeError: it is none.
    """
    try:
        return base64.b64encode(base64.b64decode(text, validate=True)).decode()
    except (binascii.Error, ValueError) as error:
        at = _bad_base64_at(text)
        raise DecodeError(f"illegal base64 data at input byte {at}") from error


def _bad_base64_at(text: str) -> int:
    match = re.match(r"[A-Za-z0-9+/]*", text)
    good = match.end() if match else 0
    return min(good, len(text) - len(text) % 4) if good == len(text) else good


def _read_time(type_: Type, value: Any, place: Place) -> str:
    return _instant(type_, value, place).strftime("%Y-%m-%dT%H:%M:%SZ")


def _read_micro_time(type_: Type, value: Any, place: Place) -> str:
    return _instant(type_, value, place).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


#: A MicroTime has six digits behind the point, no more and no fewer.
_SIX_DIGITS: Final = re.compile(r":\d\d\.\d{6}(?!\d)")


def _instant(type_: Type, value: Any, place: Place) -> datetime:
    if not isinstance(value, str):
        raise mismatch(type_, value, place)
    layout = "2006-01-02T15:04:05Z07:00"
    if type_.form == "micro-time":
        layout = "2006-01-02T15:04:05.000000Z07:00"
    if not _RFC3339.fullmatch(value):
        shown, pattern = gotext.quote(value), gotext.quote(layout)
        raise DecodeError(f'parsing time {shown} as {pattern}: cannot parse {shown} as "2006"')
    if type_.form == "micro-time" and not _SIX_DIGITS.search(value):
        rest = gotext.quote(value[len("2006-01-02T15:04:05") :])
        shown, pattern = gotext.quote(value), gotext.quote(layout)
        raise DecodeError(f'parsing time {shown} as {pattern}: cannot parse {rest} as ".000000"')
    try:
        return datetime.fromisoformat(value.upper().replace("Z", "+00:00")).astimezone(UTC)
    except ValueError as error:
        raise DecodeError(f"parsing time {gotext.quote(value)}: {error}") from error


READERS: Final[dict[str, Callable[[Type, Any, Place], Any]]] = {
    "string": _read_string,
    "boolean": _read_boolean,
    "integer": _read_integer,
    "number": _read_number,
    "int-or-string": _read_int_or_string,
    "bytes": _read_bytes,
    "time": _read_time,
    "micro-time": _read_micro_time,
}
