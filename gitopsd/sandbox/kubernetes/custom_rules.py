"""Validation of a custom resource by its JSON schema, in the wording of the real server."""

from __future__ import annotations

import base64
import ipaddress
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime
from typing import Any, Final

import orjson

from gitopsd.sandbox.kubernetes.errors import (
    FieldProblem,
    duplicate_value,
    invalid_value,
    required_value,
    too_long,
    unsupported_value,
)
from gitopsd.sandbox.kubernetes.gotext import quote
from gitopsd.sandbox.kubernetes.structure import MISSING

JsonSchema = dict[str, Any]
_RULES: Final = "x-kubernetes-validations"
_NOWHERE: Final = "<nil>"
UNCHECKED: Final = (
    "some validation rules were not checked because the object was invalid; correct the existing "
    "errors to complete validation"
)
#: What keeps the server from looking at rules in CEL.
BLOCKING: Final = (
    "FieldValueNotSupported", "FieldValueRequired", "FieldValueTooLong", "FieldValueTooMany",
    "FieldValueTypeInvalid",
)  # fmt: skip
_GO_FORMATS: Final = {"integer": "int64", "number": "float64"}
_BITS: Final = {"int32": 32}


def schema_problems(schema: JsonSchema, value: Any) -> Iterator[FieldProblem]:
    """Violations of the schema of a whole object, without its metadata."""
    known = {
        name: member
        for name, member in (schema.get("properties") or {}).items()
        if name not in ("apiVersion", "kind", "metadata")
    }
    required = [n for n in schema.get("required") or () if n not in ("apiVersion", "kind")]
    checked = {**schema, "properties": known, "required": required}
    yield from (*_problems(checked, value, ""), *_doubles(checked, value, ""))


def problems_of(schema: JsonSchema, value: Any) -> list[FieldProblem]:
    """Violations of a schema by a value for itself, as a default is checked."""
    return [*_problems(schema, value, ""), *_doubles(schema, value, "")]


def part_problems(schema: JsonSchema, value: Any, at: str) -> Iterator[FieldProblem]:
    """Violations in one member of an object that is checked for itself, as a status is.

    Fields are named from the object on; sentences speak of the part.
    """
    for one in _problems(schema, value, ""):
        yield replace(one, field=_below(at, one.field))
    yield from _doubles(schema, value, at)


def has_rules(schema: Any) -> bool:
    """Whether a schema has rules in CEL anywhere."""
    if isinstance(schema, list):
        return any(has_rules(one) for one in schema)
    if not isinstance(schema, dict):
        return False
    return bool(schema.get(_RULES)) or any(has_rules(one) for one in schema.values())


def _problems(schema: JsonSchema, value: Any, path: str) -> Iterator[FieldProblem]:
    """What a value breaks: whatever looks at values of its kind does, also of a wrong type."""
    if value is None and schema.get("nullable"):
        return
    yield from _type_problems(schema, value, path)
    if value is None:
        yield from _enum_problems(schema, value, path)
        return
    yield from _combination_problems(schema, value, path)
    if isinstance(value, str):
        yield from _string_problems(schema, value, path)
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield from _number_problems(schema, value, path)
    elif isinstance(value, list):
        yield from _list_problems(schema, value, path)
    yield from _enum_problems(schema, value, path)
    if isinstance(value, dict):
        yield from _object_problems(schema, value, path)


def _type_problems(schema: JsonSchema, value: Any, path: str) -> Iterator[FieldProblem]:
    wanted = schema.get("type")
    if schema.get("x-kubernetes-int-or-string"):
        wanted = "integer,string"
    if not wanted or _fits(wanted, value):
        return
    kind = _kind_of(value)
    form = schema.get("format")
    if form and value is not None and not isinstance(value, (str, list)):
        wanted, kind = form, _GO_FORMATS.get(kind, "")
    why = f"{path} in body must be of type {wanted}: {quote(kind)}"
    yield FieldProblem("FieldValueTypeInvalid", path, kind, why)


