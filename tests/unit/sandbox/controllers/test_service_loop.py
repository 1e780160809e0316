"""What the cloud controller's stand-in writes into the cluster and the cloud."""

from __future__ import annotations

from typing import Any

import pytest

from gitopsd.sandbox.controllers.loops.queueing import LAST_RETRY
from tests.unit.sandbox.controllers.stage import BACKEND_TYPE, CCM, Stage

HASH = "service.beta.kubernetes.io/hash"
LB_ID = "service.k8s.alibaba/loadbalancer-id"
CLB_FINALIZER = "service.k8s.alibaba/resources"
NLB_FINALIZER = "service.k8s.alibaba/nlb"
HYBRID = {BACKEND_TYPE: "eni", CCM + "server-group-type": "Ip"}


def finalizers(stage: Stage, name: str = "web") -> list[str]:
    found: list[str] = stage.get("services", name)["metadata"].get("finalizers", [])
    return found


def group(stage: Stage, port: int) -> str:
    return f"k8s.{port}.TCP.web.default.c-sandbox"


def balancer(stage: Stage) -> dict[str, Any]:
    (found,) = stage.cloud.balancers.all("nlb")
    return found


def test_a_plain_service_gets_a_clb(stage: Stage) -> None:
    stage.node("n1", "10.0.0.1")
    stage.service("web", type="LoadBalancer")
    stage.run()
    assert stage.address("services", "web")["ip"].startswith("198.1")
    assert stage.labels("services", "web")[LB_ID].startswith("lb-")
    assert len(stage.labels("services", "web")[HASH]) == 56
    assert finalizers(stage) == [CLB_FINALIZER]
    assert stage.events("web") == ["EnsuredLoadBalancer"]
    assert stage.cloud.balancers.all("nlb") == []


def test_services_share_no_clb_address(stage: Stage) -> None:
    stage.node("n1", "10.0.0.1")
    for number in range(300):
        stage.service(f"web{number}", type="LoadBalancer")
    stage.run(2)
    addresses = {stage.address("services", f"web{number}")["ip"] for number in range(300)}
    assert len(addresses) == 300


def test_a_service_of_class_nlb_gets_an_nlb_with_listener_group_and_members(
    stage: Stage,
) -> None:
    stage.node("n1", "10.0.0.1")
    stage.nlb("web")
    stage.run()
    node_port = stage.get("services", "web")["spec"]["ports"][0]["nodePort"]
    found = balancer(stage)
    assert stage.address("services", "web") == {"hostname": found["DNSName"]}
    assert stage.labels("services", "web")[LB_ID] == found["LoadBalancerId"]
    assert finalizers(stage) == [NLB_FINALIZER]
    (listener,) = stage.cloud.balancers.listeners(found["LoadBalancerId"])
    assert (listener["ListenerPort"], listener["ListenerProtocol"]) == (80, "TCP")
    assert stage.members(group(stage, node_port)) == [("i-n1", node_port, 100)]


def test_hybrid_pods_become_members_by_address(stage: Stage) -> None:
    stage.node("n1", "10.0.0.1")
    stage.node("idc", "192.168.20.7", "ack-hybrid://idc/host-1")
    stage.nlb("web", HYBRID)
    stage.pods("web", {"10.0.1.1": "n1", "192.168.30.1": "idc"})
    stage.run()
    expected = [("10.0.1.1", 8080, 100), ("192.168.30.1", 8080, 100)]
    assert stage.members(group(stage, 8080)) == expected
    stage.pods("web", {"192.168.30.1": "idc", "192.168.30.2": "idc"})
    stage.run()
    expected = [("192.168.30.1", 8080, 100), ("192.168.30.2", 8080, 100)]
    assert stage.members(group(stage, 8080)) == expected


def test_without_ip_type_a_pod_outside_the_vpc_is_an_error_after_the_rest_is_done(
    stage: Stage,
) -> None:
    stage.node("n1", "10.0.0.1")
    stage.node("idc", "192.168.20.7", "ack-hybrid://idc/host-1")
    stage.nlb("web", {BACKEND_TYPE: "eni"})
    stage.pods("web", {"10.0.1.1": "n1", "192.168.30.1": "idc"})
    stage.run()
    assert stage.members(group(stage, 8080)) == [("eni-10-0-1-1", 8080, 100)]
    assert set(stage.events("web")) == {"*SkipSyncBackends"}
    assert HASH in stage.labels("services", "web")


def test_without_the_class_hybrid_annotations_make_a_clb(stage: Stage) -> None:
    stage.node("n1", "10.0.0.1")
    stage.service("web", annotations=HYBRID, type="LoadBalancer")
    stage.pods("web", {"10.0.1.1": "n1", "192.168.30.1": "gone"})
    stage.run()
    assert finalizers(stage) == [CLB_FINALIZER]
    assert stage.events("web") == ["SkipSyncBackends", "EnsuredLoadBalancer"]


