"""How refusals show parts of a definition: as the server's own types, with all their members."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any, Final

from gitopsd.sandbox.kubernetes.resources import Item

_Shown = Callable[[Any], Any]


def _plain(value: Any) -> Any:
    """Free-form values have their members sorted."""
    if isinstance(value, dict):
        return {name: _plain(value[name]) for name in sorted(value)}
    return [_plain(one) for one in value] if isinstance(value, list) else value


def _text(value: Any) -> str:
    return value or ""


def _flag(value: Any) -> bool:
    return bool(value)


def _each(shown: _Shown) -> _Shown:
    return lambda values: None if values is None else [shown(one) for one in values]


def _members(shown: _Shown) -> _Shown:
    return lambda held: held and {name: shown(held[name]) for name in sorted(held)}


def _struct(fields: dict[str, _Shown]) -> _Shown:
    def shown(value: Any) -> Any:
        if value is None:
            return None
        return {_go_name(name): how(value.get(name)) for name, how in fields.items()}

    return shown


def _go_name(name: str) -> str:
    name = _GO_NAMES.get(name, name.removeprefix("x-kubernetes-").removeprefix("$"))
    return "".join(part[:1].upper() + part[1:] for part in name.split("-"))


def _schema(value: Any) -> Any:
    return _SCHEMA(value)


def _schema_or_list(value: Any) -> Any:
    if value is None:
        return None
    lists = isinstance(value, list)
    schemas = _each(_schema)(value) if lists else None
    return {"Schema": None if lists else _schema(value), "JSONSchemas": schemas}


def _schema_or_flag(value: Any) -> Any:
    if value is None or isinstance(value, bool):
        return None if value is None else {"Allows": value, "Schema": None}
    return {"Allows": True, "Schema": _schema(value)}


_GO_NAMES: Final = {
    "id": "ID",
    "jsonPath": "JSONPath",
    "url": "URL",
    "openAPIV3Schema": "OpenAPIV3Schema",
    "x-kubernetes-preserve-unknown-fields": "XPreserveUnknownFields",
    "x-kubernetes-embedded-resource": "XEmbeddedResource",
    "x-kubernetes-int-or-string": "XIntOrString",
    "x-kubernetes-list-map-keys": "XListMapKeys",
    "x-kubernetes-list-type": "XListType",
    "x-kubernetes-map-type": "XMapType",
    "x-kubernetes-validations": "XValidations",
}
_RULE: Final = _struct({
    "rule": _text, "message": _text, "messageExpression": _text, "reason": _plain,
    "fieldPath": _text, "optionalOldSelf": _plain,
})  # fmt: skip
_SCHEMA: Final = _struct({
    "id": _text, "$schema": _text, "$ref": _plain, "description": _text, "type": _text,
    "nullable": _flag, "format": _text, "title": _text, "default": _plain, "maximum": _plain,
    "exclusiveMaximum": _flag, "minimum": _plain, "exclusiveMinimum": _flag, "maxLength": _plain,
    "minLength": _plain, "pattern": _text, "maxItems": _plain, "minItems": _plain,
    "uniqueItems": _flag, "multipleOf": _plain, "enum": _plain, "maxProperties": _plain,
    "minProperties": _plain, "required": _plain, "items": _schema_or_list, "allOf": _each(_schema),
    "oneOf": _each(_schema), "anyOf": _each(_schema), "not": _schema,
    "properties": _members(_schema), "additionalProperties": _schema_or_flag,
    "patternProperties": _members(_schema), "dependencies": _plain,
    "additionalItems": _schema_or_flag, "definitions": _members(_schema),
    "externalDocs": _struct({"description": _text, "url": _text}), "example": _plain,
    "x-kubernetes-preserve-unknown-fields": _plain, "x-kubernetes-embedded-resource": _flag,
    "x-kubernetes-int-or-string": _flag, "x-kubernetes-list-map-keys": _plain,
    "x-kubernetes-list-type": _plain, "x-kubernetes-map-type": _plain,
    "x-kubernetes-validations": _each(_RULE),
})  # fmt: skip
_SCALE: Final = _struct({
    "specReplicasPath": _text, "statusReplicasPath": _text, "labelSelectorPath": _plain,
})  # fmt: skip
_COLUMN: Final = _struct({
    "name": _text, "type": _text, "format": _text, "description": _text,
    "priority": lambda value: value or 0, "jsonPath": _text,
})  # fmt: skip
_VERSION: Final = {
    "name": _text, "served": _flag, "storage": _flag, "deprecated": _flag,
    "deprecationWarning": _plain, "schema": _struct({"openAPIV3Schema": _schema}),
    "subresources": _struct({"status": _plain, "scale": _SCALE}),
    "additionalPrinterColumns": _each(_COLUMN),
    "selectableFields": _each(_struct({"jsonPath": _text})),
}  # fmt: skip


def version_shown(version: Item, shared: Collection[str]) -> Item:
    """A version as the server's own type shows it, without the members that all versions share."""
    own = {name: value for name, value in version.items() if name not in shared}
    return {_go_name(name): how(own.get(name)) for name, how in _VERSION.items()}


def schema_shown(schema: Item) -> Item:
    """A schema as the server's own type shows it."""
    shown: Item = _schema(schema)
    return shown
