"""What the ALB controller's stand-in writes into the cluster and the cloud."""

from __future__ import annotations

import pytest

from gitopsd.sandbox.cloud import SEEDED_ALB
from tests.unit.sandbox.controllers.stage import (
    ALB,
    BACKEND_TYPE,
    CLASSES,
    CONFIGS,
    INGRESSES,
    Stage,
    forward,
)

HASH = ALB + "hash"


def to_service(name: str, weight: int = 100) -> dict[str, object]:
    return {"ServiceName": name, "ServicePort": 80, "Weight": weight}


def test_an_ingress_gets_a_rule_an_address_a_hash_and_events(stage: Stage) -> None:
    stage.service("tea")
    stage.ingress("shop", actions=forward(to_service("tea")))
    stage.run()
    dns = next(
        each["DNSName"]
        for each in stage.cloud.balancers.all("alb")
        if each["LoadBalancerId"] == SEEDED_ALB
    )
    assert stage.address(INGRESSES, "shop") == {"hostname": dns}
    assert len(stage.labels(INGRESSES, "shop")[HASH]) == 56
    assert stage.events("shop") == ["Sync", "SuccessfullyReconciled"]
    assert stage.hosts() == ["demo.example.com"]
    assert "default-tea-80" in stage.groups("alb")
    status = stage.get(CONFIGS, "alb", "")["status"]["loadBalancer"]
    assert (status["id"], status["dnsname"]) == (SEEDED_ALB, dns)


def test_groups_named_by_id_are_related_while_the_ingress_is_there(stage: Stage) -> None:
    group_id = stage.group()
    stage.service("tea")
    stage.ingress("shop", actions=forward(to_service("tea", 80), {"ServerGroupID": group_id}))
    assert stage.related(group_id) == []
    stage.run()
    assert stage.related(group_id) == [SEEDED_ALB]
    stage.cluster.delete(INGRESSES, "default", "shop")
    assert stage.related(group_id) == [SEEDED_ALB]
    stage.run()
    assert stage.related(group_id) == []
    assert "default-tea-80" not in stage.groups("alb")


def test_a_relation_follows_a_change_of_the_action(stage: Stage) -> None:
    one, two = stage.group("one"), stage.group("two")
    stage.ingress("shop", actions=forward({"ServerGroupID": one, "Weight": 100}))
    stage.run()
    changed = forward({"ServerGroupID": two, "Weight": 100})
    stage.cluster.delete(INGRESSES, "default", "shop")
    stage.ingress("shop", actions=changed)
    stage.run()
    assert (stage.related(one), stage.related(two)) == ([], [SEEDED_ALB])


def test_members_of_a_users_group_are_never_touched(stage: Stage) -> None:
    group_id = stage.group()
    stage.cloud.groups.add_member(group_id, "192.168.1.1", 80, Weight=7, Description="gitopsd/x")
    before = stage.cloud.groups.members(group_id)
    stage.ingress("shop", actions=forward({"ServerGroupID": group_id, "Weight": 100}))
    stage.run()
    stage.cluster.delete(INGRESSES, "default", "shop")
    stage.run()
    assert stage.cloud.groups.members(group_id) == before


def test_a_group_that_does_not_exist_fails_the_apply_until_it_does(stage: Stage) -> None:
    stage.ingress("shop", actions=forward({"ServerGroupID": "sgp-nowhere", "Weight": 100}))
    stage.run()
    assert stage.events("shop") == ["Sync", "*FailedApplyModel"]
    assert "ResourceNotFound.ServerGroup" in stage.messages("shop", "FailedApplyModel")[0]
    assert stage.address(INGRESSES, "shop") is None
    assert HASH not in stage.labels(INGRESSES, "shop")
    group_id = stage.group()
    patch = {"annotations": None}
    stage.cluster.patch(INGRESSES, "default", "shop", {"metadata": patch})
    stage.cluster.delete(INGRESSES, "default", "shop")
    stage.ingress("shop", actions=forward({"ServerGroupID": group_id, "Weight": 100}))
    stage.run()
    assert stage.related(group_id) == [SEEDED_ALB]


def test_a_broken_action_stops_its_alb_and_no_other(stage: Stage) -> None:
    stage.second_alb()
    stage.service("tea")
    stage.run()
    stage.ingress("bad", actions="[{", host="bad.example.com")
    stage.ingress("good", service="tea", port=80, host="good.example.com")
    stage.ingress("far", service="tea", port=80, host="far.example.com", class_name="other")
    stage.run()
    assert stage.hosts() == []
    assert stage.events("bad") == ["Sync", "*FailedBuildModel"]
    assert stage.events("good") == ["Sync"]
    other = stage.get(CONFIGS, "other", "")["status"]["loadBalancer"]["id"]
    assert stage.hosts(other) == ["far.example.com"]
    stage.cluster.delete(INGRESSES, "default", "bad")
    stage.run()
    assert stage.hosts() == ["good.example.com"]


