"""Changing objects: every write carries the uid and version that it expects to find."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from gitopsd.adapters.kubernetes.connection import Connection
from gitopsd.adapters.kubernetes.errors import NoSuchObject, Untried
from gitopsd.adapters.kubernetes.neighbours import read_object
from gitopsd.adapters.kubernetes.reads import get
from gitopsd.adapters.kubernetes.request import APPLY, MERGE, Request
from gitopsd.adapters.kubernetes.resources import OURS, Resource
from gitopsd.model.desired import Manifest
from gitopsd.model.digest import digest
from gitopsd.model.identity import Identity
from gitopsd.model.observed import ObservedObject
from gitopsd.model.ownership import MANAGER
from gitopsd.ports import Overtaken

#: Where a removed entry is named by port and protocol (`ClusterWriter.remove_fields`).
_PORTS = ("spec", "ports")
_DEFAULT_PROTOCOL = "TCP"
#: Makes a write a dry run: admission included, nothing kept.
_TRIAL = ("dryRun", "All")


def apply_manifest(
    connection: Connection,
    resource: Resource,
    manifest: Manifest,
    *,
    uid: str | None,
    version: str | None,
) -> ObservedObject:
    """Server-side apply as field manager `gitopsd`, forced.

    With `uid` and `version` the server itself refuses another object or a later version. Without
    them a look at the metadata comes first, because an apply would silently merge into whatever
    has taken the name meanwhile. Raises Overtaken and the other errors of `ports`.
    """
    metadata = dict(manifest["metadata"])
    namespace, name = metadata["namespace"], metadata["name"]
    if uid is None:
        _refuse_existing(connection, resource, namespace, name)
    else:
        metadata["uid"] = uid
    if version is not None:
        metadata["resourceVersion"] = version
    return connection.fetch(
        _application(resource, manifest | {"metadata": metadata}, name), resource.observed
    )


def _application(
    resource: Resource, manifest: Manifest, told: str, *more: tuple[str, str]
) -> Request:
    """The request that applies `manifest`; people are told of it under the name `told`."""
    metadata = manifest["metadata"]
    query = (("fieldManager", MANAGER), ("force", "true"), ("fieldValidation", "Strict"), *more)
    return Request(
        "PATCH",
        resource.item(metadata["namespace"], metadata["name"]),
        f"{resource.kind} {metadata['namespace']}/{told}",
        "patch",
        resource.plural,
        query=query,
        body=manifest,
        content_type=APPLY,
    )


def try_creation(connection: Connection, resource: Resource, manifest: Manifest) -> None:
    """Ask the server, by a dry run, whether it would take this as something new.

    The name is still taken, so that another stands in for it. Raises Rejected and the other errors
    of `ports`; a dry run that cannot tell (`Untried`) hinders nothing.
    """
    metadata = manifest["metadata"]
    name = f"{metadata['name'][:54]}-{digest(manifest)[:8]}"
    trial = manifest | {"metadata": {**metadata, "name": name}}
    with suppress(Untried):
        connection.send(_application(resource, trial, metadata["name"], _TRIAL))


def _refuse_existing(connection: Connection, resource: Resource, namespace: str, name: str) -> None:
    def stamp(item: dict[str, Any]) -> tuple[str, str]:
        managers = (
            entry.get("manager", "?") for entry in item["metadata"].get("managedFields", ())
        )
        return item["metadata"]["uid"], ", ".join(dict.fromkeys(managers))

    found = get(connection, resource, stamp, namespace, name, metadata_only=True)
    if found:
        detail = f"expected nothing there, found uid {found[0]} managed by {found[1] or 'nobody'}"
        raise Overtaken(f"{resource.kind} {namespace}/{name}", detail, "plan again")


def merge(
    connection: Connection,
    identity: Identity,
    change: Mapping[str, Any],
    *,
    uid: str,
    version: str,
    dry_run: bool = False,
) -> ObservedObject:
    """A merge patch that holds only for this uid at this version; None in `change` removes.

    With `dry_run` the server says what it would make of it, admission included, and keeps nothing.
    """
    resource = OURS[identity.kind]
    metadata = {**change.get("metadata", {}), "uid": uid, "resourceVersion": version}
    trial = (_TRIAL,) if dry_run else ()
    request = Request(
        "PATCH",
        resource.item(identity.namespace, identity.name),
        f"{identity.kind} {identity.key}",
        "patch",
        resource.plural,
        query=(("fieldManager", MANAGER), ("fieldValidation", "Strict"), *trial),
        body={**change, "metadata": metadata},
        content_type=MERGE,
    )
    try:
        return connection.fetch(request, resource.observed)
    except NoSuchObject as error:
        raise Overtaken(error.about, error.detail, "plan again") from error


def remove_fields(
    connection: Connection,
    identity: Identity,
    fields: Sequence[tuple[str, ...]],
    *,
    uid: str,
    version: str,
    wanted: Manifest | None = None,
) -> ObservedObject:
    """Remove fields by their paths; Service ports by `port/protocol` (design §4, "Compared").

    A merge patch replaces lists whole, so the ports that stay are read first; the version in the
    patch makes sure that they are still the ones that stay. What `wanted` will make of the object
    is tried out before anything is removed: a refused apply must not leave half of it done.
    """
    of_ports = [path[2:] for path in fields if path[:2] == _PORTS]
    change: dict[str, Any] = {}
    for path in fields:
        if path[:2] != _PORTS:
            _put(change, path)
    ours: list[dict[str, Any]] = (wanted or {}).get("spec", {}).get("ports") or []
    staying: list[dict[str, Any]] = []
    if of_ports:
        staying = _staying_ports(connection, identity, of_ports, uid=uid, version=version)
        change.setdefault("spec", {})["ports"] = staying or ours
    if wanted is not None:
        trial = _over(change, wanted, _united(staying, ours) if of_ports else None)
        with suppress(Untried):
            merge(connection, identity, trial, uid=uid, version=version, dry_run=True)
    return merge(connection, identity, change, uid=uid, version=version)


def _over(
    change: Mapping[str, Any], wanted: Manifest, ports: list[dict[str, Any]] | None
) -> dict[str, Any]:
    """One patch that removes what `change` does and sets what `wanted` says."""
    metadata, spec = change.get("metadata", {}), change.get("spec", {})
    said = wanted.get("metadata", {})
    parts = {
        part: {**metadata.get(part, {}), **said.get(part, {})} for part in ("labels", "annotations")
    }
    united = {**spec, **wanted.get("spec", {})}
    if ports is not None:
        united["ports"] = ports
    return {"metadata": {**metadata, **parts}, "spec": united}


def _united(
    staying: Sequence[dict[str, Any]], ours: Sequence[dict[str, Any]]
) -> list[dict[str, Any]]:
    """The ports as server-side apply leaves them: those that stay, and ours over them."""
    ports = {_port_key(port): port for port in staying}
    for port in ours:
        ports[_port_key(port)] = {**ports.get(_port_key(port), {}), **port}
    return list(ports.values())


def _port_key(port: Mapping[str, Any]) -> str:
    return f"{port['port']}/{port.get('protocol', _DEFAULT_PROTOCOL)}"


def _put(change: dict[str, Any], path: tuple[str, ...]) -> None:
    """Set the field at `path` to None, which a merge patch understands as "remove"."""
    for key in path[:-1]:
        change = change.setdefault(key, {})
    change[path[-1]] = None


def _staying_ports(
    connection: Connection,
    identity: Identity,
    gone: Sequence[tuple[str, ...]],
    *,
    uid: str,
    version: str,
) -> list[dict[str, Any]]:
    """The ports without those that `gone` names, and without the members of others it names."""
    found = read_object(connection, identity)
    if found is None or (found.uid, found.resource_version) != (uid, version):
        now = f"version {found.resource_version} of uid {found.uid}" if found else "nothing"
        detail = f"expected version {version} of uid {uid}, found {now}"
        raise Overtaken(f"{identity.kind} {identity.key}", detail, "plan again")
    entries: list[dict[str, Any]] = found.manifest["spec"].get("ports") or []
    staying = []
    for entry in entries:
        key = _port_key(entry)
        if (key,) not in gone:
            members = {path[1] for path in gone if path[0] == key}
            staying.append({name: entry[name] for name in entry if name not in members})
    return staying


def delete(
    connection: Connection, resource: Resource, namespace: str, name: str, *, uid: str, version: str
) -> None:
    """Delete this uid at this version; what is gone already counts as done."""
    request = Request(
        "DELETE",
        resource.item(namespace, name),
        f"{resource.kind} {namespace}/{name}",
        "delete",
        resource.plural,
        body={
            "apiVersion": "v1",
            "kind": "DeleteOptions",
            "preconditions": {"uid": uid, "resourceVersion": version},
            "propagationPolicy": "Background",
        },
    )
    try:
        connection.send(request)
    except NoSuchObject:
        return
