"""Resources that a CustomResourceDefinition brings to life."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from gitopsd.sandbox.kubernetes.custom_columns import columns_of
from gitopsd.sandbox.kubernetes.custom_reading import EMBEDDED, OWN_MEMBERS, reader_of
from gitopsd.sandbox.kubernetes.custom_rules import (
    BLOCKING,
    UNCHECKED,
    has_rules,
    part_problems,
    schema_problems,
)
from gitopsd.sandbox.kubernetes.custom_storage import schema_of, versioned
from gitopsd.sandbox.kubernetes.custom_versions import storage_hash, version_warnings
from gitopsd.sandbox.kubernetes.errors import FieldProblem
from gitopsd.sandbox.kubernetes.fieldsets import from_paths
from gitopsd.sandbox.kubernetes.gotext import quote
from gitopsd.sandbox.kubernetes.jsonpath import found_by
from gitopsd.sandbox.kubernetes.kinds.metadata import OBJECT_META, STANDARD_FINALIZERS
from gitopsd.sandbox.kubernetes.resources import (
    STATUS,
    STATUS_ONLY,
    Behaviour,
    Item,
    MetadataRules,
    Resource,
    Sibling,
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
from gitopsd.sandbox.kubernetes.structure import MISSING

JsonSchema = dict[str, Any]
_SCALARS: Final = {"string": STRING, "integer": INT64, "number": NUMBER, "boolean": BOOLEAN}


#: What a write of the status cannot change.
_BESIDE_STATUS: Final = from_paths(("f:metadata",), ("f:spec",))
#: What every object has, also one that is embedded in another.
_IDENTITY: Final = {
    "apiVersion": Field(STRING),
    "kind": Field(STRING),
    "metadata": Field(OBJECT_META),
}


def resources_of(definition: Item) -> list[Resource]:
    """One resource per served version of a CustomResourceDefinition."""
    spec = definition["spec"]
    versions = spec.get("versions") or ()
    siblings = {f"{spec['group']}/{one['name']}": _sibling(spec, one) for one in versions}
    return [_resource(spec, version, siblings) for version in versions if version["served"]]


def _sibling(spec: Item, version: Item) -> Sibling:
    ignored = {STATUS: _BESIDE_STATUS} if _has_status(version) else {}
    return Sibling(_root(spec["names"]["kind"], schema_of(version)), ignored)


def _has_status(version: Item) -> bool:
    return (version.get("subresources") or {}).get("status") is not None


def _resource(spec: Item, version: Item, siblings: Mapping[str, Sibling]) -> Resource:
    names, schema, has_status = spec["names"], schema_of(version), _has_status(version)
    scale, among = scale_of(spec, version), versioned(spec, version)
    return Resource(
        group=spec["group"],
        version=version["name"],
        kind=names["kind"],
        plural=names["plural"],
        singular=names.get("singular", ""),
        namespaced=spec["scope"] == "Namespaced",
        type=siblings[among.own].type,
        zero={"metadata": {}},
        behaviour=_behaviour(schema, has_status, scale),
        short_names=tuple(names.get("shortNames") or ()),
        categories=tuple(names.get("categories") or ()),
        subresources=_subresources(has_status, scale),
        generation_of=("*", STATUS) if has_status else ("*",),
        main_ignored=STATUS_ONLY if has_status else {},
        columns=columns_of(version.get("additionalPrinterColumns") or ()),
        selectable={
            one["jsonPath"].removeprefix("."): _selector(one["jsonPath"])
            for one in version.get("selectableFields") or ()
        },
        untyped=True,
        list_kind=names.get("listKind", ""),
        openapi=schema,
        storage_version_hash=storage_hash(spec),
        warnings=version_warnings(spec, version),
        reader=reader_of(schema),
        from_storage=among.from_storage,
        to_storage=among.to_storage,
        siblings=siblings,
    )


def _subresources(has_status: bool, scale: Scale | None) -> dict[str, Subresource]:
    found = {}
    if has_status:
        found[STATUS] = Subresource(STATUS, (STATUS,), keeps_metadata=True, ignored=_BESIDE_STATUS)
    if scale is not None:
        found[SCALE] = Subresource(SCALE, (), exclusive=False, view=scale)
    return found


def _behaviour(schema: JsonSchema, has_status: bool, scale: Scale | None) -> Behaviour:
    def prepare(new: Item, old: Item | None) -> None:
        if has_status and old is None:
            new.pop(STATUS, None)

    checked = _rules_check(schema)

    def validate(new: Item, old: Item | None) -> list[FieldProblem]:
        before = MISSING if old is None else _body(old)
        found = list(schema_problems(schema, _body(new), before))
        if scale is not None:
            found += scale.problems(new)
        return checked(found, new, old)

    def validate_status(new: Item, old: Item) -> list[FieldProblem]:
        below = (schema.get("properties") or {}).get(STATUS)
        found: list[FieldProblem] = []
        if below is not None and new.get(STATUS) is not None:
            found += part_problems(below, new[STATUS], STATUS, old.get(STATUS, MISSING))
        if scale is not None:
            found += scale.problems(new, whole=False)
        return checked(found, new, old)

    return Behaviour(
        prepare=prepare,
        validate=validate,
        validate_status=validate_status,
        warn=_finalizer_warnings,
        unconditional_update=False,
        metadata=MetadataRules(on_update=("change",), known_finalizers=False),
    )


def _body(item: Item) -> Item:
    return {name: value for name, value in item.items() if name not in OWN_MEMBERS}


def _finalizer_warnings(new: Item, old: Item | None) -> Iterator[str]:
    before = [] if old is None else old["metadata"].get("finalizers") or []
    for name in new["metadata"].get("finalizers") or []:
        if name not in before and "/" not in name and name not in STANDARD_FINALIZERS:
            why = "prefer a domain-qualified finalizer name to avoid accidental conflicts"
            yield f"metadata.finalizers: {quote(name)}: {why} with other finalizer writers"


def _rules_check(
    schema: JsonSchema,
) -> Callable[[list[FieldProblem], Item, Item | None], list[FieldProblem]]:
    """What completes the problems of an object with those that rules in CEL find.

    The rules are not asked about an object that has problems of some kinds.
    """
    if not has_rules(schema):
        return lambda found, _new, _old: found
    from gitopsd.sandbox.kubernetes.rules import NOWHERE, Rules  # paid for where there are some

    rules = Rules(schema)

    def check(found: list[FieldProblem], new: Item, old: Item | None) -> list[FieldProblem]:
        if any(one.reason in BLOCKING for one in found):
            return [*found, FieldProblem("FieldValueInvalid", NOWHERE, None, UNCHECKED)]
        return [*found, *rules.problems(new, old)]

    return check


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
    embedded = schema.get(EMBEDDED)
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


def _selector(json_path: str) -> Any:
    def select(item: Item) -> str:
        found = found_by(json_path, item)
        if not found:
            return ""
        value = found[0]
        return str(value).lower() if isinstance(value, bool) else str(value)

    return select
