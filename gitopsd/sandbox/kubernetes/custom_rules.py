"""Validation of a custom resource by its JSON schema, in the wording of the real server."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

import orjson

from gitopsd.sandbox.kubernetes.custom_reading import EMBEDDED
from gitopsd.sandbox.kubernetes.errors import (
    FieldProblem,
    duplicate_value,
    invalid_value,
    required_value,
)
from gitopsd.sandbox.kubernetes.schema_checks import NOWHERE, findings, joined
from gitopsd.sandbox.kubernetes.structure import MISSING

JsonSchema = dict[str, Any]
_RULES: Final = "x-kubernetes-validations"
UNCHECKED: Final = (
    "some validation rules were not checked because the object was invalid; correct the existing "
    "errors to complete validation"
)
#: What keeps the server from looking at rules in CEL.
BLOCKING: Final = (
    "FieldValueNotSupported", "FieldValueRequired", "FieldValueTooLong", "FieldValueTooMany",
    "FieldValueTypeInvalid",
)  # fmt: skip


def schema_problems(schema: JsonSchema, value: Any, old: Any = MISSING) -> Iterator[FieldProblem]:
    """Violations of the schema of a whole object, without its metadata.

    What is as it was in `old` is let be, and so are doubles where there were some.
    """
    known = {
        name: member
        for name, member in (schema.get("properties") or {}).items()
        if name not in ("apiVersion", "kind", "metadata")
    }
    required = [n for n in schema.get("required") or () if n not in ("apiVersion", "kind")]
    checked = {**schema, "properties": known, "required": required}
    yield from findings(checked, value, "", old).problems
    yield from _nameless(checked, value, "")
    yield from _new_doubles(checked, value, "", old)


def problems_of(schema: JsonSchema, value: Any) -> list[FieldProblem]:
    """Violations of a schema by a value for itself, as a default is checked."""
    found = [*findings(schema, value, "").problems, *_nameless(schema, value, "")]
    return [*found, *_doubles(schema, value, "")]


def part_problems(
    schema: JsonSchema, value: Any, at: str, old: Any = MISSING
) -> Iterator[FieldProblem]:
    """Violations in one member of an object that is checked for itself, as a status is.

    Fields are named from the object on; sentences speak of the part.
    """
    for one in findings(schema, value, "", old).problems:
        yield one if one.field == NOWHERE else replace(one, field=joined(at, one.field))
    yield from _nameless(schema, value, at)
    yield from _new_doubles(schema, value, at, old)


def _nameless(schema: JsonSchema, value: Any, path: str) -> Iterator[FieldProblem]:
    """Embedded objects, anywhere in a value, that do not say what they are."""
    for known, part, at in _parts(schema, value, path):
        if isinstance(part, dict) and known.get(EMBEDDED):
            missing = [one for one in ("apiVersion", "kind") if not part.get(one)]
            yield from (required_value(joined(at, one)) for one in missing)


def _new_doubles(schema: JsonSchema, value: Any, path: str, old: Any) -> Iterator[FieldProblem]:
    if old is MISSING or not any(_doubles(schema, old, path)):
        yield from _doubles(schema, value, path)


def has_rules(schema: Any) -> bool:
    """Whether a schema has rules in CEL anywhere."""
    if isinstance(schema, list):
        return any(has_rules(one) for one in schema)
    if not isinstance(schema, dict):
        return False
    return bool(schema.get(_RULES)) or any(has_rules(one) for one in schema.values())


def _doubles(schema: JsonSchema, value: Any, path: str) -> Iterator[FieldProblem]:
    """Entries that a set or a map of a list holds twice, anywhere in a value."""
    for known, part, at in _parts(schema, value, path):
        if isinstance(part, list):
            yield from _duplicates(known, part, at)


def _parts(schema: JsonSchema, value: Any, path: str) -> Iterator[tuple[JsonSchema, Any, str]]:
    """A value and all in it that a schema speaks of: the schema of each, and where it stands."""
    yield schema, value, path
    if isinstance(value, list):
        below = schema.get("items")
        if isinstance(below, dict):
            for index, item in enumerate(value):
                yield from _parts(below, item, f"{path}[{index}]")
    elif isinstance(value, dict):
        extra = schema.get("additionalProperties")
        for name, member in value.items():
            known = (schema.get("properties") or {}).get(name, extra)
            if isinstance(known, dict):
                at = f"{path}[{name}]" if known is extra else joined(path, name)
                yield from _parts(known, member, at)


def _duplicates(schema: JsonSchema, value: list[Any], path: str) -> Iterator[FieldProblem]:
    how = schema.get("x-kubernetes-list-type")
    if how not in ("set", "map"):
        return
    keys = schema.get("x-kubernetes-list-map-keys") or ()
    if how == "map":
        stray = next((at for at, one in enumerate(value) if not isinstance(one, dict | None)), None)
        if stray is not None:
            why = "must be an object for an array of list-type map"
            yield invalid_value(f"{path}[{stray}]", value[stray], why)
            return
    seen: set[bytes] = set()
    for index, item in enumerate(value):
        identity: Any = item
        if how == "map" and isinstance(item, dict):
            identity = {key: item[key] for key in keys if key in item}
        coded = orjson.dumps(identity, option=orjson.OPT_SORT_KEYS)
        if coded in seen:
            yield duplicate_value(f"{path}[{index}]", identity)
        seen.add(coded)
