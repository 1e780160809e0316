"""What every `ClusterWriter` keeps, shown by the Kubernetes adapter over the wire."""

from __future__ import annotations

from typing import Any

import pytest

from gitopsd.ports import ClusterReader, ClusterWriter, Missing, Overtaken, Rejected

from .cluster_stage import ClusterSide

NOBODY = "00000000-0000-0000-0000-000000000000"


def test_the_adapter_is_a_reader_and_a_writer(cluster: ClusterSide) -> None:
    reader: ClusterReader = cluster.adapter
    writer: ClusterWriter = cluster.adapter
    assert reader is writer


@pytest.mark.parametrize("kind", ["Service", "Ingress"])
def test_an_applied_object_is_there_and_answered_as_it_stands(
    cluster: ClusterSide, kind: str
) -> None:
    manifest = cluster.service() if kind == "Service" else cluster.ingress()
    answered = cluster.create(manifest)
    found = cluster.read(kind)
    assert answered == found
    assert found.identity == cluster.identity(kind)
    assert found.labels == manifest["metadata"]["labels"]
    assert found.manifest["kind"] == kind
    assert found.manifest["apiVersion"] == manifest["apiVersion"]
    assert b'"manager":"gitopsd","operation":"Apply"' in found.managed_fields


def test_an_object_that_does_not_exist_is_none(cluster: ClusterSide) -> None:
    assert cluster.adapter.read(cluster.identity()) is None


def test_a_creation_never_touches_what_is_there(cluster: ClusterSide) -> None:
    cluster.others("POST", cluster.path(name=""), cluster.service(selector={"app": "theirs"}))
    with pytest.raises(Overtaken, match="kubectl"):
        cluster.create(cluster.service())
    assert cluster.read().manifest["spec"]["selector"] == {"app": "theirs"}


def test_a_creation_into_a_missing_namespace_names_the_mend(cluster: ClusterSide) -> None:
    manifest = cluster.service()
    manifest["metadata"]["namespace"] = "not-there"
    with pytest.raises(Missing) as caught:
        cluster.create(manifest)
    assert caught.value.mend == "kubectl create namespace not-there"


def test_an_update_changes_what_it_says_and_removes_what_it_leaves_out(
    cluster: ClusterSide,
) -> None:
    before = cluster.create(cluster.service(loadBalancerSourceRanges=["10.0.0.0/8"]))
    after = cluster.adapter.apply(
        cluster.service(selector={"app": "other"}),
        uid=before.uid,
        resource_version=before.resource_version,
    )
    assert after.uid == before.uid
    assert after.manifest["spec"]["selector"] == {"app": "other"}
    assert "loadBalancerSourceRanges" not in after.manifest["spec"]


def test_an_update_that_says_the_same_changes_nothing(cluster: ClusterSide) -> None:
    before = cluster.create(cluster.service())
    after = cluster.adapter.apply(
        cluster.service(), uid=before.uid, resource_version=before.resource_version
    )
    assert after == before


def test_an_update_takes_a_field_back_from_others(cluster: ClusterSide) -> None:
    cluster.create(cluster.service())
    cluster.others("PATCH", cluster.path(), {"spec": {"selector": {"app": "theirs"}}})
    now = cluster.read()
    after = cluster.adapter.apply(
        cluster.service(), uid=now.uid, resource_version=now.resource_version
    )
    assert after.manifest["spec"]["selector"] == {"app": "tea"}


def test_an_update_of_an_older_version_is_overtaken(cluster: ClusterSide) -> None:
    before = cluster.create(cluster.service())
    cluster.others("PATCH", cluster.path(), {"metadata": {"labels": {"x": "y"}}})
    now = cluster.read()
    with pytest.raises(Overtaken):
        cluster.adapter.apply(
            cluster.service(selector={"app": "other"}),
            uid=before.uid,
            resource_version=before.resource_version,
        )
    assert cluster.read() == now


def test_an_update_never_reaches_an_object_made_anew(cluster: ClusterSide) -> None:
    before = cluster.create(cluster.service())
    cluster.others("DELETE", cluster.path())
    now = cluster.create(cluster.service(selector={"app": "new"}))
    with pytest.raises(Overtaken):
        cluster.adapter.apply(
            cluster.service(), uid=before.uid, resource_version=now.resource_version
        )
    assert cluster.read() == now


