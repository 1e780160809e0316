"""A JSON schema as the server's own type holds it.

What that type does not have is unknown, and what says nothing is not written.
"""

from __future__ import annotations

from typing import Any, Final

JsonSchema = dict[str, Any]
#: Members that are written whatever they say, once they are there.
_KEPT: Final = frozenset({
    "$ref", "default", "maximum", "minimum", "maxLength", "minLength", "maxItems", "minItems",
    "multipleOf", "maxProperties", "minProperties", "items", "not", "additionalProperties",
    "additionalItems", "externalDocs", "example", "x-kubernetes-preserve-unknown-fields",
    "x-kubernetes-list-type", "x-kubernetes-map-type",
})  # fmt: skip
#: Members that are written when they say something.
_SAYING: Final = frozenset({
    "id", "$schema", "description", "type", "format", "title", "exclusiveMaximum",
    "exclusiveMinimum", "pattern", "uniqueItems", "enum", "required", "allOf", "oneOf", "anyOf",
    "properties", "patternProperties", "dependencies", "definitions", "nullable",
    "x-kubernetes-embedded-resource", "x-kubernetes-int-or-string", "x-kubernetes-list-map-keys",
    "x-kubernetes-validations",
})  # fmt: skip
_NAMED: Final = ("properties", "patternProperties", "definitions")
_LISTED: Final = ("allOf", "oneOf", "anyOf")
_PARTS: Final = ("not", "items", "additionalProperties", "additionalItems")
_RULES: Final = "x-kubernetes-validations"
_OF_RULES: Final = frozenset({"message", "messageExpression", "fieldPath"})
_KEPT_OF_RULES: Final = frozenset({"rule", "reason", "optionalOldSelf"})


def held_schema(schema: Any, at: str, unknown: list[str]) -> Any:
    """A schema as it is held; `unknown` gets the paths of members that are not."""
    if not isinstance(schema, dict):
        return schema
    schema = {name: value for name, value in schema.items() if not _is_none(name, value)}
    found = _known(schema, at, unknown, _KEPT, _SAYING)
    for name, value in found.items():
        below = f"{at}.{name}"
        if name in _NAMED and isinstance(value, dict):
            found[name] = {
                key: held_schema(part or {}, f"{below}.{key}", unknown)
                for key, part in value.items()
            }
        elif name in _LISTED and isinstance(value, list):
            found[name] = [
                held_schema(part, f"{below}[{index}]", unknown) for index, part in enumerate(value)
            ]
        elif name in _PARTS:
            found[name] = held_schema(value, below, unknown)
        elif name == _RULES and isinstance(value, list):
            found[name] = [
                _held_rule(rule, f"{below}[{index}]", unknown) for index, rule in enumerate(value)
            ]
    return found


def _is_none(name: str, value: Any) -> bool:
    """Whether a member's reader makes nothing of a value."""
    return name == "items" and not isinstance(value, dict | list)


def _held_rule(rule: Any, at: str, unknown: list[str]) -> Any:
    if not isinstance(rule, dict):
        return rule
    return {"rule": "", **_known(rule, at, unknown, _KEPT_OF_RULES, _OF_RULES)}


def _known(
    value: JsonSchema, at: str, unknown: list[str], kept: frozenset[str], saying: frozenset[str]
) -> JsonSchema:
    unknown.extend(f"{at}.{name}" for name in value if name not in kept and name not in saying)
    return {
        name: member
        for name, member in value.items()
        if (name in saying and member) or (name in kept and member is not None)
    }
