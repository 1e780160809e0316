"""Annotations of Services as the public controller's code reads them, where no recording does."""

from __future__ import annotations

from typing import Any

from gitopsd.sandbox.controllers.objects import Item, Objects
from gitopsd.sandbox.controllers.services import Account, Balancer, Group, Outcome, build
from gitopsd.sandbox.controllers.site import Site

CCM = "service.beta.kubernetes.io/alibaba-cloud-loadbalancer-"


def service(annotations: dict[str, str], **spec: Any) -> Item:
    prefixed = {CCM + key: value for key, value in annotations.items()}
    port = {"name": "http", "port": 80, "nodePort": 30080, "targetPort": 8080}
    metadata = {"name": "web", "namespace": "shop", "uid": "u-1", "annotations": prefixed}
    return {
        "kind": "Service",
        "metadata": metadata,
        "spec": {"type": "LoadBalancer", "ports": [port], **spec},
    }


def outcome(annotations: dict[str, str], *objects: Item, **spec: Any) -> Outcome:
    held = Objects()
    for each in objects:
        held.put(each["kind"], each)
    account = Account({"lb-user": Balancer()}, {"rsp-user": Group("mine")})
    return build(service(annotations, **spec), held, Site(), account)


def listener(annotations: dict[str, str]) -> dict[str, Any]:
    model = outcome(annotations).model
    assert model is not None
    found: dict[str, Any] = model["Listeners"][0]
    return found


def test_further_certificates_are_pairs_of_domain_and_certificate() -> None:
    pairs = listener({"domain-extensions": "a.example:c1, b.example:c2"})["DomainExtensions"]
    assert [tuple(each.values()) for each in pairs] == [("a.example", "c1"), ("b.example", "c2")]
    wrong = outcome({"domain-extensions": "a.example"})
    assert (wrong.stage, wrong.error.split("error: ")[-1]) == (
        "local-model",
        "invalid domain extension a.example",
    )


def test_a_redirect_to_no_port_is_none() -> None:
    found = listener({"protocol-port": "http:80", "forward-port": "80:"})
    assert found.keys().isdisjoint({"ForwardPort", "ListenerForward"})


def test_a_default_weight_of_an_nlb_that_is_no_number_is_told_as_such() -> None:
    found = outcome(
        {"zone-maps": "z:v", "default-weight": "heavy"}, loadBalancerClass="alibabacloud.com/nlb"
    )
    assert found.error.endswith(
        'default weight parse error: [strconv.Atoi: parsing "heavy": invalid syntax]'
    )


def test_pods_of_virtual_nodes_may_get_no_share_of_a_clb_group_under_local() -> None:
    nodes = [
        {"kind": "Node", "metadata": {"name": "ecs"}, "spec": {"providerID": "cn.i-1"},
         "status": {"conditions": [{"type": "Ready", "status": "True"}]}},
        {"kind": "Node", "metadata": {"name": "eci", "labels": {"type": "virtual-kubelet"}},
         "spec": {}},
    ]  # fmt: skip
    endpoints = [
        {"addresses": [address], "conditions": {"ready": True}, "nodeName": node}
        for address, node in (("10.0.0.1", "ecs"), ("10.0.0.2", "ecs"), ("10.0.1.1", "eci"))
    ]
    labels = {"kubernetes.io/service-name": "web"}
    part = {
        "kind": "EndpointSlice",
        "metadata": {"name": "web-1", "namespace": "shop", "labels": labels},
        "addressType": "IPv4",
        "endpoints": endpoints,
        "ports": [{"name": "http", "port": 8080}],
    }
    asked = {"id": "lb-user", "vgroup-port": "rsp-user:80", "weight": "2"}
    found = outcome(asked, *nodes, part, externalTrafficPolicy="Local").model
    assert found is not None
    backends = found["VServerGroups"][0]["Backends"]
    assert [(each["Type"], each["Weight"]) for each in backends] == [("ecs", 1), ("eni", 0)]