def _enum_problems(schema: JsonSchema, value: Any, path: str) -> Iterator[FieldProblem]:
    allowed = schema.get("enum")
    if allowed is not None and value not in allowed:
        shown = [one if isinstance(one, str) else orjson.dumps(one).decode() for one in allowed]
        yield unsupported_value(path, value, shown)


def _kind_of(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    names = {str: "string", int: "integer", float: "number", dict: "object", list: "array"}
    return names[type(value)]


def _fits(wanted: str, value: Any) -> bool:
    kind = _kind_of(value)
    if kind == "integer" and wanted == "number":
        return True
    if kind == "number" and wanted == "integer":
        return bool(value == int(value))
    return kind in wanted.split(",")


def _object_problems(
    schema: JsonSchema, value: dict[str, Any], path: str
) -> Iterator[FieldProblem]:
    properties = schema.get("properties") or {}
    extra = schema.get("additionalProperties")
    least, most = schema.get("minProperties"), schema.get("maxProperties")
    if most is not None and len(value) > most:
        detail = f"must have at most {most} item" + ("s" if most != 1 else "")
        yield FieldProblem("FieldValueTooMany", path, len(value), detail)
    if least is not None and len(value) < least:
        why = f"{path} in body should have at least {least} properties"
        yield invalid_value(path, len(value), why)
    for name in _required(schema):
        if value.get(name, MISSING) is MISSING:
            yield required_value(_below(path, name))
    for name, member in value.items():
        below = properties.get(name)
        if below is None and isinstance(extra, dict):
            below = extra
        if below is not None:
            yield from _problems(below, member, _below(path, name))


def _required(schema: JsonSchema) -> list[str]:
    """The members an object has to have; one that is embedded says what it is."""
    named = list(schema.get("required") or ())
    if schema.get("x-kubernetes-embedded-resource"):
        named += [one for one in ("apiVersion", "kind") if one not in named]
    return named


def _below(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _list_problems(schema: JsonSchema, value: list[Any], path: str) -> Iterator[FieldProblem]:
    items = schema.get("items")
    for index, item in enumerate(value):
        if isinstance(items, dict):
            yield from _problems(items, item, f"{path}[{index}]")
    least, most = schema.get("minItems"), schema.get("maxItems")
    if least is not None and len(value) < least:
        why = f"{path} in body should have at least {least} items"
        yield invalid_value(path, len(value), why)
    if most is not None and len(value) > most:
        detail = f"must have at most {most} item" + ("s" if most != 1 else "")
        yield FieldProblem("FieldValueTooMany", path, len(value), detail)


def _doubles(schema: JsonSchema, value: Any, path: str) -> Iterator[FieldProblem]:
    """Entries that a set or a map of a list holds twice, anywhere in a value."""
    if isinstance(value, list):
        below = schema.get("items")
        yield from _duplicates(schema, value, path)
        for index, item in enumerate(value):
            if isinstance(below, dict):
                yield from _doubles(below, item, f"{path}[{index}]")
    elif isinstance(value, dict):
        extra = schema.get("additionalProperties")
        for name, member in value.items():
            known = (schema.get("properties") or {}).get(name, extra)
            if isinstance(known, dict):
                at = f"{path}[{name}]" if known is extra else _below(path, name)
                yield from _doubles(known, member, at)


def _duplicates(schema: JsonSchema, value: list[Any], path: str) -> Iterator[FieldProblem]:
    how = schema.get("x-kubernetes-list-type")
    if how not in ("set", "map"):
        return
    keys = schema.get("x-kubernetes-list-map-keys") or ()
    seen: set[bytes] = set()
    for index, item in enumerate(value):
        identity: Any = item
        if how == "map" and isinstance(item, dict):
            identity = {key: item[key] for key in keys if key in item}
        coded = orjson.dumps(identity, option=orjson.OPT_SORT_KEYS)
        if coded in seen:
            yield duplicate_value(f"{path}[{index}]", identity)
        seen.add(coded)


def _string_problems(schema: JsonSchema, value: str, path: str) -> Iterator[FieldProblem]:
    least, most = schema.get("minLength"), schema.get("maxLength")
    if most is not None and len(value) > most:
        yield too_long(path, most, "bytes" if most != 1 else "byte")
    if least is not None and len(value) < least:
        why = f"{path} in body should be at least {least} chars long"
        yield invalid_value(path, value, why)
    pattern = schema.get("pattern")
    if pattern is not None and not re.search(pattern, value):
        yield invalid_value(path, value, f"{path} in body should match '{pattern}'")
    check = _FORMATS.get(schema.get("format", ""))
    if check is not None and not check(value):
        why = f"{path} in body must be of type {schema['format']}: {quote(value)}"
        yield FieldProblem("FieldValueTypeInvalid", path, value, why)


def _number_problems(schema: JsonSchema, value: float, path: str) -> Iterator[FieldProblem]:
    form = schema.get("format", "")
    if schema.get("type") == "integer" and not _in_range(value, form):
        shown = f"with format {form}" if form else "(default format)"
        why = f"Checked value must be of type integer {shown} in {path}"
        yield invalid_value(_NOWHERE, "", why)
    factor = schema.get("multipleOf")
    if factor and value % factor:
        yield invalid_value(path, value, f"{path} in body should be a multiple of {factor:g}")
    least, most = schema.get("minimum"), schema.get("maximum")
    if most is not None:
        strict = bool(schema.get("exclusiveMaximum"))
        if value > most or (strict and value == most):
            how = "less than" if strict else "less than or equal to"
            yield invalid_value(path, value, f"{path} in body should be {how} {most:g}")
    if least is not None:
        strict = bool(schema.get("exclusiveMinimum"))
        if value < least or (strict and value == least):
            how = "greater than" if strict else "greater than or equal to"
            yield invalid_value(path, value, f"{path} in body should be {how} {least:g}")


def _in_range(value: float, form: str) -> bool:
    bits = _BITS.get(form, 64)
    return value == int(value) and -(1 << bits - 1) <= value < 1 << bits - 1


def _combination_problems(schema: JsonSchema, value: Any, path: str) -> Iterator[FieldProblem]:
    for part in schema.get("allOf") or ():
        yield from _problems(part, value, path)
    any_of = schema.get("anyOf")
    if any_of and not any(_valid(part, value, path) for part in any_of):
        yield invalid_value(path, "", f"{path} in body must validate at least one schema (anyOf)")
    one_of = schema.get("oneOf")
    if one_of:
        matches = sum(_valid(part, value, path) for part in one_of)
        if matches != 1:
            found = "none valid" if not matches else f"found {matches} valid alternatives"
            why = f"{path} in body must validate one and only one schema (oneOf). Found {found}"
            yield invalid_value(path, "", why.replace("Found found", "Found"))
    if schema.get("not") and _valid(schema["not"], value, path):
        yield invalid_value(path, "", f"{path} in body must not validate the schema (not)")


def _valid(schema: JsonSchema, value: Any, path: str) -> bool:
    return next(_problems(schema, value, path), None) is None


def _parses(parse: Callable[[str], object]) -> Callable[[str], bool]:
    def check(text: str) -> bool:
        try:
            parse(text)
        except ValueError:
            return False
        return True

    return check


_FORMATS: Final[dict[str, Callable[[str], bool]]] = {
    "byte": _parses(lambda text: base64.b64decode(text, validate=True)),
    "date": _parses(date.fromisoformat),
    "date-time": _parses(lambda text: datetime.fromisoformat(text.replace("Z", "+00:00"))),
    "ipv4": _parses(ipaddress.IPv4Address),
    "ipv6": _parses(ipaddress.IPv6Address),
    "cidr": _parses(lambda text: ipaddress.ip_network(text, strict=False)),
}
