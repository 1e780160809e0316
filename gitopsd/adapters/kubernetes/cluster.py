"""The cluster as the ports know it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from gitopsd.adapters.kubernetes import record as records
from gitopsd.adapters.kubernetes import writes
from gitopsd.adapters.kubernetes.connection import Connection
from gitopsd.adapters.kubernetes.controllers import controller_events
from gitopsd.adapters.kubernetes.neighbours import read_object, rivals
from gitopsd.adapters.kubernetes.observation import observe
from gitopsd.adapters.kubernetes.requesting import write_request
from gitopsd.adapters.kubernetes.resources import OURS
from gitopsd.model.desired import Manifest
from gitopsd.model.identity import Identity
from gitopsd.model.observed import ControllerEvent, ObservedObject, Record
from gitopsd.model.ownership import LABELS, Owner
from gitopsd.ports import ClusterScope, ClusterView


class KubernetesCluster:
    """One cluster: a `ClusterReader` and a `ClusterWriter`.

    Methods may be called from several threads. Every one raises the errors of `ports` and no
    others. The record of each target is kept in the namespace `namespace_for_record`.
    """

    def __init__(
        self, connection: Connection, *, namespace_for_record: str = "gitopsd-system"
    ) -> None:
        self._connection = connection
        self._record_namespace = namespace_for_record

    def observe(self, scope: ClusterScope) -> ClusterView:
        """See `ClusterReader.observe`; raises when not even one list of our kinds was answered."""
        return observe(self._connection, scope, self._record_namespace)

    def read(self, identity: Identity) -> ObservedObject | None:
        """See `ClusterReader.read`."""
        return read_object(self._connection, identity)

    def neighbours(
        self, kind: str, owner: Owner, keep: Callable[[Manifest], bool]
    ) -> tuple[ObservedObject, ...]:
        """See `ClusterReader.neighbours`."""
        return rivals(self._connection, kind, owner, keep)

    def controller_events(
        self, kinds: Iterable[str], keep: Callable[[ControllerEvent], bool]
    ) -> tuple[ControllerEvent, ...]:
        """See `ClusterReader.controller_events`."""
        return controller_events(self._connection, kinds, keep)

    def record(self, owner: Owner) -> Record | None:
        """See `ClusterReader.record`."""
        return records.read_record(self._connection, owner, self._record_namespace)[0]

    def requests(self, owner: Owner) -> Mapping[str, str] | None:
        """See `ClusterReader.requests`."""
        return records.read_requests(self._connection, owner, self._record_namespace)

    def apply(
        self, manifest: Manifest, *, uid: str | None, resource_version: str | None
    ) -> ObservedObject:
        """See `ClusterWriter.apply`."""
        resource = OURS[manifest["kind"]]
        return writes.apply_manifest(
            self._connection, resource, manifest, uid=uid, version=resource_version
        )

    def try_creation(self, manifest: Manifest) -> None:
        """See `ClusterWriter.try_creation`."""
        writes.try_creation(self._connection, OURS[manifest["kind"]], manifest)

    def remove_fields(
        self,
        identity: Identity,
        fields: Sequence[tuple[str, ...]],
        *,
        uid: str,
        version: str,
        wanted: Manifest | None = None,
    ) -> ObservedObject:
        """See `ClusterWriter.remove_fields`."""
        return writes.remove_fields(
            self._connection, identity, fields, uid=uid, version=version, wanted=wanted
        )

    def delete(self, identity: Identity, *, uid: str, version: str) -> None:
        """See `ClusterWriter.delete`."""
        writes.delete(
            self._connection,
            OURS[identity.kind],
            identity.namespace,
            identity.name,
            uid=uid,
            version=version,
        )

    def release(self, identity: Identity, *, uid: str, version: str) -> None:
        """See `ClusterWriter.release`."""
        labels = dict.fromkeys(LABELS)
        change = {"metadata": {"labels": labels}}
        writes.merge(self._connection, identity, change, uid=uid, version=version)

    def write_record(self, owner: Owner, record: Record) -> None:
        """See `ClusterWriter.write_record`; another time alone is not written."""
        records.write_record(self._connection, owner, record, self._record_namespace)

    def write_request(self, owner: Owner, key: str, before: str | None, after: str | None) -> None:
        """See `ClusterWriter.write_request`."""
        name = records.record_name(owner)
        write_request(
            self._connection, (self._record_namespace, name), key, before=before, after=after
        )
