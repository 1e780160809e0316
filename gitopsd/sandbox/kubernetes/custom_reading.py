"""What the server makes of a custom resource that it is sent: pruned, with defaults, in order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

import orjson

from gitopsd.sandbox.kubernetes.decoding import Decoder
from gitopsd.sandbox.kubernetes.kinds.metadata import OBJECT_META
from gitopsd.sandbox.kubernetes.resources import Item
from gitopsd.sandbox.kubernetes.scalars import DecodeError

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
        kept = _Pruning(unknown, applied=applied).pruned(schema, body, "")
        unknown.sort()
        kept = _cleaned(schema, kept, "", unknown)
        own = {name: item[name] for name in ("apiVersion", "kind") if name in item}
        return {**own, "metadata": metadata, **_sorted(kept)}

    return read


def held_body(schema: JsonSchema, body: Item) -> Item:
    """What is read of a stored object by the schema of the version that it is held in."""
    kept = _cleaned(schema, _Pruning([]).pruned(schema, body, ""), "", [], lax=True)
    ordered: Item = _sorted(kept)
    return ordered


def known_body(schema: JsonSchema, body: Item) -> Item:
    """What a version knows of an object of another version: no default is filled in."""
    kept = _cleaned(schema, _Pruning([], fills=False).pruned(schema, body, ""), "", [])
    ordered: Item = _sorted(kept)
    return ordered


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


@dataclass(slots=True)
class _Pruning:
    """Leaves out what a schema does not declare and fills in its defaults.

    `unknown` collects the paths of what is left out. A null is left out where it is not declared;
    of what was `applied` only where a default stands in for it, and where no defaults are filled in
    only where there is none.
    """

    unknown: list[str]
    applied: bool = False
    fills: bool = True

    def pruned(self, schema: JsonSchema, value: Any, path: str) -> Any:
        """The value by its schema."""
        if isinstance(value, list):
            items = schema.get("items") or {}
            return [self.pruned(items, one, f"{path}[{at}]") for at, one in enumerate(value)]
        if not isinstance(value, dict):
            return value
        properties = schema.get("properties") or {}
        extra = schema.get("additionalProperties")
        keep_all = bool(schema.get("x-kubernetes-preserve-unknown-fields")) or extra is True
        embedded = bool(schema.get(EMBEDDED))
        kept: dict[str, Any] = {}
        for name, member in value.items():
            if embedded and name in OWN_MEMBERS:
                kept[name] = member
                continue
            at = f"{path}.{name}" if path else name
            below = properties.get(name)
            if below is None and isinstance(extra, dict):
                below = extra
            if below is not None:
                if member is not None or not self._needless(below):
                    kept[name] = self.pruned(below, member, at)
            elif keep_all:
                kept[name] = member
            else:
                self.unknown.append(at)
        return self._filled(properties, kept, path) if self.fills else kept

    def _needless(self, schema: JsonSchema) -> bool:
        """Whether a null says nothing."""
        if schema.get("nullable"):
            return False
        has_default = schema.get("default") is not None
        if not self.fills:
            return not has_default
        return has_default or not self.applied

    def _filled(self, properties: JsonSchema, kept: Item, path: str) -> Item:
        for name, below in properties.items():
            if name not in kept and below.get("default") is not None:
                kept[name] = self.pruned(below, below["default"], f"{path}.{name}")
        return kept


def _cleaned(
    schema: JsonSchema, value: Any, path: str, unknown: list[str], *, lax: bool = False
) -> Any:
    """The value with the metadata of embedded objects as metadata is.

    `lax`: what is none is left out, as the object may have been stored before it was embedded.
    """
    if isinstance(value, list):
        items = schema.get("items") or {}
        return [
            _cleaned(items, one, f"{path}[{n}]", unknown, lax=lax) for n, one in enumerate(value)
        ]
    if not isinstance(value, dict):
        return value
    properties, extra = schema.get("properties") or {}, schema.get("additionalProperties")
    cleaned: dict[str, Any] = {}
    for name, member in value.items():
        at = f"{path}.{name}" if path else name
        below = properties.get(name, extra)
        if name == "metadata" and schema.get(EMBEDDED) and isinstance(member, dict):
            cleaned[name] = _metadata(_readable(member) if lax else member, at, unknown)
        else:
            known = below if isinstance(below, dict) else {}
            cleaned[name] = _cleaned(known, member, at, unknown, lax=lax) if known else member
    return cleaned


def _readable(metadata: Item) -> Item:
    """The members of metadata that are of their kind; the server drops the others as well."""
    return {name: member for name, member in metadata.items() if _fits(name, member)}


def _fits(name: str, member: Any) -> bool:
    try:
        Decoder().read(OBJECT_META, {name: member})
    except DecodeError:
        return False
    return True


def _metadata(value: Item, path: str, unknown: list[str]) -> Item:
    """The metadata of an embedded object, without what is none."""
    strange: list[str] = []
    try:
        read = Decoder(strange).read(OBJECT_META, value)
    except DecodeError as error:
        shown = orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()
        raise DecodeError(f"{path}: Invalid value: {shown}: {error}") from error
    unknown.extend(f"{path}.{name}" for name in strange)
    return {name: member for name, member in read.items() if name in value}
