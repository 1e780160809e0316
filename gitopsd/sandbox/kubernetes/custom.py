"""Resources that a CustomResourceDefinition brings to life."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any, Final

from gitopsd.sandbox.kubernetes.custom_rules import part_problems, schema_problems
from gitopsd.sandbox.kubernetes.decoding import Decoder
from gitopsd.sandbox.kubernetes.errors import FieldProblem
from gitopsd.sandbox.kubernetes.fieldsets import from_paths
from gitopsd.sandbox.kubernetes.jsonpath import found_by
from gitopsd.sandbox.kubernetes.kinds.cells import AGE, NAME
from gitopsd.sandbox.kubernetes.kinds.metadata import OBJECT_META
from gitopsd.sandbox.kubernetes.resources import (
    STATUS,
    STATUS_ONLY,
    Behaviour,
    Column,
    Item,
    MetadataRules,
    Resource,
    Subresource,
)
from gitopsd.sandbox.kubernetes.scales import SCALE, Scale, scale_of
from gitopsd.sandbox.kubernetes.schema import (
    ANY,
    BOOLEAN,
    INT64,
    INT_OR_STRING,
    NUMBER,
    STRING,
    Field,
    Type,
    atomic_list,
    map_list,
    mapping,
    set_list,
)

JsonSchema = dict[str, Any]
_SCALARS: Final = {"string": STRING, "integer": INT64, "number": NUMBER, "boolean": BOOLEAN}
_COLUMN_TEXT: Final = "Custom resource definition column (in JSONPath format): "
_AGE: Final = replace(AGE, type="date")
_EMBEDDED: Final = "x-kubernetes-embedded-resource"
_OWN_MEMBERS: Final = ("apiVersion", "kind", "metadata")


#: What every object has, also one that is embedded in another.
_IDENTITY: Final = {
    "apiVersion": Field(STRING),
    "kind": Field(STRING),
    "metadata": Field(OBJECT_META),
}


def resources_of(definition: Item) -> list[Resource]:
    """One resource per served version of a CustomResourceDefinition."""
    versions = definition["spec"].get("versions") or ()
    return [_resource(definition["spec"], version) for version in versions if version["served"]]


def _resource(spec: Item, version: Item) -> Resource:
    names = spec["names"]
    schema = (version.get("schema") or {}).get("openAPIV3Schema") or {}
    has_status = (version.get("subresources") or {}).get("status") is not None
    scale = scale_of(spec, version)
    type_ = _root(names["kind"], schema)
    return Resource(
        group=spec["group"],
        version=version["name"],
        kind=names["kind"],
        plural=names["plural"],
        singular=names.get("singular", ""),
        namespaced=spec["scope"] == "Namespaced",
        type=type_,
        zero={"metadata": {}},
        behaviour=_behaviour(schema, has_status, scale),
        short_names=tuple(names.get("shortNames") or ()),
        categories=tuple(names.get("categories") or ()),
        subresources=_subresources(has_status, scale),
        generation_of=("*", STATUS) if has_status else ("*",),
        main_ignored=STATUS_ONLY if has_status else {},
        columns=_columns(version.get("additionalPrinterColumns") or ()),
        selectable={
            one["jsonPath"].removeprefix("."): _selector(one["jsonPath"])
            for one in version.get("selectableFields") or ()
        },
        untyped=True,
        list_kind=names.get("listKind", ""),
        openapi=schema,
        reader=_reader(schema),
    )


def _subresources(has_status: bool, scale: Scale | None) -> dict[str, Subresource]:
    found = {}
    if has_status:
        ignored = from_paths(("f:metadata",), ("f:spec",))
        found[STATUS] = Subresource(STATUS, (STATUS,), keeps_metadata=True, ignored=ignored)
    if scale is not None:
        found[SCALE] = Subresource(SCALE, (), exclusive=False, view=scale)
    return found


def _behaviour(schema: JsonSchema, has_status: bool, scale: Scale | None) -> Behaviour:
    def prepare(new: Item, old: Item | None) -> None:
        if has_status and old is None:
            new.pop(STATUS, None)

    def validate(new: Item, _old: Item | None) -> Iterator[FieldProblem]:
        yield from schema_problems(schema, {k: v for k, v in new.items() if k not in _OWN_MEMBERS})
        if scale is not None:
            yield from scale.problems(new)

    def validate_status(new: Item, _old: Item) -> Iterator[FieldProblem]:
        below = (schema.get("properties") or {}).get(STATUS)
        if below is not None and new.get(STATUS) is not None:
            yield from part_problems(below, new[STATUS], STATUS)
        if scale is not None:
            yield from scale.problems(new, whole=False)

    return Behaviour(
        prepare=prepare,
        validate=validate,
        validate_status=validate_status,
        unconditional_update=False,
        metadata=MetadataRules(on_update=("change",), known_finalizers=False),
    )


def _root(kind: str, schema: JsonSchema) -> Type:
    base = type_of(schema)
    fields = dict(base.fields)
    fields.update(_IDENTITY)
    fields["metadata"] = Field(OBJECT_META, "always")
    open_ = schema.get("x-kubernetes-preserve-unknown-fields")
    return Type("object", kind, fields=fields, element=ANY if open_ else base.element)


def type_of(schema: JsonSchema) -> Type:
    """The structure a JSON schema of a CRD describes."""
    if schema.get("x-kubernetes-int-or-string"):
        return INT_OR_STRING
    kind = schema.get("type")
    if kind == "array":
        return _list_type(schema)
    return _object_type(schema) if kind == "object" else _SCALARS.get(kind or "", ANY)


def _object_type(schema: JsonSchema) -> Type:
    open_ = bool(schema.get("x-kubernetes-preserve-unknown-fields"))
    atomic = schema.get("x-kubernetes-map-type") == "atomic"
    extra = schema.get("additionalProperties")
    properties = schema.get("properties") or {}
    if isinstance(extra, dict) and not properties:
        return mapping(type_of(extra), atomic=atomic)
    embedded = schema.get(_EMBEDDED)
    if open_ and not properties and not embedded:
        return ANY
    fields = {
        name: Field(type_of(member), default=member.get("default"))
        for name, member in properties.items()
    }
    if embedded:
        fields.update(_IDENTITY)
    element = ANY if open_ or extra is True else None
    return Type("object", "object", fields=fields, element=element, atomic=atomic)


def _list_type(schema: JsonSchema) -> Type:
    element = type_of(schema.get("items") or {})
    how = schema.get("x-kubernetes-list-type")
    if how == "set":
        return set_list(element)
    if how == "map":
        return map_list(element, *(schema.get("x-kubernetes-list-map-keys") or ()))
    return atomic_list(element)


def _reader(schema: JsonSchema) -> Any:
    def read(item: Item, unknown: list[str], applied: bool) -> Item:
        decoder = Decoder(unknown)
        metadata = decoder.read(OBJECT_META, item.get("metadata") or {})
        unknown[:] = ["metadata." + path for path in unknown]
        body = {name: value for name, value in item.items() if name not in _OWN_MEMBERS}
        kept = _pruned(schema, body, "", unknown, applied)
        unknown.sort()
        kept = _cleaned(schema, kept, "", unknown)
        own = {name: item[name] for name in ("apiVersion", "kind") if name in item}
        return {**own, "metadata": metadata, **_sorted(kept)}

    return read


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _sorted(value[name]) for name in sorted(value)}
    if isinstance(value, list):
        return [_sorted(item) for item in value]
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
    embedded = bool(schema.get(_EMBEDDED))
    kept: dict[str, Any] = {}
    for name, member in value.items():
        at = f"{path}.{name}" if path else name
        if embedded and name in _OWN_MEMBERS:
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
        if name == "metadata" and schema.get(_EMBEDDED) and isinstance(member, dict):
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


def _selector(json_path: str) -> Any:
    def select(item: Item) -> str:
        found = found_by(json_path, item)
        if not found:
            return ""
        value = found[0]
        return str(value).lower() if isinstance(value, bool) else str(value)

    return select


def _columns(defined: Iterable[Item]) -> tuple[Column, ...]:
    own = tuple(
        Column(
            one["name"],
            _cell(one["jsonPath"]),
            type=one["type"],
            format=one.get("format", ""),
            description=one.get("description") or _COLUMN_TEXT + one["jsonPath"],
            priority=one.get("priority", 0),
            elapsed=one["type"] == "date",
        )
        for one in defined
    )
    return (NAME, *own) if own else (NAME, _AGE)


def _cell(json_path: str) -> Any:
    def cell(item: Item) -> Any:
        return next(iter(found_by(json_path, item)), None)

    return cell