def test_an_update_never_makes_what_was_deleted(cluster: ClusterSide) -> None:
    before = cluster.create(cluster.service())
    cluster.others("DELETE", cluster.path())
    with pytest.raises(Overtaken):
        cluster.adapter.apply(
            cluster.service(), uid=before.uid, resource_version=before.resource_version
        )
    assert cluster.adapter.read(cluster.identity()) is None


def test_all_that_is_wrong_with_a_manifest_is_told(cluster: ClusterSide) -> None:
    with pytest.raises(Rejected) as caught:
        cluster.create(cluster.service(ports=[{"port": 80}, {"port": 81}]))
    assert "spec.ports[0].name" in caught.value.detail
    assert "spec.ports[1].name" in caught.value.detail


def test_a_creation_is_tried_out_while_its_name_is_taken_and_nothing_is_kept(
    cluster: ClusterSide,
) -> None:
    now = cluster.create(cluster.service())
    cluster.adapter.try_creation(cluster.service(loadBalancerClass="example.com/other"))
    with pytest.raises(Rejected, match="between 1 and 65535"):
        cluster.adapter.try_creation(cluster.service(ports=[{"port": 0}]))
    assert cluster.read() == now
    listed = cluster.others("GET", cluster.path(name=""))
    assert [item["metadata"]["name"] for item in listed["items"]] == [now.identity.name]


def test_a_field_that_does_not_exist_is_rejected_and_not_tried_again(
    cluster: ClusterSide,
) -> None:
    with pytest.raises(Rejected, match="noSuchField"):
        cluster.create(cluster.service(noSuchField=1))


def test_added_annotations_and_labels_are_removed_and_ours_stay(cluster: ClusterSide) -> None:
    cluster.create(cluster.ingress(annotations={"alb.ingress.kubernetes.io/order": "5"}))
    theirs = {"alb.ingress.kubernetes.io/canary": "true", "note": "x"}
    change = {"metadata": {"annotations": theirs, "labels": {"extra": "1"}}}
    cluster.others("PATCH", cluster.path("Ingress"), change)
    now = cluster.read("Ingress")
    after = cluster.adapter.remove_fields(
        now.identity,
        [
            ("metadata", "annotations", "alb.ingress.kubernetes.io/canary"),
            ("metadata", "labels", "extra"),
        ],
        uid=now.uid,
        version=now.resource_version,
    )
    kept = {"alb.ingress.kubernetes.io/order": "5", "note": "x"}
    assert after.manifest["metadata"]["annotations"] == kept
    assert after.labels == cluster.owner.labels("tea")


def test_an_added_port_is_removed_together_with_other_fields(cluster: ClusterSide) -> None:
    cluster.create(cluster.service())
    ours = cluster.read().manifest["spec"]["ports"]
    added = [
        {"name": "dns", "port": 53, "protocol": "UDP"},
        {"name": "dns-tcp", "port": 53, "protocol": "TCP"},
    ]
    change = {"spec": {"ports": ours + added, "externalIPs": ["192.0.2.1"]}}
    cluster.others("PATCH", cluster.path(), change)
    now = cluster.read()
    after = cluster.adapter.remove_fields(
        now.identity,
        [("spec", "ports", "53/UDP"), ("spec", "ports", "53/TCP"), ("spec", "externalIPs")],
        uid=now.uid,
        version=now.resource_version,
    )
    assert after.manifest["spec"]["ports"] == ours
    assert "externalIPs" not in after.manifest["spec"]


def test_a_name_is_taken_off_a_port_while_another_port_goes(cluster: ClusterSide) -> None:
    made = cluster.service()
    made["spec"]["ports"] = [{"port": 80, "targetPort": 8080, "protocol": "TCP"}]
    cluster.create(made)
    (ours,) = cluster.read().manifest["spec"]["ports"]
    named = [{**ours, "name": "http"}, {"name": "more", "port": 81}]
    cluster.others("PATCH", cluster.path(), {"spec": {"ports": named}})
    now = cluster.read()
    after = cluster.adapter.remove_fields(
        now.identity,
        [("spec", "ports", "80/TCP", "name"), ("spec", "ports", "81/TCP")],
        uid=now.uid,
        version=now.resource_version,
    )
    assert after.manifest["spec"]["ports"] == [ours]


def test_a_setting_with_a_default_goes_back_to_it(cluster: ClusterSide) -> None:
    cluster.create(cluster.service())
    cluster.others("PATCH", cluster.path(), {"spec": {"sessionAffinity": "ClientIP"}})
    now = cluster.read()
    after = cluster.adapter.remove_fields(
        now.identity, [("spec", "sessionAffinity")], uid=now.uid, version=now.resource_version
    )
    assert after.manifest["spec"]["sessionAffinity"] == "None"


