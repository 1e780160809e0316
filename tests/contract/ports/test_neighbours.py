"""What others have put beside ours is found in every namespace, page by page."""

from __future__ import annotations

import pytest

from gitopsd.adapters.kubernetes import reads
from gitopsd.model.desired import Manifest

from .cluster_stage import ClusterSide


def mine(cluster: ClusterSide, manifest: Manifest) -> bool:
    return bool(manifest["metadata"]["namespace"] == cluster.namespace)


def foreign(manifest: Manifest, name: str) -> Manifest:
    metadata = {**manifest["metadata"], "name": name, "labels": {"app": "x"}}
    return {**manifest, "metadata": metadata}


def names(cluster: ClusterSide, kind: str) -> set[str]:
    found = cluster.adapter.neighbours(kind, cluster.owner, lambda item: mine(cluster, item))
    return {item.identity.name for item in found}


def test_ingresses_of_others_are_found_and_ours_are_left_out(
    cluster: ClusterSide, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reads, "PAGE", 2)
    cluster.create(cluster.ingress("ours"))
    for number in range(3):
        body = foreign(cluster.ingress("x"), f"theirs-{number}")
        cluster.others("POST", cluster.path("Ingress", ""), body)
    assert names(cluster, "Ingress") == {"theirs-0", "theirs-1", "theirs-2"}


def test_of_services_only_those_with_a_load_balancer_are_listed(cluster: ClusterSide) -> None:
    cluster.create(cluster.service("ours"))
    cluster.others("POST", cluster.path("Service", ""), foreign(cluster.service("x"), "theirs"))
    plain = foreign(cluster.service("x", type="ClusterIP"), "plain")
    cluster.others("POST", cluster.path("Service", ""), plain)
    assert names(cluster, "Service") == {"theirs"}


def test_who_made_a_neighbour_is_known(cluster: ClusterSide) -> None:
    body = foreign(cluster.ingress("x"), "theirs")
    cluster.others("POST", cluster.path("Ingress", ""), body, manager="helm")
    [found] = cluster.adapter.neighbours("Ingress", cluster.owner, lambda item: mine(cluster, item))
    assert b'"helm"' in found.managed_fields
