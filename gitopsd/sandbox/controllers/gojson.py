"""Decoding JSON as the controllers' language does, with its tolerance and its refusals.

Go's decoder ignores the case of keys and keys it does not know, lets a repeated key win, turns null
into "nothing said", and goes on after a value of a wrong type, which it reports at the end
(facts §4.3). A number with a fraction is no integer, not even `80.0`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

_LIMITS: Final = {"int": 1 << 63, "int32": 1 << 31}


@dataclass(frozen=True, slots=True)
class Scalar:
    """A string, a bool or an integer of 32 or 64 bits; `type` is Go's name for it."""

    type: Literal["string", "int", "int32", "bool"]


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list; `type` is Go's name for it, used when the whole text is of another form."""

    item: Shape
    type: str = "slice"


@dataclass(frozen=True, slots=True)
class MapOf:
    """An object whose keys are free and kept as they are written."""

    item: Shape
    type: str = "map"


@dataclass(frozen=True, slots=True)
class Struct:
    """An object with known fields. As an `optional` field its absence is None, not an empty one."""

    type: str
    fields: Mapping[str, Shape]
    optional: bool = False


Shape = Scalar | ListOf | MapOf | Struct

STRING: Final = Scalar("string")
INT: Final = Scalar("int")
INT32: Final = Scalar("int32")
BOOL: Final = Scalar("bool")
STRINGS: Final = ListOf(STRING)


@dataclass(frozen=True, slots=True)
class Decoded:
    """What came out: `value` is as much as could be read, `problem` is "" when all could."""

    value: Any
    problem: str


class _Object(list[tuple[str, Any]]):
    """Members of a JSON object in the order written, repeated keys included."""


def decode(text: str, shape: Shape) -> Decoded:
    """Read `text` as a value of `shape`; a text that is no JSON gives the shape's empty value."""
    try:
        parsed = json.loads(text, object_pairs_hook=_Object, parse_constant=_refuse)
    except json.JSONDecodeError as error:
        return Decoded(empty(shape), _syntax(text, error))
    except (RecursionError, ValueError):
        return Decoded(empty(shape), "invalid character looking for beginning of value")
    reader = _Reader()
    value = reader.read(shape, parsed, empty(shape), "", "")
    return Decoded(value, reader.problem)


def empty(shape: Shape) -> Any:
    """What stands in a field that nothing was said about."""
    if isinstance(shape, Scalar):
        return {"string": "", "bool": False}.get(shape.type, 0)
    if isinstance(shape, ListOf):
        return []
    if isinstance(shape, MapOf):
        return {}
    return None if shape.optional else _fresh(shape)


def _fresh(shape: Struct) -> dict[str, Any]:
    return {name: empty(field) for name, field in shape.fields.items()}


def _refuse(constant: str) -> Any:
    raise ValueError(constant)


def _syntax(text: str, error: json.JSONDecodeError) -> str:
    position = error.pos
    unfinished = error.msg.startswith("Unterminated")
    if unfinished or position >= len(text.rstrip()) or not text.strip():
        return "unexpected end of JSON input"
    return f"invalid character '{text[position]}' looking for beginning of value"


class _Reader:
    """Reads parsed JSON into shapes and keeps the first complaint."""

    def __init__(self) -> None:
        self.problem = ""

    def read(self, shape: Shape, found: Any, before: Any, owner: str, path: str) -> Any:
        """The value of `shape`; `before` is what an earlier key of the same name had left."""
        if found is None:
            return before if isinstance(shape, Scalar) else empty(shape)
        if isinstance(shape, Scalar):
            return self._scalar(shape, found, before, owner, path)
        if isinstance(shape, ListOf):
            return self._list(shape, found, before, owner, path)
        if not isinstance(found, _Object):
            self._complain(_kind(found), shape.type, owner, path)
            return before
        if isinstance(shape, MapOf):
            values = {key: empty(shape.item) for key, _ in found}
            for key, value in found:
                values[key] = self.read(shape.item, value, values[key], owner, path)
            return values
        return self._struct(shape, found, before, path)

    def _scalar(self, shape: Scalar, found: Any, before: Any, owner: str, path: str) -> Any:
        if shape.type == "string" and isinstance(found, str):
            return found
        if shape.type == "bool" and isinstance(found, bool):
            return found
        number = isinstance(found, int | float) and not isinstance(found, bool)
        if shape.type in _LIMITS and number:
            limit = _LIMITS[shape.type]
            if isinstance(found, int) and -limit <= found < limit:
                return found
            self._complain(f"number {found}", shape.type, owner, path)
            return before
        self._complain(_kind(found), shape.type, owner, path)
        return before

    def _list(self, shape: ListOf, found: Any, before: Any, owner: str, path: str) -> Any:
        if not isinstance(found, list) or isinstance(found, _Object):
            self._complain(_kind(found), shape.type, owner, path)
            return before
        return [self.read(shape.item, each, empty(shape.item), owner, path) for each in found]

    def _struct(self, shape: Struct, found: _Object, before: Any, path: str) -> Any:
        values = _fresh(shape) if before is None else before
        names = {name.lower(): name for name in shape.fields}
        for key, value in found:
            name = key if key in shape.fields else names.get(key.lower())
            if name is None:
                continue
            inner = f"{path}.{name}" if path else name
            values[name] = self.read(shape.fields[name], value, values[name], shape.type, inner)
        return values

    def _complain(self, found: str, wanted: str, owner: str, path: str) -> None:
        place = f"Go struct field {owner}.{path}" if path else "Go value"
        self.problem = (
            self.problem or f"json: cannot unmarshal {found} into {place} of type {wanted}"
        )


def _kind(found: Any) -> str:
    if isinstance(found, _Object):
        return "object"
    if isinstance(found, list):
        return "array"
    if isinstance(found, bool):
        return "bool"
    return "string" if isinstance(found, str) else "number"