def test_a_refused_service_is_held_all_the_same_and_tried_again(stage: Stage) -> None:
    stage.service("web", type="LoadBalancer", loadBalancerClass="alibabacloud.com/nlb")
    stage.run(2)
    assert finalizers(stage) == [NLB_FINALIZER]
    assert set(stage.events("web")) == {"*SyncLoadBalancerFailed"}
    (event,) = stage.cluster.list("events", fields="involvedObject.name=web")
    assert "zone mappings are required" in event["message"]
    assert event["count"] > 1
    assert stage.address("services", "web") is None
    assert HASH not in stage.labels("services", "web")
    zones = {CCM + "zone-maps": "a:vsw-a,b:vsw-b"}
    stage.cluster.patch("services", "default", "web", {"metadata": {"annotations": zones}})
    stage.run()
    assert stage.address("services", "web") is not None


@pytest.mark.parametrize("spec", [{"loadBalancerClass": "example.com/other"}, {"type": "NodePort"}])
def test_a_service_that_nobody_takes_is_left_alone(stage: Stage, spec: dict[str, Any]) -> None:
    stage.service("web", **{"type": "LoadBalancer", **spec})
    stage.run()
    assert (finalizers(stage), stage.events("web")) == ([], [])


def test_a_deleted_service_goes_after_its_nlb(stage: Stage) -> None:
    stage.node("n1", "10.0.0.1")
    stage.nlb("web")
    stage.run()
    assert not stage.cluster.delete("services", "default", "web")
    assert stage.cloud.balancers.all("nlb") != []
    stage.run()
    assert stage.cluster.get("services", "default", "web") is None
    assert stage.cloud.balancers.all("nlb") == []
    assert stage.groups("nlb") == []
    assert stage.events("web")[-1] == "CleanLoadBalancer"


def test_a_deleted_service_with_a_clb_goes(stage: Stage) -> None:
    stage.service("web", type="LoadBalancer")
    stage.run()
    assert not stage.cluster.delete("services", "default", "web")
    stage.run()
    assert stage.cluster.get("services", "default", "web") is None


def test_preserving_keeps_an_emptied_load_balancer(stage: Stage) -> None:
    stage.nlb("web", {CCM + "preserve-lb-on-delete": "false"})
    stage.run()
    identity = balancer(stage)["LoadBalancerId"]
    stage.cluster.delete("services", "default", "web")
    stage.run()
    assert balancer(stage)["LoadBalancerId"] == identity
    assert stage.cloud.balancers.listeners(identity) == []
    assert "*PreservedOnDelete" in stage.events("web")


def test_a_service_that_becomes_a_node_port_loses_everything(stage: Stage) -> None:
    stage.nlb("web")
    stage.run()
    spec = {"type": "NodePort", "loadBalancerClass": None}
    stage.cluster.patch("services", "default", "web", {"spec": spec})
    stage.run()
    assert stage.cloud.balancers.all("nlb") == []
    assert (finalizers(stage), stage.address("services", "web")) == ([], None)
    assert HASH not in stage.labels("services", "web")


def test_another_node_port_is_another_group_and_the_listener_follows(stage: Stage) -> None:
    stage.node("n1", "10.0.0.1")
    stage.nlb("web")
    stage.run()
    ports = [{"port": 80, "targetPort": 8080, "nodePort": 31999}]
    stage.cluster.patch("services", "default", "web", {"spec": {"ports": ports}})
    stage.run()
    assert stage.groups("nlb") == [group(stage, 31999)]
    assert stage.members(group(stage, 31999)) == [("i-n1", 31999, 100)]


def test_a_changed_label_does_nothing_and_a_changed_annotation_a_new_pass(stage: Stage) -> None:
    stage.service("web", type="LoadBalancer")
    stage.run()
    first = stage.labels("services", "web")[HASH]
    revision = stage.cluster.store.revision
    patch = {"labels": {"run": "2"}}
    stage.cluster.patch("services", "default", "web", {"metadata": patch})
    stage.run()
    assert stage.cluster.store.revision == revision + 1
    note = {"annotations": {"example.com/run": "2"}}
    stage.cluster.patch("services", "default", "web", {"metadata": note})
    stage.run()
    assert stage.labels("services", "web")[HASH] != first


def test_an_address_type_of_a_live_clb_is_not_changed(stage: Stage) -> None:
    stage.service("web", type="LoadBalancer")
    stage.run()
    note = {"annotations": {CCM + "address-type": "intranet"}}
    stage.cluster.patch("services", "default", "web", {"metadata": note})
    stage.run()
    (message,) = stage.messages("web", "SyncLoadBalancerFailed")
    assert "can not change LoadBalancer AddressType once created" in message


