"""Just enough protobuf to read what kubectl sends in no other form: access reviews.

A message is described as data: field number to member name, with a description for messages.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from gitopsd.sandbox.kubernetes import errors

MEDIA_TYPE: Final = "application/vnd.kubernetes.protobuf"
_MAGIC: Final = b"k8s\x00"
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5


@dataclass(frozen=True, slots=True)
class Message:
    """Members by field number: texts by name, and messages by name with their description."""

    texts: Mapping[int, str] = field(default_factory=dict)
    messages: Mapping[int, tuple[str, Message]] = field(default_factory=dict)


_RESOURCE: Final = Message(
    {
        1: "namespace", 2: "verb", 3: "group", 4: "version", 5: "resource", 6: "subresource",
        7: "name",
    }
)  # fmt: skip
_PATH: Final = Message({1: "path", 2: "verb"})
_SPEC: Final = Message(
    messages={1: ("resourceAttributes", _RESOURCE), 2: ("nonResourceAttributes", _PATH)}
)
ACCESS_REVIEW: Final = Message(messages={2: ("spec", _SPEC)})
_TYPE: Final = Message({1: "apiVersion", 2: "kind"})


def read(body: bytes, message: Message) -> dict[str, Any]:
    """The object in a request's body.

    Raises:
        errors.ApiError: 400 when the body is not such a message.
    """
    if not body.startswith(_MAGIC):
        raise errors.bad_request("provided data does not appear to be a protobuf message")
    try:
        parts = dict(_fields(body[len(_MAGIC) :]))
        return {**_decoded(parts.get(1, b""), _TYPE), **_decoded(parts.get(2, b""), message)}
    except (IndexError, UnicodeDecodeError, ValueError) as error:
        raise errors.bad_request(f"the protobuf message cannot be read: {error}") from error


def _decoded(data: bytes, message: Message) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for number, value in _fields(data):
        if number in message.texts:
            found[message.texts[number]] = value.decode()
        elif number in message.messages:
            name, below = message.messages[number]
            found[name] = _decoded(value, below)
    return found


def _fields(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Fields that hold bytes, by number; numbers in other forms are passed over."""
    position = 0
    while position < len(data):
        tag, position = _varint(data, position)
        number, form = tag >> 3, tag & 7
        if form == _BYTES:
            size, position = _varint(data, position)
            if position + size > len(data):
                raise ValueError("unexpected end")
            yield number, data[position : position + size]
            position += size
        elif form == _VARINT:
            _, position = _varint(data, position)
        elif form in (_FIXED64, _FIXED32):
            position += 8 if form == _FIXED64 else 4
        else:
            raise ValueError(f"unknown wire type {form}")


def _varint(data: bytes, position: int) -> tuple[int, int]:
    value, shift = 0, 0
    while True:
        byte = data[position]
        value |= (byte & 0x7F) << shift
        position += 1
        if byte < 0x80:
            return value, position
        shift += 7
