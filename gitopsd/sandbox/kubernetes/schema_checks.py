"""A value checked against a JSON schema: what is found, in the server's words and order.

Of alternatives that all fail, the problems of the one are told that agrees with the most of what is
looked at; whoever looks counts what it agrees with.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import orjson

from gitopsd.sandbox.kubernetes import goregexp
from gitopsd.sandbox.kubernetes.errors import (
    FieldProblem,
    invalid_value,
    required_value,
    too_long,
    unsupported_value,
)
from gitopsd.sandbox.kubernetes.gotext import quote
from gitopsd.sandbox.kubernetes.schema_formats import FORMATS, format_of
from gitopsd.sandbox.kubernetes.structure import MISSING

JsonSchema = dict[str, Any]
NOWHERE: Final = "<nil>"
_GO_FORMATS: Final = {"integer": "int64", "number": "float64"}
_BITS: Final = {"int32": 32}


@dataclass(slots=True)
class Findings:
    """What was found in a value, each thing once, and how much of the schema it agrees with."""

    problems: list[FieldProblem] = field(default_factory=list)
    matches: int = 0

    def add(self, *problems: FieldProblem) -> None:
        """Note problems that are not noted yet."""
        self.problems.extend(one for one in problems if one not in self.problems)

    def merge(self, other: Findings) -> None:
        """Take over what was found elsewhere."""
        self.add(*other.problems)
        self.matches += other.matches


def findings(schema: JsonSchema, value: Any, path: str, old: Any = MISSING) -> Findings:
    """What a value breaks: whatever looks at values of its kind does, also of a wrong type.

    A value that is as it was before (`old`) breaks nothing: that a schema became stricter does not
    keep anybody from changing another part of an object.
    """
    found = _findings(schema, value, path, old)
    if found.problems and old is not MISSING and _same(schema, value, old):
        found.problems.clear()
    return found


def _same(schema: JsonSchema, value: Any, old: Any) -> bool:
    """Whether a value is known to be as it was: nothing in it is, where the schema knows no part.

    Items of a list that is a map are compared with those of the same keys; one that lacks a key
    has none to be compared with.
    """
    if isinstance(value, dict) and isinstance(old, dict):
        properties, extra = schema.get("properties") or {}, schema.get("additionalProperties")
        return len(value) == len(old) and all(
            isinstance(below := properties.get(name, extra), dict)
            and _same(below, member, old.get(name, MISSING))
            for name, member in value.items()
        )
    if isinstance(value, list) and schema.get("x-kubernetes-list-type") == "map":
        items = schema.get("items") or {}
        return len(value) == len(old) and all(
            _same(items, item, counterpart(schema, item, old)) for item in value
        )
    return bool(value == old)


def counterpart(schema: JsonSchema, item: Any, old: Any) -> Any:
    """The item of before that has the same keys; only lists that are maps have one."""
    if schema.get("x-kubernetes-list-type") != "map" or not isinstance(old, list):
        return MISSING
    keys = schema.get("x-kubernetes-list-map-keys") or ()

    def identity(one: Any) -> list[Any] | None:
        keyed = isinstance(one, dict) and all(key in one for key in keys)
        return [one[key] for key in keys] if keyed else None

    wanted = identity(item)
    return next((one for one in old if wanted and identity(one) == wanted), MISSING)


def _findings(schema: JsonSchema, value: Any, path: str, old: Any) -> Findings:
    found = Findings()
    wrong = list(_type_problems(schema, value, path))
    if value is None:
        found.add(*wrong, *_enum_problems(schema, value, path))
        return found
    found.add(*wrong)
    if schema.get("type") or format_of(schema):
        found.matches += 1 if wrong else 2
    found.merge(_combined(schema, value, path))
    if isinstance(value, str):
        found.add(*_string_problems(schema, value, path), *_format_problems(schema, value, path))
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        found.add(*_number_problems(schema, value, path))
    elif isinstance(value, list):
        found.merge(_items(schema, value, path, old))
    found.add(*_enum_problems(schema, value, path))
    if isinstance(value, dict):
        found.merge(_members(schema, value, path, old))
    found.matches += 3
    return found


def _type_problems(schema: JsonSchema, value: Any, path: str) -> Iterator[FieldProblem]:
    either = schema.get("x-kubernetes-int-or-string")
    wanted = ["integer", "string"] if either else [schema["type"]] if schema.get("type") else []
    form = format_of(schema)
    if value is None and wanted and not schema.get("nullable"):
        yield _mistyped(path, ",".join(wanted), "null")
    if value is None or not (wanted or form):
        return
    kind = _kind_of(value)
    whole = kind == "number" and float(value).is_integer() and "integer" in wanted
    fits = kind in wanted or whole or (kind == "integer" and "number" in wanted)
    go, textual = _GO_FORMATS.get(kind, ""), kind in ("string", "array")
    if form and not textual and not fits and go != form:
        yield _mistyped(path, form, go)
    elif form and textual and not {"number", "integer"} & set(wanted):
        return
    elif not fits:
        yield _mistyped(path, ",".join(wanted), kind)


def _mistyped(path: str, wanted: str, kind: str) -> FieldProblem:
    why = f"{path} in body must be of type {wanted}: {quote(kind)}"
    return FieldProblem("FieldValueTypeInvalid", path, kind, why)


def _enum_problems(schema: JsonSchema, value: Any, path: str) -> Iterator[FieldProblem]:
    allowed = schema.get("enum")
    if allowed and not any(_converts(value, one) for one in allowed):
        shown = [one if isinstance(one, str) else orjson.dumps(one).decode() for one in allowed]
        yield unsupported_value(path, _plain(value), shown)


def _converts(value: Any, allowed: Any) -> bool:
    """Whether a value is an allowed one, once it is converted to its type as Go does."""
    kinds = (type(value), type(allowed))
    if kinds == (float, int):
        return bool(int(value) == allowed)
    return (kinds == (int, float) or kinds[0] is kinds[1]) and bool(value == allowed)


def _plain(value: Any) -> Any:
    """A number without a fraction as it is written without one."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _kind_of(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    names = {str: "string", int: "integer", float: "number", dict: "object", list: "array"}
    return names[type(value)]