@pytest.mark.parametrize("path", [("spec", "ports", "81/TCP"), ("metadata", "labels", "x")])
def test_nothing_is_removed_from_another_version(
    cluster: ClusterSide, path: tuple[str, ...]
) -> None:
    before = cluster.create(cluster.service())
    cluster.others("PATCH", cluster.path(), {"metadata": {"labels": {"x": "y"}}})
    now = cluster.read()
    for uid, version in ((now.uid, before.resource_version), (NOBODY, now.resource_version)):
        with pytest.raises(Overtaken):
            cluster.adapter.remove_fields(now.identity, [path], uid=uid, version=version)
    assert cluster.read() == now


@pytest.mark.parametrize(
    ("added", "fields"),
    [
        ({"metadata": {"annotations": {"x": "y"}}}, [("metadata", "annotations", "x")]),
        (
            {"spec": {"ports": [{"name": "dns", "port": 53, "protocol": "UDP"}]}},
            [("spec", "ports", "53/UDP")],
        ),
    ],
)
def test_nothing_is_removed_for_an_apply_that_the_server_would_refuse(
    cluster: ClusterSide, added: Any, fields: Any
) -> None:
    cluster.create(cluster.service())
    cluster.others("PATCH", cluster.path(), added)
    now = cluster.read()
    wanted = cluster.service()
    wanted["spec"]["externalTrafficPolicy"] = "Nearby"
    place = {"uid": now.uid, "version": now.resource_version}
    with pytest.raises(Rejected):
        cluster.adapter.remove_fields(now.identity, fields, **place, wanted=wanted)
    assert cluster.read() == now
    after = cluster.adapter.remove_fields(now.identity, fields, **place, wanted=cluster.service())
    assert after.resource_version != now.resource_version


def test_nothing_is_removed_from_what_is_gone(cluster: ClusterSide) -> None:
    with pytest.raises(Overtaken):
        cluster.adapter.remove_fields(
            cluster.identity(), [("metadata", "labels", "x")], uid=NOBODY, version="1"
        )


def test_a_deleted_object_is_gone_and_deleting_it_again_is_done(cluster: ClusterSide) -> None:
    made = cluster.create(cluster.service())
    for _ in range(2):
        cluster.adapter.delete(made.identity, uid=made.uid, version=made.resource_version)
    assert cluster.adapter.read(made.identity) is None


def test_a_changed_object_is_not_deleted(cluster: ClusterSide) -> None:
    made = cluster.create(cluster.service())
    cluster.others("PATCH", cluster.path(), {"metadata": {"labels": {"x": "y"}}})
    now = cluster.read()
    for uid, version in ((made.uid, made.resource_version), (NOBODY, now.resource_version)):
        with pytest.raises(Overtaken):
            cluster.adapter.delete(made.identity, uid=uid, version=version)
    assert cluster.read() == now


def test_a_deletion_that_a_finalizer_holds_has_begun(cluster: ClusterSide) -> None:
    manifest = cluster.service()
    manifest["metadata"]["finalizers"] = ["service.k8s.alibaba/resources"]
    made = cluster.create(manifest)
    cluster.adapter.delete(made.identity, uid=made.uid, version=made.resource_version)
    assert cluster.read().deleting


def test_a_released_object_stays_without_any_of_our_labels(cluster: ClusterSide) -> None:
    cluster.create(cluster.service())
    cluster.others("PATCH", cluster.path(), {"metadata": {"labels": {"team": "shop"}}})
    now = cluster.read()
    cluster.adapter.release(now.identity, uid=now.uid, version=now.resource_version)
    after = cluster.read()
    assert after.labels == {"team": "shop"}
    assert after.manifest["spec"] == now.manifest["spec"]
    assert cluster.observe().objects == {}


def test_nothing_is_released_at_another_version(cluster: ClusterSide) -> None:
    made = cluster.create(cluster.service())
    with pytest.raises(Overtaken):
        cluster.adapter.release(made.identity, uid=made.uid, version="1")
    assert cluster.read() == made


def test_a_manifest_is_not_changed_by_being_applied(cluster: ClusterSide) -> None:
    manifest: dict[str, Any] = cluster.service()
    made = cluster.create(manifest)
    cluster.adapter.apply(manifest, uid=made.uid, resource_version=made.resource_version)
    assert manifest == cluster.service()
