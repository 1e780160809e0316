"""What rules in CEL see of a schema and of values: types, names, converted data.

Only what the schema declares can be spoken of; what it merely keeps is hidden.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

from gitopsd.sandbox.cel import EvaluationError, Type, types
from gitopsd.sandbox.cel.operators import parsed_duration, parsed_instant
from gitopsd.sandbox.cel.values import ObjectValue, UniqueList
from gitopsd.sandbox.kubernetes.gotext import quote

JsonSchema = dict[str, Any]
EMBEDDED: Final = "x-kubernetes-embedded-resource"
_RESERVED: Final = (
    "true", "false", "null", "in", "as", "break", "const", "continue", "else", "for", "function",
    "if", "import", "let", "loop", "package", "namespace", "return", "var", "void", "while",
)  # fmt: skip
_ESCAPED: Final = {"__": "__underscores__", ".": "__dot__", "-": "__dash__", "/": "__slash__"}
_TEXT: Final = {"type": "string"}
#: What rules see of every object, whatever its schema says.
_IDENTITY: Final[JsonSchema] = {
    "kind": _TEXT,
    "apiVersion": _TEXT,
    "metadata": {"type": "object", "properties": {"name": _TEXT, "generateName": _TEXT}},
}
_FORMATTED: Final = {
    "byte": types.BYTES,
    "duration": types.DURATION,
    "date": types.TIMESTAMP,
    "date-time": types.TIMESTAMP,
}
_NUMBERS: Final[dict[str, Callable[[Any], float]]] = {"number": float, "integer": int}
_SCALARS: Final = {"boolean": types.BOOL, "number": types.DOUBLE, "integer": types.INT}


def with_identity(schema: JsonSchema) -> JsonSchema:
    """The schema of a whole object with what every object has."""
    return {**schema, "properties": {**(schema.get("properties") or {}), **_IDENTITY}}


def escaped(name: str) -> str | None:
    """A member's name as an expression writes it; None for one that cannot be written."""
    if name in _RESERVED:
        return f"__{name}__"
    if not re.fullmatch(r"[A-Za-z_./-][A-Za-z0-9_./-]*", name):
        return None
    return re.sub(r"__|[./-]", lambda found: _ESCAPED[found[0]], name)


def type_of(schema: JsonSchema, name: str, *, root: bool = False) -> Type | None:
    """The type of values of a schema, named for messages; None for one that rules do not see."""
    if schema.get("x-kubernetes-int-or-string"):
        return types.DYN
    if root or schema.get(EMBEDDED):
        schema = with_identity(schema)
    kind = schema.get("type")
    if kind == "array":
        element = type_of(schema.get("items") or {}, f"{name}.@idx")
        return types.list_of(element) if element else None
    if kind == "object":
        return _object_type(schema, name)
    if kind == "string":
        return _FORMATTED.get(schema.get("format") or "", types.STRING)
    return _SCALARS.get(kind or "")


def _object_type(schema: JsonSchema, name: str) -> Type | None:
    extra = schema.get("additionalProperties")
    if isinstance(extra, dict):
        element = type_of(extra, f"{name}.@elem")
        return types.map_of(types.STRING, element) if element else None
    fields = {}
    for member, below in (schema.get("properties") or {}).items():
        written = escaped(member)
        if written is not None:
            found = type_of(below, f"{name}.{written}")
            if found is not None:
                fields[written] = found
    return Type("object", name, fields=fields)


def value_of(schema: JsonSchema, value: Any, *, root: bool = False) -> Any:
    """A value of a schema as an expression sees it.

    Raises:
        EvaluationError: it does not fit its schema.
    """
    if value is None:
        if schema.get("nullable"):
            return None
        raise EvaluationError("invalid data, got null for schema with nullable=false")
    if root or schema.get(EMBEDDED):
        schema = with_identity(schema)
    found = value
    if isinstance(value, dict):
        found = _object_value(schema, value)
    elif isinstance(value, list):
        found = _list_value(schema, value)
    elif isinstance(value, str):
        found = _text_value(schema.get("format") or "", value)
    elif schema.get("type") in _NUMBERS:
        found = _NUMBERS[schema["type"]](value)
    return found


def _object_value(schema: JsonSchema, value: dict[str, Any]) -> Any:
    extra = schema.get("additionalProperties")
    value = {name: member for name, member in value.items() if member is not None}
    if isinstance(extra, dict):
        return {name: value_of(extra, member) for name, member in value.items()}
    found = ObjectValue()
    for name, below in (schema.get("properties") or {}).items():
        written = escaped(name)
        if name in value and written is not None:
            found[written] = value_of(below, value[name])
    return found


def _list_value(schema: JsonSchema, value: list[Any]) -> list[Any]:
    items = [value_of(schema.get("items") or {}, one) for one in value]
    how = schema.get("x-kubernetes-list-type")
    if how == "set":
        return UniqueList(items)
    if how == "map":
        keys = schema.get("x-kubernetes-list-map-keys") or ()
        return UniqueList(items, tuple(escaped(key) or key for key in keys))
    return items


def _text_value(form: str, text: str) -> Any:
    try:
        if form == "duration":
            return parsed_duration(text)
        if form == "date-time":
            return parsed_instant(text)
        if form == "date":
            return datetime.fromisoformat(text).replace(tzinfo=UTC)
        if form == "byte":
            return base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error):
        raise EvaluationError(f"Invalid {form} formatted string {quote(text)}") from None
    return text
