from __future__ import annotations

from typing import Any

import pytest

from tests.unit.rules.repository import alb, compiled, fleet, layer4, manifest, route, target

BALANCER = "service.beta.kubernetes.io/alibaba-cloud-loadbalancer-"
ZONES = {BALANCER + "zone-maps": "cn-hangzhou-k:vsw-k,cn-hangzhou-j:vsw-j"}
INTERNET = {BALANCER + "address-type": "internet"}
ENI = {"service.beta.kubernetes.io/backend-type": "eni"}
IP = {BALANCER + "server-group-type": "Ip"}
WRR = {BALANCER + "scheduler": "wrr"}
KEEP = {BALANCER + "preserve-client-ip": "on"}
NLB_PODS = ZONES | INTERNET | ENI
NLB_NODES = ZONES | INTERNET
PERSISTENT = {"sessionPersistence": {"timeoutSeconds": 900}}
TIMEOUT = {BALANCER + "persistence-timeout": "900"}


def made(kind: str, plugin: str, placement: str | None = None, **spec: Any) -> tuple[Any, ...]:
    """Class, policy and annotations of the Service in a cluster of ECS nodes only."""
    where = fleet(target(networkPlugin=plugin, nodes=None))
    service = manifest(where, layer4(kind, placement=placement, **spec))
    return (
        service["spec"].get("loadBalancerClass"),
        service["spec"]["externalTrafficPolicy"],
        service["metadata"].get("annotations"),
    )


NLB = "alibabacloud.com/nlb"


@pytest.mark.parametrize(
    ("kind", "placement", "plugin", "expected"),
    [
        *(
            ("CLB", placement, plugin, (None, "Cluster", None))
            for placement in ("Cloud", "Edge", "Hybrid")
            for plugin in ("Terway", "TerwayEdge", "Flannel", "FlannelVXLAN")
        ),
        ("NLB", "Cloud", "Terway", (NLB, "Cluster", NLB_PODS)),
        ("NLB", "Cloud", "TerwayEdge", (NLB, "Cluster", NLB_PODS)),
        ("NLB", "Cloud", "Flannel", (NLB, "Cluster", NLB_NODES)),
        ("NLB", "Cloud", "FlannelVXLAN", (NLB, "Cluster", NLB_NODES)),
        ("NLB", "Edge", "TerwayEdge", (NLB, "Cluster", NLB_PODS | IP)),
        ("NLB", "Hybrid", "TerwayEdge", (NLB, "Cluster", NLB_PODS | IP)),
    ],
)
def test_the_table_of_placements_holds_cell_by_cell(
    kind: str, placement: str, plugin: str, expected: tuple[Any, ...]
) -> None:
    assert made(kind, plugin, placement) == expected


@pytest.mark.parametrize(
    ("kind", "plugin", "spec", "policy", "annotations"),
    [
        ("CLB", "Flannel", {"preserveClientIP": True}, "Local", WRR),
        ("CLB", "Flannel", PERSISTENT, "Local", WRR | TIMEOUT),
        ("CLB", "Flannel", {"preserveClientIP": True, **PERSISTENT}, "Local", WRR | TIMEOUT),
        ("CLB", "Flannel", {"trafficPolicy": "Local"}, "Local", WRR),
        ("CLB", "Flannel", {"trafficPolicy": "Cluster"}, "Cluster", None),
        ("NLB", "Flannel", {}, "Cluster", NLB_NODES),
        ("NLB", "Flannel", {"preserveClientIP": True}, "Local", NLB_NODES | WRR | KEEP),
        ("NLB", "Terway", {"preserveClientIP": True}, "Cluster", NLB_PODS | KEEP),
        ("NLB", "Terway", {"trafficPolicy": "Local"}, "Local", NLB_PODS),
    ],
)
def test_the_table_of_needs_holds_cell_by_cell(
    kind: str, plugin: str, spec: Any, policy: str, annotations: Any
) -> None:
    assert made(kind, plugin, **spec)[1:] == (policy, annotations)


def test_only_a_scheme_that_is_not_the_default_of_a_clb_is_written() -> None:
    internet = {"loadBalancer": {"type": "CLB", "scheme": "Internet"}}
    intranet = {"loadBalancer": {"type": "CLB", "scheme": "Intranet"}}
    assert made("CLB", "Terway", **internet)[2] is None
    assert made("CLB", "Terway", **intranet)[2] == {BALANCER + "address-type": "intranet"}


def test_the_scheme_of_an_nlb_is_always_written() -> None:
    intranet = {"loadBalancer": {"type": "NLB", "scheme": "Intranet"}}
    assert made("NLB", "Flannel", **intranet)[2] == ZONES | {BALANCER + "address-type": "intranet"}


def test_zones_stand_in_the_order_of_the_fleet() -> None:
    where = fleet(target(nlb={"zones": {"z": "v1", "a": "v2"}}))
    annotations = manifest(where, layer4("NLB"))["metadata"]["annotations"]
    assert annotations[BALANCER + "zone-maps"] == "z:v1,a:v2"


@pytest.mark.parametrize(
    ("document", "labelled"),
    [
        (layer4("CLB"), True),
        (layer4("CLB", placement="Edge"), True),
        (layer4("NLB"), True),
        (alb(route({"pods": {"selector": {"a": "b"}}, "port": 80}), name="web"), True),
    ],
)
def test_services_with_nodes_as_backends_carry_the_label_of_ecs_nodes(
    document: Any, labelled: bool
) -> None:
    where = fleet(target(networkPlugin="FlannelVXLAN", nodes={"cloudLabel": "type=ecs"}))
    (service,) = (
        item for identity, item in compiled(where, document).objects.items()
        if identity.kind == "Service"
    )  # fmt: skip
    label = service.manifest["metadata"]["annotations"].get(BALANCER + "backend-label")
    assert label == ("type=ecs" if labelled else None)


def test_services_with_pods_as_backends_carry_no_node_label() -> None:
    annotations = manifest(layer4("NLB"))["metadata"]["annotations"]
    assert BALANCER + "backend-label" not in annotations


def test_the_whole_service_is_what_was_declared_and_nothing_else() -> None:
    document = layer4(
        ports=[
            {"name": "https", "port": 443, "targetPort": 8443},
            {"name": "dns", "port": 53, "protocol": "UDP"},
            {"name": "web", "port": 80, "targetPort": "http"},
        ]
    )
    assert manifest(fleet(target(networkPlugin="Terway", nodes=None)), document) == {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {
            "name": "web",
            "namespace": "shop",
            "labels": {
                "app.kubernetes.io/managed-by": "gitopsd",
                "gitopsd.io/instance": "acme",
                "gitopsd.io/target": "edge",
                "gitopsd.io/exposure": "web",
            },
        },
        "spec": {
            "type": "LoadBalancer",
            "externalTrafficPolicy": "Cluster",
            "selector": {"app": "web"},
            "ports": [
                {"name": "https", "port": 443, "targetPort": 8443, "protocol": "TCP"},
                {"name": "dns", "port": 53, "targetPort": 53, "protocol": "UDP"},
                {"name": "web", "port": 80, "targetPort": "http", "protocol": "TCP"},
            ],
        },
    }
