"""One look at a cluster: everything a pass asked for, and a gap for what could not be read."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future
from typing import Any

from gitopsd.adapters.kubernetes.connection import Connection
from gitopsd.adapters.kubernetes.gathering import Gathering
from gitopsd.adapters.kubernetes.neighbours import backend_services, foreign_objects
from gitopsd.adapters.kubernetes.reads import collect, get
from gitopsd.adapters.kubernetes.record import read_record
from gitopsd.adapters.kubernetes.resources import NAMESPACES, OURS, Resource
from gitopsd.model.identity import Identity
from gitopsd.model.observed import ObservedObject, Record
from gitopsd.model.wording import said
from gitopsd.ports import ClusterScope, ClusterView, Forbidden, WorldError
from gitopsd.ports.pool import Pool

#: The namespace whose uid names a cluster (design §2, `clusterUid`).
_SYSTEM = "kube-system"


def observe(connection: Connection, scope: ClusterScope, record_namespace: str) -> ClusterView:
    """Read all that `scope` names. Raises when not even one list of our kinds was answered."""
    with Pool(connection.threads, "observe") as pool:
        gathering = Gathering(pool)
        lists = {
            kind: pool.submit(_list_ours, connection, resource, scope.owner.selector)
            for kind, resource in OURS.items()
        }
        reading_namespaces = pool.submit(_namespaces, connection)
        reading_record = pool.submit(read_record, connection, scope.owner, record_namespace)

        objects, failed = _ours(gathering, lists)
        namespaces = gathering.settle(said("namespaces"), reading_namespaces, None)
        strangers = foreign_objects(
            gathering,
            connection,
            _absent(scope, objects, failed, namespaces),
        )
        for identity, found in strangers.items():
            if scope.owner.owns_labels(found.labels):
                objects[identity] = found  # made after our list was taken
        foreign = {key: found for key, found in strangers.items() if key not in objects}
        services = backend_services(gathering, connection, scope.services, objects | foreign)
        uid = (namespaces or {}).get(_SYSTEM)
        if not uid:
            uid = gathering.settle(said("cluster-uid"), pool.submit(_system_uid, connection), None)
        # Who is confined to some namespaces cannot tell of others whether they exist.
        lacking = not connection.namespaces and _lacks(namespaces, record_namespace)
        nobody: tuple[Record | None, frozenset[str]] = (None, frozenset())
        record, others = gathering.settle(said("record"), reading_record, nobody)
        return ClusterView(
            objects=objects,
            foreign=foreign,
            services=services,
            namespaces=None if namespaces is None else frozenset(namespaces),
            record=record,
            other_targets=others,
            cluster_uid=uid,
            gaps=tuple(gathering.gaps),
            no_namespace=record_namespace if lacking else "",
            confined=bool(connection.namespaces),
        )


def _list_ours(connection: Connection, resource: Resource, selector: str) -> list[ObservedObject]:
    return collect(connection, resource, resource.observed, selector=selector)


def _ours(
    gathering: Gathering, lists: Mapping[str, Future[list[ObservedObject]]]
) -> tuple[dict[Identity, ObservedObject], frozenset[str]]:
    """Our objects, and the kinds whose list failed; raises when all of them did."""
    objects: dict[Identity, ObservedObject] = {}
    errors: dict[str, WorldError] = {}
    for kind, future in lists.items():
        try:
            objects |= {found.identity: found for found in future.result()}
        except WorldError as error:
            errors[kind] = error
            gathering.miss(said("objects", plural=OURS[kind].plural), error, kind)
    if len(errors) == len(lists):
        raise next(iter(errors.values()))
    return objects, frozenset(errors)


def _absent(
    scope: ClusterScope,
    objects: Mapping[Identity, ObservedObject],
    failed: frozenset[str],
    namespaces: Mapping[str, str] | None,
) -> frozenset[Identity]:
    """What is wanted and not ours; a kind whose list failed tells nothing about that."""
    return frozenset(
        identity
        for identity in scope.wanted
        if identity not in objects
        and identity.kind in OURS
        and identity.kind not in failed
        and (namespaces is None or identity.namespace in namespaces)
    )


def _namespaces(connection: Connection) -> dict[str, str] | None:
    """The uids of all namespaces by name; None without the right to list them.

    That is no gap: a pass can do without, and a write into a missing namespace says so itself. Who
    is confined to some namespaces takes the others for missing.
    """
    if connection.namespaces:
        return dict.fromkeys(connection.namespaces, "")
    try:
        return dict(collect(connection, NAMESPACES, _name_and_uid, metadata_only=True))
    except Forbidden:
        return None


def _lacks(namespaces: Mapping[str, str] | None, name: str) -> bool:
    """Whether a namespace is known not to exist."""
    return namespaces is not None and name not in namespaces


def _system_uid(connection: Connection) -> str | None:
    """The cluster's uid, for those who may read that one namespace and not list all."""
    try:
        found = get(connection, NAMESPACES, _name_and_uid, None, _SYSTEM, metadata_only=True)
    except Forbidden:
        return None
    return found[1] if found else None


def _name_and_uid(item: dict[str, Any]) -> tuple[str, str]:
    return item["metadata"]["name"], item["metadata"]["uid"]
