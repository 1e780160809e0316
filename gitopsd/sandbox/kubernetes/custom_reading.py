"""What the server makes of a custom resource that it is sent: pruned, with defaults, in order."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

from gitopsd.sandbox.kubernetes.decoding import Decoder
from gitopsd.sandbox.kubernetes.kinds.metadata import OBJECT_META
from gitopsd.sandbox.kubernetes.resources import Item

JsonSchema = dict[str, Any]
EMBEDDED: Final = "x-kubernetes-embedded-resource"
#: Members of every object, which its schema has no say in.
OWN_MEMBERS: Final = ("apiVersion", "kind", "metadata")


def reader_of(schema: JsonSchema) -> Callable[[Item, list[str], bool], Item]:
    """What reads an object of a schema, as `Resource.reader` does."""

    def read(item: Item, unknown: list[str], applied: bool) -> Item:
        decoder = Decoder(unknown)
        metadata = decoder.read(OBJECT_META, item.get("metadata") or {})
        unknown[:] = ["metadata." + path for path in unknown]
        body = {name: value for name, value in item.items() if name not in OWN_MEMBERS}
        kept = _pruned(schema, body, "", unknown, applied)
        unknown.sort()
        kept = _cleaned(schema, kept, "", unknown)
        own = {name: item[name] for name in ("apiVersion", "kind") if name in item}
        return {**own, "metadata": metadata, **_sorted(kept)}

    return read


#: Whole numbers that have a counterpart among the integers of 64 bits.
_LEAST, _MOST = -float(1 << 63), float(1 << 64)


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _sorted(value[name]) for name in sorted(value)}
    if isinstance(value, list):
        return [_sorted(item) for item in value]
    if isinstance(value, float) and value.is_integer() and _LEAST <= value < _MOST:
        return int(Decimal(repr(value)))  # the server writes what has no fraction without one
    return value


def _pruned(schema: JsonSchema, value: Any, path: str, unknown: list[str], applied: bool) -> Any:
    """The value without undeclared members and needless nulls, with defaults filled in.

    A null is needless where it is not declared; of what was `applied`, only where a default
    stands in for it.
    """
    if isinstance(value, list):
        items = schema.get("items") or {}
        return [
            _pruned(items, item, f"{path}[{index}]", unknown, applied)
            for index, item in enumerate(value)
        ]
    if not isinstance(value, dict):
        return value
    properties = schema.get("properties") or {}
    extra = schema.get("additionalProperties")
    keep_all = bool(schema.get("x-kubernetes-preserve-unknown-fields")) or extra is True
    embedded = bool(schema.get(EMBEDDED))
    kept: dict[str, Any] = {}
    for name, member in value.items():
        at = f"{path}.{name}" if path else name
        if embedded and name in OWN_MEMBERS:
            kept[name] = member
            continue
        below = properties.get(name)
        if below is None and isinstance(extra, dict):
            below = extra
        if below is not None:
            needless = not applied or below.get("default") is not None
            if member is None and not below.get("nullable") and needless:
                continue
            kept[name] = _pruned(below, member, at, unknown, applied)
        elif keep_all:
            kept[name] = member
        else:
            unknown.append(at)
    for name, below in properties.items():
        if name not in kept and below.get("default") is not None:
            kept[name] = _pruned(below, below["default"], f"{path}.{name}", unknown, applied)
    return kept


def _cleaned(schema: JsonSchema, value: Any, path: str, unknown: list[str]) -> Any:
    """The value with the metadata of embedded objects as metadata is."""
    if isinstance(value, list):
        items = schema.get("items") or {}
        return [_cleaned(items, one, f"{path}[{at}]", unknown) for at, one in enumerate(value)]
    if not isinstance(value, dict):
        return value
    properties, extra = schema.get("properties") or {}, schema.get("additionalProperties")
    cleaned: dict[str, Any] = {}
    for name, member in value.items():
        at = f"{path}.{name}" if path else name
        below = properties.get(name, extra)
        if name == "metadata" and schema.get(EMBEDDED) and isinstance(member, dict):
            cleaned[name] = _metadata(member, at, unknown)
        else:
            known = below if isinstance(below, dict) else {}
            cleaned[name] = _cleaned(known, member, at, unknown) if known else member
    return cleaned


def _metadata(value: Item, path: str, unknown: list[str]) -> Item:
    """The metadata of an embedded object, without what is none."""
    strange: list[str] = []
    read = Decoder(strange).read(OBJECT_META, value)
    unknown.extend(f"{path}.{name}" for name in strange)
    return {name: member for name, member in read.items() if name in value}
