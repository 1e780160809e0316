"""Objects of others that a pass has to know: what stands in our way, and what backends name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from gitopsd.adapters.kubernetes.connection import Connection
from gitopsd.adapters.kubernetes.gathering import Gathering
from gitopsd.adapters.kubernetes.reads import collect, get
from gitopsd.adapters.kubernetes.resources import OURS, SERVICES
from gitopsd.model.desired import Manifest
from gitopsd.model.identity import SERVICE, Identity
from gitopsd.model.observed import BackendService, ObservedObject
from gitopsd.model.ownership import INSTANCE, Owner
from gitopsd.model.wording import said

#: Up to so many Services of a namespace are read one by one; from there on a list costs less.
_FEW = 3


def foreign_objects(
    gathering: Gathering, connection: Connection, absent: Iterable[Identity]
) -> dict[Identity, ObservedObject]:
    """Those of `absent` that exist after all, whole.

    One metadata-only list per kind and namespace tells which names are taken; only those are read.
    """
    wanted: dict[tuple[str, str], set[Identity]] = defaultdict(set)
    for identity in absent:
        wanted[identity.kind, identity.namespace].add(identity)

    def names(place: tuple[str, str]) -> list[str]:
        kind, namespace = place
        return collect(connection, OURS[kind], _name, namespace=namespace, metadata_only=True)

    taken: list[Identity] = []
    lists = gathering.each(
        sorted(wanted),
        names,
        lambda place: said("objects-of-others", plural=OURS[place[0]].plural, place=place[1]),
        lambda place: place[0],
    )
    for (kind, namespace), listed in lists:
        there = {Identity(kind, namespace, name) for name in listed}
        taken += sorted(wanted[kind, namespace] & there)

    found = gathering.each(
        taken, lambda key: read_object(connection, key), str, lambda key: key.kind
    )
    return {identity: value for identity, value in found if value}


def backend_services(
    gathering: Gathering,
    connection: Connection,
    services: Iterable[tuple[str, str]],
    known: Mapping[Identity, ObservedObject],
) -> dict[tuple[str, str], BackendService | None]:
    """Services by (namespace, name), None for one that does not exist.

    What is in `known` is not read again. What could not be read is left out, with a gap.
    """
    told: dict[tuple[str, str], BackendService | None] = {}
    rest: dict[str, list[str]] = defaultdict(list)
    for namespace, name in sorted(services):
        found = known.get(Identity(SERVICE, namespace, name))
        if found:
            told[namespace, name] = _backend(found.manifest)
        else:
            rest[namespace].append(name)

    few = [
        Identity(SERVICE, namespace, name)
        for namespace, names in rest.items()
        for name in names
        if len(names) <= _FEW
    ]
    for identity, found in gathering.each(few, lambda key: read_object(connection, key), str):
        told[identity.namespace, identity.name] = _backend(found.manifest) if found else None

    def listed_in(namespace: str) -> dict[str, BackendService]:
        return dict(collect(connection, SERVICES, _name_and_backend, namespace=namespace))

    many = [namespace for namespace, names in rest.items() if len(names) > _FEW]
    for namespace, listed in gathering.each(
        many, listed_in, lambda ns: said("services-in", namespace=ns)
    ):
        told |= {(namespace, name): listed.get(name) for name in rest[namespace]}
    return told


def rivals(
    connection: Connection, kind: str, owner: Owner, keep: Callable[[Manifest], bool]
) -> tuple[ObservedObject, ...]:
    """See `ClusterReader.neighbours`. The server leaves out what is ours: it was read before."""
    resource = OURS[kind]

    def convert(item: dict[str, Any]) -> ObservedObject | None:
        return resource.observed(item) if keep(item) else None

    found = collect(
        connection,
        resource,
        convert,
        selector=f"{INSTANCE} notin ({owner.instance})",
        fields="spec.type=LoadBalancer" if kind == SERVICE else "",
    )
    return tuple(item for item in found if item is not None)


def read_object(connection: Connection, identity: Identity) -> ObservedObject | None:
    """One object of our kinds as it is now, None when it does not exist."""
    resource = OURS[identity.kind]
    return get(connection, resource, resource.observed, identity.namespace, identity.name)


def _name(item: dict[str, Any]) -> str:
    return str(item["metadata"]["name"])


def _name_and_backend(item: dict[str, Any]) -> tuple[str, BackendService]:
    return _name(item), _backend(item)


def _backend(manifest: Manifest) -> BackendService:
    """What a Service tells of itself; one of type ExternalName may declare no ports."""
    spec = manifest.get("spec", {})
    return BackendService(
        frozenset(port["port"] for port in spec.get("ports") or ()),
        spec.get("type", "ClusterIP"),
        manifest.get("metadata", {}).get("annotations") or {},
    )
