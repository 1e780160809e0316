"""Reading bodies in Kubernetes' protobuf form, which kubectl and Go clients send by default.

The same `Type` trees that decode JSON say what a field is; `protobuf_fields` adds the numbers.
Answers are always JSON: every client accepts it.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import orjson

from gitopsd.sandbox.kubernetes import errors
from gitopsd.sandbox.kubernetes.parsing import summary
from gitopsd.sandbox.kubernetes.protobuf_fields import numbers_of
from gitopsd.sandbox.kubernetes.schema import ANY, STRING, Type, struct

MEDIA_TYPE: Final = "application/vnd.kubernetes.protobuf"
_MAGIC: Final = b"k8s\x00"
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_TYPE_META: Final = struct("TypeMeta", {"apiVersion": STRING, "kind": STRING})
_Value = int | bytes


def check(body: bytes, kind: str) -> None:
    """Refuse an object's body that is no message.

    Raises:
        errors.ApiError: 400.
    """
    if not body.startswith(_MAGIC):
        raise errors.bad_request(
            f"the object provided is unrecognized (must be of type {kind}): {_NO_MESSAGE} "
            f"({summary(body)})"
        )


_NO_MESSAGE: Final = (
    "provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]"
)


def read(body: bytes, type_: Type, group: str = "") -> dict[str, Any]:
    """The object in a request's body, as the JSON it stands for.

    `group` tells apart types of the same name in several API groups.

    Raises:
        errors.ApiError: 400 when the body is not such a message.
    """
    if not body.startswith(_MAGIC):
        raise errors.bad_request(_NO_MESSAGE)
    try:
        parts = dict(_fields(body[len(_MAGIC) :]))
        meta = _message(_TYPE_META, _chunk(parts.get(1, b"")))
        return {**meta, **_message(type_, _chunk(parts.get(2, b"")), group)}
    except (IndexError, UnicodeDecodeError, ValueError, OverflowError) as error:
        raise errors.bad_request(f"the protobuf message cannot be read: {error}") from error


def _message(type_: Type, data: bytes, group: str = "") -> dict[str, Any]:
    names = numbers_of(type_.go, group)
    found: dict[str, Any] = {}
    for number, value in _fields(data):
        name = names.get(number)
        if name is None:
            continue
        if name.startswith("+"):  # an embedded message: its members stand beside the others
            found.update(_embedded(type_, name[1:], _chunk(value)))
            continue
        known = type_.child(name)
        if known is None:
            continue
        if known.form == "list":
            found.setdefault(name, []).append(_value(known.element or ANY, value))
        elif known.form == "map":
            key, member = _entry(known.element or ANY, _chunk(value))
            found.setdefault(name, {})[key] = member
        else:
            found[name] = _value(known, value)
    return found


def _embedded(type_: Type, go: str, data: bytes) -> dict[str, Any]:
    return _message(Type("object", go, fields=type_.fields), data)


def _entry(element: Type, data: bytes) -> tuple[str, Any]:
    parts = dict(_fields(data))
    return _chunk(parts.get(1, b"")).decode(), _value(element, parts.get(2, b""))


def _value(type_: Type, value: _Value) -> Any:
    form = type_.form
    if form == "object":
        return _message(type_, _chunk(value))
    if form in _READERS:
        return _READERS[form](_chunk(value))
    number = _signed(value)
    return bool(number) if form == "boolean" else number


def _number_or_text(data: bytes) -> int | str:
    parts = dict(_fields(data))
    return _chunk(parts.get(3, b"")).decode() if parts.get(1) else _signed(parts.get(2, 0))


def _wrapped(data: bytes) -> Any:
    """A value in a message of its own: a quantity's text, or JSON that is kept as it is."""
    text = _chunk(dict(_fields(data)).get(1, b""))
    return orjson.loads(text) if text.startswith(b"{") else text.decode()


def _instant(data: bytes) -> str | None:
    parts = dict(_fields(data))
    if not parts:
        return None
    seconds, nanos = _signed(parts.get(1, 0)), _signed(parts.get(2, 0))
    moment = _EPOCH + timedelta(seconds=seconds, microseconds=nanos // 1000)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _chunk(value: _Value) -> bytes:
    if isinstance(value, int):
        raise ValueError("a number where bytes are expected")
    return value


def _signed(value: _Value) -> int:
    if not isinstance(value, int):
        raise ValueError("bytes where a number is expected")
    return value - (1 << 64) if value >= 1 << 63 else value


def _fields(data: bytes) -> Iterator[tuple[int, _Value]]:
    position = 0
    while position < len(data):
        tag, position = _varint(data, position)
        number, form = tag >> 3, tag & 7
        if form == _VARINT:
            value, position = _varint(data, position)
            yield number, value
            continue
        if form == _BYTES:
            size, position = _varint(data, position)
        elif form in (_FIXED64, _FIXED32):
            size = 8 if form == _FIXED64 else 4
        else:
            raise ValueError(f"unknown wire type {form}")
        if position + size > len(data):
            raise ValueError("unexpected end")
        yield number, data[position : position + size]
        position += size


def _varint(data: bytes, position: int) -> tuple[int, int]:
    value, shift = 0, 0
    while True:
        byte = data[position]
        value |= (byte & 0x7F) << shift
        position += 1
        if byte < 0x80:
            return value, position
        shift += 7


_READERS: Final[dict[str, Callable[[bytes], Any]]] = {
    "string": bytes.decode,
    "bytes": lambda data: base64.b64encode(data).decode(),
    "time": _instant,
    "micro-time": _instant,
    "int-or-string": _number_or_text,
    "any": _wrapped,
    "quantity": _wrapped,
}
