"""The pieces that JSON Schemas of outputs are put together from, and the shape of a route."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gitopsd.model.traffic import Place, RouteState

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


def _or_null(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


_PERCENT: Schema = {"type": "number", "minimum": 0, "maximum": 100}
_COUNT = _or_null(NUMBER)
_SHARE = _or_null(record({"weight": _COUNT, "percent": _PERCENT}))
_SIDES: Schema = {"wanted": _SHARE, "live": _SHARE}

_SERVER = record(
    {"name": STRING, **_SIDES, "healthy": {"type": ["boolean", "null"]}},
    text="A member of a group; its shares are parts of the group.",
)

_BACKEND = record(
    {
        "place": {"enum": [str(place) for place in Place]},
        **texts("name", "id"),
        **_SIDES,
        **dict.fromkeys(("members", "serving", "healthy"), _COUNT),
        "answers": {"type": ["boolean", "null"]},
        "servers": _or_null(array(_SERVER)),
    },
    text="A destination; its shares are parts of the route. null is absent, or not known.",
)

ROUTE = record(
    {
        **texts("route", "exposure", "resource"),
        "loadBalancer": record(texts("type", "address")),
        "state": {"enum": [str(state) for state in RouteState]},
        "pending": {"type": "boolean", "description": "Whether the next apply is all it takes."},
        "movedPercent": {
            **_or_null(_PERCENT),
            "description": "Requests that end elsewhere than wanted, or nowhere; null is unknown.",
        },
        "backends": array(_BACKEND),
    },
    text="Requests that a host and path, or a port, match, and where they go.",
)