def test_an_action_without_config_stalls_its_alb_without_a_word(stage: Stage) -> None:
    stage.ingress("odd", actions=[{"type": "Rewrite"}])
    stage.run(20)
    assert stage.events("odd") == ["Sync"]
    assert stage.rules() == []


def test_a_forward_without_config_ends_the_controller_when_a_service_changes(
    stage: Stage,
) -> None:
    stage.second_alb()
    stage.run()
    stage.ingress("poison", actions=[{"type": "ForwardGroup"}])
    stage.run()
    stage.service("tea")
    stage.run()
    stage.ingress("far", service="tea", port=80, class_name="other")
    stage.run(20)
    assert stage.events("far") == []
    stage.cluster.delete(INGRESSES, "default", "poison")
    stage.run()
    assert stage.events("far") == ["Sync", "SuccessfullyReconciled"]


def test_a_redirect_without_config_ends_the_controller(stage: Stage) -> None:
    stage.ingress("crash", actions=[{"type": "Redirect"}])
    stage.run()
    stage.service("tea")
    stage.ingress("good", service="tea", port=80, host="good.example.com")
    stage.run(20)
    assert stage.hosts() == []
    stage.cluster.delete(INGRESSES, "default", "crash")
    stage.run()
    assert stage.hosts() == ["good.example.com"]


def test_a_port_that_the_service_lacks_stops_the_alb_until_it_has_it(stage: Stage) -> None:
    stage.service("tea")
    stage.ingress("shop", service="tea", port=8080)
    stage.run()
    message = "backend not found: unable to find port 8080 on service default/tea"
    assert stage.messages("shop", "FailedApplyModel") == [message]
    assert stage.rules() == []
    ports = [{"name": "a", "port": 80}, {"name": "b", "port": 8080}]
    stage.cluster.patch("services", "default", "tea", {"spec": {"ports": ports}})
    stage.run()
    assert stage.hosts() == ["demo.example.com"]


def test_a_missing_service_leaves_an_empty_group_that_fills_when_it_comes(stage: Stage) -> None:
    stage.node("n1", "10.0.0.1")
    stage.ingress("shop", service="tea", port=80)
    stage.run()
    assert stage.members("default-tea-80") == []
    made = stage.service("tea")
    stage.run()
    node_port = made["spec"]["ports"][0]["nodePort"]
    assert stage.members("default-tea-80") == [("i-n1", node_port, 100)]


def test_names_that_no_tag_may_begin_with_get_an_underscore(stage: Stage) -> None:
    annotations = {BACKEND_TYPE: "eni"}
    stage.node("n1", "192.168.0.11")
    stage.service("aliyun-tea", type="ClusterIP", annotations=annotations)
    stage.pods("aliyun-tea", {"10.96.1.1": "n1"})
    stage.ingress("shop", service="aliyun-tea", port=80)
    stage.run()
    (group,) = (g for g in stage.cloud.groups.all("alb") if "tea" in g["ServerGroupName"])
    tags = {each["Key"]: each["Value"] for each in group["Tags"]}
    assert tags["ingress.k8s.alibaba/service_name"] == "_aliyun-tea"
    stage.pods("aliyun-tea", {"10.96.1.2": "n1"})
    stage.run()
    assert stage.members("default-aliyun-tea-80") == [("eni-10-96-1-2", 8080, 100)]


def test_pods_behind_an_eni_service_come_and_go(stage: Stage) -> None:
    stage.node("n1", "10.0.0.1")
    stage.service("tea", annotations={BACKEND_TYPE: "eni"}, type="ClusterIP")
    stage.pods("tea", {"10.0.1.1": "n1"})
    stage.ingress("shop", service="tea", port=80)
    stage.run()
    assert stage.members("default-tea-80") == [("eni-10-0-1-1", 8080, 100)]
    stage.pods("tea", {"10.0.1.2": "n1"})
    stage.run()
    assert stage.members("default-tea-80") == [("eni-10-0-1-2", 8080, 100)]


def test_a_cluster_ip_service_without_eni_stops_the_alb(stage: Stage) -> None:
    stage.service("tea", type="ClusterIP")
    stage.ingress("shop", service="tea", port=80)
    stage.run()
    assert "just support eni mode" in stage.messages("shop", "FailedApplyModel")[0]


def test_a_listener_that_an_ingress_needs_is_added_to_the_albconfig(stage: Stage) -> None:
    stage.service("tea")
    ports = {ALB + "listen-ports": '[{"HTTP": 8080}]'}
    stage.ingress("shop", service="tea", port=80, annotations=ports)
    stage.run()
    listeners = stage.get(CONFIGS, "alb", "")["spec"]["listeners"]
    assert [(each["port"], each["protocol"]) for each in listeners] == [
        (80, "HTTP"),
        (8080, "HTTP"),
    ]
    found = {each["ListenerPort"] for each in stage.cloud.balancers.listeners(SEEDED_ALB)}
    assert found == {80, 8080}