def test_hand_made_members_of_a_controllers_group_stay(stage: Stage) -> None:
    stage.node("n1", "10.0.0.1")
    stage.nlb("web", HYBRID)
    stage.pods("web", {"10.0.1.1": "n1"})
    stage.run()
    name = group(stage, 8080)
    identity = next(
        e["ServerGroupId"] for e in stage.cloud.groups.all("nlb") if e["ServerGroupName"] == name
    )
    stage.cloud.groups.add_member(identity, "192.168.9.9", 80, Description="by hand", Weight=5)
    stage.pods("web", {"10.0.1.2": "n1"})
    stage.run()
    assert ("192.168.9.9", 80, 5) in stage.members(name)
    assert ("10.0.1.2", 8080, 100) in stage.members(name)
    assert ("10.0.1.1", 8080, 100) not in stage.members(name)


def test_a_users_group_bound_by_annotation_gets_the_pods_beside_its_own_members(
    stage: Stage,
) -> None:
    stage.node("n1", "10.0.0.1")
    group_id = stage.group("mine", "nlb")
    stage.cloud.groups.add_member(group_id, "192.168.9.9", 80, Description="by hand", Weight=5)
    nlb = stage.cloud.balancers.add("nlb", "theirs", "vpc-sandbox")
    bound = {CCM + "id": nlb, CCM + "vgroup-port": f"{group_id}:80", CCM + "weight": "60"}
    stage.nlb("web", {**HYBRID, **bound})
    stage.pods("web", {"10.0.1.1": "n1", "10.0.1.2": "n1"})
    stage.run()
    ours = [("10.0.1.1", 8080, 30), ("10.0.1.2", 8080, 30)]
    assert stage.members("mine") == [("192.168.9.9", 80, 5), *ours]
    stage.cluster.delete("services", "default", "web")
    stage.run()
    assert stage.members("mine") == [("192.168.9.9", 80, 5)]
    assert [each["LoadBalancerId"] for each in stage.cloud.balancers.all("nlb")] == [nlb]


def test_another_server_group_type_leaves_the_listener_on_the_old_group(stage: Stage) -> None:
    stage.node("n1", "10.0.0.1")
    stage.nlb("web", {BACKEND_TYPE: "eni"})
    stage.pods("web", {"10.0.1.1": "n1"})
    stage.run()
    flip = {"annotations": {CCM + "server-group-type": "Ip"}}
    stage.cluster.patch("services", "default", "web", {"metadata": flip})
    stage.run(LAST_RETRY * 3)
    assert stage.groups("nlb") == [group(stage, 8080)] * 2
    (listener,) = stage.cloud.balancers.listeners(balancer(stage)["LoadBalancerId"])
    oldest = stage.cloud.groups.all("nlb")[0]
    assert listener["ServerGroupId"] == oldest["ServerGroupId"]
    assert "ResourceInUse" in stage.messages("web", "SyncLoadBalancerFailed")[0]


def test_nodes_that_come_and_go_follow_in_the_groups(stage: Stage) -> None:
    stage.node("n1", "10.0.0.1")
    stage.nlb("web")
    stage.run()
    node_port = stage.get("services", "web")["spec"]["ports"][0]["nodePort"]
    stage.node("n2", "10.0.0.2")
    stage.run()
    assert len(stage.members(group(stage, node_port))) == 2
    stage.cluster.delete("nodes", "", "n1")
    stage.run()
    assert stage.members(group(stage, node_port)) == [("i-n2", node_port, 100)]


def test_a_node_that_cannot_be_parsed_stops_a_clb_service_only_when_it_changes(
    stage: Stage,
) -> None:
    stage.node("n1", "10.0.0.1")
    stage.service("web", type="LoadBalancer")
    stage.run()
    stage.node("edge", "10.9.0.1", "alicloud-ens://i-ens1")
    stage.run()
    assert set(stage.events("web")) == {"EnsuredLoadBalancer"}
    note = {"annotations": {"example.com/run": "2"}}
    stage.cluster.patch("services", "default", "web", {"metadata": note})
    stage.run()
    assert "can not find vgroup by name" in stage.messages("web", "SyncLoadBalancerFailed")[0]


def test_after_a_restart_nothing_is_done_again(stage: Stage) -> None:
    stage.node("n1", "10.0.0.1")
    stage.nlb("web")
    stage.service("plain", type="LoadBalancer")
    stage.run()
    before, revision = stage.cloud.dump(), stage.cluster.store.revision
    stage.restart()
    stage.run()
    assert (stage.cloud.dump(), stage.cluster.store.revision) == (before, revision)


def test_after_a_restart_a_service_keeps_its_address(stage: Stage) -> None:
    stage.service("web", type="LoadBalancer")
    stage.run()
    before = stage.address("services", "web")
    stage.restart()
    note = {"annotations": {"example.com/run": "2"}}
    stage.cluster.patch("services", "default", "web", {"metadata": note})
    stage.run()
    assert stage.address("services", "web") == before
