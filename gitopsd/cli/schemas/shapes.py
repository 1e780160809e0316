"""The pieces that JSON Schemas are put together from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

Schema = dict[str, Any]

STRING: Schema = {"type": "string"}
NUMBER: Schema = {"type": "integer"}
ANY: Schema = {}
MAP: Schema = {"type": "object"}
HASH: Schema = {"type": "string", "pattern": "^[0-9a-f]{64}$"}


def record(properties: Schema, optional: Sequence[str] = (), text: str = "") -> Schema:
    """An object with these properties, which must be there unless they are `optional`."""
    required = [name for name in properties if name not in optional]
    schema: Schema = {"type": "object", "properties": properties, "required": required}
    return {"description": text, **schema} if text else schema


def array(items: Schema) -> Schema:
    """A list of such items."""
    return {"type": "array", "items": items}


def texts(*names: str) -> Schema:
    """Properties that are text."""
    return {name: {"type": "string"} for name in names}


def nullable(schema: Schema) -> Schema:
    """The same, or null."""
    return {"anyOf": [schema, {"type": "null"}]}
