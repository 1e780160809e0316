"""Small desired and observed worlds for tests, built the way the compiler and adapters do."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from gitopsd.model.desired import (
    DesiredGroup,
    DesiredObject,
    DesiredTarget,
    DriftPolicy,
    Limits,
    Member,
    ModeSpan,
    ServiceReference,
)
from gitopsd.model.digest import digest
from gitopsd.model.identity import Identity
from gitopsd.model.observed import (
    BackendService,
    ObservedGroup,
    ObservedMember,
    ObservedObject,
    ObservedTarget,
    Record,
)
from gitopsd.model.ownership import DIGEST, Owner

OWNER = Owner("acme", "edge")
MARK = OWNER.member_description
CORRECT = DriftPolicy()
LIMITS = Limits()


def service(
    name: str = "tea",
    namespace: str = "shop",
    *,
    annotations: Mapping[str, str] | None = None,
    ports: Iterable[Mapping[str, Any]] = ({"name": "http", "port": 80, "targetPort": 8080},),
    drift: DriftPolicy = CORRECT,
    **spec: Any,
) -> DesiredObject:
    exposure = Identity("Exposure", namespace, name)
    metadata: dict[str, Any] = {
        "name": name,
        "namespace": namespace,
        "labels": OWNER.labels(name),
    }
    if annotations:
        metadata["annotations"] = dict(annotations)
    manifest = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": metadata,
        "spec": {
            "type": "LoadBalancer",
            "externalTrafficPolicy": "Cluster",
            "selector": {"app": name},
            "ports": [{"protocol": "TCP", **port} for port in ports],
            **spec,
        },
    }
    return DesiredObject(Identity("Service", namespace, name), exposure, manifest, drift=drift)


def ingress(
    name: str = "menu",
    namespace: str = "shop",
    *,
    groups: Iterable[Identity] = (),
    services: Iterable[tuple[str, int]] = (("tea-svc", 80),),
    weight: int = 80,
) -> DesiredObject:
    shares = [
        {"ServiceName": service, "Weight": weight, "ServicePort": port}
        for service, port in services
    ]
    shares += [{"ServerGroupID": f"<{group.key}>", "Weight": 20} for group in groups]
    action = [{"type": "ForwardGroup", "ForwardConfig": {"ServerGroups": shares}}]
    key = "alb.ingress.kubernetes.io/actions.forward"
    backend = {"service": {"name": "forward", "port": {"name": "use-annotation"}}}
    manifest = {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": {
            "name": name,
            "namespace": namespace,
            "labels": OWNER.labels(name),
            "annotations": {key: orjson.dumps(action).decode()},
        },
        "spec": {
            "ingressClassName": "alb",
            "rules": [
                {
                    "host": "demo.example.com",
                    "http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": backend}]},
                }
            ],
        },
    }
    return DesiredObject(
        Identity("Ingress", namespace, name),
        Identity("Exposure", namespace, name),
        manifest,
        groups=tuple(groups),
        services=tuple(ServiceReference(namespace, s, p) for s, p in services),
    )


def group(
    name: str = "warehouse",
    *servers: tuple[str, int, int],
    namespace: str = "shop",
    protocol: str = "HTTP",
    drift: DriftPolicy = CORRECT,
    retain: bool = False,
    adopt_id: str | None = None,
) -> DesiredGroup:
    create = {
        "ServerGroupName": f"gitopsd-acme-{namespace}-{name}",
        "ServerGroupType": "Ip",
        "VpcId": "vpc-1",
        "Protocol": protocol,
        "HealthCheckConfig": {"HealthCheckEnabled": True, "HealthCheckPath": "/healthz"},
    }
    members = tuple(Member(ip, port, "Ip", ip, weight, True) for ip, port, weight in servers)
    return DesiredGroup(
        Identity("ServerGroup", namespace, name),
        "ALB",
        create,
        members,
        adopt_id=adopt_id,
        retain=retain,
        drift=drift,
    )


def wanted(
    *things: DesiredObject | DesiredGroup,
    held: Iterable[Identity] = (),
    hold_deletions: Iterable[str] = (),
    limits: Limits = LIMITS,
    cluster_uid: str | None = None,
    **more: Any,
) -> DesiredTarget:
    objects = {t.identity: t for t in things if isinstance(t, DesiredObject)}
    groups = {t.identity: t for t in things if isinstance(t, DesiredGroup)}
    return DesiredTarget(
        OWNER.target,
        objects,
        groups,
        frozenset(held),
        tuple(hold_deletions),
        limits=limits,
        cluster_uid=cluster_uid,
        **more,
    )


def live(
    item: DesiredObject,
    ids: Mapping[Identity, str] | None = None,
    *,
    edits: Mapping[str, Any] | None = None,
    editor: str = "kubectl-edit",
) -> ObservedObject:
    """The object as the API server serves it after our apply, then edited by somebody.

    `edits` maps a dotted path (annotation and label keys after `@`) to a value, None to remove.
    """
    manifest = copy.deepcopy(item.manifest)
    for identity in item.groups:
        for key, value in manifest["metadata"]["annotations"].items():
            replaced = value.replace(f"<{identity.key}>", (ids or {})[identity])
            manifest["metadata"]["annotations"][key] = replaced
    manifest["metadata"]["labels"][DIGEST] = digest(manifest)
    ours = fields_of(manifest)
    if item.identity.kind == "Service":
        manifest["spec"] |= {"clusterIP": "10.0.0.9", "sessionAffinity": "None"}
        for number, port in enumerate(manifest["spec"]["ports"]):
            port["nodePort"] = 30000 + number
    entries = [
        {
            "manager": "gitopsd",
            "operation": "Apply",
            "time": "2026-11-01T08:00:00Z",
            "fieldsV1": ours,
        }
    ]
    if edits:
        taken: dict[str, Any] = {}
        for path, value in edits.items():
            keys = split(path)
            put(manifest, keys, value)
            if value is not None:
                put(taken, tuple(f"f:{key}" for key in keys), {})
            drop(ours, tuple(f"f:{key}" for key in keys))
        entries.append(
            {
                "manager": editor,
                "operation": "Update",
                "time": "2026-11-02T09:30:00Z",
                "fieldsV1": taken,
            }
        )
    metadata = manifest["metadata"]
    return ObservedObject(
        item.identity, f"uid-{metadata['name']}", "7", manifest, orjson.dumps(entries)
    )


def split(path: str) -> tuple[str, ...]:
    head, at, key = path.partition("@")
    keys = tuple(part for part in head.split(".") if part)
    return (*keys, key) if at else keys


def put(tree: dict[str, Any], keys: tuple[str, ...], value: Any) -> None:
    for key in keys[:-1]:
        tree = tree.setdefault(key, {})
    if value is None:
        tree.pop(keys[-1], None)
    else:
        tree[keys[-1]] = value


def drop(tree: dict[str, Any], keys: tuple[str, ...]) -> None:
    for key in keys[:-1]:
        if key not in tree:
            return
        tree = tree[key]
    tree.pop(keys[-1], None)


def fields_of(value: Any) -> dict[str, Any]:
    """FieldsV1 of a manifest of ours: maps granular, ports keyed, other lists atomic."""
    skip = ("apiVersion", "kind")
    tree: dict[str, Any] = {}
    for key, item in value.items():
        if key in skip or key in ("name", "namespace"):
            continue
        if key == "selector":
            tree[f"f:{key}"] = {}
        elif isinstance(item, dict):
            tree[f"f:{key}"] = fields_of(item)
        elif key == "ports":
            tree["f:ports"] = {
                f'k:{{"port":{port["port"]},"protocol":"{port["protocol"]}"}}': {
                    ".": {},
                    **{f"f:{name}": {} for name in port},
                }
                for port in item
            }
        else:
            tree[f"f:{key}"] = {}
    return tree


def live_group(
    item: DesiredGroup,
    group_id: str = "sgp-one",
    *,
    members: Iterable[ObservedMember] | None = None,
    attributes: Mapping[str, Any] | None = None,
    tags: Mapping[str, str] | None = None,
    related: Iterable[str] = ("alb-1",),
) -> ObservedGroup:
    """The group as the cloud lists it after a whole apply, with `attributes` and `tags` edited."""
    own = OWNER.tags(item.identity, item.shape, retain=item.retain, adopted=item.adopted) | {
        DIGEST: item.digest
    }
    check = {
        "HealthCheckInterval": 2,
        "HealthyThreshold": 3,
        "UnhealthyThreshold": 3,
        **item.create["HealthCheckConfig"],
    }
    found = {"Scheduler": "Wrr", **item.create, "HealthCheckConfig": check, **(attributes or {})}
    if members is None:
        members = [member(m.server_id, m.port, m.weight) for m in item.members]
    kept = {key: value for key, value in {**own, **(tags or {})}.items() if value}
    return ObservedGroup(
        group_id, item.product, found, kept, tuple(members), related=tuple(related)
    )


def member(ip: str, port: int, weight: int = 100, description: str = MARK) -> ObservedMember:
    from gitopsd.model.desired import MemberKey

    return ObservedMember(MemberKey(ip, port, ip), "Ip", weight, description, remote=True)


def backend(
    *ports: int, type: str = "NodePort", annotations: Mapping[str, str] | None = None
) -> BackendService:
    """A Service of others that declares these ports."""
    return BackendService(frozenset(ports), type, annotations or {})


def found(
    *things: ObservedObject | ObservedGroup,
    foreign: Iterable[ObservedObject] = (),
    namespaces: Iterable[str] | None = ("shop",),
    services: Mapping[tuple[str, str], BackendService | None] | None = None,
    record: Record | None = None,
    **more: Any,
) -> ObservedTarget:
    objects = {t.identity: t for t in things if isinstance(t, ObservedObject)}
    if services is None:
        services = {("shop", "tea-svc"): backend(80)}
    return ObservedTarget(
        OWNER.target,
        objects,
        tuple(t for t in things if isinstance(t, ObservedGroup)),
        {item.identity: item for item in foreign},
        services=services,
        namespaces=None if namespaces is None else frozenset(namespaces),
        record=record,
        **more,
    )


def ignoring(path: str, mode: Any = "Ignore", until: str | None = None) -> DriftPolicy:
    return DriftPolicy("Correct", (ModeSpan(path, mode, until, "test"),))
