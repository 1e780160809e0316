"""What a client reads first: version, groups, resources."""

from __future__ import annotations

import re
from typing import Any, Final

from gitopsd.sandbox.kubernetes import errors
from gitopsd.sandbox.kubernetes.resources import Registry, Resource, Subresource

#: The order in which verbs of custom resources are listed.
_CUSTOM_ORDER: Final = (
    "delete", "deletecollection", "get", "list", "patch", "create", "update", "watch",
)  # fmt: skip
_VERSION_NAME: Final = re.compile("v([0-9]+)(?:(beta|alpha)([0-9]+))?")
_STAGES: Final = ("", "beta", "alpha")
VERSION: Final[dict[str, Any]] = {
    "major": "1",
    "minor": "36",
    "emulationMajor": "1",
    "emulationMinor": "36",
    "minCompatibilityMajor": "1",
    "minCompatibilityMinor": "35",
    "gitVersion": "v1.36.2",
    "gitCommit": "$Format:%H$",
    "gitTreeState": "",
    "buildDate": "1970-01-01T00:00:00Z",
    "goVersion": "go1.27.3",
    "compiler": "gc",
    "platform": "linux/amd64",
}


def core_versions(address: str) -> dict[str, Any]:
    """`/api`: versions of the core group, and where the server is."""
    return {
        "kind": "APIVersions",
        "versions": ["v1"],
        "serverAddressByClientCIDRs": [{"clientCIDR": "0.0.0.0/0", "serverAddress": address}],
    }


def group_list(registry: Registry) -> dict[str, Any]:
    """`/apis`: every named group."""
    groups = [_group(name, versions) for name, versions in ordered_groups(registry) if name]
    return {"kind": "APIGroupList", "apiVersion": "v1", "groups": groups}


def ordered_groups(registry: Registry) -> list[tuple[str, list[str]]]:
    """Groups with their versions: built-in ones as they are, then those of definitions by name."""
    custom = {one.group for one in registry.all() if one.untyped}
    own = {one.group for one in registry.all() if not one.untyped}
    groups = registry.groups().items()
    return sorted(groups, key=lambda pair: pair[0] if pair[0] in custom - own else "")


def group(registry: Registry, name: str) -> dict[str, Any] | None:
    """`/apis/<group>`; None when there is no such group."""
    versions = registry.groups().get(name)
    if not name or versions is None:
        return None
    return {"kind": "APIGroup", "apiVersion": "v1", **_group(name, versions)}


def _group(name: str, versions: list[str]) -> dict[str, Any]:
    listed = [
        {"groupVersion": f"{name}/{version}", "version": version}
        for version in ordered_versions(versions)
    ]
    return {"name": name, "versions": listed, "preferredVersion": listed[0]}


def ordered_versions(versions: list[str]) -> list[str]:
    """Versions of a group, the preferred one first."""
    return sorted(versions, key=_priority)


def _priority(version: str) -> tuple[int, int, int, str]:
    """A sort key: stable versions, then beta, then alpha, each the newest first, then others."""
    found = _VERSION_NAME.fullmatch(version)
    if found is None:
        return (len(_STAGES), 0, 0, version)
    major, stage, minor = found.groups()
    return (_STAGES.index(stage or ""), -int(major), -int(minor or 0), version)


def resource_list(registry: Registry, group_name: str, version: str) -> dict[str, Any] | None:
    """`/api/v1` and `/apis/<group>/<version>`; None when there is no such version."""
    if version not in registry.groups().get(group_name, ()):
        return None
    own = [one for one in registry.all() if (one.group, one.version) == (group_name, version)]
    own.sort(key=lambda one: one.plural)
    entries = [entry for resource in own for entry in _entries(resource)]
    if not any(one.untyped for one in own):
        entries.sort(key=lambda entry: str(entry["name"]))
    about = f"{group_name}/{version}" if group_name else version
    kind = {"kind": "APIResourceList"}
    if group_name:  # the list of the core group says its kind only
        kind["apiVersion"] = "v1"
    return {
        **kind,
        "groupVersion": about,
        "resources": entries,
    }


def _entries(resource: Resource) -> list[dict[str, Any]]:
    main: dict[str, Any] = {
        "name": resource.plural,
        "singularName": resource.singular,
        "namespaced": resource.namespaced,
        "kind": resource.kind,
        "verbs": verbs_shown(resource),
    }
    optional = {
        "shortNames": list(resource.short_names),
        "categories": list(resource.categories),
        "storageVersionHash": resource.storage_version_hash,
    }
    main.update({name: value for name, value in optional.items() if value})
    parts = [
        {
            "name": f"{resource.plural}/{sub.name}",
            "singularName": "",
            "namespaced": resource.namespaced,
            **kind_shown(resource, sub),
            "verbs": list(sub.verbs),
        }
        for sub in resource.subresources.values()
    ]
    return [main, *parts]


def verbs_shown(resource: Resource) -> list[str]:
    """The verbs of a resource in the order in which they are listed."""
    return list(_CUSTOM_ORDER if resource.untyped else resource.verbs)


def kind_shown(resource: Resource, sub: Subresource) -> dict[str, str]:
    """The kind of a subresource; one that shows another kind tells where that is from."""
    if sub.view is None:
        return {"kind": resource.kind}
    form = sub.view.form
    return {"group": form.group, "version": form.version, "kind": form.kind}


def document(registry: Registry, path: str, address: str) -> dict[str, Any] | None:
    """The discovery document at a path; None when the path is no discovery path.

    Raises:
        errors.ApiError: 404 for an unknown version of one of the server's own groups.
    """
    found: dict[str, Any] | None = None
    match path.strip("/").split("/"):
        case ["version"]:
            found = VERSION
        case ["api"]:
            found = core_versions(address)
        case ["api", version]:
            found = resource_list(registry, "", version)
            if found is None:
                raise errors.unknown_resource()
        case ["apis"]:
            found = group_list(registry)
        case ["apis", name]:
            found = group(registry, name)
        case ["apis", name, version]:
            found = resource_list(registry, name, version)
            if found is None and registry.is_builtin(name):
                raise errors.unknown_resource()
    return found
