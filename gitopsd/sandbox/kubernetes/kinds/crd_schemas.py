"""The rules of a CustomResourceDefinition's schema: it is structural, and lists name their keys.

The server looks at a schema twice: as a structure, whose faults it sorts, and as OpenAPI. Rules in
CEL it compiles where nothing else is wrong.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

from gitopsd.sandbox.kubernetes import goregexp
from gitopsd.sandbox.kubernetes.custom_rules import problems_of
from gitopsd.sandbox.kubernetes.errors import (
    FieldProblem,
    forbidden_value,
    invalid_value,
    required_value,
    unsupported_value,
)
from gitopsd.sandbox.kubernetes.kinds.crd_validations import compilation_problems, written_problems

JsonSchema = dict[str, Any]
_TYPES: Final = ("array", "boolean", "integer", "number", "object", "string")
_LIST_TYPES: Final = ("atomic", "set", "map")
_MAP_TYPES: Final = ("atomic", "granular")
_UNSUPPORTED: Final = (
    "id", "additionalItems", "patternProperties", "definitions", "dependencies", "$ref",
)  # fmt: skip
_COMBINED: Final = ("allOf", "anyOf", "oneOf")
#: What may not stand inside of a combination, and what is said of it.
_NOT_NESTED: Final = {
    "type": "must be empty to be structural",
    "title": "must be empty to be structural",
    "description": "must be empty to be structural",
    "default": "must be undefined to be structural",
    "additionalProperties": "must be undefined to be structural",
    "nullable": "must be false to be structural",
    "x-kubernetes-preserve-unknown-fields": "must be false to be structural",
    "x-kubernetes-embedded-resource": "must be false to be structural",
    "x-kubernetes-int-or-string": "must be false to be structural",
}
_UNTYPED: Final = {
    "root": "must not be empty at the root",
    "item": "must not be empty for specified array items",
    "field": "must not be empty for specified object fields",
}


def root_problems(schema: JsonSchema, field: str) -> Iterator[FieldProblem]:
    """All rules of the schema of a version."""
    if schema.get("nullable"):
        yield forbidden_value(f"{field}.nullable", "nullable cannot be true at the root")
    structural = sorted(_structural(schema, field, "root"), key=str)
    yield from structural
    defaults = [] if structural else list(_default_problems(schema, field))
    yield from defaults
    found = list(_openapi(schema, field))
    yield from found
    if not (structural or defaults):
        yield from compilation_problems(schema, field, [one.field for one in found])


def _below(schema: JsonSchema, field: str) -> Iterator[tuple[JsonSchema, str, str]]:
    """The schemas of parts: each with its field and whether it is an item or a field."""
    items, extra = schema.get("items"), schema.get("additionalProperties")
    if isinstance(items, dict):
        yield items, f"{field}.items", "item"
    for name, member in (schema.get("properties") or {}).items():
        if isinstance(member, dict):
            yield member, f"{field}.properties[{name}]", "field"
    if isinstance(extra, dict):
        yield extra, f"{field}.additionalProperties", "field"


def _structural(schema: JsonSchema, field: str, level: str) -> Iterator[FieldProblem]:
    kind = schema.get("type") or ""
    if kind == "array" and schema.get("items") is None:
        yield required_value(f"{field}.items", "must be specified")
    for part, at, how in _below(schema, field):
        yield from _structural(part, at, how)
    open_ = schema.get("x-kubernetes-preserve-unknown-fields")
    either = schema.get("x-kubernetes-int-or-string")
    embedded = schema.get("x-kubernetes-embedded-resource")
    if either and open_:
        why = "must be false if x-kubernetes-int-or-string is true"
        yield invalid_value(f"{field}.x-kubernetes-preserve-unknown-fields", open_, why)
    if embedded and kind != "object":
        why = "must be object if x-kubernetes-embedded-resource is true"
        at = f"{field}.type"
        yield invalid_value(at, kind, why) if kind else required_value(at, why)
    elif not kind and not either and not open_ and not schema.get("$ref"):
        yield required_value(f"{field}.type", _UNTYPED[level])
    if level == "root":
        if kind and kind != "object":
            yield invalid_value(f"{field}.type", kind, "must be object at the root")
        if schema.get("additionalProperties") not in (None, False):
            why = "must not be used at the root"
            yield forbidden_value(f"{field}.additionalProperties", why)
    if embedded and not open_ and not schema.get("properties"):
        why = (
            "must not be empty if x-kubernetes-embedded-resource is true without "
            "x-kubernetes-preserve-unknown-fields"
        )
        yield required_value(f"{field}.properties", why)
    if level == "root" or embedded:
        yield from _identity_problems(schema.get("properties") or {}, field)
    yield from _nested_problems(schema, field)
    yield from _set_problems(schema, field)


def _identity_problems(properties: dict[str, JsonSchema], field: str) -> Iterator[FieldProblem]:
    for name in ("kind", "apiVersion"):
        kind = properties.get(name, {}).get("type") or ""
        if name in properties and kind != "string":
            yield invalid_value(f"{field}.properties[{name}].type", kind, "must be string")
    metadata = properties.get("metadata")
    if metadata is None:
        return
    at = f"{field}.properties[metadata]"
    if metadata.get("type") != "object":
        yield invalid_value(f"{at}.type", metadata.get("type") or "", "must be object")
    named = set(metadata.get("properties") or ()) - {"name", "generateName"}
    if named or metadata.keys() - {"type", "properties", "default", "description"}:
        why = (
            "must not specify anything other than name and generateName, but metadata is "
            "implicitly specified"
        )
        if metadata.get("type") == "object":
            yield forbidden_value(at, why)


def _nested_problems(schema: JsonSchema, field: str) -> Iterator[FieldProblem]:
    nested = [
        (part, f"{field}.{name}[{index}]")
        for name in _COMBINED
        for index, part in enumerate(schema.get(name) or ())
    ]
    if schema.get("not"):
        nested.append((schema["not"], f"{field}.not"))
    either = schema.get("x-kubernetes-int-or-string")
    for part, at in nested:
        if not (either and part.get("type") in ("integer", "string")):
            yield from _value_problems(part, at)


def _value_problems(part: JsonSchema, field: str) -> Iterator[FieldProblem]:
    """Rules of a schema that only restricts values which another one has described."""
    for member, why in _NOT_NESTED.items():
        if part.get(member):
            yield forbidden_value(f"{field}.{member}", why)
    for below, at, _ in _below({**part, "additionalProperties": None}, field):
        yield from _value_problems(below, at)
    yield from _nested_problems(part, field)


def _set_problems(schema: JsonSchema, field: str) -> Iterator[FieldProblem]:
    items = schema.get("items")
    if schema.get("x-kubernetes-list-type") != "set" or not isinstance(items, dict):
        return
    why = "must be atomic as item of a list with x-kubernetes-list-type=set"
    kinds = {"array": "x-kubernetes-list-type", "object": "x-kubernetes-map-type"}
    member = kinds.get(items.get("type", ""), "")
    usual = "atomic" if member == "x-kubernetes-list-type" else None
    if member and items.get(member, usual) != "atomic":
        yield invalid_value(f"{field}.items.{member}", items.get(member), why)


def _default_problems(schema: JsonSchema, field: str) -> Iterator[FieldProblem]:
    default = schema.get("default")
    if default is not None:
        if _has_unknown(schema, default):
            yield invalid_value(f"{field}.default", default, "must not have unknown fields")
        else:
            for one in problems_of(schema, default):
                at = f"{field}.default.{one.field}" if one.field else f"{field}.default"
                yield replace(one, field=at)
    for part, at, _ in _below(schema, field):
        if not at.endswith(".additionalProperties"):  # the server does not look for any there
            yield from _default_problems(part, at)


def _has_unknown(schema: JsonSchema, value: Any) -> bool:
    if isinstance(value, list):
        return any(_has_unknown(schema.get("items") or {}, one) for one in value)
    if not isinstance(value, dict) or schema.get("x-kubernetes-preserve-unknown-fields"):
        return False
    known, extra = schema.get("properties") or {}, schema.get("additionalProperties")
    if extra is True:
        return False
    return any(
        (name not in known and not isinstance(extra, dict))
        or _has_unknown(known.get(name) or extra or {}, member)
        for name, member in value.items()
    )


def _openapi(schema: JsonSchema, field: str) -> Iterator[FieldProblem]:
    kind = schema.get("type") or ""
    if kind and kind not in _TYPES:
        yield unsupported_value(f"{field}.type", kind, _TYPES)
    for member in _UNSUPPORTED:
        if schema.get(member):
            yield forbidden_value(f"{field}.{member}", f"{member} is not supported")
    if kind == "null":
        why = "type cannot be set to null, use nullable as an alternative"
        yield forbidden_value(f"{field}.type", why)
    if isinstance(schema.get("items"), list):
        why = "items must be a schema object and not an array"
        yield forbidden_value(f"{field}.items", why)
    if schema.get("uniqueItems"):
        why = "uniqueItems cannot be set to true since the runtime complexity becomes quadratic"
        yield forbidden_value(f"{field}.uniqueItems", why)
    if schema.get("properties") and isinstance(schema.get("additionalProperties"), dict):
        why = "additionalProperties and properties are mutual exclusive"
        yield forbidden_value(f"{field}.additionalProperties", why)
    for part, at, _ in _below(schema, field):
        yield from _openapi(part, at)
    pattern = schema.get("pattern")
    if pattern is not None:
        yield from _pattern_problems(pattern, f"{field}.pattern")
    open_ = "x-kubernetes-preserve-unknown-fields"
    if schema.get(open_) is False:
        yield invalid_value(f"{field}.{open_}", False, "must be true or undefined")
    yield from _shape_problems(schema, field, "map", "object", _MAP_TYPES)
    yield from _shape_problems(schema, field, "list", "array", _LIST_TYPES)
    yield from _key_problems(schema, field)
    yield from written_problems(schema, field)


def _pattern_problems(pattern: str, field: str) -> Iterator[FieldProblem]:
    try:
        goregexp.compiled(pattern)
    except goregexp.ExpressionError as error:
        why = f"must be a valid regular expression, but isn't: error parsing regexp: {error}"
        yield invalid_value(field, pattern, why)


def _shape_problems(
    schema: JsonSchema, field: str, name: str, kind: str, known: tuple[str, ...]
) -> Iterator[FieldProblem]:
    member = f"x-kubernetes-{name}-type"
    how, given = schema.get(member), schema.get("type") or ""
    if how is None:
        return
    if given != kind:
        why, at = f"must be {kind} if {member} is specified", f"{field}.type"
        yield invalid_value(at, given, why) if given else required_value(at, why)
    if how not in known:
        yield unsupported_value(f"{field}.{member}", how, known)


def _key_problems(schema: JsonSchema, field: str) -> Iterator[FieldProblem]:
    member, keys = "x-kubernetes-list-map-keys", schema.get("x-kubernetes-list-map-keys") or []
    how, items = schema.get("x-kubernetes-list-type"), schema.get("items")
    if keys and how != "map":
        why, at = f"must be map if {member} is non-empty", f"{field}.x-kubernetes-list-type"
        yield required_value(at, why) if how is None else invalid_value(at, how, why)
    if how == "map":
        if not keys:
            why = "must not be empty if x-kubernetes-list-type is map"
            yield required_value(f"{field}.{member}", why)
        if items is None:
            why = "must have a schema if x-kubernetes-list-type is map"
            yield required_value(f"{field}.items", why)
        elif isinstance(items, dict):
            yield from _keyed_problems(items, keys, field)
    if how in ("map", "set") and isinstance(items, dict):
        yield from _null_problems(items, keys if how == "map" else [], how, f"{field}.items")


def _keyed_problems(items: JsonSchema, keys: list[str], field: str) -> Iterator[FieldProblem]:
    member, map_only = "x-kubernetes-list-map-keys", "parent array's x-kubernetes-list-type is map"
    kind = items.get("type") or ""
    if kind != "object":
        yield invalid_value(f"{field}.items.type", kind, f"must be object if {map_only}")
        return
    properties = items.get("properties") or {}
    for key in keys:
        below = properties.get(key)
        if below is None:
            why = "entries must all be names of item properties"
            yield invalid_value(f"{field}.{member}", keys, why)
        elif below.get("type") in ("array", "object"):
            at = f"{field}.items.properties[{key}].type"
            yield invalid_value(at, below["type"], f"must be a scalar type if {map_only}")
    if len(set(keys)) < len(keys):
        yield invalid_value(f"{field}.{member}", keys, "must not contain duplicate entries")


def _null_problems(
    items: JsonSchema, keys: list[str], how: str, field: str
) -> Iterator[FieldProblem]:
    if items.get("nullable"):
        why = f"cannot be nullable when x-kubernetes-list-type is {how}"
        yield forbidden_value(f"{field}.nullable", why)
    keyed = "this property is in x-kubernetes-list-map-keys, so it"
    for key in keys:
        below = (items.get("properties") or {}).get(key)
        if below is None:
            continue
        at = f"{field}.properties[{key}]"
        if key not in (items.get("required") or ()) and below.get("default") is None:
            why = f"{keyed} must have a default or be a required property"
            yield required_value(f"{at}.default", why)
        if below.get("nullable"):
            yield forbidden_value(f"{at}.nullable", f"{keyed} cannot be nullable")
