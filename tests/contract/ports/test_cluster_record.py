"""A target's record is kept, found again, and written only when it says something new."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gitopsd.adapters.kubernetes import KubernetesCluster, record
from gitopsd.model.approval import Approval
from gitopsd.model.identity import Identity
from gitopsd.model.observed import Record
from gitopsd.model.ownership import Owner
from gitopsd.ports import ClusterScope, Missing, Overtaken

from .cluster_stage import RECORDS, ClusterSide

SAID = Record(
    fleet="acme",
    revision="0123abc",
    plan_hash="ffff",
    time="2026-11-22T03:00:00Z",
    entries={Identity("Service", "shop", "tea"): "d1", Identity("ServerGroup", "shop", "w"): "d2"},
    approvals=(Approval("eeee", "2026-11-21T03:00:00Z", "2026-11-21T04:00:00Z"),),
)


def path(cluster: ClusterSide, suffix: str = "") -> str:
    name = f"gitopsd-{cluster.owner.instance}-{cluster.owner.target}{suffix}"
    return f"/api/v1/namespaces/{RECORDS}/configmaps/{name}"


def version(cluster: ClusterSide) -> str:
    return str(cluster.others("GET", path(cluster))["metadata"]["resourceVersion"])


def many(count: int, digest: str = "d" * 40) -> Record:
    entries = {Identity("Service", "shop", f"tea-{number:03}"): digest for number in range(count)}
    return replace(SAID, entries=entries)


def test_there_is_no_record_at_first(cluster: ClusterSide) -> None:
    view = cluster.observe()
    assert (view.record, view.gaps) == (None, ())


def test_a_record_is_found_as_it_was_written(cluster: ClusterSide) -> None:
    cluster.adapter.write_record(cluster.owner, SAID)
    assert cluster.observe().record == SAID


def test_a_record_that_says_the_same_at_another_time_is_not_written(cluster: ClusterSide) -> None:
    cluster.adapter.write_record(cluster.owner, SAID)
    before = version(cluster)
    cluster.adapter.write_record(cluster.owner, replace(SAID, time="2026-11-23T03:00:00Z"))
    assert version(cluster) == before


def test_a_record_that_says_something_new_is_written_with_its_time(cluster: ClusterSide) -> None:
    cluster.adapter.write_record(cluster.owner, SAID)
    new = replace(SAID, revision="4567def", entries={}, time="2026-11-23T03:00:00Z")
    cluster.adapter.write_record(cluster.owner, new)
    assert cluster.observe().record == new


def test_a_large_record_takes_several_objects_and_gives_them_back(
    cluster: ClusterSide, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(record, "_LIMIT", 1000)
    cluster.adapter.write_record(cluster.owner, many(50))
    parts = [cluster.others("GET", path(cluster, suffix)) for suffix in ("", "-1", "-2")]
    assert {part["metadata"]["labels"]["gitopsd.io/record"] for part in parts} == {"true"}
    assert cluster.observe().record == many(50)
    cluster.adapter.write_record(cluster.owner, SAID)
    assert cluster.observe().record == SAID
    with pytest.raises(Missing):
        cluster.others("GET", path(cluster, "-1"))


def test_what_others_write_on_a_record_stays(cluster: ClusterSide) -> None:
    cluster.adapter.write_record(cluster.owner, SAID)
    request = {"metadata": {"annotations": {"gitopsd.io/approve": "ffff"}}}
    cluster.others("PATCH", path(cluster), request)
    cluster.adapter.write_record(cluster.owner, replace(SAID, revision="4567def"))
    found = cluster.others("GET", path(cluster))
    assert found["metadata"]["annotations"] == {"gitopsd.io/approve": "ffff"}


def test_requests_on_a_record_are_told_with_the_time_of_who_wrote_them(
    cluster: ClusterSide,
) -> None:
    cluster.adapter.write_record(cluster.owner, SAID)
    notes = {"gitopsd.io/approve": "ffff", "example.com/note": "not for us"}
    cluster.others("PATCH", path(cluster), {"metadata": {"annotations": notes}})
    found = cluster.observe().record
    assert found is not None
    assert found.annotations == {"gitopsd.io/approve": "ffff"}
    fields = cluster.others("GET", path(cluster))["metadata"]["managedFields"]
    (time,) = [
        entry["time"]
        for entry in fields
        if "f:annotations" in entry["fieldsV1"].get("f:metadata", {})
    ]
    assert found.annotated == {"gitopsd.io/approve": time}


def test_a_request_is_put_on_a_record_changed_and_taken_off(cluster: ClusterSide) -> None:
    cluster.adapter.write_record(cluster.owner, SAID)
    key = "gitopsd.io/hold-x"
    for before, after in ((None, "one"), ("one", "two"), ("two", None)):
        cluster.adapter.write_request(cluster.owner, key, before, after)
        found = cluster.observe().record
        assert found is not None
        assert found.annotations.get(key) == after
        assert found.entries == SAID.entries


def test_a_request_that_says_something_else_meanwhile_is_not_lost(cluster: ClusterSide) -> None:
    cluster.adapter.write_record(cluster.owner, SAID)
    cluster.adapter.write_request(cluster.owner, "gitopsd.io/hold-x", None, "theirs")
    before = version(cluster)
    for after in ("ours", None):
        with pytest.raises(Overtaken, match="theirs"):
            cluster.adapter.write_request(cluster.owner, "gitopsd.io/hold-x", "older", after)
    cluster.adapter.write_request(cluster.owner, "gitopsd.io/hold-x", "older", "theirs")
    assert version(cluster) == before


def test_without_a_record_there_is_nothing_to_put_a_request_on(cluster: ClusterSide) -> None:
    with pytest.raises(Missing, match="no record yet"):
        cluster.adapter.write_request(cluster.owner, "gitopsd.io/hold-x", None, "one")


def test_a_memory_of_fields_is_kept_beside_its_entry_and_dropped_with_it(
    cluster: ClusterSide,
) -> None:
    kept = replace(SAID, fields={Identity("Service", "shop", "tea"): "1:AAAA"})
    cluster.adapter.write_record(cluster.owner, kept)
    assert cluster.observe().record == kept
    cluster.adapter.write_record(cluster.owner, SAID)
    assert cluster.observe().record == SAID
    assert "fields.json" not in cluster.others("GET", path(cluster))["data"]


def test_a_record_that_somebody_emptied_is_written_again(cluster: ClusterSide) -> None:
    cluster.adapter.write_record(cluster.owner, SAID)
    cluster.others("PATCH", path(cluster), {"data": {"entries.json": "oops"}})
    cluster.adapter.write_record(cluster.owner, SAID)
    assert cluster.observe().record == SAID


def test_each_target_has_a_record_of_its_own(cluster: ClusterSide) -> None:
    other = Owner(cluster.owner.instance, "beijing")
    cluster.adapter.write_record(cluster.owner, SAID)
    cluster.adapter.write_record(other, replace(SAID, fleet="other"))
    found = cluster.observe().record
    assert found == SAID


def test_a_record_never_overwrites_another_owners(cluster: ClusterSide) -> None:
    """`a-b` at `c` and `a` at `b-c` would have records of one name."""
    first = Owner(cluster.owner.instance, "b-c")
    second = Owner(f"{cluster.owner.instance}-b", "c")
    cluster.adapter.write_record(first, SAID)
    with pytest.raises(Overtaken, match="rename the instance or the target"):
        cluster.adapter.write_record(second, SAID)
    assert cluster.adapter.observe(ClusterScope(first)).record == SAID


def test_a_missing_namespace_for_the_record_is_named_with_its_mend(cluster: ClusterSide) -> None:
    adapter = KubernetesCluster(cluster.connection, namespace_for_record="not-there")
    assert adapter.observe(ClusterScope(cluster.owner)).record is None
    with pytest.raises(Missing) as caught:
        adapter.write_record(cluster.owner, SAID)
    assert caught.value.mend == "kubectl create namespace not-there"