def _members(schema: JsonSchema, value: dict[str, Any], path: str, old: Any) -> Findings:
    found = Findings()
    before = old if isinstance(old, dict) else {}
    properties = schema.get("properties") or {}
    extra = schema.get("additionalProperties")
    least, most = schema.get("minProperties"), schema.get("maxProperties")
    if least is not None and len(value) < least:
        why = f"{path} in body should have at least {least} properties"
        found.add(invalid_value(path, len(value), why))
    if most is not None and len(value) > most:
        found.add(_too_many(path, len(value), most))
    for name, member in value.items():
        below = properties.get(name)
        if below is None and isinstance(extra, dict):
            below = extra
        if below is not None:
            found.merge(findings(below, member, joined(path, name), before.get(name, MISSING)))
    for name in schema.get("required") or ():
        if value.get(name, MISSING) is MISSING:
            found.add(required_value(joined(path, name)))
    return found


def _too_many(path: str, count: int, most: int) -> FieldProblem:
    detail = f"must have at most {most} item" + ("s" if most != 1 else "")
    return FieldProblem("FieldValueTooMany", path, count, detail)


def joined(path: str, name: str) -> str:
    """The path of a member."""
    return f"{path}.{name}" if path else name


def _items(schema: JsonSchema, value: list[Any], path: str, old: Any) -> Findings:
    found = Findings()
    items = schema.get("items")
    for index, item in enumerate(value):
        if isinstance(items, dict):
            before = counterpart(schema, item, old)
            found.merge(findings(items, item, f"{path}[{index}]", before))
    least, most = schema.get("minItems"), schema.get("maxItems")
    if least is not None and len(value) < least:
        why = f"{path} in body should have at least {least} items"
        found.add(invalid_value(path, len(value), why))
    if most is not None and len(value) > most:
        found.add(_too_many(path, len(value), most))
    found.matches += 1
    return found


def _string_problems(schema: JsonSchema, value: str, path: str) -> Iterator[FieldProblem]:
    """The first thing that is wrong with a text."""
    least, most, pattern = (schema.get(one) for one in ("minLength", "maxLength", "pattern"))
    if most is not None and len(value) > most:
        yield too_long(path, most, "bytes" if most != 1 else "byte")
    elif least is not None and len(value) < least:
        why = f"{path} in body should be at least {least} chars long"
        yield invalid_value(path, value, why)
    elif pattern and not goregexp.compiled(pattern).search(value):
        yield invalid_value(path, value, f"{path} in body should match '{pattern}'")


