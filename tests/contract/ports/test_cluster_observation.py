"""What every `ClusterReader` keeps: one look shows what was asked for, and says what is missing."""

from __future__ import annotations

import pytest

from gitopsd.adapters.kubernetes import reads
from gitopsd.model.identity import Identity
from gitopsd.model.observed import BackendService
from gitopsd.model.ownership import Owner

from .cluster_stage import ClusterSide


def test_our_objects_are_shown_and_nobody_elses(cluster: ClusterSide) -> None:
    service, ingress = cluster.create(cluster.service()), cluster.create(cluster.ingress())
    mine = cluster.owner
    for number, other in enumerate((Owner("other", mine.target), Owner(mine.instance, "beijing"))):
        cluster.owner = other
        cluster.create(cluster.service(f"s{number}"))
    cluster.owner = mine
    view = cluster.observe()
    assert view.objects == {service.identity: service, ingress.identity: ingress}
    assert view.gaps == ()


def test_lists_longer_than_a_page_are_whole(
    cluster: ClusterSide, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reads, "PAGE", 2)
    for number in range(5):
        cluster.create(cluster.service(f"s{number}"))
    assert len(cluster.observe().objects) == 5


def test_what_stands_in_the_way_is_shown_whole_and_nothing_else_of_others(
    cluster: ClusterSide,
) -> None:
    plain = cluster.service()
    del plain["metadata"]["labels"]
    cluster.others("POST", cluster.path(name=""), plain)
    cluster.others("POST", cluster.path(name=""), plain | {"metadata": {"name": "unasked"}})
    view = cluster.observe(cluster.identity(), cluster.identity(name="free"))
    assert view.foreign == {cluster.identity(): cluster.read()}
    assert view.objects == {}


def test_another_instances_object_stands_in_the_way(cluster: ClusterSide) -> None:
    mine = cluster.owner
    cluster.owner = Owner("other", mine.target)
    theirs = cluster.create(cluster.ingress())
    cluster.owner = mine
    view = cluster.observe(cluster.identity("Ingress"))
    assert view.foreign == {theirs.identity: theirs}


def test_a_wanted_object_of_ours_is_not_in_the_way(cluster: ClusterSide) -> None:
    made = cluster.create(cluster.service())
    view = cluster.observe(made.identity)
    assert view.foreign == {}
    assert view.objects == {made.identity: made}


def test_nothing_is_in_the_way_in_a_namespace_that_does_not_exist(cluster: ClusterSide) -> None:
    view = cluster.observe(Identity("Service", "not-there", "tea"))
    assert (view.foreign, view.gaps) == ({}, ())


@pytest.mark.parametrize("more", [0, 5])
def test_services_that_backends_name_are_told(cluster: ClusterSide, more: int) -> None:
    ports = [{"name": "a", "port": 80}, {"name": "b", "port": 443}]
    eni = {"service.beta.kubernetes.io/backend-type": "eni"}
    body = {"metadata": {"name": "two", "annotations": eni}, "spec": {"ports": ports}}
    cluster.others("POST", cluster.path(name=""), body)
    external = {"type": "ExternalName", "externalName": "db.test"}
    body = {"metadata": {"name": "named"}, "spec": external}
    cluster.others("POST", cluster.path(name=""), body)
    cluster.create(cluster.service("ours"))
    names = ["two", "named", "ours", "none", *(f"none-{number}" for number in range(more))]
    asked = frozenset((cluster.namespace, name) for name in names)
    view = cluster.observe(services=asked | {("not-there", "x")})
    told = {name: view.services[cluster.namespace, name] for name in names[:4]}
    assert told == {
        "two": BackendService(frozenset({80, 443}), "ClusterIP", eni),
        "named": BackendService(frozenset(), "ExternalName"),
        "ours": BackendService(frozenset({80}), "LoadBalancer"),
        "none": None,
    }
    assert view.services["not-there", "x"] is None
    assert view.services.keys() == asked | {("not-there", "x")}


def test_namespaces_and_the_clusters_uid_are_told(cluster: ClusterSide) -> None:
    view = cluster.observe()
    system = cluster.others("GET", "/api/v1/namespaces/kube-system")
    assert view.namespaces is not None
    assert {cluster.namespace, "default", "kube-system"} <= view.namespaces
    assert view.cluster_uid == system["metadata"]["uid"]
