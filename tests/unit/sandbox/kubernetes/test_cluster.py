"""The cluster as its in-process users see it."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gitopsd.sandbox.kubernetes.allocation import Allocation
from gitopsd.sandbox.kubernetes.cluster import Changed, Cluster
from gitopsd.sandbox.kubernetes.committing import WriteOptions
from gitopsd.sandbox.kubernetes.errors import ApiError

Item = dict[str, Any]
INGRESSES = "ingresses.networking.k8s.io"
CRDS = "customresourcedefinitions.apiextensions.k8s.io"


@pytest.fixture
def cluster() -> Cluster:
    """A cluster with a namespace `n` and a clock that moves on a second with every look."""
    seconds = itertools.count()
    start = datetime(2026, 1, 1, tzinfo=UTC)
    made = Cluster(clock=lambda: start + timedelta(seconds=next(seconds)))
    made.create("namespaces", {"metadata": {"name": "n"}})
    return made


def service(name: str = "tea", **spec: Any) -> Item:
    ports = [{"name": "http", "port": 80, "targetPort": 8080}]
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name, "namespace": "n"},
        "spec": {"selector": {"app": name}, "ports": ports, **spec},
    }


def config(name: str = "c", **data: str) -> Item:
    return {"metadata": {"name": name, "namespace": "n"}, "data": data}


def causes(error: ApiError) -> dict[str, str]:
    return {one["field"]: one["message"] for one in error.status["details"]["causes"]}


def refused(cluster: Cluster, item: Item, resource: str = "services") -> dict[str, str]:
    with pytest.raises(ApiError) as refusal:
        cluster.create(resource, item)
    assert refusal.value.code == 422
    return causes(refusal.value)


def test_a_write_that_changes_nothing_leaves_revision_and_times_alone(cluster: Cluster) -> None:
    first = cluster.apply("services", service(type="LoadBalancer"), manager="one")
    events: list[Changed] = []
    cluster.subscribe(events.append)
    again = cluster.apply("services", service(type="LoadBalancer"), manager="one")
    assert again == first
    assert cluster.put("services", again) == first
    assert cluster.patch("services", "n", "tea", {"spec": {"type": "LoadBalancer"}}) == first
    assert events == []


def test_the_generation_counts_changes_of_the_spec_only(cluster: Cluster) -> None:
    rule = {"http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": BACKEND}]}}
    item = {"metadata": {"name": "i", "namespace": "n"}, "spec": {"rules": [rule]}}
    assert cluster.create(INGRESSES, item)["metadata"]["generation"] == 1
    labelled = cluster.patch(INGRESSES, "n", "i", {"metadata": {"labels": {"a": "b"}}})
    assert labelled["metadata"]["generation"] == 1
    status = {"status": {"loadBalancer": {"ingress": [{"hostname": "a.example.com"}]}}}
    reported = cluster.patch(INGRESSES, "n", "i", status, subresource="status")
    assert reported["metadata"]["generation"] == 1
    changed = cluster.patch(INGRESSES, "n", "i", {"spec": {"ingressClassName": "alb"}})
    assert changed["metadata"]["generation"] == 2


BACKEND = {"service": {"name": "s", "port": {"number": 80}}}


def test_generated_names_start_as_asked_and_differ(cluster: Cluster) -> None:
    item = config()
    item["metadata"] = {"generateName": "c-", "namespace": "n"}
    names = {cluster.create("configmaps", item)["metadata"]["name"] for _ in range(5)}
    assert len(names) == 5
    assert all(name.startswith("c-") and len(name) == 7 for name in names)


@pytest.mark.parametrize(
    ("spec", "field", "message"),
    [
        ({"type": "Odd"}, "spec.type", 'Unsupported value: "Odd"'),
        ({"ports": []}, "spec.ports", "Required value"),
        (
            {"type": "LoadBalancer", "clusterIP": "None"},
            "spec.clusterIPs[0]",
            "may not be set to 'None' for LoadBalancer services",
        ),
        ({"type": "ExternalName"}, "spec.externalName", "Required value"),
        (
            {
                "sessionAffinity": "ClientIP",
                "sessionAffinityConfig": {"clientIP": {"timeoutSeconds": 0}},
            },
            "spec.sessionAffinityConfig.clientIP.timeoutSeconds",
            "must be greater than 0 and less than 86400",
        ),
        ({"externalIPs": ["127.0.0.1"]}, "spec.externalIPs[0]", "loopback range"),
        (
            {"loadBalancerSourceRanges": ["10.0.0.1/8"], "type": "LoadBalancer"},
            "spec.LoadBalancerSourceRanges[0]",
            "must not have bits set beyond the prefix length",
        ),
        ({"loadBalancerClass": "a/b"}, "spec.loadBalancerClass", "may only be used when `type`"),
        (
            {"externalTrafficPolicy": "Local"},
            "spec.externalTrafficPolicy",
            "may only be set for externally-accessible services",
        ),
        ({"clusterIP": "10.0.0.300"}, "spec.clusterIPs[0]", "must be a valid IP address"),
        ({"ipFamilyPolicy": "RequireDualStack"}, "spec.ipFamilyPolicy", "not configured"),
        ({"selector": {"a": "-"}}, "spec.selector", "a valid label must be an empty string or"),
        (
            {"type": "NodePort", "ports": [{"port": 80, "nodePort": 80}]},
            "spec.ports[0].nodePort",
            "provided port is not in the valid range",
        ),
    ],
)
def test_a_service_that_breaks_a_rule_is_refused_by_field(
    cluster: Cluster, spec: Item, field: str, message: str
) -> None:
    assert message in refused(cluster, service(**spec))[field]


def test_headless_external_and_session_services_get_their_defaults(cluster: Cluster) -> None:
    headless = cluster.create("services", service("a", clusterIP="None"))["spec"]
    assert (headless["clusterIPs"], headless["ipFamilies"]) == (["None"], ["IPv4"])
    bare = service("b", clusterIP="None")
    del bare["spec"]["selector"]
    assert cluster.create("services", bare)["spec"]["ipFamilyPolicy"] == "RequireDualStack"
    named = cluster.create("services", service("c", type="ExternalName", externalName="x.io"))
    assert "clusterIP" not in named["spec"]
    sticky = cluster.create("services", service("d", sessionAffinity="ClientIP"))["spec"]
    assert sticky["sessionAffinityConfig"] == {"clientIP": {"timeoutSeconds": 10800}}
    reachable = cluster.create("services", service("e", externalIPs=["192.0.2.1"]))["spec"]
    assert reachable["externalTrafficPolicy"] == "Cluster"


def test_a_change_of_type_gives_up_what_the_new_type_has_no_use_for(cluster: Cluster) -> None:
    first = cluster.create("services", service(type="LoadBalancer", externalTrafficPolicy="Local"))[
        "spec"
    ]
    assert first["healthCheckNodePort"] != first["ports"][0]["nodePort"]
    status = {"status": {"loadBalancer": {"ingress": [{"ip": "192.0.2.1"}]}}}
    cluster.patch("services", "n", "tea", status, subresource="status")
    plain = cluster.patch("services", "n", "tea", {"spec": {"type": "ClusterIP"}})
    assert "nodePort" not in plain["spec"]["ports"][0]
    assert not {"healthCheckNodePort", "externalTrafficPolicy"} & set(plain["spec"])
    assert "allocateLoadBalancerNodePorts" not in plain["spec"]
    assert plain["status"] == {"loadBalancer": {}}
    assert plain["spec"]["clusterIP"] == first["clusterIP"]


def test_addresses_and_ports_are_given_once_and_again_after_they_are_free() -> None:
    cluster = Cluster(allocation=Allocation(network="10.0.0.0/30", node_ports=range(30000, 30002)))
    cluster.create("namespaces", {"metadata": {"name": "n"}})
    first = cluster.create("services", service("a", type="NodePort"))["spec"]
    second = cluster.create("services", service("b", type="NodePort"))["spec"]
    assert first["clusterIP"] != second["clusterIP"]
    assert first["ports"][0]["nodePort"] != second["ports"][0]["nodePort"]
    with pytest.raises(ApiError, match="range is full"):
        cluster.create("services", service("c", type="NodePort"))
    taken = refused(cluster, service("c", clusterIP=first["clusterIP"]))
    assert "provided IP is already allocated" in taken["spec.clusterIPs"]
    cluster.delete("services", "n", "a")
    again = cluster.create("services", service("c", type="NodePort"))["spec"]
    assert again["ports"][0]["nodePort"] == first["ports"][0]["nodePort"]


def test_a_dry_run_gives_out_nothing_that_stays(cluster: Cluster) -> None:
    resource = cluster.registry.named("services")
    before = cluster.store.revision
    cluster.insert(resource, "n", service(type="NodePort"), WriteOptions(dry_run=True))
    assert cluster.store.revision == before
    assert cluster.get("services", "n", "tea") is None


def test_finalizers_hold_an_object_until_the_last_is_gone(cluster: Cluster) -> None:
    item = config()
    item["metadata"]["finalizers"] = ["x.io/a", "x.io/b"]
    cluster.create("configmaps", item)
    assert cluster.delete("configmaps", "n", "c") is False
    held = cluster.get("configmaps", "n", "c")
    assert held is not None
    assert held["metadata"]["deletionTimestamp"]
    cluster.patch("configmaps", "n", "c", {"metadata": {"finalizers": ["x.io/b"]}})
    with pytest.raises(ApiError) as refusal:
        cluster.patch("configmaps", "n", "c", {"metadata": {"finalizers": ["x.io/c"]}})
    assert "no new finalizers can be added" in refusal.value.message
    cluster.patch("configmaps", "n", "c", {"metadata": {"finalizers": []}})
    assert cluster.get("configmaps", "n", "c") is None


def test_a_terminating_namespace_takes_nothing_new(cluster: Cluster) -> None:
    assert cluster.delete("namespaces", "", "n") is False
    terminating = cluster.get("namespaces", "", "n")
    assert terminating is not None
    assert terminating["status"]["phase"] == "Terminating"
    with pytest.raises(ApiError) as refusal:
        cluster.create("configmaps", config())
    assert refusal.value.code == 403
    assert causes(refusal.value)["metadata.namespace"] == "namespace n is being terminated"


def test_immutable_things_stay_as_they_are(cluster: Cluster) -> None:
    frozen = cluster.create("configmaps", {**config(a="1"), "immutable": True})
    with pytest.raises(ApiError, match="field is immutable when `immutable` is set"):
        cluster.put("configmaps", {**frozen, "data": {"a": "2"}})
    secret = {"metadata": {"name": "s", "namespace": "n"}, "stringData": {"k": "v"}}
    made = cluster.create("secrets", secret)
    assert made["data"] == {"k": "dg=="}
    assert "stringData" not in made
    with pytest.raises(ApiError, match="type: Invalid value"):
        cluster.put("secrets", {**made, "type": "x"})
    with pytest.raises(ApiError, match=r"metadata\.uid: Invalid value"):
        cluster.patch("secrets", "n", "s", {"metadata": {"uid": "other"}})


def test_an_event_reads_the_same_in_both_groups(cluster: Cluster) -> None:
    event = {
        "metadata": {"name": "e", "namespace": "n"},
        "involvedObject": {"kind": "Service", "namespace": "n", "name": "tea"},
        "message": "m",
        "type": "Normal",
    }
    cluster.create("events", event)
    seen = cluster.get("events.events.k8s.io", "n", "e")
    assert seen is not None
    assert (seen["regarding"]["name"], seen["note"]) == ("tea", "m")
    assert seen["apiVersion"] == "events.k8s.io/v1"
    changed = cluster.patch("events.events.k8s.io", "n", "e", {"metadata": {"labels": {"a": "b"}}})
    assert changed["note"] == "m"
    assert len(cluster.list("events", "n", fields="involvedObject.name=tea")) == 1


def test_a_definition_is_served_with_all_its_versions_and_leaves_nothing_behind(
    cluster: Cluster,
) -> None:
    cluster.create(CRDS, definition())
    made = cluster.get(CRDS, "", "widgets.example.com")
    assert made is not None
    assert {one["type"] for one in made["status"]["conditions"]} == {"NamesAccepted", "Established"}
    resource = "widgets.example.com"
    widget = {"apiVersion": "example.com/v1", "kind": "Widget"}
    item = {**widget, "metadata": {"name": "w", "namespace": "n"}, "spec": {"size": 1, "x": None}}
    assert cluster.create(resource, item)["spec"] == {"size": 1, "colour": "red"}
    second = cluster.registry.find("example.com", "v2", "widgets")
    assert second is not None
    assert cluster.record(second, "n", "w") is not None
    cluster.delete(CRDS, "", "widgets.example.com")
    assert cluster.registry.find("example.com", "v1", "widgets") is None
    cluster.create(CRDS, definition())
    assert cluster.list(resource) == []


def definition() -> Item:
    spec = {
        "type": "object",
        "required": ["size"],
        "properties": {
            "size": {"type": "integer", "minimum": 1},
            "x": {"type": "string"},
            "colour": {"type": "string", "default": "red"},
        },
    }
    schema = {"openAPIV3Schema": {"type": "object", "properties": {"spec": spec}}}
    versions = [
        {"name": name, "served": True, "storage": name == "v1", "schema": schema}
        for name in ("v1", "v2")
    ]
    return {
        "metadata": {"name": "widgets.example.com"},
        "spec": {
            "group": "example.com",
            "names": {"kind": "Widget", "plural": "widgets"},
            "scope": "Namespaced",
            "versions": versions,
        },
    }


def test_subscribers_see_changes_with_their_objects(cluster: Cluster) -> None:
    seen: list[tuple[str, str, str]] = []
    end = cluster.subscribe(
        lambda changed: seen.append(
            (changed.change, changed.resource, changed.item["metadata"]["name"])
        )
    )
    cluster.create("configmaps", config())
    cluster.patch("configmaps", "n", "c", {"data": {"a": "1"}})
    cluster.delete("configmaps", "n", "c")
    end()
    cluster.create("configmaps", config())
    assert seen == [
        ("ADDED", "configmaps", "c"),
        ("MODIFIED", "configmaps", "c"),
        ("DELETED", "configmaps", "c"),
    ]


def test_a_dry_run_gives_each_port_a_number_of_its_own(cluster: Cluster) -> None:
    ports = [{"name": name, "port": port} for name, port in (("a", 80), ("b", 81), ("c", 82))]
    item, resource = service(type="NodePort", ports=ports), cluster.registry.named("services")
    tried = cluster.insert(resource, "n", item, WriteOptions(dry_run=True))
    assert [port["nodePort"] for port in tried.record.item()["spec"]["ports"]] == [
        32769,
        32770,
        32771,
    ]


def test_a_configmap_that_is_too_big_is_refused_without_a_field() -> None:
    cluster = Cluster()
    cluster.create("namespaces", {"metadata": {"name": "n"}})
    item = {"metadata": {"name": "big", "namespace": "n"}, "data": {"a": "x" * 1048577}}
    with pytest.raises(ApiError) as refusal:
        cluster.create("configmaps", item)
    assert refusal.value.message.endswith("[]: Too long: may not be more than 1048576 bytes")
