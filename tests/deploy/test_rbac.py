"""The operator can do its work with the rights of deploy/, and with none of them less."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from gitopsd import crds
from gitopsd.adapters.kubernetes import (
    KubernetesCluster,
    KubernetesLease,
    Patience,
    connect,
    record,
)
from gitopsd.adapters.kubernetes.mirror import KubernetesMirror
from gitopsd.adapters.kubernetes.reports import ReportResources
from gitopsd.model.desired import DesiredTarget
from gitopsd.model.identity import EXPOSURE, SERVER_GROUP, Identity
from gitopsd.model.observed import Record
from gitopsd.model.outcome import StepState
from gitopsd.model.ownership import Owner
from gitopsd.model.reason import Reason
from gitopsd.model.report import DriftReport, ReportState
from gitopsd.model.status import Event, EventReason
from gitopsd.ports import Lease, Site, WorldError
from gitopsd.sandbox.embedded import Sandbox
from gitopsd.sandbox.kubernetes.access import Rule
from tests.deploy.manifests import BASE, PER_NAMESPACE, documents
from tests.scenarios.test_convergence import owned
from tests.scenarios.world import World, edit, make_object, objects
from tests.unit.build import ingress, service

RECORDS = "gitopsd-system"
_NUMBERS = itertools.count(1)


@dataclass(frozen=True)
class Right:
    """One verb on one resource, everywhere, in one namespace, or on one name."""

    verb: str
    group: str
    resource: str
    namespace: str
    name: str = ""

    def __str__(self) -> str:
        return f"{self.verb} {self.resource}"

    @property
    def rule(self) -> Rule:
        places = (self.namespace,) if self.namespace else ()
        names = (self.name,) if self.name else ()
        return Rule((self.verb,), (self.group,), (self.resource,), places, names)


def rights() -> list[Right]:
    """Every right that deploy/kustomize/base gives, one by one."""
    return [
        Right(verb, group, resource, role["metadata"].get("namespace", ""))
        for role in documents((BASE / "rbac.yaml").read_text(encoding="utf-8"))
        if role["kind"] in ("Role", "ClusterRole")
        for rule in role["rules"]
        for verb in rule["verbs"]
        for group in rule["apiGroups"]
        for resource in rule["resources"]
    ]


RIGHTS = rights()
#: In the place of the namespace that a test works in.
HERE = "<here>"


def confined() -> list[Right]:
    """Every right that deploy/kustomize/per-namespace gives, as its RoleBindings bind them."""
    bound = documents((PER_NAMESPACE / "rolebindings.yaml").read_text(encoding="utf-8"))
    roles = {one["roleRef"]["name"] for one in bound if one["kind"] == "RoleBinding"}
    assert roles == {"gitopsd-reader", "gitopsd-writer"}
    inside = [
        replace(right, namespace=right.namespace or HERE)
        for right in RIGHTS
        if right.resource != "namespaces"  # has none: a RoleBinding gives no right to it
    ]
    (cluster,) = [one for one in bound if one["kind"] == "ClusterRole"]
    (rule,) = cluster["rules"]
    assert (rule["resources"], rule["verbs"]) == (["namespaces"], ["get"])
    return [*inside, Right("get", "", "namespaces", "", rule["resourceNames"][0])]


CONFINED = confined()


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with Sandbox(tmp_path_factory.mktemp("rbac"), controllers=False) as running:
        for plural in crds.KINDS:
            running.cluster.create(
                "customresourcedefinitions.apiextensions.k8s.io",
                yaml.safe_load(crds.manifest(plural)),
                manager="kubectl",
            )
        yield running


def acting(sandbox: Sandbox, folder: Path, given: list[Right]) -> tuple[World, Any]:
    """A world of the operator with these rights, in a namespace of its own, and its connection."""
    number = next(_NUMBERS)
    namespace, token = f"rights-{number}", f"token-{number}"
    user = f"system:serviceaccount:{RECORDS}:gitopsd"
    here = [replace(one, namespace=namespace) if one.namespace == HERE else one for one in given]
    sandbox.cluster.access.grant(token, user, [right.rule for right in here])
    config = yaml.safe_load(sandbox.kubeconfig.read_text(encoding="utf-8"))
    for one in config["users"]:
        one["user"] = {"token": token}
    file = folder / "kubeconfig.yaml"
    file.write_text(yaml.safe_dump(config), encoding="utf-8")
    meta = {"name": namespace}
    make_object(sandbox, {"apiVersion": "v1", "kind": "Namespace", "metadata": meta})
    spec = {"ports": [{"port": 80}]}
    theirs = {"name": "tea-svc", "namespace": namespace}
    make_object(sandbox, {"apiVersion": "v1", "kind": "Service", "metadata": theirs, "spec": spec})
    connection = connect(str(file), patience=Patience(attempts=1))
    connection.confine([namespace] if here != given else [])
    cluster = KubernetesCluster(connection)
    world = World(sandbox, Owner(namespace, "edge"), Site(cluster, None, cluster, None))
    return world, connection


def passes(world: World, _: Any) -> Iterator[str]:
    """What goes wrong in a life of a Service and an Ingress: made, edited, changed, deleted."""
    name = world.owner.instance
    tea, menu = service("tea", name), ingress("menu", name)
    ports = [{"name": "http", "port": 81, "targetPort": 8080}]
    yield from looked_and_applied(world, owned(world, tea, menu))
    somebody = {"metadata": {"annotations": {"alb.ingress.kubernetes.io/order": "1"}}}
    if menu.identity.name in objects(world.sandbox, "Ingress", name):
        edit(world.sandbox, "Ingress", name, "menu", somebody)
    yield from looked_and_applied(world, owned(world, service("tea", name, ports=ports), menu))
    for identity in (tea.identity, menu.identity):
        if world.site.cluster.read(identity) is None:
            yield f"{identity} is not there"
    yield from looked_and_applied(world, owned(world, menu))
    yield from looked_and_applied(world, owned(world, tea))


def looked_and_applied(world: World, desired: DesiredTarget) -> Iterator[str]:
    observed = world.observe(desired, health=True)
    if observed.unheard:
        yield observed.unheard
    yield from (f"gap: {gap.what}: {gap.why}" for gap in observed.gaps)
    if observed.namespaces is None:
        yield "nobody can tell which namespaces there are"
    if observed.cluster_uid is None:
        yield "nobody can tell which cluster it is"
    outcome = world.apply(desired)
    yield from outcome.notes
    for result in outcome.results:
        if result.state is not StepState.DONE:
            yield f"{result.step.key}: {result.state} {result.detail}"


def records(world: World, connection: Any) -> Iterator[str]:
    """A record that takes several ConfigMaps, then one, and a request on it."""
    many = {Identity("Service", "shop", f"tea-{n}"): "0" * 16 for n in range(20)}
    writer = world.site.cluster_writer
    assert writer is not None
    writer.write_record(world.owner, Record("acme", entries=many))
    writer.write_record(world.owner, Record("acme"))
    found, _ = record.read_record(connection, world.owner, RECORDS)
    if found is None:
        yield "there is no record"
    writer.write_request(world.owner, "gitopsd.io/sync", None, "now")


def leases(world: World, connection: Any) -> Iterator[str]:
    """The lease is taken, renewed and seen."""
    store = KubernetesLease(connection, world.owner, namespace=RECORDS)
    store.read()
    held = store.write(Lease(holder="one", duration=10))
    told = store.write(replace(held, news="0" * 40))
    if next(store.watch(held.version, 60)) != told:
        yield "what is written is not seen"


def reports(world: World, connection: Any) -> Iterator[str]:
    """A drift report is kept, read and forgotten."""
    store = ReportResources(connection, namespace=RECORDS)
    tea = Identity("Exposure", "shop", "tea")
    what = Identity("Service", "shop", "tea")
    fingerprint = f"{next(_NUMBERS):016x}"
    report = DriftReport(
        fingerprint, world.owner.instance, "edge", tea, what, Reason.FIELD,
        state=ReportState.OPEN, opened_at="2026-11-22T08:00:00Z",
    )  # fmt: skip
    store.save(report)
    if not store.load(world.owner).reports:
        yield "the report cannot be read back"
    store.forget(world.owner, fingerprint)


def mirrors(world: World, connection: Any) -> Iterator[str]:
    """Each kind of custom resource is made, edited, marked, told of and removed."""
    store, now = KubernetesMirror(connection), "2026-11-22T08:00:00Z"
    store.endpoints()
    for kind in (EXPOSURE, SERVER_GROUP):
        identity = Identity(kind, world.owner.instance, "tea")
        made = store.put(identity, None, {}, {"targets": ["edge"]})
        store.mark(store.put(identity, made, {}, {"targets": ["other"]}), {"target": "edge"})
        for _ in range(2):
            store.tell(Event(identity, made.uid, EventReason.APPLIED, "made"), now)
        found = [item for item in store.load() if item.identity == identity]
        if [item.status for item in found] != [{"target": "edge"}]:
            yield f"{identity} does not say how it stands"
        for item in found:
            store.remove(item)


def troubles(world: World, connection: Any) -> Iterator[str]:
    """All that goes wrong in the operator's work, as it is found; what takes longest comes last."""
    for work in (leases, records, reports, mirrors, passes):
        try:
            yield from work(world, connection)
        except WorldError as error:
            yield str(error)


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(record, "_LIMIT", 300)


