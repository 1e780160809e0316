"""What a request's JSON becomes when the server reads it into its own type.

Unknown members are dropped (and named), zero values that the type does not write are left out,
members that are always written get their zero, defaults are filled in, times are normalised.
Members come out in the order in which the type declares them.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from gitopsd.sandbox.kubernetes import gotext
from gitopsd.sandbox.kubernetes.schema import ANY, Field, Type
from gitopsd.sandbox.kubernetes.structure import MISSING

_INT_LIMIT: Final = {32: 2**31, 64: 2**63}
_RFC3339: Final = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", re.IGNORECASE
)


class DecodeError(Exception):
    """The JSON does not fit the type; the text is the decoder's."""


@dataclass(slots=True)
class Decoder:
    """Reads values into a type; `unknown` collects the paths of members nobody declared."""

    unknown: list[str] = field(default_factory=list)

    def read(self, type_: Type, value: Any) -> Any:
        """The value as the server holds it.

        Raises:
            DecodeError: a value cannot be read into its type.
        """
        return self._value(type_, value, "", "")

    def _value(self, type_: Type, value: Any, path: str, owner: str) -> Any:
        if value is None:
            return MISSING
        form = type_.form
        if form == "object":
            return self._object(type_, value, path, owner)
        if form == "any":
            return value
        if form == "map":
            return self._map(type_, value, path, owner)
        if form == "list":
            return self._list(type_, value, path, owner)
        return _READERS[form](type_, value, _Place(path, owner))

    def _object(self, type_: Type, value: Any, path: str, owner: str) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise _mismatch(type_, value, _Place(path, owner))
        read: dict[str, Any] = {}
        prefix = path + "." if path else ""
        for name, known in type_.fields.items():
            given = value.get(name, MISSING)
            held = (
                MISSING
                if given is MISSING
                else self._value(known.type, given, prefix + name, type_.go)
            )
            held = _filled(known, held)
            if held is not MISSING:
                read[name] = held
        if not value.keys() <= type_.fields.keys():
            self._keep_others(type_, value, read, prefix)
        return read

    def _keep_others(
        self, type_: Type, value: dict[str, Any], read: dict[str, Any], prefix: str
    ) -> None:
        for name, member in value.items():
            if name in type_.fields:
                continue
            if type_.element is not None:
                read[name] = member
            else:
                self.unknown.append(prefix + name)

    def _map(self, type_: Type, value: Any, path: str, owner: str) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise _mismatch(type_, value, _Place(path, owner))
        element = type_.element or ANY
        read: dict[str, Any] = {}
        for name in sorted(value):
            held = self._value(element, value[name], path, owner)
            read[name] = element.zero if held is MISSING else held
        return read

    def _list(self, type_: Type, value: Any, path: str, owner: str) -> list[Any]:
        if not isinstance(value, list):
            raise _mismatch(type_, value, _Place(path, owner))
        element = type_.element or ANY
        read = []
        for index, item in enumerate(value):
            held = self._value(element, item, f"{path}[{index}]", owner)
            read.append(element.zero if held is MISSING else held)
        return read


def _filled(known: Field, held: Any) -> Any:
    """A member after omission of zero values, defaults and forced presence."""
    empty = held is MISSING or (known.presence == "zero" and _is_zero(known.type, held))
    if not empty:
        return held
    if known.default is not None:
        return known.default
    return known.type.zero if known.presence == "always" else MISSING


def _is_zero(type_: Type, value: Any) -> bool:
    if type_.form in ("object", "any", "int-or-string"):
        return False
    return not value


@dataclass(frozen=True, slots=True)
class _Place:
    path: str
    owner: str


def _mismatch(type_: Type, value: Any, place: _Place, shown: str = "") -> DecodeError:
    kind = shown or gotext.json_kind(value)
    path = re.sub(r"\[\d+\]", "", place.path)
    into = f"Go struct field {place.owner}.{path}" if place.owner else "Go value"
    return DecodeError(f"json: cannot unmarshal {kind} into {into} of type {_go_name(type_)}")


def _go_name(type_: Type) -> str:
    if type_.form == "list" and type_.element is not None and type_.element.form == "object":
        return f"[]v1.{type_.element.go}"
    return f"v1.{type_.go}" if type_.form == "object" else type_.go


def _read_string(type_: Type, value: Any, place: _Place) -> str:
    if not isinstance(value, str):
        raise _mismatch(type_, value, place)
    return value


def _read_boolean(type_: Type, value: Any, place: _Place) -> bool:
    if not isinstance(value, bool):
        raise _mismatch(type_, value, place)
    return value


def _read_integer(type_: Type, value: Any, place: _Place) -> int:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise _mismatch(type_, value, place)
    if isinstance(value, float) or not -_INT_LIMIT[type_.bits] <= value < _INT_LIMIT[type_.bits]:
        raise _mismatch(type_, value, place, f"number {value}")
    return value


def _read_number(type_: Type, value: Any, place: _Place) -> float | int:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise _mismatch(type_, value, place)
    return value


def _read_int_or_string(_type: Type, value: Any, place: _Place) -> int | str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or not isinstance(value, int):
        raise DecodeError(
            f"json: cannot unmarshal {gotext.json_kind(value)} into Go value of type int32"
        )
    return _read_integer(Type("integer", "int32", bits=32), value, place)


def _read_bytes(type_: Type, value: Any, place: _Place) -> str:
    if not isinstance(value, str):
        raise _mismatch(type_, value, place)
    try:
        return base64.b64encode(base64.b64decode(value, validate=True)).decode()
    except (binascii.Error, ValueError) as error:
        at = _bad_base64_at(value)
        raise DecodeError(f"illegal base64 data at input byte {at}") from error


def _bad_base64_at(text: str) -> int:
    match = re.match(r"[A-Za-z0-9+/]*", text)
    good = match.end() if match else 0
    return min(good, len(text) - len(text) % 4) if good == len(text) else good


def _read_time(type_: Type, value: Any, place: _Place) -> str:
    return _instant(type_, value, place).strftime("%Y-%m-%dT%H:%M:%SZ")


def _read_micro_time(type_: Type, value: Any, place: _Place) -> str:
    return _instant(type_, value, place).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


#: A MicroTime has six digits behind the point, no more and no fewer.
_SIX_DIGITS: Final = re.compile(r":\d\d\.\d{6}(?!\d)")


def _instant(type_: Type, value: Any, place: _Place) -> datetime:
    if not isinstance(value, str):
        raise _mismatch(type_, value, place)
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


_READERS: Final[dict[str, Callable[[Type, Any, _Place], Any]]] = {
    "string": _read_string,
    "boolean": _read_boolean,
    "integer": _read_integer,
    "number": _read_number,
    "int-or-string": _read_int_or_string,
    "bytes": _read_bytes,
    "time": _read_time,
    "micro-time": _read_micro_time,
}