def _format_problems(schema: JsonSchema, value: str, path: str) -> Iterator[FieldProblem]:
    check = FORMATS.get(format_of(schema))
    if check is not None and not check(value):
        why = f"{path} in body must be of type {schema['format']}: {quote(value)}"
        yield FieldProblem("FieldValueTypeInvalid", path, value, why)


def _number_problems(schema: JsonSchema, value: float, path: str) -> Iterator[FieldProblem]:
    form = schema.get("format", "")
    if schema.get("type") == "integer" and not _in_range(value, form):
        shown = f"with format {form}" if form else "(default format)"
        why = f"Checked value must be of type integer {shown} in {path}"
        yield invalid_value(NOWHERE, "", why)
    factor, least, most = (_bound(schema, one, value) for one in _BOUNDS)
    if factor is not None and factor <= 0:
        why = f"factor MultipleOf declared for {path} must be positive: {factor:g}"
        yield invalid_value(path, factor, why)
    elif factor and value % factor:
        yield invalid_value(
            path, _plain(value), f"{path} in body should be a multiple of {factor:g}"
        )
    if least is not None:
        strict = bool(schema.get("exclusiveMinimum"))
        if value < least or (strict and value == least):
            how = "greater than" if strict else "greater than or equal to"
            yield invalid_value(path, _plain(value), f"{path} in body should be {how} {least:g}")
    if most is not None:
        strict = bool(schema.get("exclusiveMaximum"))
        if value > most or (strict and value == most):
            how = "less than" if strict else "less than or equal to"
            yield invalid_value(path, _plain(value), f"{path} in body should be {how} {most:g}")


_BOUNDS: Final = ("multipleOf", "minimum", "maximum")


def _bound(schema: JsonSchema, name: str, value: float) -> float | None:
    """A bound in the type of the value: one of a whole number loses its fraction, as in Go."""
    bound = schema.get(name)
    return int(bound) if bound is not None and isinstance(value, int) else bound


def _in_range(value: float, form: str) -> bool:
    bits = _BITS.get(form, 64)
    return value == int(value) and -(1 << bits - 1) <= value < 1 << bits - 1


def _combined(schema: JsonSchema, value: Any, path: str) -> Findings:
    found = Findings(matches=2)
    any_of, one_of, all_of = (schema.get(one) or () for one in ("anyOf", "oneOf", "allOf"))
    if any_of:
        _alternatives(found, any_of, value, path)
    if one_of:
        _one_alternative(found, one_of, value, path)
    tried = [findings(part, value, path) for part in all_of]
    for one in tried:
        found.merge(one)
    broken = sum(bool(one.problems) for one in tried)
    if broken:
        none = ". None validated" if broken == len(tried) else ""
        found.add(_combination(path, f"must validate all the schemas (allOf){none}"))
    if "not" in schema and not findings(schema["not"], value, path).problems:
        found.add(_combination(path, "must not validate the schema (not)"))
    return found


def _combination(path: str, why: str) -> FieldProblem:
    return invalid_value(NOWHERE, "", f'"{path}" {why}')


def _alternatives(found: Findings, parts: list[JsonSchema], value: Any, path: str) -> None:
    best: Findings | None = None
    for part in parts:
        tried = findings(part, value, path)
        if not tried.problems:
            found.merge(tried)
            return
        if best is None or tried.matches > best.matches:
            best = tried
    found.add(_combination(path, "must validate at least one schema (anyOf)"))
    found.merge(best or Findings())


def _one_alternative(found: Findings, parts: list[JsonSchema], value: Any, path: str) -> None:
    tried = [findings(part, value, path) for part in parts]
    right = [one for one in tried if not one.problems]
    if len(right) == 1:
        found.merge(right[0])
        return
    how = f"Found {len(right)} valid alternatives" if right else "Found none valid"
    found.add(_combination(path, f"must validate one and only one schema (oneOf). {how}"))
    if not right:
        found.merge(max(tried, key=lambda one: one.matches))
