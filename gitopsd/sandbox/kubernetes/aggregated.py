"""Discovery in one answer: all resources of all groups, as kubectl asks for them first.

A client asks by `Accept` at `/api` for the core group and at `/apis` for the others.
"""

from __future__ import annotations

import hashlib
from typing import Any, Final

import orjson

from gitopsd.sandbox.kubernetes.discovery import (
    kind_shown,
    ordered_groups,
    ordered_versions,
    verbs_shown,
)
from gitopsd.sandbox.kubernetes.requests import Request
from gitopsd.sandbox.kubernetes.resources import Registry, Resource, Subresource
from gitopsd.sandbox.kubernetes.responses import Response, as_yaml

_PATHS: Final = ("/api", "/api/", "/apis")
_ASKED: Final = {"g": "apidiscovery.k8s.io", "v": "v2", "as": "APIGroupDiscoveryList"}
_JSON: Final = ("application/json", "*/*", "application/*")
_YAML: Final = "application/yaml"


def wanted(request: Request) -> str:
    """In which media type a request asks for all groups at once; "" where it does not."""
    if request.path not in _PATHS:
        return ""
    for clause in request.headers.get("accept", "").split(","):
        media, *parameters = (part.strip() for part in clause.split(";"))
        given = dict(part.split("=", 1) for part in parameters if "=" in part)
        if all(given.get(name) == value for name, value in _ASKED.items()):
            if media in _JSON:
                return _JSON[0]
            if media == _YAML:
                return _YAML
    return ""


def answer(registry: Registry, request: Request, media: str) -> Response:
    """All groups below a path; only that nothing has changed when the client knows it already."""
    core = request.path.startswith("/api/") or request.path == "/api"
    groups = [
        _group(registry, name, versions)
        for name, versions in ordered_groups(registry)
        if bool(name) != core
    ]
    body = orjson.dumps(
        {
            "kind": "APIGroupDiscoveryList",
            "apiVersion": "apidiscovery.k8s.io/v2",
            "metadata": {},
            "items": groups,
        }
    )
    tag = '"' + hashlib.sha512(body).hexdigest().upper() + '"'
    headers = {"cache-control": "public", "etag": tag, "vary": "Accept"}
    parameters = ";".join(f"{name}={value}" for name, value in _ASKED.items())
    shown = f"{media};{parameters}"
    if request.headers.get("if-none-match", "") == tag:
        return Response(304, b"", shown, headers)
    return Response(200, as_yaml(body) if media == _YAML else body, shown, headers)


def _group(registry: Registry, name: str, versions: list[str]) -> dict[str, Any]:
    shown = [
        {
            "version": version,
            "resources": [
                _resource(one)
                for one in sorted(registry.all(), key=lambda one: one.plural)
                if (one.group, one.version) == (name, version)
            ],
            "freshness": "Current",
        }
        for version in ordered_versions(versions)
    ]
    return {"metadata": {"name": name} if name else {}, "versions": shown}


def _resource(resource: Resource) -> dict[str, Any]:
    optional = {
        "shortNames": list(resource.short_names),
        "categories": list(resource.categories),
        "subresources": [_part(resource, one) for one in resource.subresources.values()],
    }
    return {
        "resource": resource.plural,
        "responseKind": _kind(resource, None),
        "scope": "Namespaced" if resource.namespaced else "Cluster",
        "singularResource": resource.singular,
        "verbs": verbs_shown(resource),
        **{name: value for name, value in optional.items() if value},
    }


def _part(resource: Resource, part: Subresource) -> dict[str, Any]:
    return {
        "subresource": part.name,
        "responseKind": _kind(resource, part),
        "verbs": list(part.verbs),
    }


def _kind(resource: Resource, part: Subresource | None) -> dict[str, str]:
    """What an endpoint answers with; built-in resources say no group and version of their own."""
    if resource.untyped:
        own = {"group": resource.group, "version": resource.version, "kind": resource.kind}
    else:
        own = {"group": "", "version": "", "kind": resource.kind}
    return {**own, **(kind_shown(resource, part) if part is not None else {})}