def test_with_all_rights_everything_works(sandbox: Sandbox, tmp_path: Path) -> None:
    world, connection = acting(sandbox, tmp_path, RIGHTS)
    assert list(troubles(world, connection)) == []


@pytest.mark.parametrize("right", RIGHTS, ids=str)
def test_without_one_right_something_fails(sandbox: Sandbox, tmp_path: Path, right: Right) -> None:
    world, connection = acting(sandbox, tmp_path, [one for one in RIGHTS if one != right])
    assert any(troubles(world, connection))


def test_in_one_namespace_everything_works_with_rights_in_that_one(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    world, connection = acting(sandbox, tmp_path, CONFINED)
    assert list(troubles(world, connection)) == []
    elsewhere = service("tea", "default")
    outcome = world.apply(owned(world, elsewhere))
    (made,) = [one for one in outcome.results if one.step.identity == elsewhere.identity]
    assert made.state is StepState.HELD
    assert world.site.cluster.neighbours("Ingress", world.owner, lambda _: True) == ()


@pytest.mark.parametrize("right", CONFINED, ids=str)
def test_without_one_right_in_a_namespace_something_fails(
    sandbox: Sandbox, tmp_path: Path, right: Right
) -> None:
    world, connection = acting(sandbox, tmp_path, [one for one in CONFINED if one != right])
    assert any(troubles(world, connection))


def test_no_right_is_given_twice_and_none_stands_for_all() -> None:
    assert len(set(RIGHTS)) == len(RIGHTS)
    assert [right for right in RIGHTS if "*" in (right.verb, right.group, right.resource)] == []
