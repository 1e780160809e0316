"""What sinks were told is kept in the target's cluster."""

from __future__ import annotations

from gitopsd.adapters.kubernetes.told import ToldConfigMaps
from gitopsd.alerts import Memory, Said
from gitopsd.model.message import Severity
from gitopsd.model.ownership import Owner

from .cluster_stage import RECORDS, ClusterSide

SAID = {
    f"{number:016x}": Said(True, "2026-11-22T09:00:00Z", Severity.WARNING, handle="7", came_back=2)
    for number in range(300)
}


def test_what_was_said_is_read_back_by_anybody(cluster: ClusterSide) -> None:
    memory = Memory().with_said(SAID, "2026-11-22T09:00:00Z 0123abcd")
    ToldConfigMaps(cluster.connection, RECORDS).save(cluster.owner, "ops", memory.to_json())
    found = ToldConfigMaps(cluster.connection, RECORDS).load(cluster.owner, "ops")
    assert Memory.from_json(found) == memory


def test_nothing_was_said_before_it_was(cluster: ClusterSide) -> None:
    store = ToldConfigMaps(cluster.connection, RECORDS)
    assert store.load(cluster.owner, "ops") == {}
    store.save(cluster.owner, "ops", Memory(SAID).to_json())
    assert store.load(cluster.owner, "another") == {}
    assert store.load(Owner(cluster.owner.instance, "another"), "ops") == {}


def test_a_later_save_takes_the_place_of_an_earlier(cluster: ClusterSide) -> None:
    store = ToldConfigMaps(cluster.connection, RECORDS)
    store.save(cluster.owner, "ops", Memory(SAID).to_json())
    store.save(cluster.owner, "ops", Memory().to_json())
    assert Memory.from_json(store.load(cluster.owner, "ops")) == Memory()
