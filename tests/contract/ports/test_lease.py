"""A target's Lease, over the wire."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from gitopsd.adapters.kubernetes import KubernetesLease
from gitopsd.model.ownership import Owner
from gitopsd.ports import Lease, Missing, Overtaken

from .cluster_stage import RECORDS, ClusterSide

STAMP = "2026-11-22T06:00:00.000000Z"
MINE = Lease("ada", 10.0, STAMP, STAMP, request=4.5, load=3)
ASKED = replace(MINE, wanted="bob", wanted_load=0)


@pytest.fixture
def lease(cluster: ClusterSide) -> KubernetesLease:
    return KubernetesLease(cluster.connection, cluster.owner, namespace=RECORDS)


def test_a_lease_that_was_never_made_is_none(lease: KubernetesLease) -> None:
    assert lease.read() is None


@pytest.mark.parametrize("what", [MINE, ASKED])
def test_what_is_written_is_what_is_read(lease: KubernetesLease, what: Lease) -> None:
    written = lease.write(what)
    assert replace(written, version="") == what
    assert lease.read() == written


def test_it_stands_beside_the_record_and_tools_can_read_it(
    lease: KubernetesLease, cluster: ClusterSide
) -> None:
    lease.write(MINE)
    name = f"gitopsd-{cluster.owner.instance}-{cluster.owner.target}"
    path = f"/apis/coordination.k8s.io/v1/namespaces/{RECORDS}/leases/{name}"
    spec = cluster.others("GET", path)["spec"]
    assert (spec["holderIdentity"], spec["leaseDurationSeconds"]) == ("ada", 10)


def test_who_watches_is_told_of_each_writing_after_the_version_that_it_knows(
    lease: KubernetesLease, cluster: ClusterSide
) -> None:
    first = lease.write(MINE)
    second = lease.write(replace(first, wanted="bob", wanted_load=0))
    watching = lease.watch(first.version, 60)
    assert next(watching) == second
    third = lease.write(replace(second, news="0" * 40))
    assert next(watching) == third
    path = f"/apis/coordination.k8s.io/v1/namespaces/{RECORDS}/leases"
    cluster.others("DELETE", f"{path}/gitopsd-{cluster.owner.instance}-{cluster.owner.target}")
    assert list(watching) == []


def test_of_two_who_make_it_one_succeeds(lease: KubernetesLease) -> None:
    lease.write(MINE)
    with pytest.raises(Overtaken):
        lease.write(replace(MINE, holder="bob"))


def test_a_renewal_names_the_version_that_it_replaces(lease: KubernetesLease) -> None:
    first = lease.write(MINE)
    second = lease.write(replace(first, renewed="2026-11-22T06:00:02.000000Z"))
    with pytest.raises(Overtaken):
        lease.write(replace(first, holder="bob"))
    assert lease.read() == second


def test_of_many_who_bid_at_once_one_wins(lease: KubernetesLease) -> None:
    free = lease.write(replace(MINE, holder=""))
    won: list[str] = []

    def bid(name: str) -> None:
        try:
            won.append(lease.write(replace(free, holder=name)).holder)
        except Overtaken:
            return

    threads = [threading.Thread(target=bid, args=(f"replica-{n}",)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = lease.read()
    assert found
    assert [found.holder] == won


def test_a_namespace_that_is_missing_is_named_with_the_way_to_make_it(cluster: ClusterSide) -> None:
    nowhere = KubernetesLease(cluster.connection, Owner("acme", "edge"), namespace="nowhere")
    assert nowhere.read() is None
    with pytest.raises(Missing, match="kubectl create namespace nowhere"):
        nowhere.write(MINE)