def test_a_listener_of_the_other_protocol_refuses_the_ingress_alone(stage: Stage) -> None:
    stage.service("tea")
    stage.ingress("good", service="tea", port=80, host="good.example.com")
    stage.run()
    ports = {ALB + "listen-ports": '[{"HTTPS": 80}]'}
    stage.ingress("bad", service="tea", port=80, annotations=ports)
    stage.run()
    assert "conflict listener in albconfig" in stage.messages("bad", "FailedBuildModel")[0]
    assert stage.hosts() == ["good.example.com"]


def test_a_class_without_parameters_stops_every_alb(stage: Stage) -> None:
    stage.service("tea")
    stage.ingress("good", service="tea", port=80)
    stage.run()
    bare = {"metadata": {"name": "bare"}, "spec": {"controller": "ingress.k8s.alibabacloud/alb"}}
    stage.cluster.create(CLASSES, bare)
    stage.ingress("orphan", service="tea", port=80, class_name="bare")
    stage.ingress("late", service="tea", port=80, host="late.example.com")
    stage.run()
    assert stage.hosts() == ["demo.example.com"]
    assert "*FailedBuildModel" in stage.events("orphan")
    stage.cluster.delete(INGRESSES, "default", "orphan")
    stage.run(10)
    assert set(stage.hosts()) == {"demo.example.com", "late.example.com"}


def test_a_foreign_class_is_ignored(stage: Stage) -> None:
    stage.cluster.create(
        CLASSES, {"metadata": {"name": "nginx"}, "spec": {"controller": "k8s.io/ingress-nginx"}}
    )
    stage.service("tea")
    stage.ingress("shop", service="tea", port=80, class_name="nginx")
    stage.run()
    assert (stage.events("shop"), stage.rules()) == ([], [])


def test_an_ingress_that_changes_its_class_leaves_the_old_alb(stage: Stage) -> None:
    stage.second_alb()
    stage.service("tea")
    stage.ingress("shop", service="tea", port=80)
    stage.run()
    patch = {"spec": {"ingressClassName": "other"}}
    stage.cluster.patch(INGRESSES, "default", "shop", patch)
    stage.run()
    other = stage.get(CONFIGS, "other", "")["status"]["loadBalancer"]["id"]
    assert (stage.hosts(), stage.hosts(other)) == ([], ["demo.example.com"])


@pytest.mark.parametrize("change", [{"labels": {"a": "b"}}, {"finalizers": ["example.com/x"]}])
def test_what_the_hash_does_not_cover_changes_nothing(stage: Stage, change: object) -> None:
    stage.service("tea")
    stage.ingress("shop", service="tea", port=80)
    stage.run()
    before, events = stage.rules(), stage.events("shop")
    stage.cluster.patch(INGRESSES, "default", "shop", {"metadata": change})
    stage.run()
    assert (stage.rules(), stage.events("shop")) == (before, events)


def test_rules_that_stay_keep_their_ids(stage: Stage) -> None:
    stage.service("tea")
    stage.ingress("a", service="tea", port=80, host="a.example.com")
    stage.run()
    first = stage.rules()[0]["RuleId"]
    stage.ingress("b", service="tea", port=80, host="b.example.com")
    stage.run()
    assert stage.rules()[0]["RuleId"] == first
    assert stage.hosts() == ["a.example.com", "b.example.com"]


def test_after_a_restart_nothing_is_done_again(stage: Stage) -> None:
    stage.service("tea")
    stage.ingress("shop", service="tea", port=80)
    stage.run()
    before, revision = stage.rules(), stage.cluster.store.revision
    stage.restart()
    stage.run()
    assert (stage.rules(), stage.cluster.store.revision) == (before, revision)


def test_a_deleted_albconfig_takes_its_alb_away(stage: Stage) -> None:
    stage.second_alb()
    stage.run()
    identity = stage.get(CONFIGS, "other", "")["status"]["loadBalancer"]["id"]
    assert not stage.cluster.delete(CONFIGS, "", "other")
    stage.run()
    assert stage.cluster.get(CONFIGS, "", "other") is None
    assert identity not in {each["LoadBalancerId"] for each in stage.cloud.balancers.all("alb")}


def test_the_controllers_own_groups_carry_its_tags_and_are_managed(stage: Stage) -> None:
    stage.service("tea")
    stage.ingress("shop", service="tea", port=80)
    stage.run()
    group = next(
        e for e in stage.cloud.groups.all("alb") if e["ServerGroupName"] == "default-tea-80"
    )
    tags = {each["Key"]: each["Value"] for each in group["Tags"]}
    assert tags["ingress.k8s.alibaba/albconfig"] == "kube-system/alb"
    assert tags["ingress.k8s.alibaba/ingress_name"] == "shop"
    assert len(tags["ingress.k8s.alibaba/resource"]) == 64
    assert group["ConfigManagedEnabled"]
