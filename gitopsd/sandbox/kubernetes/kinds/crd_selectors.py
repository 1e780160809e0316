"""The rules of the fields that a definition lets be selected by."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from gitopsd.sandbox.kubernetes.errors import (
    FieldProblem,
    duplicate_value,
    invalid_value,
    required_value,
)

_TYPES: Final = ("string", "boolean", "integer")
_MOST: Final = 8
_TYPED: Final = (
    "must point to a field of type string, boolean or integer. Enum string fields and strings with "
    "formats are allowed."
)


def selectable_problems(
    given: Iterable[Mapping[str, Any]], schema: Mapping[str, Any] | None, field: str
) -> Iterator[FieldProblem]:
    """What is wrong with a version's selectable fields."""
    paths = [one.get("jsonPath", "") for one in given]
    if paths and schema is None:
        why = "may only be set when validations.schema is included"
        yield invalid_value(field, "", why)
        return
    seen: set[str] = set()
    for index, path in enumerate(paths):
        at = f"{field}[{index}].jsonPath"
        if not path:
            yield required_value(at)
            continue
        found = _found(path, schema or {})
        if isinstance(found, str):
            yield invalid_value(at, path, f"is an invalid path: {found}")
            continue
        if path.split(".")[1] == "metadata":
            yield invalid_value(at, path, "must not point to fields in metadata")
        if found.get("type") not in _TYPES:
            yield invalid_value(at, path, _TYPED)
        if path in seen:
            yield duplicate_value(at, path)
        seen.add(path)
    if len(seen) > _MOST:
        yield FieldProblem(
            "FieldValueTooMany", field, len(seen), f"must have at most {_MOST} items"
        )


def _found(path: str, schema: Mapping[str, Any]) -> Mapping[str, Any] | str:
    """The schema that a path leads to, or why it leads to none."""
    if not path.startswith((".", "[")):
        return f"expected [ or . but got: {path.partition('.')[0]}"
    if "[" in path:
        return "array notation is not allowed"
    found: Any = schema
    for name in path.split(".")[1:]:
        extra = found.get("additionalProperties")
        found = (found.get("properties") or {}).get(name, extra)
        if not isinstance(found, dict):
            return "does not refer to a valid field"
    known: Mapping[str, Any] = found
    return known
