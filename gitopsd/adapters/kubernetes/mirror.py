"""Exposures and ServerGroups as custom resources of the cluster that they are about.

A spec is replaced as a whole, so that nothing that somebody added to it stays; every write names
the version that it replaces.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from functools import partial
from typing import Any

from gitopsd.adapters.kubernetes.connection import Connection
from gitopsd.adapters.kubernetes.errors import NoSuchObject
from gitopsd.adapters.kubernetes.events import put_event
from gitopsd.adapters.kubernetes.reads import collect
from gitopsd.adapters.kubernetes.request import Request
from gitopsd.adapters.kubernetes.resources import ENDPOINT_SLICES, MIRRORED, Resource
from gitopsd.adapters.kubernetes.writes import delete
from gitopsd.model.identity import Identity
from gitopsd.model.ownership import MANAGER
from gitopsd.model.status import Event, MirrorObject
from gitopsd.ports import Missing, Overtaken

_SERVICE_NAME = "kubernetes.io/service-name"
_INSTALL = "gitopsd crds | kubectl apply --server-side -f -"


class KubernetesMirror:
    """A `Mirror`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def load(self) -> tuple[MirrorObject, ...]:
        """See `Mirror.load`."""
        found: list[MirrorObject] = []
        for resource in MIRRORED.values():
            try:
                found += collect(self._connection, resource, partial(_read, resource))
            except Missing as error:
                detail = f"the cluster does not know the kind {resource.kind}"
                raise Missing(error.about, detail, _INSTALL) from error
        return tuple(found)

    def endpoints(self) -> Mapping[tuple[str, str], int]:
        """See `Mirror.endpoints`."""
        ready: Counter[tuple[str, str]] = Counter()

        def count(raw: dict[str, Any]) -> None:
            metadata = raw["metadata"]
            name = (metadata.get("labels") or {}).get(_SERVICE_NAME, "")
            ready[metadata["namespace"], name] += sum(map(_ready, raw.get("endpoints") or ()))

        collect(self._connection, ENDPOINT_SLICES, count, selector=_SERVICE_NAME)
        return ready

    def put(
        self,
        identity: Identity,
        found: MirrorObject | None,
        labels: Mapping[str, str],
        spec: Mapping[str, Any],
    ) -> MirrorObject:
        """See `Mirror.put`."""
        resource, namespace = MIRRORED[identity.kind], identity.namespace
        metadata: dict[str, Any] = {
            "name": identity.name,
            "namespace": namespace,
            "labels": {**(found.labels if found else {}), **labels},
        }
        if found is not None:
            metadata |= {"uid": found.uid, "resourceVersion": found.version}
        path = resource.item(namespace, identity.name) if found else resource.collection(namespace)
        request = Request(
            "PUT" if found else "POST",
            path,
            f"{identity.kind} {identity.key}",
            "update" if found else "create",
            resource.plural,
            query=(("fieldManager", MANAGER),),
            body=_body(resource, metadata, {"spec": spec}),
        )
        return self._write(request, resource)

    def mark(self, found: MirrorObject, status: Mapping[str, Any]) -> None:
        """See `Mirror.mark`."""
        identity = found.identity
        resource = MIRRORED[identity.kind]
        metadata = {
            "name": identity.name,
            "namespace": identity.namespace,
            "uid": found.uid,
            "resourceVersion": found.version,
        }
        request = Request(
            "PUT",
            resource.item(identity.namespace, identity.name) + "/status",
            f"the status of {identity.kind} {identity.key}",
            "update",
            f"{resource.plural}/status",
            query=(("fieldManager", MANAGER),),
            body=_body(resource, metadata, {"spec": found.spec, "status": status}),
        )
        self._write(request, resource)

    def _write(self, request: Request, resource: Resource) -> MirrorObject:
        try:
            return self._connection.fetch(request, lambda raw: _read(resource, raw))
        except NoSuchObject as error:
            raise Overtaken(error.about, error.detail) from error

    def remove(self, found: MirrorObject) -> None:
        """See `Mirror.remove`."""
        identity = found.identity
        delete(
            self._connection,
            MIRRORED[identity.kind],
            identity.namespace,
            identity.name,
            uid=found.uid,
            version=found.version,
        )

    def tell(self, event: Event, now: str) -> None:
        """See `Mirror.tell`."""
        put_event(self._connection, event, now)


def _body(
    resource: Resource, metadata: Mapping[str, Any], content: Mapping[str, Any]
) -> dict[str, Any]:
    head = {"apiVersion": resource.api_version, "kind": resource.kind, "metadata": metadata}
    return {**head, **content}


def _read(resource: Resource, raw: dict[str, Any]) -> MirrorObject:
    metadata = raw["metadata"]
    return MirrorObject(
        Identity(resource.kind, metadata["namespace"], metadata["name"]),
        metadata["uid"],
        metadata["resourceVersion"],
        int(metadata.get("generation") or 1),
        metadata.get("labels") or {},
        raw.get("spec") or {},
        raw.get("status") or {},
        "deletionTimestamp" in metadata,
    )


def _ready(endpoint: Mapping[str, Any]) -> bool:
    """Without a word, an endpoint counts as ready (EndpointConditions, discovery.k8s.io/v1)."""
    return (endpoint.get("conditions") or {}).get("ready") is not False
