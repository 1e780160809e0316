"""OpenAPI v3 documents made from the same types that decode requests.

They are what `kubectl apply`, `diff` and `explain` read: schemas with their list types and keys,
and operations that name their kind and the `fieldValidation` parameter.
"""

from __future__ import annotations

import hashlib
from typing import Any, Final

import orjson

from gitopsd.sandbox.kubernetes.resources import Registry, Resource
from gitopsd.sandbox.kubernetes.schema import Type

_FORMATS: Final[dict[str, dict[str, Any]]] = {
    "string": {"type": "string"},
    "integer": {"type": "integer"},
    "number": {"type": "number", "format": "double"},
    "boolean": {"type": "boolean"},
    "int-or-string": {
        "oneOf": [{"type": "integer"}, {"type": "string"}],
        "format": "int-or-string",
    },
    "time": {"type": "string", "format": "date-time"},
    "micro-time": {"type": "string", "format": "date-time"},
    "bytes": {"type": "string", "format": "byte"},
    "quantity": {"oneOf": [{"type": "string"}, {"type": "number"}]},
    "any": {"x-kubernetes-preserve-unknown-fields": True},
}
_PATCHES: Final = (
    "application/apply-patch+yaml",
    "application/json-patch+json",
    "application/merge-patch+json",
    "application/strategic-merge-patch+json",
)
_QUERY: Final = ("dryRun", "fieldManager", "fieldValidation", "force")
_METHODS: Final = {"get": "get", "patch": "patch", "update": "put", "delete": "delete"}
_ACTIONS: Final = {"update": "put"}


#: What `/openapi/v2` answers: a document without a word on any kind, in protobuf. kubectl asks it
#: for kinds that version 3 does not know, and without an answer speaks of validation instead of
#: the kind: Document{swagger: "2.0", info: Info{title: "sandbox", version: "1"}, paths: Paths{}}.
EARLIER: Final = b"\x0a\x032.0\x12\x0c\x0a\x07sandbox\x12\x011\x42\x00"
EARLIER_TYPE: Final = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf"


def _group_path(group: str, version: str) -> str:
    return f"apis/{group}/{version}" if group else f"api/{version}"


def index(registry: Registry) -> dict[str, Any]:
    """`/openapi/v3`: where the document of each group and version is."""
    paths = {}
    for group, versions in registry.groups().items():
        for version in versions:
            path = _group_path(group, version)
            digest = hashlib.sha256(orjson.dumps(document(registry, group, version))).hexdigest()
            paths[path] = {"serverRelativeURL": f"/openapi/v3/{path}?hash={digest.upper()}"}
    return {"paths": paths}


def at(registry: Registry, path: str) -> dict[str, Any] | None:
    """The document at a path below `/openapi/v3`; None when there is none."""
    parts = path.strip("/").split("/")[2:]
    if not parts:
        return index(registry)
    if parts[0] == "api" and len(parts) == 2:
        group, version = "", parts[1]
    elif parts[0] == "apis" and len(parts) == 3:
        group, version = parts[1], parts[2]
    else:
        return None
    if version not in registry.groups().get(group, ()):
        return None
    return document(registry, group, version)


def document(registry: Registry, group: str, version: str) -> dict[str, Any]:
    """The OpenAPI document of one group and version."""
    paths: dict[str, Any] = {}
    schemas: dict[str, Any] = {}
    for resource in registry.all():
        if (resource.group, resource.version) == (group, version):
            schemas[_schema_name(resource)] = _root_schema(resource)
            paths.update(_paths(resource))
    return {
        "openapi": "3.0.0",
        "info": {"title": "Kubernetes", "version": "v1.36.2"},
        "paths": paths,
        "components": {"schemas": schemas},
    }


def _schema_name(resource: Resource) -> str:
    if resource.untyped:
        reverse = ".".join(reversed(resource.group.split(".")))
        return f"{reverse}.{resource.version}.{resource.kind}"
    group = (resource.group or "core").split(".", maxsplit=1)[0]
    return f"io.k8s.api.{group}.{resource.version}.{resource.kind}"


def _kind(resource: Resource) -> dict[str, str]:
    return {"group": resource.group, "version": resource.version, "kind": resource.kind}


def _root_schema(resource: Resource) -> dict[str, Any]:
    schema = schema_of(resource.type)
    if resource.openapi is not None:
        own = {n: schema["properties"][n] for n in ("apiVersion", "kind", "metadata")}
        given = dict(resource.openapi)
        schema = {**given, "properties": {**own, **(given.get("properties") or {}), **own}}
    schema["x-kubernetes-group-version-kind"] = [_kind(resource)]
    return schema


def schema_of(type_: Type) -> dict[str, Any]:
    """The OpenAPI schema of a type."""
    if type_.form in _FORMATS:
        schema = dict(_FORMATS[type_.form])
        if type_.form == "integer":
            schema["format"] = f"int{type_.bits}"
        return schema
    if type_.form == "list":
        return _list_schema(type_)
    schema = {"type": "object"}
    if type_.atomic:
        schema["x-kubernetes-map-type"] = "atomic"
    if type_.form == "map" and type_.element is not None:
        schema["additionalProperties"] = schema_of(type_.element)
        return schema
    schema["properties"] = {}
    for name, known in type_.fields.items():
        below = schema_of(known.type)
        if known.default is not None:
            below["default"] = known.default
        schema["properties"][name] = below
    return schema


def _list_schema(type_: Type) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "array", "x-kubernetes-list-type": type_.list_kind}
    if type_.element is not None:
        schema["items"] = schema_of(type_.element)
    if type_.keys:
        schema["x-kubernetes-list-map-keys"] = list(type_.keys)
    if type_.patch_key:
        schema["x-kubernetes-patch-merge-key"] = type_.patch_key
    if type_.patch_key or type_.patch_merge:
        schema["x-kubernetes-patch-strategy"] = "merge"
    return schema


def _paths(resource: Resource) -> dict[str, Any]:
    base = "/" + _group_path(resource.group, resource.version)
    scope = base + ("/namespaces/{namespace}" if resource.namespaced else "")
    collection = f"{scope}/{resource.plural}"
    reference = {"$ref": f"#/components/schemas/{_schema_name(resource)}"}
    answer = {"200": {"description": "OK", "content": {"application/json": {"schema": reference}}}}

    def operation(action: str, *media: str) -> dict[str, Any]:
        described: dict[str, Any] = {
            "operationId": f"{action}{resource.kind}",
            "x-kubernetes-action": action,
            "x-kubernetes-group-version-kind": _kind(resource),
            "parameters": [
                {"name": name, "in": "query", "schema": {"type": "string"}} for name in _QUERY
            ],
            "responses": answer,
        }
        if media:
            described["requestBody"] = {"content": {one: {"schema": reference} for one in media}}
        return described

    single = {
        _METHODS[verb]: operation(
            _ACTIONS.get(verb, verb),
            *{"patch": _PATCHES, "update": ("application/json",)}.get(verb, ()),
        )
        for verb in resource.verbs
        if verb in _METHODS
    }
    many = {}
    if "list" in resource.verbs:
        many["get"] = operation("list")
    if "create" in resource.verbs:
        many["post"] = operation("post", "application/json")
    return {collection: many, collection + "/{name}": single}
